"""Loading a release into engines: picked up where it broke off, compared afterwards, foreign data left alone."""

import http.client
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from engines import ENGINES
from serving import JSON, Listener

from pledgegraph.cli import main
from pledgegraph.errors import RunError
from pledgegraph.release.manifest import Manifest
from pledgegraph.service.engine import GRAPH_PUBLICATION, Endpoint
from pledgegraph.service.publish import publish
from pledgegraph.service.target import Target
from pledgegraph.terms import GRAPH


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty engine."""
    with request.param() as address:
        yield address


@pytest.fixture(params=["store", "update"])
def target(request: pytest.FixtureRequest, url: str) -> Target:
    """An empty engine, written to in either way."""
    found = Target.find(url)
    return found if request.param == "store" else Target(f"{url}/query", f"{url}/update")


class Interruption(Exception):  # noqa: N818
    """Raised in the middle of a loading."""


def stop_after(pieces: int) -> object:
    def tell(done: int, _all: int, what: str) -> None:
        if done == pieces + 1 and "loading" in what:
            raise Interruption

    return tell


def test_it_arrives_whole_and_is_picked_up_where_it_broke_off(target: Target, mini_release: Path) -> None:
    manifest = Manifest.read(mini_release)
    with pytest.raises(Interruption):
        publish(mini_release, target, piece=50, progress=stop_after(4))  # type: ignore[arg-type]
    assert not target.ask(f"ASK {{ GRAPH <{GRAPH_PUBLICATION}> {{ ?s <http://purl.org/dc/terms/identifier> ?r }} }}")
    outcome = publish(mini_release, target, piece=50)
    assert outcome.resumed == 4
    assert outcome.sent > 0
    assert outcome.triples == {"": manifest.triples, **manifest.graphs}
    rows = target.select(f"SELECT ?p ?o {{ GRAPH <{GRAPH_PUBLICATION}> {{ ?s ?p ?o }} }}")
    note = {row["p"].rpartition("/")[2]: row["o"] for row in rows}
    assert note["identifier"] == manifest.release
    assert datetime.now(UTC) - datetime.fromisoformat(note["issued"]) < timedelta(minutes=1)
    assert sorted(target.graphs()) == sorted([*manifest.graphs, GRAPH_PUBLICATION])
    again = publish(mini_release, target, piece=50)
    assert (again.resumed, again.triples) == (0, outcome.triples), "twice is as once"


def test_what_other_people_put_there_is_left_alone(url: str, mini_release: Path) -> None:
    target = Target.find(url)
    target.write("http://example.org/theirs", b"<a:a> <a:b> <a:c> .\n", replace=True)
    target.write(f"{GRAPH}gone", b"<a:a> <a:b> <a:c> .\n", replace=True)
    target.write("", b"<a:a> <a:b> <a:c> .\n", replace=True)
    with pytest.raises(RunError, match="other data"):
        publish(mini_release, target)
    publish(mini_release, target, replace=True)
    assert "http://example.org/theirs" in target.graphs()
    assert f"{GRAPH}gone" not in target.graphs()
    assert not target.ask("ASK { <a:a> <a:b> <a:c> }")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (b"<a:a> <a:b> <a:c> .\n", "triples in the engine"),
        (None, "as many triples"),
    ],
)
def test_what_did_not_arrive_as_sent_is_found(
    url: str, mini_release: Path, damage: bytes | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target.find(url)
    write = target.write

    def damaged(graph: str, triples: bytes, *, replace: bool) -> None:
        if graph == "" and replace:
            lines = triples.splitlines(keepends=True)
            triples = triples + damage if damage is not None else b"".join(lines[:-1]) + b"<a:a> <a:b> <a:c> .\n"
        write(graph, triples, replace=replace)

    monkeypatch.setattr(target, "write", damaged)
    with pytest.raises(RunError, match=message):
        publish(mini_release, target)
    assert not target.ask(f"ASK {{ GRAPH <{GRAPH_PUBLICATION}> {{ ?s <http://purl.org/dc/terms/identifier> ?r }} }}")
    monkeypatch.undo()
    outcome = publish(mini_release, target)
    assert outcome.resumed == 0, "all is sent again, since nobody knows which piece is wrong"
    assert target.ask(f"ASK {{ GRAPH <{GRAPH_PUBLICATION}> {{ ?s <http://purl.org/dc/terms/identifier> ?r }} }}")


@pytest.mark.parametrize("lost", [1, 3, -1])
def test_a_piece_that_was_lost_is_there_after_publishing_again(
    target: Target, mini_release: Path, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, sent = target.write, list[bytes]()

    def lossy(graph: str, triples: bytes, *, replace: bool) -> None:
        if graph == GRAPH_PUBLICATION:
            write(graph, triples, replace=replace)
            return
        sent.append(triples)
        if len(sent) != (lost if lost > 0 else pieces):
            write(graph, triples, replace=replace)

    pieces = publish(mini_release, target, piece=50).sent
    for graph in ["", *target.graphs()]:
        target.write(graph, b"", replace=True)
    monkeypatch.setattr(target, "write", lossy)
    with pytest.raises(RunError, match="triples in the engine"):
        publish(mini_release, target, piece=50)
    outcome = publish(mini_release, target, piece=50)
    assert (outcome.resumed, outcome.sent) == (0, pieces)


def test_the_command(url: str, mini_release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--release", str(mini_release), url]) == 0
    assert "all as sent" in capsys.readouterr().out
    assert main(["publish", "--release", str(mini_release), "--update-url", f"{url}/update", f"{url}/query"]) == 0


def test_an_engine_that_is_not_there(mini_release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--release", str(mini_release), "http://127.0.0.1:1/x"]) == 2
    assert "no SPARQL endpoint answers" in capsys.readouterr().err
    assert main(["publish", "--release", str(mini_release), "ftp://127.0.0.1/x"]) == 2


def test_an_engine_that_answers_ask_with_a_table(mini_release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As Virtuoso 7 does."""
    body = b'{"head":{"vars":["__ASK_RETVAL"]},"results":{"bindings":[]}}'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with Listener(lambda connection: connection.sendall(head.encode() + body)) as engine:
        url = f"{engine.url}sparql"
        assert main(["publish", "--release", str(mini_release), "--update-url", url, url]) == 2
    assert "without 'boolean'" in capsys.readouterr().err


