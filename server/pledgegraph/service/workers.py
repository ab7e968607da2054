"""The processes that evaluate queries: one that loads the data and forks, and the workers it forks.

The forking process holds the release, in memory or open on disk, and runs a single thread, so a fork is safe and costs
about a millisecond; its workers share the data's memory pages and open files. It is driven over a Unix socket, one
command and one reply at a time:

* first comes the source as JSON; the reply is JSON with `triples`, or with `error`, once the data are loaded;
* `F` with one file descriptor forks a worker that serves that socket; the reply is its process id;
* `R` and a process id waits for a worker that died; the reply is its wait status;
* `B` and a process id tells whether a worker that was killed is gone, without waiting: the reply is 1 or 0.

When the socket closes, all workers are killed. A worker answers one query at a time from its socket and is killed by
the kernel's own timer at the query's deadline, whatever it is doing. It can open no file and no socket (RLIMIT_NOFILE
is zero), dump no core, write no file, and take only so much memory. macOS has no limit of memory (RLIMIT_AS): there the
deadline alone bounds it.
"""

import contextlib
import gc
import io
import json
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from pledgegraph import dataset, evaluation
from pledgegraph.errors import InputError, PledgegraphError, QuerySyntaxError, RunError
from pledgegraph.service import store_files
from pledgegraph.service.spelling import Spelling

LENGTH = struct.Struct("!I")
NUMBER = struct.Struct("!q")
REPLY = struct.Struct("!BdQQ")
"""Head of a reply: 0 for an answer or 1 for an error in JSON, seconds of processor time, page faults, bytes to come."""

_FIRST_ALLOCATION = 64 * 1024

Source = dict[str, Any]
"""What to load: `{"release": path, "memory": bool, "triples": int}` or `{"files": [path, …]}`; with `"memory_bytes"`
for a worker."""


@dataclass(frozen=True, slots=True)
class Job:
    """One query as it goes to a worker.

    Args:
        query: SPARQL 1.1, checked and bound.
        media_type: Media type of the answer.
        base: Base IRI of the query.
        default_graphs: IRIs that make up the default graph; empty to leave that to the query.
        named_graphs: IRIs of the named graphs; empty likewise.
        seconds: The worker is killed after this time.
        answer_bytes: An answer that grows beyond this is given up.
    """

    query: str
    media_type: str
    base: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    seconds: float
    answer_bytes: int

    def pack(self) -> bytes:
        """The job as bytes with their length before them."""
        fields = (self.query, self.media_type, self.base, self.default_graphs, self.named_graphs)
        data = json.dumps((*fields, self.seconds, self.answer_bytes), ensure_ascii=False).encode()
        return LENGTH.pack(len(data)) + data

    @classmethod
    def unpack(cls, data: bytes) -> "Job":
        """Read what `pack` wrote, without the length."""
        return cls(*json.loads(data))


