"""The access log: every line is one of the combined format, whatever the request holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from web_serving import Served, serving

from pledgegraph.web.access_log import AccessLog

DATA = Path(__file__).parent / "data.trig"

# Three fields of the request line, and no character of a field that any reader of such logs could trip over.
LINE = re.compile(
    r'(?P<client>\S+) - - \[[^\]]+\] "(?P<method>\S+) (?P<target>[!#-\[\]-~]+) HTTP/1\.1" '
    r'(?P<status>\d{3}) (?P<bytes>[1-9]\d*|-) "(?P<referer>[ !#-~]*)" "(?P<agent>[ !#-~]*)"'
)


def written(path: Path, *requests: dict[str, Any]) -> list[re.Match[str]]:
    """The lines that requests of the WSGI environments given leave, each answered with 200 and 10 bytes."""
    path.unlink(missing_ok=True)
    log = AccessLog(str(path))
    for environ in requests:
        known = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_PROTOCOL": "HTTP/1.1"}
        log.write({**known, **environ}, "192.0.2.1", environ.get("status", 200), environ.get("length", 10))
    log.close()
    text = path.read_text(encoding="ascii")
    found = [LINE.fullmatch(line) for line in text.splitlines()]
    assert len(found) == len(requests)
    assert all(found), text
    return [match for match in found if match]


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ('/\n" x', "%22", "/%0A%22%20x?%22"),
        ("/a?b%c#d", "", "/a%3Fb%25c%23d"),
        ("/Ã©\xff\x85", "q=a b&c=%20", "/%C3%A9%FF%85?q=a%20b&c=%20"),
        ("/id/japan", 'query=ASK{?s?p"x\\y"}', "/id/japan?query=ASK{?s?p%22x%5Cy%22}"),
        ("/\u2028", "\u2028", "/%E2%80%A8?%E2%80%A8"),
        ("*", "", "*"),
        ("", "", "-"),
    ],
)
def test_addresses_are_written_as_they_are_sent(tmp_path: Path, path: str, query: str, target: str) -> None:
    (found,) = written(tmp_path / "log", {"PATH_INFO": path, "QUERY_STRING": query})
    assert found["target"] == target


def test_other_fields_are_escaped_byte_by_byte(tmp_path: Path) -> None:
    forged = 'x" 200 1 "-" "-"\r\n\x1b[2J\x85\\\u2028é'
    (found,) = written(tmp_path / "log", {"HTTP_REFERER": forged, "HTTP_USER_AGENT": "Mozilla/5.0 (X11)"})
    assert found["referer"] == r"x\x22 200 1 \x22-\x22 \x22-\x22\x0d\x0a\x1b[2J\x85\x5c\xe2\x80\xa8\xe9"
    assert found["agent"] == "Mozilla/5.0 (X11)"


def test_the_size_is_that_of_what_was_sent(tmp_path: Path) -> None:
    requests: tuple[dict[str, Any], ...] = (
        {},
        {"REQUEST_METHOD": "HEAD"},
        {"status": 304, "length": 0},
        {"length": None},
    )
    assert [match["bytes"] for match in written(tmp_path / "log", *requests)] == ["10", "-", "-", "-"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_request_breaks_its_line(tmp_path: Path, path: bytes, query: str, agent: str) -> None:
    environ = {"PATH_INFO": "/" + path.decode("latin-1"), "QUERY_STRING": query, "HTTP_USER_AGENT": agent}
    (found,) = written(tmp_path / "log", environ)
    assert unquote_to_bytes(found["target"].partition("?")[0]) == b"/" + path


def test_the_server_writes_such_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with serving("--data", str(DATA), "--access-log", str(path)) as served:
        assert ask(served, b"GET /%0a%22%20x?%22") == 404
        assert ask(served, b"HEAD /sparql?query=ASK%7B%7D") == 200
        assert ask(served, b"GET /sparql?query=ASK%7B%7D") == 200
    found = [LINE.fullmatch(line) for line in path.read_text(encoding="ascii").splitlines()]
    assert [(match["method"], match["target"]) for match in found if match] == [
        ("GET", "/%0A%22%20x?%22"),
        ("HEAD", "/sparql?query=ASK%7B%7D"),
        ("GET", "/sparql?query=ASK%7B%7D"),
    ]
    assert [match["bytes"] for match in found if match][1:] == ["-", "26"]


def ask(served: Served, request_line: bytes) -> int:
    """The status of the answer to a request."""
    return served.send(request_line + b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").status
