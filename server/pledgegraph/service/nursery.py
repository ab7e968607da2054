"""Starts the process that holds the data, has it fork workers, and talks to them."""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pledgegraph.errors import InputError, RunError
from pledgegraph.service import workers
from pledgegraph.service.evaluator import Reply
from pledgegraph.service.workers import LENGTH, NUMBER, REPLY, Source

_PACKAGE_PARENT = Path(workers.__file__).resolve().parents[2]
_LOWER_PRIORITY = 10
"""Added to the nice value for a query in the slow lane: about a tenth of the time that another gets beside it."""

_LOWEST_PRIORITY = 19

_ROUGH_SECONDS = 0.2
"""The kernel keeps a socket's own timeout some milliseconds late, and a longer one by a thirtieth. That is good enough
for the first wait, which is always of one length, and spares a look-up the call of poll; but not for a deadline."""

_TRANSFER_SECONDS = 10.0
"""An answer that a worker has begun to send is through within this time, or the worker is stuck."""

_MAIN = "from pledgegraph.service.workers import main; main()"


class StillAtWork(Exception):  # noqa: N818
    """No reply within the time given; the worker is still at it."""


class WorkerGone(Exception):  # noqa: N818
    """The worker died."""


class Worker:
    """One worker process and the socket to it."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.connection = connection
        self.pid = pid
        self.served = 0
        self.pages = 0
        """Memory pages it has taken or copied since it was forked."""
        self.warm = False
        """Whether it has copied much of the data, which speeds up its queries and takes memory."""
        self._slowed = False
        self._closed = False
        self._patience = 0.0
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._descriptor = _pidfd(pid)
        self._clock = _processor_clock(pid)
        self._begun = 0.0

    def send(self, job: bytes) -> None:
        """Hand over a job.

        Raises:
            WorkerGone: The worker is dead.
        """
        self.served += 1
        self._begun = self._seconds()
        try:
            self.connection.sendall(job)
        except OSError:
            raise WorkerGone from None

    def receive(self, patience: float) -> Reply:
        """Wait for the reply up to `patience` seconds.

        Raises:
            StillAtWork: None came within that time.
            WorkerGone: The worker died.
        """
        try:
            if self._patience == 0 and patience <= _ROUGH_SECONDS:
                self._set_patience(patience)
            if patience != self._patience and not self._poll.poll(patience * 1000):
                raise StillAtWork
            data = self.connection.recv(65536)
        except BlockingIOError:
            raise StillAtWork from None
        except OSError:
            raise WorkerGone from None
        try:
            while data and len(data) < REPLY.size:
                more = self.connection.recv(65536)
                data = data + more if more else b""
            if not data:
                raise WorkerGone
            status, seconds, self.pages, length = REPLY.unpack_from(data)
            if len(data) - REPLY.size == length:
                return Reply(status == 0, seconds, data[REPLY.size :])
            usual = self._patience or _TRANSFER_SECONDS
            self._set_patience(_TRANSFER_SECONDS)
            body = bytearray(length)
            view, have = memoryview(body), len(data) - REPLY.size
            view[:have] = data[REPLY.size :]
            while have < length:
                count = self.connection.recv_into(view[have:])
                if not count:
                    raise WorkerGone
                have += count
            self._set_patience(usual)
            return Reply(status == 0, seconds, bytes(body))
        except OSError:
            raise WorkerGone from None

    @property
    def used(self) -> float:
        """Seconds of processor time since the last job was handed over; of any time where the system does not tell."""
        return self._seconds() - self._begun

    def _seconds(self) -> float:
        try:
            return time.monotonic() if self._clock is None else time.clock_gettime(self._clock)
        except OSError:  # it is gone
            return time.monotonic()

    def _set_patience(self, seconds: float) -> None:
        if seconds != self._patience:
            timeval = struct.pack("ll", *divmod(max(int(seconds * 1_000_000), 1), 1_000_000))
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
            self._patience = seconds

    @property
    def connected(self) -> bool:
        """Whether the worker, which is idle, is still there."""
        try:
            self.connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def slow_down(self) -> None:
        """Lower the worker's priority."""
        self._slowed = True
        with contextlib.suppress(OSError):
            own = os.getpriority(os.PRIO_PROCESS, 0)
            self._set_priority(min(own + _LOWER_PRIORITY, _LOWEST_PRIORITY))

    def speed_up(self) -> bool:
        """Raise the worker's priority again; False where the system does not allow it."""
        if self._slowed:
            try:
                self._set_priority(os.getpriority(os.PRIO_PROCESS, 0))
            except OSError:
                return False
            self._slowed = False
        return True

    def _set_priority(self, nice: int) -> None:
        # Linux gives each thread a priority of its own; that of a process's group goes to all of them.
        os.setpriority(os.PRIO_PGRP, self.pid, nice)

    def kill(self) -> None:
        """End the worker now; does nothing after `close`, when its process id may be another's."""
        if self._closed:
            return
        with contextlib.suppress(OSError):
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close the socket, at which an idle worker ends."""
        self._closed = True
        self.connection.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _processor_clock(pid: int) -> int | None:
    """The clock of a process's processor time, as Linux numbers them (clock_getcpuclockid); None elsewhere."""
    return (~pid << 3) | 2 if sys.platform == "linux" else None