def refusing(status: int) -> Listener:
    """An engine that answers everything with this status."""
    head = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return Listener(lambda connection: connection.sendall(head.encode()))


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 413, 415])
def test_a_refusal_that_waiting_cannot_mend_is_told_at_once(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = list[float]()
    monkeypatch.setattr("pledgegraph.service.target.time.sleep", pauses.append)
    with refusing(status) as engine:
        target = Target(engine.url, engine.url)
        for send in (target.graphs, lambda: target.write("", b"", replace=True)):
            before = len(engine.calls)
            with pytest.raises(RunError, match=f"HTTP status {status}"):
                send()
            assert len(engine.calls) == before + 1
    assert not pauses


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_refusal_that_may_pass_is_told_after_four_tries(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = list[float]()
    monkeypatch.setattr("pledgegraph.service.target.time.sleep", pauses.append)
    with refusing(status) as engine:
        target = Target(engine.url, engine.url)
        with pytest.raises(RunError, match=f"HTTP status {status}"):
            target.graphs()
        assert (len(engine.calls), pauses) == (4, [1.0, 2.0, 4.0])


def test_the_address_that_refuses_is_the_one_that_is_named() -> None:
    with refusing(403) as engine:
        target = Target("http://127.0.0.1:1/query", store=f"{engine.url}store")
        with pytest.raises(RunError, match="^" + re.escape(f"{engine.url}store answers with HTTP status 403")):
            list(target.read(""))


def test_an_engine_that_fails_for_a_moment_is_asked_again(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target.find(url)
    connect = Endpoint.connect
    calls = 0

    def fragile(self: Endpoint, seconds: float) -> http.client.HTTPConnection:
        nonlocal calls
        calls += 1
        if calls % 3:
            raise ConnectionRefusedError
        return connect(self, seconds)

    monkeypatch.setattr(Endpoint, "connect", fragile)
    monkeypatch.setattr("pledgegraph.service.target.time.sleep", lambda _seconds: None)
    target.write("http://example.org/g", b"<a:a> <a:b> <a:c> .\n", replace=True)
    assert target.graphs() == ["http://example.org/g"]
    assert calls == 6
