"""Stores on disk of more files than are opened with them: workers can open none, so all have to be open before."""

import shutil
import sys
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse
from serving import CSV, ask

from pledgegraph.dataset import DUMP_NAME, STORE_NAME, open_release
from pledgegraph.release.manifest import Manifest
from pledgegraph.service import Limits, Service, store_files

OPENED_WITH_A_STORE = 16
"""kInitialLoad in RocksDB's VersionBuilder::LoadTableHandlers."""

PARTS = 3


@pytest.fixture(scope="module")
def release(mini_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small release with its store written in parts, each of which has files of its own."""
    folder = tmp_path_factory.mktemp("many") / "release of many files"
    shutil.copytree(mini_release, folder)
    shutil.rmtree(folder / STORE_NAME)
    quads = list(parse(path=folder / DUMP_NAME, format=RdfFormat.N_QUADS))
    store = Store(folder / STORE_NAME)
    for number in range(PARTS):
        store.bulk_extend(quads[number::PARTS])
        store.flush()
    del store
    assert len(list((folder / STORE_NAME).glob("*.sst"))) > OPENED_WITH_A_STORE
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which files are open")
def test_all_files_are_open(release: Path) -> None:
    files = {path.resolve() for path in (release / STORE_NAME).glob("*.sst")}
    store = open_release(release)
    assert not files <= set(store_files._opened())
    store_files.open_all(store, release)
    assert files <= set(store_files._opened())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which files are open")
def test_a_file_that_is_no_part_of_the_store_is_told_and_harms_nothing(
    release: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_files, "_ROUNDS", 2)
    folder = tmp_path / "release"
    shutil.copytree(release, folder)
    (folder / STORE_NAME / "999999.sst").write_bytes(b"")
    store_files.open_all(open_release(folder), folder)
    assert "1 files of the store stay closed" in caplog.text


def test_workers_answer_out_of_every_file(release: Path) -> None:
    manifest = Manifest.read(release)
    with Service.over_release(release, Limits(memory_triples=0)) as service:
        rows = ask(service, "SELECT ?s ?p ?o { ?s ?p ?o }", CSV).body.decode()
        assert rows.count("\r\n") >= manifest.triples + 1
        counted = ask(service, "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p", CSV).body.decode().split()[1:]
        assert sum(int(row.rpartition(",")[2]) for row in counted) == manifest.triples
        for row in counted:
            predicate, _, count = row.rpartition(",")
            body = ask(service, f"SELECT (COUNT(*) AS ?n) {{ ?s <{predicate}> ?o }}", CSV).body
            assert body == f"n\r\n{count}\r\n".encode()
        named = ask(service, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", CSV).body
        assert named == f"n\r\n{sum(manifest.graphs.values())}\r\n".encode()
