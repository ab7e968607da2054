"""A foreign engine behind the service: answers, refusals, limits, and engines that misbehave."""

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engines import ENGINES
from serving import CSV, JSON, Listener, ask

from pledgegraph.errors import RunError
from pledgegraph.release.manifest import Manifest
from pledgegraph.service import Busy, Limits, OverBudget, Refused, Request, Service, ServiceError, TimedOut, TooLarge
from pledgegraph.service.engine import Endpoint
from pledgegraph.service.publish import publish
from pledgegraph.service.target import Target

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module", params=ENGINES)
def published(request: pytest.FixtureRequest, mini_release: Path) -> Iterator[str]:
    """The query endpoint of an engine that holds the small release."""
    with request.param() as url:
        publish(mini_release, Target.find(url))
        yield f"{url}/query"


@pytest.fixture(scope="module")
def fronted(published: str) -> Iterator[Service]:
    with Service.over_engine(published, Limits(query_seconds=2.0, answer_bytes=10**6)) as service:
        yield service


def test_it_answers_as_the_workers_do(fronted: Service, mini_release: Path) -> None:
    with Service.over_release(mini_release, Limits()) as embedded:
        for query, media_type in [
            (COUNT, CSV),
            ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g", CSV),
            ("SELECT ?s ?o { ?s a ?o FILTER(isIRI(?s)) } ORDER BY ?s ?o", CSV),
        ]:
            ours = ask(embedded, query, media_type).body
            theirs = [
                row for row in ask(fronted, query, media_type).body.splitlines() if b"graph/publication" not in row
            ]
            assert theirs == ours.splitlines()


def test_answers_over_a_published_release_are_cached_under_its_name(fronted: Service, mini_release: Path) -> None:
    assert fronted.release.split()[1] == Manifest.read(mini_release).release
    first, again = ask(fronted, f"{COUNT} #1"), ask(fronted, f"{COUNT} #1")
    assert first.cacheable
    assert first.seconds > 0
    assert (again.seconds, again.body, again.etag) == (0.0, first.body, first.etag)
    assert not ask(fronted, "SELECT (NOW() AS ?n) {}").cacheable


def test_the_deadline_is_ours(fronted: Service) -> None:
    with pytest.raises(TimedOut):
        ask(fronted, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    assert ask(fronted, "ASK { ?s ?p 1 }").body


def test_an_answer_too_large_is_refused(fronted: Service) -> None:
    with pytest.raises((TooLarge, TimedOut)):
        ask(fronted, "SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV)


def test_the_guard_stands_before_it(fronted: Service, listener: Listener) -> None:
    for query in (
        "SELECT * { SERVICE <URL> { ?a ?b ?c } }",
        "LOAD <URL>",
        "SELECT * FROM <URL> { ?s ?p ?o }",
        "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (EXISTS { ?s ?p ?o } AS ?e) FROM <URL> { ?s ?p ?o }",
        "INSERT DATA { <a:a> <a:b> 1 }",
    ):
        with pytest.raises(Refused):
            ask(fronted, query.replace("URL", listener.url))
    with pytest.raises(Refused):
        ask(fronted, COUNT, default_graphs=(listener.url,))
    assert not listener.calls


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("SELECT * { ?s ?p }", (1, 18), "Found }"),
        ("SELECT *\n{ ?s ?p ?o BIND(1 AS ?o) }", (2, 22), "BIND assigns ?o"),
        ("ASK {\n FILTER(SUBSTR('a')) }", (2, 9), "SUBSTR takes 2 or 3 arguments"),
    ],
)
def test_its_refusals_have_the_place_in_the_query_as_sent(
    fronted: Service, query: str, place: tuple[int, int], words: str
) -> None:
    with pytest.raises(Refused) as caught:
        ask(fronted, query, base="http://example.org/")
    assert (caught.value.status, caught.value.line, caught.value.column) == (400, *place)
    assert words in caught.value.detail


def test_health(fronted: Service) -> None:
    assert fronted.health().ok


def reply(head: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-Slow: yes\r\n")
        time.sleep(0.05)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1\r\na\r\n")
        time.sleep(0.05)


def endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")


def silent(_connection: socket.socket) -> None:
    time.sleep(1)


def hang_up(_connection: socket.socket) -> None:
    """The connection is closed without a word."""


OK = "HTTP/1.1 200 OK\nContent-Type: text/csv"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (drip, TimedOut),
        (drip_body, TimedOut),
        (endless_body, TooLarge),
        (silent, TimedOut),
        (hang_up, Busy),
        (reply(OK + "\nContent-Length: 100", b"a,b\r\n"), Busy),
        (reply(OK + "\nTransfer-Encoding: chunked", b"3\r\na,b\r\n"), Busy),
        (reply(OK + "\nConnection: close", b"a,b\r\n"), Busy),
        (reply(OK + "\nContent-Length: 3\nX-SPARQL-MaxRows: 100", b"a,b"), TooLarge),
        (reply(OK + "\nContent-Length: 3\nX-SPARQL-Anytime: max", b"a,b"), TimedOut),
        (reply("HTTP/1.1 206 Partial\nContent-Type: text/csv\nContent-Length: 3", b"a,b"), TimedOut),
        (reply("HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 3", b"a,b"), Refused),
        (reply("HTTP/1.1 500 Error\nContent-Length: 4", b"oops"), Busy),
        (reply("HTTP/1.1 429 Slow\nContent-Length: 0"), Busy),
        (reply("HTTP/1.1 400 Bad\nContent-Length: 10", b"line 3: no"), Refused),
        (reply("\0" * 100), Busy),
    ],
)
def test_an_engine_that_misbehaves_gives_an_error_and_never_a_short_answer(
    answer: Callable[[socket.socket], None], error: type[ServiceError]
) -> None:
    with (
        Listener(answer) as engine,
        Service.over_engine(
            engine.url.replace("//", "//user:secret@"), Limits(query_seconds=0.5, answer_bytes=10**6)
        ) as service,
    ):
        with pytest.raises(error) as caught:
            ask(service, "SELECT * { ?s ?p ?o }", CSV)
        assert caught.value.status in (400, 406, 413, 503)
        assert "secret" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_is_not_followed(status: int, listener: Listener) -> None:
    away = reply(f"HTTP/1.1 {status} Elsewhere\nLocation: {listener.url}\nContent-Length: 0")
    with Listener(away) as engine, Service.over_engine(engine.url, Limits(query_seconds=1)) as service:
        with pytest.raises(Busy, match="redirects are not followed"):
            ask(service, "ASK {}")
        assert listener.url.encode() not in b"".join(engine.calls)
    assert engine.calls and not listener.calls


