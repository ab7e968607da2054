"""The front: clients behind proxies, bodies, addresses, the cache, the access log, and work that slow clients hold."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from pledgegraph.errors import RunError
from pledgegraph.web.access_log import AccessLog
from pledgegraph.web.app import create_front
from pledgegraph.web.clients import TrustedProxies, anonymised, budget_key
from pledgegraph.web.middleware import CLIENT, MAX_TARGET_BYTES, STREAM_BYTES, Front
from pledgegraph.web.places import Places
from pledgegraph.web.problems import Problem
from pledgegraph.web.response_cache import Entry, ResponseCache
from pledgegraph.web.site import Site, checked_base, shown


@pytest.mark.parametrize(
    ("trusted", "peer", "headers", "client"),
    [
        ((), "192.0.2.1", {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "192.0.2.1"),
        (("192.0.2.1",), "192.0.2.1", {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "198.51.100.7"),
        (("192.0.2.0/24",), "192.0.2.9", {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.7"}, "198.51.100.7"),
        (("192.0.2.0/24",), "192.0.2.9", {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.7, 192.0.2.4"}, "198.51.100.7"),
        (("192.0.2.1",), "203.0.113.5", {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "203.0.113.5"),
        (("192.0.2.1",), "192.0.2.1", {"HTTP_X_FORWARDED_FOR": "nonsense"}, "192.0.2.1"),
        (("192.0.2.1",), "192.0.2.1", {"HTTP_X_FORWARDED_FOR": "198.51.100.7, nonsense"}, "192.0.2.1"),
        (("192.0.2.1",), "192.0.2.1", {"HTTP_X_FORWARDED_FOR": ""}, "192.0.2.1"),
        (("192.0.2.1",), "192.0.2.1", {}, "192.0.2.1"),
        (("192.0.2.0/24",), "192.0.2.9", {"HTTP_X_FORWARDED_FOR": "6.6.6.6, unknown, 192.0.2.4"}, "192.0.2.4"),
        (("192.0.2.0/24",), "192.0.2.9", {"HTTP_X_FORWARDED_FOR": "192.0.2.4"}, "192.0.2.4"),
        (("192.0.2.1",), "192.0.2.1", {"HTTP_FORWARDED": "for=6.6.6.6"}, "192.0.2.1"),
        (
            ("192.0.2.1",),
            "192.0.2.1",
            {"HTTP_X_FORWARDED_FOR": "198.51.100.7", "HTTP_FORWARDED": "for=6.6.6.6"},
            "198.51.100.7",
        ),
        (("192.0.2.1",), "192.0.2.1", {"HTTP_X_FORWARDED_FOR": "[2001:db8::1]:80"}, "2001:db8::1"),
        (("192.0.2.1",), "192.0.2.1", {"HTTP_X_FORWARDED_FOR": "198.51.100.7:443"}, "198.51.100.7"),
        (("192.0.2.1",), "::ffff:192.0.2.1", {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "198.51.100.7"),
        (("2001:db8::/32",), "2001:db8::2", {"HTTP_X_FORWARDED_FOR": "2001:db9::1"}, "2001:db9::1"),
    ],
)
def test_only_trusted_proxies_name_the_client(
    trusted: tuple[str, ...], peer: str, headers: dict[str, str], client: str
) -> None:
    assert TrustedProxies(trusted).client({"REMOTE_ADDR": peer, **headers}) == client


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_header_makes_the_client_raise(header: str, peer: str) -> None:
    proxies = TrustedProxies(["0.0.0.0/0", "::/0"])
    assert isinstance(proxies.client({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": header}), str)
    assert isinstance(budget_key(peer), str) and isinstance(anonymised(peer), str)


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(RunError, match="proxy"):
        TrustedProxies(["proxy"])


def test_budgets_are_for_subscribers_and_logs_for_nobody() -> None:
    assert budget_key("192.0.2.1") == "192.0.2.1"
    assert budget_key("2001:db8:1:2:3::4") == budget_key("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert anonymised("192.0.2.77") == "192.0.2.0"
    assert anonymised("2001:db8:1:2:3::4") == "2001:db8:1::"
    assert anonymised("") == "-"


def call(front: Front, **environ: Any) -> tuple[int, dict[str, str], bytes]:
    """One call with keys of the WSGI environment replaced: status, headers, body."""
    chunks, status, headers = run_wsgi_app(front, {**EnvironBuilder("/sparql").get_environ(), **environ})
    return int(status[:3]), dict(headers), b"".join(chunks)


def post(front: Front, body: bytes, **environ: Any) -> tuple[int, dict[str, str], bytes]:
    given = {"CONTENT_TYPE": "application/sparql-query", "CONTENT_LENGTH": str(len(body)), **environ}
    return call(front, REQUEST_METHOD="POST", **{"wsgi.input": io.BytesIO(body)}, **given)


def test_bodies_within_the_limit_are_read_and_others_refused(front: Front, site: Site) -> None:
    limit = site.service.limits.request_bytes
    assert post(front, b"ASK {}")[0] == 200
    assert post(front, b"ASK {}", CONTENT_LENGTH="")[0] == 200  # chunked: the length is not known before
    for length in (str(limit + 1), "99999999999999999999", ""):
        status, _, body = post(front, b"x" * (limit + 1), CONTENT_LENGTH=length)
        assert status == 413 and b"2 MiB" in body, length
    assert post(front, b"ASK {}", CONTENT_LENGTH="7")[0] == 400
    for length in ("-1", "six", "6.0", "٦", "0" * 5000 + "6"):
        assert post(front, b"ASK {}", CONTENT_LENGTH=length)[0] == 400


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, _size: int | None = -1, /) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "post", "Post", "get"])
def test_no_method_but_post_has_its_body_read(front: Front, method: str) -> None:
    """It would be read whole, whatever its length."""
    given = {"CONTENT_TYPE": "application/sparql-query", "CONTENT_LENGTH": str(10**12), "wsgi.input": Unread()}
    for accept in ("text/html", "*/*"):
        status, _, _ = call(front, REQUEST_METHOD=method, HTTP_ACCEPT=accept, **given)
        assert status in (200, 204, 405), (method, accept)


def test_methods_are_told_by_their_case(front: Front) -> None:
    for method in ("get", "head", "Post", "oPTIONS"):
        status, headers, _ = call(front, REQUEST_METHOD=method)
        assert status == 405 and headers["Allow"] == "GET, HEAD, OPTIONS"


def test_an_address_without_a_path_leads_nowhere(front: Front) -> None:
    for path in ("", "sparql", "*"):
        status, headers, _ = call(front, PATH_INFO=path)
        assert status == 400 and "Location" not in headers


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "x"])
def test_compressed_bodies_are_refused(front: Front, coding: str) -> None:
    status, headers, _ = post(front, b"\x1f\x8b", HTTP_CONTENT_ENCODING=coding)
    assert status == 415 and headers["Accept-Encoding"] == "identity"


def test_a_long_address_is_414_and_says_what_to_do(front: Front) -> None:
    status, _, body = call(front, QUERY_STRING="query=" + "a" * MAX_TARGET_BYTES)
    assert status == 414 and b"POST" in body


def test_long_header_fields_are_431(front: Front) -> None:
    assert call(front, QUERY_STRING="query=ASK{}", HTTP_X_LARGE="a" * 60_000)[0] == 200
    status, _, body = call(front, QUERY_STRING="query=ASK{}%23", HTTP_X_LARGE="a" * 40_000, HTTP_COOKIE="b" * 40_000)
    assert status == 431 and b"limit" in body


def test_http_1_1_needs_a_host(front: Front) -> None:
    assert call(front, QUERY_STRING="query=ASK{}", HTTP_HOST="", SERVER_PROTOCOL="HTTP/1.1")[0] == 400
    assert call(front, QUERY_STRING="query=ASK{}", HTTP_HOST="", SERVER_PROTOCOL="HTTP/1.0")[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:99999", "<script>evil", "a\x00b", "é"])
def test_the_host_header_is_in_no_answer(front: Front, host: str) -> None:
    for path in ("/sparql", "/void", "/data", "/none", "/problems"):
        for accept in ("text/html", "text/turtle", "*/*"):
            _, headers, body = call(front, PATH_INFO=path, HTTP_HOST=host, HTTP_ACCEPT=accept)
            assert host.encode() not in body and b"evil" not in body
            assert not any("evil" in value for value in headers.values())


@pytest.mark.parametrize("kept", [False, True])
def test_a_large_body_goes_in_pieces_and_gives_its_place_back(site: Site, kept: bool) -> None:
    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "image/png")])
        return [b"x" * (STREAM_BYTES + 1)]

    front = Front(app, site)
    environ = EnvironBuilder("/large").get_environ()
    if kept:
        front.cache.put(("/large", "", "", False), entry(b"x" * (STREAM_BYTES + 1), site.snapshot.release))
    streams = [front(dict(environ), lambda *_: None) for _ in range(16)]
    refused: list[str] = []
    assert b"busy" in b"".join(front(dict(environ), lambda status, _: refused.append(status)))
    assert refused == ["503 Service Unavailable"]
    assert len(b"".join(streams[0])) == STREAM_BYTES + 1
    for stream in streams:
        stream.close()  # type: ignore[attr-defined]
        stream.close()  # type: ignore[attr-defined]
    assert len(b"".join(front(dict(environ), lambda *_: None))) == STREAM_BYTES + 1


def test_places_are_counted_for_each_client_and_in_all() -> None:
    places = Places(3, 2)
    held = [places.take("a"), places.take("a")]
    with pytest.raises(Problem):
        places.take("a")
    held.append(places.take("b"))
    with pytest.raises(Problem) as caught:
        places.take("c")
    assert caught.value.status == 503 and caught.value.retry_after
    with held[0]:
        pass
    held[0].give_back()
    places.take("c")
    with pytest.raises(Problem):
        places.take("d")


def entry(body: bytes, release: str = "r") -> Entry:
    return Entry(release, "200 OK", [], body, "t", [])


def test_the_cache_is_bounded_in_bytes_and_keeps_what_is_used() -> None:
    cache = ResponseCache(100_000)
    cache.put(("used",), entry(b"x" * 1000))
    for number in range(1000):
        assert cache.get(("used",), "r") is not None
        cache.put((f"{number}",), entry(b"x" * 1000))
        assert cache.bytes <= 100_000
    assert cache.get(("0",), "r") is None and cache.get(("999",), "r") is not None
    assert 20 < len(cache) < 100
    cache.put(("large",), entry(b"x" * 50_000))
    assert cache.get(("large",), "r") is None
    cache.clear()
    assert len(cache) == cache.bytes == 0


def test_an_answer_of_another_release_is_not_found() -> None:
    cache = ResponseCache(100_000)
    cache.put(("k",), entry(b"x", "old"))
    assert cache.get(("k",), "old") is not None and cache.get(("k",), "new") is None


def test_replacing_an_entry_does_not_count_twice() -> None:
    cache = ResponseCache(100_000)
    for _ in range(100):
        cache.put(("k",), entry(b"x" * 1000))
    assert len(cache) == 1 and cache.bytes < 5000


COMBINED = re.compile(
    r'(?P<client>\S+) - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "(?P<request>[^"]*)" (?P<status>\d{3}) '
    r'(?P<bytes>\d+|-) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)"'
)


def test_the_access_log_has_one_unforgeable_line_a_request(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = AccessLog(str(path), anonymise=True)
    client = Client(create_front(site, TrustedProxies(["127.0.0.1"]), log))
    forged = 'x" 200 1 "-" "-"\x1b[2J\x85\u2028'
    for headers in ({}, {"X-Forwarded-For": "198.51.100.77", "User-Agent": forged, "Referer": 'a"b\\'}):
        for method, address in (
            ("GET", "/sparql?query=ASK%7B%7D"),
            ("GET", "/none%0A127.0.0.1%22"),
            ("HEAD", "/sparql?query=ASK%7B%7D"),
            ("PUT", "/sparql"),
        ):
            client.open(address, method=method, headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    log.close()
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [COMBINED.fullmatch(line) for line in lines]
    assert all(found) and len(found) == 8
    assert [match["status"] for match in found if match] == ["200", "404", "200", "405"] * 2
    assert {match["client"] for match in found[4:] if match} == {"198.51.100.0"}
    assert "HEAD /sparql?query=ASK%7B%7D HTTP/1.1" in lines[2]


def test_a_rotated_log_is_opened_anew(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = AccessLog(str(path))
    client = Client(create_front(site, log=log))
    client.get("/none")
    log.flush()
    path.rename(tmp_path / "old.log")
    log.reopen()
    client.get("/none")
    log.close()
    assert len((tmp_path / "old.log").read_text().splitlines()) == len(path.read_text().splitlines()) == 1


def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be written"):
        AccessLog(str(tmp_path / "no" / "access.log"))


@pytest.mark.parametrize(
    "base", ["", "example.org", "ftp://example.org/", "http://", "http://a b/", "http://a/?q", "http://a:x/", "/x"]
)
def test_a_base_that_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(RunError, match="address"):
        checked_base(base)


def test_the_address_of_an_engine_is_shown_nowhere() -> None:
    assert shown("0123456789abcdef") == "0123456789abcdef"
    assert shown("http://10.0.0.1:3030/ds 0123456789abcdef") == "0123456789abcdef"
    hidden = shown("http://10.0.0.1:3030/ds")
    assert "10.0.0.1" not in hidden and hidden != shown("http://10.0.0.2:3030/ds")


def test_the_client_reaches_the_budget(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    original = site.service.answer

    def answer(request: Any) -> Any:
        seen.append(request.client)
        return original(request)

    monkeypatch.setattr(site.service, "answer", answer)
    front = create_front(site, TrustedProxies(["192.0.2.1"]))
    common = {"QUERY_STRING": "query=ASK{}", "REMOTE_ADDR": "192.0.2.1"}
    call(front, HTTP_X_FORWARDED_FOR="198.51.100.7", HTTP_ACCEPT="a/b, */*", **common)
    call(front, HTTP_X_FORWARDED_FOR="198.51.100.8", HTTP_ACCEPT="text/html", **common)
    assert seen == ["198.51.100.7", "198.51.100.8"]
    assert CLIENT == "pledgegraph.client"
