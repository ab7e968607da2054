"""The access log, in the combined format of Apache httpd, one line a request."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from pledgegraph.errors import RunError
from pledgegraph.web.clients import anonymised

# What an address need not escape besides letters and digits (RFC 3986, sections 3.3 and 3.4). The path comes decoded;
# the query as it was sent, with its escapes, and curly brackets and the like are common in it.
_IN_PATH = "!$&'()*+,-./:;=@_~"
_IN_QUERY = _IN_PATH + "%?#[]^`{|}<>"
_NOT_IN_PATH = re.compile(f"[^{re.escape(_IN_PATH)}0-9A-Za-z]")
_NOT_IN_QUERY = re.compile(f"[^{re.escape(_IN_QUERY)}0-9A-Za-z]")

# Of other fields: what is not ASCII (control characters of C1 and line separators among it) and what would end a field.
_UNSAFE = re.compile("[^ !#-\\[\\]-~]")
_FLUSH_SECONDS = 0.5
_FLUSH_LINES = 256


class AccessLog:
    """Writes lines to a file that may be rotated away (`reopen`) or to standard output; safe from any thread.

    Lines are written in batches, at most half a second late.
    """

    def __init__(self, target: str, *, anonymise: bool = False) -> None:
        """Open the log.

        Args:
            target: a path, or `-` for standard output.
            anonymise: zero the host part of addresses (/24 of IPv4, /48 of IPv6).

        Raises:
            RunError: the file cannot be written.
        """
        self._target = target
        self._anonymise = anonymise
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._second = (0, "")
        self._file = self._open()
        self._stopped = threading.Event()
        threading.Thread(target=self._flush_now_and_then, name="access-log", daemon=True).start()

    def write(self, environ: Mapping[str, Any], client: str, status: int, length: int | None) -> None:
        """Log one answered request.

        Args:
            environ: the WSGI environment of the request.
            client: the client's address.
            status: the HTTP status code.
            length: bytes of the body, None where not known; `-` is written where none is sent.
        """
        method, target, query = environ["REQUEST_METHOD"], environ["PATH_INFO"] or "-", environ.get("QUERY_STRING")
        if _NOT_IN_PATH.search(target):
            target = quote(_sent(target), safe=_IN_PATH)
        if query:
            if _NOT_IN_QUERY.search(query):
                query = quote(_sent(query), safe=_IN_QUERY)
            target = f"{target}?{query}"
        referer, agent = environ.get("HTTP_REFERER") or "-", environ.get("HTTP_USER_AGENT") or "-"
        if _UNSAFE.search(referer) or _UNSAFE.search(agent):
            referer, agent = _clean(referer), _clean(agent)
        address = anonymised(client) if self._anonymise else client or "-"
        line = (
            f'{address} - - [{self._time()}] "{method} {target} {environ["SERVER_PROTOCOL"]}" '
            f'{status} {length if length and method != "HEAD" else "-"} "{referer}" "{agent}"\n'
        )
        self._lines.append(line)  # one step under the interpreter's lock, or under the list's own
        if len(self._lines) >= _FLUSH_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; a full disk loses lines, never an answer."""
        with self._lock:
            lines, self._lines = self._lines, []
            if not lines:
                return
            try:
                self._file.write("".join(lines).encode("utf-8", "backslashreplace"))
                self._file.flush()
            except OSError as error:
                print(f"access log: {error}", file=sys.stderr)

    def reopen(self) -> None:
        """Open the file anew, after it was rotated away.

        Raises:
            RunError: it cannot be written; the old one stays open.
        """
        self.flush()
        if self._target != "-":
            fresh = self._open()
            with self._lock:
                self._file.close()
                self._file = fresh

    def close(self) -> None:
        """Write what is waiting and end; later lines are lost."""
        self._stopped.set()
        self.flush()
        if self._target != "-":
            self._file.close()

    def _open(self) -> IO[bytes]:
        if self._target == "-":
            return sys.stdout.buffer
        try:
            return Path(self._target).open("ab")
        except OSError as error:
            raise RunError(f"the access log cannot be written: {error.strerror}", file=self._target) from None

    def _time(self) -> str:
        now = int(time.time())
        if self._second[0] != now:
            self._second = (now, time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)))
        return self._second[1]

    def _flush_now_and_then(self) -> None:
        while not self._stopped.wait(_FLUSH_SECONDS):
            self.flush()


def _sent(text: str) -> bytes:
    """The bytes that text of the WSGI environment stands for; a character beyond those it may hold is kept as UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _clean(text: str) -> str:
    """Text that cannot end its field or forge a line, with the escapes of httpd: two hexadecimal digits for a byte."""
    return _UNSAFE.sub(lambda match: "".join(f"\\x{byte:02x}" for byte in _sent(match[0])), text)
