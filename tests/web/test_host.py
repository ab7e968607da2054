"""What HTTP/1.1 demands of a request: one Host header, whether the answer is made or kept, and syntax."""

from __future__ import annotations

import pytest
from web_serving import Served
from werkzeug.test import Client

PATHS = ("/sparql?query=ASK{}", "/void", "/")


@pytest.mark.parametrize("path", PATHS)
def test_two_hosts_are_refused(client: Client, path: str) -> None:
    for _ in range(2):
        refused = client.get(path, environ_overrides={"HTTP_HOST": "test,evil.example"})
        assert refused.status_code == 400 and "more than one Host" in refused.get_data(as_text=True)
        assert client.get(path).status_code == 200  # which is kept


def test_two_host_lines_are_refused(served: Served) -> None:
    for path in PATHS:
        for lines in ("Host: test\r\nHost: test\r\n", "Host: test\r\nAccept: */*\r\nHost: evil.example\r\n"):
            answer = served.send(f"GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
            assert answer.status == 400 and b"more than one Host" in answer.body
        assert served.get(path).status == 200


@pytest.mark.parametrize(
    "request_head",
    [b"GET\t/void HTTP/1.1\r\nHost: test", b"GET /void HTTP/1.1\r\nHost : test", b"GET /\xff HTTP/1.1\r\nHost: t"],
)
def test_what_is_no_http_gets_a_bare_400_as_the_guide_says(served: Served, request_head: bytes) -> None:
    answer = served.send(request_head + b"\r\nConnection: close\r\n\r\n")
    assert (answer.status, answer.body) == (400, b"")