def _pidfd(pid: int) -> int | None:
    """A descriptor of the process where the system has them (Linux), which never means another process."""
    try:
        return os.pidfd_open(pid)  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError):
        return None


class Nursery:
    """The process that holds the data and forks workers.

    Raises:
        InputError: The data do not parse.
        RunError: They cannot be loaded.
    """

    def __init__(self, source: Source) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_PACKAGE_PARENT), *sys.path])}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MAIN, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # a Ctrl-C at the terminal is for the server, which then ends its workers
        )
        theirs.close()
        data = json.dumps(source).encode()
        try:
            self._control.sendall(LENGTH.pack(len(data)) + data)
            message = workers.receive(self._control)
        except OSError:
            message = None
        if message is None:
            self.stop()
            raise RunError("the evaluator did not start", hint="See the message above, on standard error")
        ready: dict[str, Any] = json.loads(message)
        if "error" in ready:
            self.stop()
            fields = ready["error"]
            kind = InputError if ready["input"] else RunError
            raise kind(fields["message"], file=fields["file"], line=fields["line"], hint=fields["hint"])
        self.triples: int = ready["triples"]
        self.pages: int = ready["pages"]

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def fork(self) -> Worker:
        """Make a worker.

        Raises:
            OSError: The process is gone.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                with self._lock:
                    socket.send_fds(self._control, [b"F" + bytes(NUMBER.size)], [theirs.fileno()])
                    pid = self._number()
            except OSError:
                ours.close()
                raise
        return Worker(ours, pid)

    def gone(self, pid: int) -> bool:
        """Whether a worker that was killed has ended; one at low priority that held much memory takes a while.

        Raises:
            OSError: The process is gone.
        """
        with self._lock:
            self._control.sendall(b"B" + NUMBER.pack(pid))
            return bool(self._number())

    def reap(self, pid: int) -> int:
        """Wait for a worker that died of itself.

        Returns:
            The number of the signal that ended it, 0 where it ended by itself.

        Raises:
            OSError: The process is gone.
        """
        with self._lock:
            self._control.sendall(b"R" + NUMBER.pack(pid))
            status = self._number()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def _number(self) -> int:
        data = b""
        while len(data) < NUMBER.size:
            part = self._control.recv(NUMBER.size - len(data))
            if not part:
                raise ConnectionResetError("the evaluator is gone")
            data += part
        return int(NUMBER.unpack(data)[0])

    def stop(self) -> None:
        """End the process and all its workers."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