def test_credentials_go_to_the_engine_and_nowhere_else() -> None:
    with Listener(reply("HTTP/1.1 401 No\nContent-Length: 0")) as engine:
        url = engine.url.replace("//", "//user:secret@")
        with Service.over_engine(url, Limits(query_seconds=1)) as service:
            with pytest.raises(Busy) as caught:
                ask(service, "ASK {}")
            assert "secret" not in f"{caught.value} {service.release} {service.health()}"
        assert b"Authorization: Basic dXNlcjpzZWNyZXQ=" in engine.calls[-1]


@pytest.mark.parametrize(
    ("written", "sent"),
    [("u:p%40ss", "u:p@ss"), ("a%3Ab%2Fc:%25", "a:b/c:%"), ("u:%C3%A9+", "u:é+"), ("u", "u:"), ("u:p%zz", "u:p%zz")],
)
def test_user_and_password_are_sent_without_the_escapes_of_the_address(written: str, sent: str) -> None:
    endpoint = Endpoint(f"http://{written}@127.0.0.1:3030/ds")
    scheme, _, text = endpoint.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(text).decode()) == ("Basic", sent)
    assert endpoint.shown == "http://127.0.0.1:3030/ds"


def test_an_engine_that_is_not_there() -> None:
    with Service.over_engine("http://127.0.0.1:1/query", Limits(query_seconds=1)) as service:
        with pytest.raises(Busy):
            ask(service, "ASK {}")
        assert not service.health().ok


@pytest.mark.parametrize(
    "url", ["ftp://x/", "file:///etc/passwd", "x", "", "http://", "http://h:99999/", "http://h/#f"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(RunError):
        Endpoint(url)


def test_over_budget_before_the_engine_is_asked() -> None:
    with Listener() as engine, Service.over_engine(engine.url, Limits(budget_seconds=1, budget_rate=0.001)) as service:
        service.budget.charge("greedy", 1.5)
        with pytest.raises(OverBudget):
            service.answer(Request("ASK { ?s ?p ?o }", JSON, client="greedy"))
        assert not any(b"ASK" in call for call in engine.calls)
        with pytest.raises(Busy):  # the listener hangs up
            service.answer(Request("ASK { ?s ?p ?o }", JSON, client="modest"))
        assert any(b"ASK" in call for call in engine.calls), "what an engine is asked would be seen"


def test_connections_are_kept_and_renewed() -> None:
    body = b'{"head":{},"boolean":true}'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    served: list[int] = []

    def answer(connection: socket.socket) -> None:
        """Two answers on a connection, then it is closed without a word."""
        connection.sendall(head + body)
        served.append(1)
        if connection.recv(65536):
            connection.sendall(head + body)
            served.append(1)

    with Listener(answer) as engine, Service.over_engine(engine.url, Limits()) as service:
        for number in range(7):
            assert ask(service, f"ASK {{ ?s ?p {number} }}").body == body
        assert len(served) > len(engine.calls)


@pytest.mark.parametrize(
    ("status", "body", "place", "detail"),
    [
        ("500 Error", "The custom function <http://x/f> is not supported", (1, 14), "The function <http://x/f> is not"),
        ("500 Error", "java.lang.Secret at Secret.java:12", None, "fails over this one"),
        (
            "400 Bad",
            "Virtuoso 37000 Error: line 3: the sky is falling",
            None,
            "Virtuoso 37000 Error: the sky is falling.",
        ),
        ("400 Bad", "error at 2:19: expected [_]", None, "It breaks a rule of SPARQL beside its grammar."),
    ],
)
def test_a_query_that_alone_is_not_answered_is_the_clients_error(
    status: str, body: str, place: tuple[int, int] | None, detail: str
) -> None:
    truth = b'{"head":{},"boolean":true}'

    def answer(connection: socket.socket) -> None:
        """ASK {} is answered, and nothing else."""
        if b"query=ASK+%7B%7D" in engine.calls[-1]:
            reply(f"HTTP/1.1 200 OK\nContent-Type: {JSON}\nContent-Length: {len(truth)}", truth)(connection)
        else:
            reply(f"HTTP/1.1 {status}\nContent-Length: {len(body)}", body.encode())(connection)

    with Listener(answer) as engine, Service.over_engine(engine.url, Limits()) as service:
        with pytest.raises(Refused) as caught:
            ask(service, "ASK { FILTER(<http://x/f>(1)) }")
        assert caught.value.status == 400
        assert (caught.value.line, caught.value.column) == (place or (None, None))
        assert detail in caught.value.detail
        assert "Secret" not in caught.value.detail


def test_many_at_once(fronted: Service) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(ask(fronted, f"{COUNT} # {n % 7}", CSV).body))
        for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    assert len(set(found)) == 1
