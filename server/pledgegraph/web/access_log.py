"""The access log, in the combined format of Apache httpd, one line a request."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pledgegraph.errors import RunError
from pledgegraph.web.clients import anonymised

_ESCAPES = {code: f"\\x{code:02x}" for code in [*range(0x20), 0x7F, ord('"'), ord("\\")]}
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
        self._descriptor = self._open()
        self._stopped = threading.Event()
        threading.Thread(target=self._flush_now_and_then, name="access-log", daemon=True).start()

    def write(self, environ: Mapping[str, Any], client: str, status: int, length: int | None) -> None:
        """Log one answered request.

        Args:
            environ: the WSGI environment of the request.
            client: the client's address.
            status: the HTTP status code.
            length: bytes of the body, None where not known.
        """
        query = environ.get("QUERY_STRING")
        target = f"{environ.get('PATH_INFO', '')}?{query}" if query else environ.get("PATH_INFO", "")
        request = f"{environ.get('REQUEST_METHOD')} {target} {environ.get('SERVER_PROTOCOL')}"
        agents = f'"{_clean(environ.get("HTTP_REFERER"))}" "{_clean(environ.get("HTTP_USER_AGENT"))}"'
        address = anonymised(client) if self._anonymise else client or "-"
        size = "-" if length is None else length
        line = f'{address} - - [{self._time()}] "{_clean(request)}" {status} {size} {agents}\n'
        with self._lock:
            self._lines.append(line)
            full = len(self._lines) >= _FLUSH_LINES
        if full:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; a full disk loses lines, never an answer."""
        with self._lock:
            lines, self._lines = self._lines, []
            if lines:
                try:
                    os.write(self._descriptor, "".join(lines).encode("utf-8", "backslashreplace"))
                except OSError as error:
                    print(f"access log: {error}", file=sys.stderr)

    def reopen(self) -> None:
        """Open the file anew, after it was rotated away."""
        self.flush()
        if self._target != "-":
            descriptor = self._open()
            with self._lock:
                os.close(self._descriptor)
                self._descriptor = descriptor

    def close(self) -> None:
        """Write what is waiting and end; later lines are lost."""
        self._stopped.set()
        self.flush()

    def _open(self) -> int:
        if self._target == "-":
            return sys.stdout.fileno()
        try:
            return os.open(Path(self._target), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
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


def _clean(text: str | None) -> str:
    """Text that cannot end its field or forge a line."""
    return text.translate(_ESCAPES) if text else "-"
