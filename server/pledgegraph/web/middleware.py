"""The outermost WSGI layer: answers what is cached before any framework does work, and keeps bad requests out.

In the order of a request: a cached answer or its 304; limits on address and body; the Flask application; then 304,
compression, the headers every answer carries, the cache and the access log. Plain WSGI: any server runs it.
"""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from pledgegraph.web import answering, negotiation, problems
from pledgegraph.web.access_log import AccessLog
from pledgegraph.web.clients import TrustedProxies
from pledgegraph.web.outgoing import Outgoing, gzip
from pledgegraph.web.places import Places, Stream, pieces
from pledgegraph.web.problems import Headers, Problem
from pledgegraph.web.response_cache import Entry, ResponseCache
from pledgegraph.web.site import Site

Environ = dict[str, Any]
Key = tuple[str | bytes | bool, ...]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

CLIENT = "pledgegraph.client"
"""Key of the WSGI environment: the client's address."""

CACHEABLE = "pledgegraph.cacheable"
"""Key of the WSGI environment: a view sets it to True where the same request gets the same answer for one release.

Such an answer is kept, and gets an entity tag if it has none."""

MAX_TARGET_BYTES = 60_000
"""Longest path and query together; hyper under granian refuses 65,534 bytes itself, without a word."""

MAX_FIELD_BYTES = 64 * 1024
"""Longest header fields together. The server beneath holds twice as much, and refuses what is longer than it happens to
have read at once: which requests that are depends on the network, so they are refused here."""

STREAM_BYTES = 256 * 1024
"""A larger body is handed on in pieces: the memory it takes while a slow client reads is then counted and bounded. The
server beneath copies any other for each connection, of which it takes 4,096."""

_MAX_STREAMS, _MAX_STREAMS_PER_CLIENT = 48, 16
_MAX_BODIES, _MAX_BODIES_PER_CLIENT = 48, 16
_COMPRESS_FROM_BYTES, _COMPRESS_TO_BYTES = 1024, 8 * 1024**2

_KEPT_STATUSES = ("200", "301", "303")

# Python reads no number of more than 4,300 digits.
_LENGTH = re.compile("[0-9]{1,20}")

# The release of a foreign engine is its address; a tag is kept to letters and digits.
_NO_TAG = re.compile(r"[^0-9A-Za-z]")


