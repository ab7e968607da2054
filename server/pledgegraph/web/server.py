"""Runs the site under granian: one supervising process, one serving process, reload and stop without a dropped request.

The supervisor (the process that the user started) listens for signals and starts the serving process again should it
ever end; the serving process holds service, caches and threads. A new release is put in place inside the serving
process, so no connection is closed for it. Granian is chosen by the figures in docs/serving.md.
"""

from __future__ import annotations

import errno
import gc
import multiprocessing.util
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from pledgegraph.content import Content
from pledgegraph.errors import PledgegraphError, RunError
from pledgegraph.service import Limits, Service
from pledgegraph.web.access_log import AccessLog
from pledgegraph.web.app import create_front
from pledgegraph.web.clients import TrustedProxies
from pledgegraph.web.site import Site

THREADS = 128
"""Threads that answer requests: more than can be taken at once by queries and by slow senders and readers."""

CONNECTIONS = 4096
"""Connections open at once; idle ones cost some kilobytes and no thread."""

HEADER_SECONDS = 15
"""Time in which the header of a request has to arrive, and in which an idle connection is kept."""

HEADER_BYTES = 128 * 1024
"""Bytes of a request's header that are held; longer ones are refused with 431."""

DRAIN_SECONDS = 5
"""Time beyond the longest query that answers under way are given at a stop."""

OPTIONS: dict[str, Any] = {
    "interface": Interfaces.WSGI,
    "http": HTTPModes.http1,
    "websockets": False,
    "workers": 1,
    "blocking_threads": THREADS,
    "backpressure": CONNECTIONS,
    "backlog": CONNECTIONS,
    "http1_settings": HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
    "log_level": LogLevels.error,
}
"""How granian serves; benchmarks/serve/constant.py measures constant bytes with the same."""

# Threads that wait for the interpreter get it after this time instead of Python's 5 ms: a look-up never waits long for
# a page that is being rendered.
_SWITCH_SECONDS = 0.001


@dataclass
class Source:
    """What is served: exactly one of a release directory, data files and a foreign engine."""

    directory: Path | None = None
    files: list[Path] = field(default_factory=list)
    engine: str | None = None

    def open(self, limits: Limits) -> Service:
        """Start the service over it.

        Raises:
            PledgegraphError: it cannot be read, or the service does not start.
        """
        if self.engine is not None:
            return Service.over_engine(self.engine, limits)
        if self.files:
            return Service.over_files(self.files, limits)
        assert self.directory is not None
        return Service.over_release(self.directory, limits)


@dataclass
class Settings:
    """How it is served.

    Args:
        host: address to listen at.
        port: port to listen at.
        base: the public base IRI.
        source: what is served.
        content: where the named questions are for a foreign engine; a release has its own.
        limits: of the service.
        trusted_proxies: addresses and ranges whose word on the client's address is taken.
        access_log: path of the access log, `-` for standard output, None for none.
        anonymise: whether addresses are shortened in the log.
    """

    host: str
    port: int
    base: str
    source: Source
    content: Content | None
    limits: Limits
    trusted_proxies: tuple[str, ...] = ()
    access_log: str | None = None
    anonymise: bool = False


