"""A release is named by what went into it, written whole or not at all, and the same each time."""

import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse

from pledgegraph.content import Content
from pledgegraph.dataset import open_release
from pledgegraph.errors import FindingsError, RunError
from pledgegraph.release import build as build_module, manifest
from pledgegraph.release.build import STEPS, Built, build
from pledgegraph.release.lock import locked
from pledgegraph.release.progress import Progress
from pledgegraph.terms import GRAPH_CLOSURE, GRAPH_FACTS, GRAPH_LABELS, GRAPH_WITHHELD, PLEDGE

COMMAND = [sys.executable, "-m", "pledgegraph", "build"]


def quiet() -> Progress:
    return Progress(STEPS, quiet=True)


def make(content: Content, cache: Path) -> Built:
    return build(content, cache=cache, progress=quiet())


def environment(cache: Path) -> dict[str, str]:
    return {**os.environ, "PLEDGEGRAPH_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)}


def digests(release: Path) -> dict[str, str]:
    """Every file of a release but the store, whose own log holds times."""
    files = [path for path in release.rglob("*") if path.is_file() and release / "store" not in path.parents]
    return {path.relative_to(release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_what_a_release_holds(mini_release: Path) -> None:
    written = manifest.Manifest.read(mini_release)
    assert written.release == mini_release.name
    assert written.triples == len(_default_graph(mini_release))
    assert {GRAPH_CLOSURE, GRAPH_FACTS, GRAPH_LABELS, GRAPH_WITHHELD} <= set(written.graphs)
    assert written.counts[PLEDGE("Endorsement")] == 2  # the rejected one is withheld
    assert written.inputs["graph/documents/gazette.ttl"]
    for dump in written.dumps:
        data = (mini_release / dump.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (dump.bytes, dump.sha256)
    assert (mini_release / "queries" / "endorsers.rq").is_file()


def _default_graph(release: Path) -> list[Quad]:
    quads = parse(path=release / "dataset.nq", format=RdfFormat.N_QUADS)
    return [quad for quad in quads if quad.graph_name == DefaultGraph()]


def test_the_same_inputs_give_the_same_bytes(mini: Content, tmp_path: Path) -> None:
    for name, seed in (("one", "1"), ("two", "2")):
        command = [*COMMAND, "--content", str(mini.root)]
        subprocess.run(
            command, env={**environment(tmp_path / name), "PYTHONHASHSEED": seed}, check=True, capture_output=True
        )
    one, two = (manifest.current(tmp_path / name) for name in ("one", "two"))
    assert one is not None
    assert two is not None
    assert digests(one) == digests(two)
    assert one.name == two.name


def test_a_built_release_is_found(mini_copy: Content, tmp_path: Path) -> None:
    first = make(mini_copy, tmp_path / "cache")
    before = digests(first.path)
    again = make(mini_copy, tmp_path / "cache")
    assert (first.fresh, again.fresh) == (True, False)
    assert again.path == first.path
    assert digests(again.path) == before


def test_a_release_that_lost_a_part_is_built_again(mini_copy: Content, tmp_path: Path) -> None:
    first = make(mini_copy, tmp_path / "cache")
    before = digests(first.path)
    (first.path / "store" / "CURRENT").unlink()
    again = make(mini_copy, tmp_path / "cache")
    assert again.fresh
    assert digests(again.path) == before
    assert len(open_release(again.path)) > 0


def test_a_changed_input_makes_another_release(mini_copy: Content, tmp_path: Path) -> None:
    first = make(mini_copy, tmp_path / "cache")
    path = mini_copy.graph / "actors" / "states.ttl"
    path.write_text(path.read_text().replace('"Ruritania"', '"Kingdom of Ruritania"'))
    second = make(mini_copy, tmp_path / "cache")
    assert second.path != first.path
    assert manifest.current(tmp_path / "cache") == second.path
    assert manifest.is_whole(first.path)


def test_findings_leave_nothing_behind(mini_copy: Content, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    good = make(mini_copy, cache)
    (mini_copy.graph / "broken.ttl").write_text("@prefix id: <https://w3id.org/pledgegraph/id/> .\nid:a id:b .")
    with pytest.raises(FindingsError) as caught:
        make(mini_copy, cache)
    assert [(finding.file, finding.line) for finding in caught.value.findings] == [("graph/broken.ttl", 2)]
    assert [path.name for path in (cache / "releases").iterdir()] == [good.path.name]
    assert manifest.current(cache) == good.path


def test_a_contradiction_breaks_the_build(mini_copy: Content, tmp_path: Path) -> None:
    path = mini_copy.graph / "actors" / "states.ttl"
    path.write_text(
        path.read_text().replace("id:arcadia a pledge:State", "id:arcadia a pledge:Instrument, pledge:State")
    )
    with pytest.raises(FindingsError) as caught:
        make(mini_copy, tmp_path / "cache")
    assert any("arcadia" in str(finding) and finding.file for finding in caught.value.findings)


def test_a_directory_that_cannot_be_written(mini: Content, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="PLEDGEGRAPH_CACHE"):
        make(mini, tmp_path / "file" / "cache")


def test_a_full_disk_leaves_no_release(mini: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(build_module, "write_store", full)
    with pytest.raises(RunError, match="No space left on device"):
        make(mini, tmp_path)
    assert list((tmp_path / "releases").iterdir()) == []


def test_a_build_killed_at_any_moment_leaves_the_last_good_release(mini_copy: Content, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    good = make(mini_copy, cache)
    path = mini_copy.graph / "actors" / "states.ttl"
    chance = random.Random(20240910)
    killed = 0
    for attempt in range(12):
        path.write_text(path.read_text().replace('"Syldavia', f'"Syldavia {attempt}', 1))
        command = [*COMMAND, "--content", str(mini_copy.root)]
        process = subprocess.Popen(command, env=environment(cache), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert process.stderr is not None
        # Wait for a random step, then for a random part of it, so that the blow falls within the work.
        for _ in range(chance.randrange(STEPS)):
            process.stderr.readline()
        time.sleep(chance.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        latest = manifest.current(cache)
        assert latest is not None
        for release in (cache / "releases").iterdir():
            if not release.name.startswith("."):
                manifest.Manifest.read(release)
                assert len(open_release(release)) > 0
    assert killed >= 6
    assert manifest.is_whole(good.path)
    make(mini_copy, cache)
    assert [p.name for p in (cache / "releases").iterdir() if p.name.startswith(".")] == []


def test_two_builds_at_once_do_no_harm(mini_copy: Content, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    command = [*COMMAND, "--content", str(mini_copy.root)]
    processes = [
        subprocess.Popen(command, env=environment(cache), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(out.split()[0] for out, _ in outputs) == ["built", "found", "found"]
    release = manifest.current(cache)
    assert release is not None
    assert digests(release) == digests(make(mini_copy, tmp_path / "other").path)


def test_a_second_build_says_for_whom_it_waits(tmp_path: Path) -> None:
    said: list[str] = []

    def waiting(owner: str) -> None:
        said.append(owner)
        holder.terminate()

    code = (
        "import sys, time\nfrom pathlib import Path\nfrom pledgegraph.release.lock import locked\n"
        "with locked(Path(sys.argv[1]), print):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    holder = subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with locked(tmp_path / "lock", waiting):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
    holder.wait()
    holder.stdout.close()
    assert len(said) == 1
    assert f"process {holder.pid} on " in said[0]
    assert " since 20" in said[0]


def test_old_releases_go_and_recent_ones_stay(mini_copy: Content, tmp_path: Path) -> None:
    releases = tmp_path / "cache" / "releases"
    old = time.time() - (build_module.KEPT_DAYS + 1) * 86400
    for number in range(build_module.KEPT_RELEASES + 2):
        (releases / f"old-{number:02}").mkdir(parents=True)
        os.utime(releases / f"old-{number:02}", (old + number, old + number))
    (releases / "recent").mkdir()
    built = make(mini_copy, tmp_path / "cache")
    left = {path.name for path in releases.iterdir()}
    assert {"recent", built.path.name, f"old-{build_module.KEPT_RELEASES + 1:02}"} <= left
    assert "old-00" not in left


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere() -> None:
    terminal, plain = Terminal(), io.StringIO()
    for stream in (terminal, plain):
        progress = Progress(2, stream)
        with progress.step("read"):
            pass
        with progress.step("write"):
            pass
    assert "\r" in terminal.getvalue()
    assert "2/2 write" in terminal.getvalue()
    lines = plain.getvalue().splitlines()
    assert [line.rsplit(" ", 2)[0] for line in lines] == ["[1/2] read", "[2/2] write"]
    assert "\r" not in plain.getvalue()


def test_timings_are_in_the_log_and_not_in_the_release(mini_copy: Content, tmp_path: Path) -> None:
    built = make(mini_copy, tmp_path)
    entry = json.loads((tmp_path / "build.log").read_text().splitlines()[-1])
    assert entry["release"] == built.path.name
    assert len(entry["steps"]) == STEPS
    assert "seconds" not in (built.path / "manifest.json").read_text()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RunError, match="pledgegraph build"):
        manifest.Manifest.read(tmp_path)


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLEDGEGRAPH_CACHE", "/a")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    monkeypatch.setenv("HOME", "/c")
    assert manifest.cache_dir(tmp_path) == tmp_path
    assert manifest.cache_dir() == Path("/a")
    monkeypatch.delenv("PLEDGEGRAPH_CACHE")
    assert manifest.cache_dir() == Path("/b/pledgegraph")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert manifest.cache_dir() == Path("/c/.cache/pledgegraph")