class Front:
    """The WSGI application that the server runs."""

    def __init__(
        self,
        app: App,
        site: Site,
        *,
        proxies: TrustedProxies | None = None,
        log: AccessLog | None = None,
        cache_bytes: int | None = None,
    ) -> None:
        """Put this layer before `app`.

        Args:
            app: the Flask application.
            site: what is served; its service's limits apply.
            proxies: which peers may name the client; none by default.
            log: where answered requests are written, if anywhere.
            cache_bytes: room for whole answers; half of the service's own by default, whose bodies most of them share.
        """
        self._app = app
        self._site = site
        self._proxies = proxies or TrustedProxies()
        self._log = log
        limits = site.service.limits
        self.cache = ResponseCache(limits.cache_bytes // 2 if cache_bytes is None else cache_bytes)
        self._max_body = limits.request_bytes
        self._bodies = Places(_MAX_BODIES, _MAX_BODIES_PER_CLIENT)
        self._streams = Places(_MAX_STREAMS, _MAX_STREAMS_PER_CLIENT)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        method = environ["REQUEST_METHOD"]
        key: Key = (
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_ACCEPT", ""),
            negotiation.accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING")),
        )
        if method in ("GET", "HEAD"):
            entry = self.cache.get(key, self._site.snapshot.release)
            if entry is not None and _has_one_host(environ):
                return self._hit(entry, environ, start_response)
        environ[CLIENT] = self._proxies.client(environ)
        body = b""
        try:
            if method == "POST":
                body = self._read(environ)
                key = (*key, environ.get("CONTENT_TYPE", ""), body)
                entry = self.cache.get(key, self._site.snapshot.release)
                if entry is not None and _has_one_host(environ):
                    return self._hit(entry, environ, start_response)
            # The body of any other method means nothing, and what reads it would read it without a limit.
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
            self._check(environ)
            if environ["PATH_INFO"] in answering.PATHS:
                release = self._site.snapshot.release
                if (found := answering.directly(self._site, environ, body, environ[CLIENT])) is not None:
                    headers, given = found
                    kept = release if given.cacheable else None
                    return self._finish(Outgoing("200 OK", headers), given.body, environ, start_response, key, kept)
            return self._miss(environ, start_response, key)
        except Problem as problem:
            return self._refuse(problem, environ, start_response)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return self._refuse(Problem.from_status(500), environ, start_response)

    def _hit(self, entry: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if_none_match = environ.get("HTTP_IF_NONE_MATCH")
        if if_none_match and _holds(environ, entry.tag):
            self._note(environ, 304, 0)
            start_response("304 Not Modified", entry.not_modified)
            return []
        if len(entry.body) > STREAM_BYTES and environ["REQUEST_METHOD"] != "HEAD":
            return self._in_pieces(entry.status, entry.headers, entry.body, environ, start_response)
        self._note(environ, int(entry.status[:3]), len(entry.body))
        start_response(entry.status, entry.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [entry.body]

    def _in_pieces(
        self, status: str, headers: Headers, body: bytes, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            place = self._streams.take(environ.get(CLIENT) or self._proxies.client(environ))
        except Problem as problem:
            return self._refuse(problem, environ, start_response)
        self._note(environ, int(status[:3]), len(body))
        start_response(status, headers)
        return Stream(pieces(body), place)

    def _check(self, environ: Environ) -> None:
        """Refuse what no part of the site takes. A kept answer is given without, which saves it a tenth of its time."""
        if sum([len(value) for name, value in environ.items() if name[:5] == "HTTP_"]) > MAX_FIELD_BYTES:
            limit = f"{MAX_FIELD_BYTES:,} bytes"
            raise Problem("headers-too-large", "The header fields of the request are too long.", limit=limit)
        if len(environ["PATH_INFO"]) + len(environ.get("QUERY_STRING", "")) > MAX_TARGET_BYTES:
            raise Problem(
                "address-too-long",
                "The address of the request is too long.",
                hint="Send the query by POST, as application/sparql-query.",
                limit=f"{MAX_TARGET_BYTES:,} bytes",
            )
        if not environ.get("HTTP_HOST") and environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
            raise Problem("bad-request", "The request has no Host header, which HTTP/1.1 requires.")
        if "," in environ.get("HTTP_HOST", ""):
            raise Problem("bad-request", "The request has more than one Host header.")
        if not environ["REQUEST_METHOD"].isupper():  # which the framework would take for the method in capitals
            detail, allowed = "The names of methods are written in capitals.", "GET, HEAD, OPTIONS"
            raise Problem("method-not-allowed", detail, headers=[("Allow", allowed)])
        if environ["PATH_INFO"][:1] != "/":  # which the framework would lead elsewhere, by the Host header
            raise Problem("bad-request", "The address of the request has no path.")

    def _read(self, environ: Environ) -> bytes:
        """The body of a request, whole, within the limits of size and of places."""
        coding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
        if coding not in ("", "identity"):
            raise Problem(
                "unsupported-type",
                f"The body is encoded as {coding!r}; only bodies that are not compressed are taken.",
                headers=[("Accept-Encoding", "identity")],
            )
        declared: int | None = None
        if text := environ.get("CONTENT_LENGTH"):
            if not _LENGTH.fullmatch(text):
                raise Problem("bad-request", "The Content-Length header is not a number.")
            declared = int(text)
            if declared > self._max_body:
                raise self._too_large()
        with self._bodies.take(environ[CLIENT]):
            body: bytes = environ["wsgi.input"].read(self._max_body + 1 if declared is None else declared)
        if len(body) > self._max_body:
            raise self._too_large()
        if declared is not None and len(body) < declared:
            raise Problem("bad-request", "The body of the request is shorter than its Content-Length says.")
        return body

    def _too_large(self) -> Problem:
        return Problem(
            "too-large",
            "The body of the request is larger than the limit.",
            title="The request is too large",
            limit=self._site.service.limits.shown("request_bytes"),
            headers=[("Connection", "close")],
        )

    def _miss(self, environ: Environ, start_response: StartResponse, key: Key) -> Iterable[bytes]:
        """Let the application answer. It is asked for HEAD as for GET: the two then differ in the body alone."""
        release = self._site.snapshot.release
        head = environ["REQUEST_METHOD"] == "HEAD"
        inner = {**environ, "REQUEST_METHOD": "GET"} if head else environ
        if head:
            inner.pop("HTTP_RANGE", None)  # which means something with GET alone (RFC 9110, section 14.2)
        started: list[Any] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> None:  # noqa: ARG001 (PEP 3333)
            started[:] = [status, headers]

        chunks = self._app(inner, start)
        close = getattr(chunks, "close", None)
        answer = Outgoing(started[0], started[1])
        if answer.get("accept-ranges"):
            return self._stream(chunks, close, answer, environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            if callable(close):
                close()
        kept = release if inner.get(CACHEABLE) and self._site.service.stable else None
        return self._finish(answer, body, environ, start_response, key, kept)

    def _finish(
        self,
        answer: Outgoing,
        body: bytes,
        environ: Environ,
        start_response: StartResponse,
        key: Key,
        release: str | None,
    ) -> Iterable[bytes]:
        """Add the headers that an answer with a known body carries, compress the body, keep and send the answer.

        Args:
            release: what was served when the answer was begun; None where it is not to be kept.
        """
        if answer.status[:3] not in _KEPT_STATUSES or (release is not None and not self._site.serves(release)):
            release = None
        if release is not None and not answer.tag and answer.status.startswith("200"):
            digest = hashlib.blake2b(body, digest_size=12).hexdigest()
            answer.set("ETag", f'"{_NO_TAG.sub("", release)[:16]}-{digest}"')
        if answer.compressible:
            answer.vary("Accept-Encoding")
            small_enough = _COMPRESS_FROM_BYTES <= len(body) <= _COMPRESS_TO_BYTES
            if small_enough and negotiation.accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING")):
                body = gzip(body)
                answer.set("Content-Encoding", "gzip")
                if answer.tag:
                    answer.set("ETag", f'"{answer.tag}+gzip"')
        if answer.status[:3] not in ("204", "304"):
            answer.set("Content-Length", str(len(body)))
        answer.add_common()
        if release is not None:
            self.cache.put(key, Entry(release, answer.status, answer.headers, body, answer.tag, answer.not_modified()))
        return self._send(answer, body, environ, start_response)

    def _send(self, answer: Outgoing, body: bytes, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if answer.status.startswith("200") and _holds(environ, answer.tag):
            self._note(environ, 304, 0)
            start_response("304 Not Modified", answer.not_modified())
            return []
        if method == "HEAD" or len(body) <= STREAM_BYTES:
            self._note(environ, int(answer.status[:3]), len(body))
            start_response(answer.status, answer.headers)
            return [] if method == "HEAD" else [body]
        return self._in_pieces(answer.status, answer.headers, body, environ, start_response)

    def _stream(
        self,
        chunks: Iterable[bytes],
        close: Callable[[], object] | None,
        answer: Outgoing,
        environ: Environ,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Send a file; the view has dealt with conditions and ranges."""
        head = environ["REQUEST_METHOD"] == "HEAD"
        try:
            place = None if head else self._streams.take(environ[CLIENT])
        except Problem:
            if callable(close):
                close()
            raise
        answer.add_common()
        self._note(environ, int(answer.status[:3]), answer.length)
        start_response(answer.status, answer.headers)
        if place is not None:
            return Stream(iter(chunks), place, close)
        if callable(close):
            close()
        return []

    def _refuse(self, problem: Problem, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = problems.render(problem, environ.get("HTTP_ACCEPT"), self._site.base)
        answer = Outgoing(status, headers)
        answer.add_common()
        self._note(environ, problem.status, len(body))
        start_response(status, answer.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _note(self, environ: Environ, status: int, length: int | None) -> None:
        if self._log is not None:
            client = environ[CLIENT] if CLIENT in environ else self._proxies.client(environ)
            self._log.write(environ, client, status, length)


def _has_one_host(environ: Environ) -> bool:
    """Whether the request has the Host header that HTTP/1.1 requires, once (RFC 9112, section 3.2).

    The server beneath joins header lines of one name with commas, and the name of no host holds one.
    """
    host: str = environ.get("HTTP_HOST", "")
    return host != "" and "," not in host


def _holds(environ: Environ, tag: str) -> bool:
    """Whether the client says that it holds the answer with this entity tag."""
    asked = environ["REQUEST_METHOD"] != "POST" and bool(tag)
    return asked and negotiation.matches(environ.get("HTTP_IF_NONE_MATCH"), tag)