def receive(connection: socket.socket) -> bytes | None:
    """Read one message with its length before it; None when the other end has closed."""
    data = connection.recv(65536)
    while data and len(data) < LENGTH.size:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    if not data:
        return None
    (length,) = LENGTH.unpack_from(data)
    parts, missing = [data[LENGTH.size :]], length - (len(data) - LENGTH.size)
    while missing > 0:
        part = connection.recv(min(missing, 1 << 20))
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def main() -> None:
    """Load the source named on the socket given as first argument, then fork workers until that socket closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    message = receive(control)
    if message is None:
        return
    source: Source = json.loads(message)
    try:
        data = _load(source)
        ready: dict[str, Any] = {"triples": source["triples"] if "triples" in source else _count(data.store)}
        ready["pages"] = _faults()
    except PledgegraphError as error:
        fields = {"message": error.message, "file": error.file, "line": error.line, "hint": error.hint}
        ready = {"error": fields, "input": isinstance(error, InputError)}
    reply = json.dumps(ready).encode()
    control.sendall(LENGTH.pack(len(reply)) + reply)
    if "error" in ready:
        return
    gc.collect()
    gc.freeze()  # so that no collection in a worker touches, and so copies, the pages it shares
    _fork_on_command(control, source, data)


@dataclass(frozen=True, slots=True)
class _Data:
    """What a worker evaluates over.

    Args:
        store: The quads.
        spelling: How literals are stored, where the store would rewrite some of them.
    """

    store: Store
    spelling: Spelling | None = None

    def answer(self, job: Job, output: io.BytesIO | None = None) -> None:
        """Evaluate a query into `output`; see `evaluation.answer`."""
        evaluation.answer(
            self.store,
            job.query if self.spelling is None else self.spelling.query(job.query),
            job.media_type,
            default_graphs=job.default_graphs or None,
            named_graphs=job.named_graphs or None,
            base=job.base,
            functions=None if self.spelling is None else self.spelling.functions,
            output=output,
        )


def _load(source: Source) -> _Data:
    if "files" in source:
        spelling, store = Spelling(), Store()
        for path in source["files"]:
            store.bulk_extend(spelling.stored(dataset.parse_file(Path(path))))
        return _Data(store, spelling if spelling.used else None)
    release = Path(source["release"])
    store = dataset.open_release(release, memory=source["memory"])
    if not source["memory"]:
        # Its threads, which a worker lacks, flush and compact what is written; nothing is, and they hold no lock.
        store_files.open_all(store, release)
    return _Data(store)


def _count(store: Store) -> int:
    counted = evaluation.answer(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
    return int(counted.split()[1])


def _fork_on_command(control: socket.socket, source: Source, data: _Data) -> None:
    children: set[int] = set()
    while True:
        command, descriptors, _flags, _address = socket.recv_fds(control, 1 + NUMBER.size, 1)
        if command[:1] == b"F" and descriptors:
            pid = os.fork()
            if pid == 0:
                control.close()
                _become_worker(socket.socket(fileno=descriptors[0]), source, data)
            os.close(descriptors[0])
            children.add(pid)
            control.sendall(NUMBER.pack(pid))
        elif command[:1] == b"R":
            (pid,) = NUMBER.unpack_from(command, 1)
            _, status = os.waitpid(pid, 0) if pid in children else (pid, 0)
            children.discard(pid)
            control.sendall(NUMBER.pack(status))
        elif command[:1] == b"B":
            (pid,) = NUMBER.unpack_from(command, 1)
            gone = pid not in children or os.waitpid(pid, os.WNOHANG)[0] == pid
            if gone:
                children.discard(pid)
            control.sendall(NUMBER.pack(gone))
        else:
            break
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)


def _become_worker(connection: socket.socket, source: Source, data: _Data) -> None:
    """Give up what a query could abuse, then answer queries; never returns.

    Queries are answered in a thread, since the C library allocates for each thread from memory of its own: an
    allocation then never falls between the data, where it would copy a page shared with the other workers.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the kernel ends the process, no handler need run
    os.setpgid(0, 0)  # its priority is set for a group
    thread = threading.Thread(target=_answer, args=(connection, source, data))
    thread.start()
    thread.join()
    os._exit(0)


def _answer(connection: socket.socket, source: Source, data: _Data) -> None:
    with contextlib.suppress(OSError):  # the other end is gone
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)  # an overflowing stack reports to stderr
        os.close(null)
        bytearray(_FIRST_ALLOCATION)  # has the thread's memory reserved before its size is limited
        _set_limits(source["memory_bytes"])
        while (message := receive(connection)) is not None:
            connection.sendall(_reply(data, Job.unpack(message)))


def _set_limits(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    size = _address_space()
    if size is not None:
        resource.setrlimit(resource.RLIMIT_AS, (size + memory_bytes, size + memory_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _address_space() -> int | None:
    """Bytes of address space this process has; None where the system does not say, as on macOS."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return None
    return pages * resource.getpagesize()


class _TooLargeError(Exception):
    """An answer outgrew its limit."""


class _Output(io.BytesIO):
    """Collects an answer up to a limit; the head of the reply is filled in when its length is known."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        super().write(bytes(REPLY.size))
        self._limit = limit + REPLY.size

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._limit:
            raise _TooLargeError
        return super().write(data)


def _reply(data: _Data, job: Job) -> memoryview | bytearray | bytes:
    output = _Output(job.answer_bytes)
    start = time.process_time()
    signal.setitimer(signal.ITIMER_REAL, job.seconds)
    try:
        data.answer(job, output)
    except _TooLargeError:
        error: dict[str, Any] = {"kind": "large"}
    except QuerySyntaxError as problem:
        error = {"kind": "syntax", "message": problem.message, "line": problem.line, "column": problem.column}
    except MemoryError:
        error = {"kind": "memory"}
    except RunError:
        error = {"kind": "store"}
    except PledgegraphError as problem:
        error = {"kind": "query", "message": problem.message, "hint": problem.hint}
    except Exception:  # whatever else the engine raises is about this query, and its words are Python's
        error = {"kind": "raised"}
    else:
        signal.setitimer(signal.ITIMER_REAL, 0)
        view: memoryview | bytearray = output.getbuffer()
        if data.spelling is not None:
            view = bytearray(data.spelling.answer(bytes(view)))
        REPLY.pack_into(view, 0, 0, time.process_time() - start, _faults(), len(view) - REPLY.size)
        return view
    signal.setitimer(signal.ITIMER_REAL, 0)
    body = json.dumps(error).encode()
    return REPLY.pack(1, time.process_time() - start, _faults(), len(body)) + body


def _faults() -> int:
    """Memory pages this process has taken or copied."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
