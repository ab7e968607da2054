"""Hostile HTTP against a running server. Whatever is sent, no 5xx but 503, and the next request is answered."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from web_serving import PATIENCE_SECONDS, Served, receive, serving

QUERY = b"application/sparql-query"
FORM = b"application/x-www-form-urlencoded"

ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?s{i} ?p{i} ?o{i} ." for i in range(30)) + " }"
PARENTHESES = "ASK { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }"


def get(target: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join([b"GET " + target + b" HTTP/1.1", b"Host: test", b"Connection: close", *lines, b"", b""])


def post(body: bytes, *lines: bytes, kind: bytes | None = QUERY, length: bytes | None = None) -> bytes:
    head = [b"POST /sparql HTTP/1.1", b"Host: test", b"Connection: close", *lines]
    if kind is not None:
        head.append(b"Content-Type: " + kind)
    head.append(b"Content-Length: " + (str(len(body)).encode() if length is None else length))
    return b"\r\n".join([*head, b"", body])


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", kind: bytes = QUERY) -> bytes:
    head = [b"POST /sparql HTTP/1.1", b"Host: test", b"Connection: close", b"Transfer-Encoding: chunked"]
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"\r\n".join([*head, b"Content-Type: " + kind, b"", body + end])


REQUESTS: dict[str, tuple[bytes, set[int]]] = {
    # addresses
    "stray percent sign": (get(b"/sparql?query=%"), {400}),
    "half an escape": (get(b"/sparql?query=%4"), {400}),
    "escape of no hexadecimal": (get(b"/sparql?query=%zz"), {400}),
    "bad UTF-8 in the query": (get(b"/sparql?query=%FF%FE"), {400}),
    "overlong UTF-8": (get(b"/sparql?query=%C0%AF"), {400}),
    "surrogate in UTF-8": (get(b"/sparql?query=%ED%A0%80"), {400}),
    "NUL in the query": (get(b"/sparql?query=ASK%00%7B%7D"), {400}),
    "raw bytes in the address": (get(b"/sparql?query=\xff\xfe"), {400}),
    "bad UTF-8 in the path": (get(b"/%FF%FE"), {400, 404}),
    "NUL in the path": (get(b"/id/%00"), {400, 404}),
    "line break in the path": (get(b"/id/a%0d%0aX-Injected:%201"), {404}),
    "line break in a parameter": (get(b"/sparql?query=ASK{}&format=json%0d%0aX-Injected:1"), {200, 400}),
    "path traversal": (get(b"/../../../../etc/passwd"), {400, 404}),
    "path traversal, escaped": (get(b"/static/%2e%2e/%2e%2e/app.py"), {404}),
    "path traversal, escaped twice": (get(b"/static/%252e%252e%252fapp.py"), {404}),
    "path traversal, backslash": (get(b"/static/..%5capp.py"), {404}),
    "path traversal in data": (get(b"/data/dumps/..%2f..%2f..%2fetc%2fpasswd"), {404}),
    "path traversal in id": (get(b"/id/..%2f..%2fetc%2fpasswd"), {404}),
    "two slashes": (get(b"//sparql"), {200, 404}),
    "address of another host": (get(b"http://evil.example/sparql?query=ASK{}"), {200}),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", {400, 404, 204}),
    "long address": (get(b"/sparql?query=" + b"a" * 62_000), {414}),
    "longer address": (get(b"/sparql?query=" + b"a" * 100_000), {414}),
    "two queries": (get(b"/sparql?query=ASK{}&query=ASK{}"), {400}),
    "no query but graphs": (get(b"/sparql?default-graph-uri=http://127.0.0.1/"), {200}),
    "update by GET": (get(b"/sparql?update=CLEAR+ALL"), {400}),
    "ten thousand parameters": (get(b"/sparql?" + b"a=1&" * 10_000), {400}),
    "fetching a graph": (get(b"/sparql?query=ASK{?s+?p+?o}&default-graph-uri=file:///etc/passwd"), {200}),
    # headers
    "large header": (get(b"/sparql?query=ASK{}%23large", b"X-Large: " + b"a" * 200_000), {431}),
    "header that the server beneath takes": (
        get(b"/sparql?query=ASK{}%23larger", b"X-Large: " + b"a" * 100_000),
        {431},
    ),
    "many headers": (get(b"/sparql?query=ASK{}", *[b"X-%d: 1" % i for i in range(500)]), {431}),
    "header without a colon": (get(b"/sparql?query=ASK{}", b"nonsense"), {400}),
    "header with a NUL": (get(b"/sparql?query=ASK{}", b"X-Nul: a\x00b"), {400}),
    "header folded": (get(b"/sparql?query=ASK{}", b"X-Folded: a\r\n b"), {200, 400}),
    "header in bytes that are no text": (get(b"/sparql?query=ASK{}", b"Accept: \xff\xfe"), {200, 406}),
    "long Accept header": (get(b"/sparql?query=ASK{}", b"Accept: " + b"a/b;q=0.1," * 5000), {406}),
    "nonsense Accept header": (get(b"/sparql?query=ASK{}", b'Accept: ;;;,,,"q=q=q'), {406}),
    "nonsense weight": (get(b"/sparql?query=ASK{}", b"Accept: */*;q=nan"), {200}),
    "nonsense condition": (get(b"/sparql?query=ASK{}", b'If-None-Match: "'), {200}),
    "nonsense range": (get(b"/sparql?query=ASK{}", b"Range: bytes=9-1,-,x"), {200}),
    "another host": (get(b"/sparql", b"Host: evil.example"), {200, 400}),
    "no host": (b"GET /sparql?query=ASK{} HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
    "method by header": (get(b"/sparql?query=ASK{}", b"X-HTTP-Method-Override: DELETE"), {200}),
    "address by header": (get(b"/none", b"X-Original-URL: /sparql", b"X-Rewrite-URL: /sparql"), {404}),
    "forwarded host": (get(b"/void", b"X-Forwarded-Host: evil.example", b"Forwarded: host=evil.example"), {200}),
    "cookies": (get(b"/sparql?query=ASK{}", b"Cookie: " + b"a=b; " * 1000), {200}),
    "authorization": (get(b"/sparql?query=ASK{}", b"Authorization: Basic !!!"), {200}),
    # methods and versions
    "method without a name": (b" /sparql HTTP/1.1\r\nHost: test\r\n\r\n", {0, 400}),
    "unknown method": (b"FROB /sparql HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", {405}),
    "TRACE": (b"TRACE /sparql HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", {405}),
    "CONNECT": (b"CONNECT evil.example:80 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", {400, 404, 405}),
    "HTTP/0.9": (b"GET /sparql\r\n\r\n", {0, 400}),
    "HTTP/1.0": (b"GET /sparql?query=ASK{} HTTP/1.0\r\n\r\n", {200}),
    "HTTP/9.9": (b"GET /sparql HTTP/9.9\r\nHost: test\r\n\r\n", {0, 400, 505}),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400, 505}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, {0, 400}),
    "noise": (bytes(range(256)) * 20, {0, 400}),
    # bodies
    "no media type": (post(b"ASK {}", kind=None), {415}),
    "no media type for a form": (post(b"query=ASK{}", kind=None), {415}),
    "wrong media type": (post(b"ASK {}", kind=b"text/plain"), {415}),
    "malformed media type": (post(b"ASK {}", kind=b";;;/"), {415}),
    "multipart": (post(b"--x\r\n\r\n--x--", kind=b"multipart/form-data; boundary=x"), {415}),
    "JSON": (post(b'{"query": "ASK {}"}', kind=b"application/json"), {415}),
    "UTF-16": (post("ASK {}".encode("utf-16"), kind=QUERY + b"; charset=utf-16"), {415}),
    "UTF-16 without saying so": (post("ASK {}".encode("utf-16")), {400}),
    "latin-1": (post('ASK { FILTER("\xe9" = "x") }'.encode("latin-1")), {400}),
    "bad UTF-8 in a form": (post(b"query=ASK%FF", kind=FORM), {400}),
    "no query in a form": (post(b"a=b", kind=FORM), {400}),
    "empty body": (post(b""), {400}),
    "update": (post(b"INSERT DATA { <a:b> <a:b> 1 }", kind=b"application/sparql-update"), {403}),
    "update in a form": (post(b"update=CLEAR+ALL", kind=FORM), {403}),
    "update as a query": (post(b"DELETE WHERE { ?s ?p ?o }"), {400, 403}),
    "query and update": (post(b"query=ASK{}&update=CLEAR+ALL", kind=FORM), {403}),
    "query here and there": (post(b"query=ASK{}", kind=FORM).replace(b"/sparql", b"/sparql?query=ASK{}", 1), {400}),
    "compressed": (post(gzip.compress(b"ASK {}"), b"Content-Encoding: gzip"), {415}),
    "compression bomb": (post(gzip.compress(b" " * 10**7), b"Content-Encoding: gzip"), {415}),
    "larger than the limit": (post(b"#" + b"a" * (3 * 1024**2)), {413}),
    "a length of a terabyte": (post(b"ASK {}", length=b"1099511627776"), {413}),
    "a length of no size": (post(b"ASK {}", length=b"184467440737095516160"), {400, 413}),
    "a negative length": (post(b"ASK {}", length=b"-1"), {400}),
    "two lengths": (post(b"ASK {}", b"Content-Length: 3"), {400}),
    "length and chunks": (chunked(b"ASK {}").replace(b"Transfer", b"Content-Length: 3\r\nTransfer", 1), {200, 400}),
    "chunks": (chunked(b"ASK", b" ", b"{}"), {200}),
    "a form in chunks": (chunked(b"query=", b"ASK{}", kind=FORM), {200}),
    "endless chunks": (chunked(*[b"#" + b"a" * 65_535] * 40), {413}),
    "a chunk of no size": (chunked(end=b"zz\r\n"), {0, 400}),
    "an unknown transfer coding": (post(b"ASK {}", b"Transfer-Encoding: gzip"), {400, 415, 501, 0}),
    # queries
    "five thousand parentheses": (post(PARENTHESES.encode()), {400}),
    "a cross product": (post(ENDLESS.encode()), {503}),
    "a query beyond its limit": (post(b"ASK {}" + b"#" * 200_000), {400}),
    "SERVICE": (post(b"ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), {403}),
    "SERVICE SILENT": (post(b"ASK { SERVICE SILENT <http://127.0.0.1:9/> { } }"), {403}),
    "FROM a file": (post(b"ASK FROM <file:///etc/passwd> { ?s ?p ?o }"), {200}),
    "a giant string": (
        post(
            b"SELECT ?x { BIND('aaaaaaaaaa' AS ?a0) "
            + b" ".join(b"BIND(CONCAT(?a%d, ?a%d) AS ?a%d)" % (i, i, i + 1) for i in range(33))
            + b" BIND(?a33 AS ?x) }"
        ),
        {413, 422, 503},
    ),
    "ten billion rows": (
        post(b"SELECT * { " + b" ".join(b"VALUES ?v%d { 0 1 2 3 4 5 6 7 8 9 }" % i for i in range(10)) + b" }"),
        {413, 422, 503},
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_answer_is_a_refusal_and_the_next_is_right(served: Served, name: str) -> None:
    request, statuses = REQUESTS[name]
    answer = served.send(request)
    assert answer.status in statuses, answer
    assert "x-injected" not in answer.headers
    assert b"evil.example" not in answer.body and "evil.example" not in str(answer.headers)
    assert b"root:" not in answer.body and b"Traceback" not in answer.body
    if answer.status >= 400 and answer.headers.get("content-length", "0") != "0":
        assert answer.headers["content-type"] in ("application/problem+json", "text/html; charset=utf-8")
    if answer.status in (429, 503):
        assert answer.headers["content-type"] == "application/problem+json"
    assert served.answers()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "target",
    [
        "/sparql?query=<script>alert(1)</script>",
        "/sparql?format=<script>alert(1)</script>&query=ASK{}",
        "/<script>alert(1)</script>",
        "/id/<script>alert(1)</script>",
        "/data/<img src=x onerror=alert(1)>.ttl",
        "/sparql?query=" + quote("SELECT ('<script>alert(1)</script>' AS ?x) {}"),
    ],
)
def test_no_page_carries_a_script_of_the_request(served: Served, target: str, accept: str) -> None:
    target = quote(target, safe="/?=&%{}")
    answer = served.get(target, Accept=accept)
    if answer.headers["content-type"].startswith("text/html"):
        assert b"<script>alert" not in answer.body and b"<img src=x" not in answer.body
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    else:
        assert "json" in answer.headers["content-type"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(
            b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: test\r\n\r\n"
            b"GET /none HTTP/1.1\r\nHost: test\r\n\r\n"
            b"GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
        )
        data = b""
        while piece := connection.recv(65536):
            data += piece
    assert re.findall(rb"HTTP/1\.1 (\d{3})", data) == [b"200", b"404", b"200"]


def assert_nobody_is_held_up_by(served: Served, requests: list[bytes]) -> None:
    """Send each on a connection of its own, leave these alone, and see that others are answered."""
    with contextlib.ExitStack() as connections:
        for request in requests:
            connections.enter_context(served.connect()).sendall(request)
        for _ in range(20):
            assert served.answers()
    assert served.answers()


def test_clients_that_never_read_hold_nobody_up(served: Served) -> None:
    rows = "SELECT * { VALUES ?a { 1 2 3 4 5 6 7 8 9 } VALUES ?b { 1 2 3 4 5 6 7 8 9 } VALUES ?c { 1 2 3 4 5 6 7 8 9 }"
    rows += " VALUES ?d { 1 2 3 4 5 6 7 8 9 } VALUES ?e { 1 2 3 4 5 6 7 8 9 } }"  # some 15 megabytes
    assert_nobody_is_held_up_by(served, [get(b"/sparql?query=" + quote(rows).encode())] * 40)


def test_clients_that_send_slowly_hold_nobody_up(served: Served) -> None:
    parts = [b"GET /spar", post(b"ASK", length=b"1000"), chunked(b"ASK", end=b"")]
    assert_nobody_is_held_up_by(served, parts * 50)


def test_a_flood_is_answered_or_told_to_wait(served: Served) -> None:
    seen: Counter[int] = Counter()
    lock = threading.Lock()

    def ask(number: int) -> None:
        kinds = (f"ASK {{}} #{number}", ENDLESS + f"#{number}", "SELECT * { ?s ?p ?o }", f"nonsense {number}")
        answer = served.post(kinds[number % len(kinds)].encode())
        with lock:
            seen[answer.status] += 1
            if answer.status in (429, 503):
                assert answer.headers["content-type"] == "application/problem+json"

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) <= {200, 400, 429, 503} and sum(seen.values()) == 120
    assert seen[200] >= 1 and seen[400] == 30, seen
    assert served.answers()


def test_look_ups_pass_endless_queries_by(served: Served) -> None:
    def send(number: int) -> None:
        served.post((ENDLESS + f"# {number}").encode())

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    before = time.monotonic()
    assert all(served.post(f"ASK {{}} # {number}".encode()).status == 200 for number in range(50))
    assert time.monotonic() - before < 20  # the endless ones alone would take that long many times over
    for thread in threads:
        thread.join()


def sockets_held(served: Served) -> int:
    """Sockets open in the serving process, the supervisor's one child, which holds the connections."""
    (child,) = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    held = 0
    for descriptor in Path(f"/proc/{child}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            held += str(descriptor.readlink()).startswith("socket:")
    return held


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_connections_that_break_off_are_forgotten() -> None:
    def soon(reached: Callable[[int], bool]) -> bool:
        end = time.monotonic() + PATIENCE_SECONDS
        while not (there := reached(sockets_held(served))) and time.monotonic() < end:
            time.sleep(0.02)
        return there

    # A server of its own: what other tests left behind would still be closing.
    with serving("--data", str(Path(__file__).with_name("data.trig")), "--query-seconds", "1") as served:
        assert served.answers()
        before = sockets_held(served)
        for request in (post(b"ASK {}", length=b"100"), get(b"/sparql?query=" + quote(ENDLESS).encode()), b"GET /"):
            # No more than the bodies that one address may send at once: those beyond are refused and closed.
            connections = [served.connect() for _ in range(14)]
            for connection in connections:
                connection.sendall(request)
            assert soon(lambda held: held >= before + 10), "the connections would be seen"
            for connection in connections:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                connection.close()  # with a reset
            assert served.answers()
            assert soon(lambda held: held <= before + 4), (before, sockets_held(served), request[:20])


def test_a_kept_connection_is_used_again(served: Served) -> None:
    with served.connect() as connection:
        for number in range(50):
            connection.sendall(b"GET /sparql?query=ASK%%7B%%7D%%23%d HTTP/1.1\r\nHost: test\r\n\r\n" % number)
            assert receive(connection).status == 200