def check_port(host: str, port: int) -> None:
    """Make sure that nothing listens there yet. Granian would share the port with another server instead of failing.

    Raises:
        RunError: the port is taken, not allowed, or the host is not an address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OverflowError:
        raise RunError(f"{port} is not a port", hint="Give one from 1 to 65535") from None
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: ("is in use", "Give another with --port, or stop the server that listens there"),
            errno.EACCES: ("needs privileges", "Give one above 1023 and put a proxy before it"),
        }
        reason, hint = reasons.get(error.errno or 0, (f"cannot be listened at: {error.strerror}", "Check --host"))
        raise RunError(f"port {port} at {host} {reason}", hint=hint) from None


def serve(settings: Settings, renew: Callable[[], Path | None]) -> int:
    """Serve until a signal ends it: SIGTERM or SIGINT stop gracefully, SIGHUP reloads.

    Args:
        settings: how and what.
        renew: finds, and builds if need be, the release to serve after SIGHUP; None where there is nothing to renew.

    Returns:
        The exit code.

    Raises:
        RunError: the port cannot be listened at.
    """
    check_port(settings.host, settings.port)
    here, there = Pipe()
    supervisor = _Supervisor(settings, renew, here)
    server = Granian(
        "pledgegraph",
        address=settings.host,
        port=settings.port,
        respawn_failed_workers=True,
        workers_kill_timeout=int(settings.limits.query_seconds) + DRAIN_SECONDS,
        **OPTIONS,
    )
    server.on_startup(supervisor.take_signals)
    try:
        server.serve(target_loader=Loader(settings, there), wrap_loader=False)
    except SystemExit as error:  # granian's way to say that the serving process failed
        return supervisor.exit_code or (error.code if isinstance(error.code, int) else 1)
    return supervisor.exit_code


class _Supervisor:
    """What the supervising process does beside granian's own work: reload on SIGHUP, end when serving cannot begin."""

    def __init__(self, settings: Settings, renew: Callable[[], Path | None], pipe: Connection) -> None:
        self.exit_code = 0
        self._settings = settings
        self._renew = renew
        self._pipe = pipe

    def take_signals(self) -> None:
        """Called by granian once its own signal handlers are in place."""
        signal.signal(signal.SIGHUP, self._reload)
        threading.Thread(target=self._listen, name="serving process", daemon=True).start()

    def _reload(self, *_: Any) -> None:
        try:
            directory = self._renew()
        except Exception as error:  # a full disk, say: it must not end the supervision of what serves
            _say(f"not reloaded: {error}")
            return
        if directory is not None:
            self._settings.source.directory = directory  # what the serving process starts with, should it start again
        self._pipe.send(directory)

    def _listen(self) -> None:
        while True:
            try:
                exit_code, message = self._pipe.recv()
            except EOFError:
                return
            _say(message)
            if exit_code:
                self.exit_code = exit_code
                os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class Loader:
    """Makes the WSGI application inside the serving process, before that has any thread."""

    settings: Settings
    pipe: Connection

    def __call__(self) -> Callable[..., Iterable[bytes]]:
        """Start the service and put the site before it."""
        settings = self.settings
        try:
            service = settings.source.open(settings.limits)
            multiprocessing.util.Finalize(None, service.stop, exitpriority=10)
            site = Site(settings.base, service, settings.source.directory, settings.content)
            log = None
            if settings.access_log is not None:
                log = AccessLog(settings.access_log, anonymise=settings.anonymise)
                multiprocessing.util.Finalize(None, log.close, exitpriority=5)
            front = create_front(site, TrustedProxies(settings.trusted_proxies), log)
        except PledgegraphError as error:
            # The supervisor ends this process; ending here would make it start another.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self.pipe.send((error.exit_code, f"pledgegraph: {error}"))
            while True:
                signal.pause()
        sys.setswitchinterval(_SWITCH_SECONDS)
        _settle()
        threading.Thread(target=self._obey, args=(site, log), name="reload", daemon=True).start()
        return front

    def _obey(self, site: Site, log: AccessLog | None) -> None:
        """Say when requests are taken, then do what the supervisor passes on: put a release in place, open the log."""
        _wait_for_listener(self.settings.host, self.settings.port)
        self.pipe.send((0, f"serving release {site.snapshot.release} at {self.settings.base}"))
        while True:
            try:
                directory = self.pipe.recv()
            except EOFError:
                return
            message = "access log reopened"
            try:
                if log is not None:
                    log.reopen()
                if directory is not None:
                    site.reload(directory)
                    _settle()
                    message = f"serving release {site.snapshot.release}"
            except PledgegraphError as error:
                message = f"not reloaded: {error}"
            except Exception:
                traceback.print_exc(file=sys.stderr)
                message = "not reloaded"
            self.pipe.send((0, message))


def _settle() -> None:
    """Take what is there for good out of garbage collection: to look through it holds up all requests for 40 ms."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _wait_for_listener(host: str, port: int) -> None:
    """Wait until connections are taken, which granian says to nobody."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
