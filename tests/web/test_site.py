"""One release is put in the place of another: what is shown, answered and kept belongs to the same one."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from pledgegraph.dataset import DUMP_NAME
from pledgegraph.errors import InputError, RunError
from pledgegraph.service import Limits, Service
from pledgegraph.web.app import create_front
from pledgegraph.web.site import Site

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def release(folder: Path, mini_release: Path, name: str) -> Path:
    """A copy of the release of the invented content under another name, with a triple that says which it is."""
    copy = folder / name
    shutil.copytree(mini_release, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "release": name * 16}))
    with (copy / DUMP_NAME).open("a") as file:
        file.write(f'<http://e/s> <http://e/p> "{name}" .\n')
    return copy


@pytest.fixture
def site(tmp_path: Path, mini_release: Path) -> Iterator[Site]:
    directory = release(tmp_path, mini_release, "a")
    with Service.over_release(directory, Limits(query_seconds=2)) as service:
        yield Site("http://localhost/", service, directory)


def which(client: Client, number: int = 0) -> str:
    query = f"SELECT ?o {{ <http://e/s> <http://e/p> ?o }} #{number}"
    return client.get(f"/sparql?query={quote(query)}", headers={"Accept": "text/csv"}).text.split()[1]


def test_an_answer_is_kept_for_the_release_that_gave_it(site: Site, tmp_path: Path, mini_release: Path) -> None:
    client = Client(create_front(site))
    other = release(tmp_path, mini_release, "b")
    assert which(client) == "a"
    asked = threading.Thread(target=client.get, args=(f"/sparql?query={quote(ENDLESS)}",))
    asked.start()
    time.sleep(0.5)
    reload = threading.Thread(target=site.reload, args=(other,))
    reload.start()
    deadline = time.monotonic() + 10
    number = 0
    while which(client, number) == "a" and time.monotonic() < deadline:
        number += 1
    assert reload.is_alive(), "the query under way has ended; the case proves nothing"
    assert site.snapshot.release == "b" * 16
    assert which(client) == "b"
    for thread in (asked, reload):
        thread.join()
    site.reload(tmp_path / "a")
    assert {which(client, each) for each in range(number + 1)} == {"a"}


def test_an_answer_begun_before_is_not_kept_as_that_of_what_is_shown(site: Site) -> None:
    front = create_front(site)
    site._snapshot.release = "b" * 16  # queries are answered from what came before or comes after
    assert which(Client(front)) == "a"
    assert len(front.cache) == 0


def test_a_release_with_a_malformed_question_leaves_the_old_one_whole(
    site: Site, tmp_path: Path, mini_release: Path
) -> None:
    client = Client(create_front(site))
    broken = release(tmp_path, mini_release, "c")
    (broken / "queries" / "broken.rq").write_text("SELECT nothing")
    with pytest.raises(InputError):
        site.reload(broken)
    assert (site.snapshot.release, site.service.release) == ("a" * 16, "a" * 16)
    assert which(client) == "a"


def test_what_is_no_release_leaves_the_old_one_whole(site: Site, tmp_path: Path) -> None:
    with pytest.raises(RunError):
        site.reload(tmp_path / "nothing")
    assert which(Client(create_front(site))) == "a"
