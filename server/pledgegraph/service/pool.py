"""Workers kept ready, and the two lanes that queries take to them.

A query starts in the fast lane. One that uses more processor time than `fast_seconds` gives up its seat there and goes
on in the slow lane, at a lower priority, if that has a free seat. If it has none and others wait for the fast lane, the
query is ended, waits for a seat in the slow lane, and starts again. So queries that never end hold the few seats of the
slow lane, and all others pass them by.
"""

import contextlib
import logging
import queue
import signal
import threading
import time
from collections.abc import Callable

from pledgegraph.errors import InputError, RunError
from pledgegraph.service.errors import Busy, Exhausted, TimedOut
from pledgegraph.service.evaluator import Reply
from pledgegraph.service.lanes import Lane
from pledgegraph.service.limits import Limits
from pledgegraph.service.messages import Request
from pledgegraph.service.nursery import Nursery, StillAtWork, Worker, WorkerGone
from pledgegraph.service.workers import Job, Source

_log = logging.getLogger(__name__)
_KEEPER_SECONDS = 5.0
"""At the end the thread that forks workers has this time to finish what it is at."""

_LEAST_WAIT_SECONDS = 0.005
"""A query that is short of `fast_seconds` by less than this has used them up."""

_BURIAL_SECONDS = 0.05
"""After this time it is looked again whether workers that were killed have ended."""

_CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGTRAP}


class Pool:
    """Evaluates queries over one release in workers that are replaced when they die.

    Args:
        source: What to load.
        release: What it is called.
        limits: Seats, deadlines and memory.

    Raises:
        InputError: The data do not parse.
        RunError: They cannot be loaded.
    """

    stable = True

    def __init__(self, source: Source, release: str, limits: Limits) -> None:
        self.limits = limits
        self.release = release
        self._source = {**source, "memory_bytes": limits.worker_memory}
        self._nursery = Nursery(self._source)
        self.triples: int | None = self._nursery.triples
        self._fast = Lane(limits.fast_seats, limits.waiting)
        self._slow = Lane(limits.slow_seats, limits.waiting)
        self._ready = threading.Condition()
        self._idle: list[Worker] = []
        self._alive: set[Worker] = set()
        self._users = 0
        self._closing = False
        self._closed = False
        # One more than there are seats, so that the next query need not wait for a replacement.
        self._wanted = limits.fast_seats + limits.slow_seats + 1
        self._dead: queue.SimpleQueue[Worker | None] = queue.SimpleQueue()
        self._fill()
        self._keeper = threading.Thread(target=self._keep, name="pledgegraph-workers", daemon=True)
        self._keeper.start()

    @property
    def workers(self) -> int:
        """Workers alive."""
        return len(self._alive)

    @property
    def waiting(self) -> int:
        """Queries that wait for a seat in either lane."""
        return self._fast.waiting + self._slow.waiting

    def check_graphs(self, query: str, request: Request) -> None:
        """Workers fetch nothing: a graph that is not there is an empty one."""

    def enter(self) -> bool:
        """Register a query, unless the pool is closing; `leave` ends it."""
        with self._ready:
            if self._closing:
                return False
            self._users += 1
            return True

    def leave(self) -> None:
        """End what `enter` began."""
        with self._ready:
            self._users -= 1
            if self._closing:
                self._ready.notify_all()

    def run(self, job: Job, client: str, page: bool, may_be_slow: Callable[[], None]) -> Reply:
        """Evaluate one query.

        Args:
            job: The query; its `seconds` is the deadline, which begins anew where the query starts again.
            client: Whose query it is.
            page: Whether it is one of the project's own.
            may_be_slow: Called before the query enters the slow lane; what it raises is raised after the query ended.

        Raises:
            TimedOut: The query met its deadline.
            Exhausted: It used up the worker's memory or stack.
            Busy: No seat came free, or the worker was killed from outside.
        """
        packed = job.pack()
        self._fast.take(client, page, self.limits.wait_seconds)
        lane: Lane | None = self._fast
        try:
            for last in (False, False, True):
                worker, start = self._begin(job, packed)
                try:
                    reply = self._await_fast(worker, job, start)
                    break
                except Busy:  # somebody killed the worker; the query has no part in that and is asked again
                    if last:
                        raise
                    self._drop_dead_idle()
            if reply is None:
                try:
                    may_be_slow()
                except BaseException:
                    self._discard(worker)
                    raise
            while reply is None:
                if self._slow.try_take(client):
                    self._fast.give(client)
                    lane = self._slow
                    worker.slow_down()
                    reply = self._await(worker, job, start, job.seconds)
                elif self._fast.waiting:
                    # It waits as text rather than as a process that holds memory, and starts again.
                    self._discard(worker)
                    self._fast.give(client)
                    lane = None
                    self._slow.take(client, page, self.limits.wait_seconds)
                    lane = self._slow
                    worker, start = self._begin(job, packed)
                    worker.slow_down()
                    reply = self._await(worker, job, start, job.seconds)
                else:
                    reply = self._await(worker, job, start, self.limits.fast_seconds)
            self._give_back(worker)
            return reply
        finally:
            if lane is not None:
                lane.give(client)

    def _begin(self, job: Job, packed: bytes) -> tuple[Worker, float]:
        """Hand a query to a worker; returns it and the time on the monotonic clock."""
        while True:
            worker = self._take_worker()
            try:
                worker.send(packed)
                return worker, time.monotonic()
            except WorkerGone:  # somebody killed it while it was idle
                self._cause(worker, job)

    def _await_fast(self, worker: Worker, job: Job, start: float) -> Reply | None:
        """Wait for a reply until the worker has used `fast_seconds`; see `_await`."""
        seconds = self.limits.fast_seconds
        while (reply := self._await(worker, job, start, seconds)) is None:
            # On a busy machine a short query takes long: what counts is the time it was given.
            seconds = self.limits.fast_seconds - worker.used
            if seconds < _LEAST_WAIT_SECONDS:
                break
        return reply

    def _await(self, worker: Worker, job: Job, start: float, seconds: float) -> Reply | None:
        """Wait for a reply up to `seconds`, and up to the deadline; None where the first comes first.

        Raises:
            TimedOut: The deadline came first.
            Exhausted: The worker died of the query.
            Busy: It was killed from outside.
        """
        left = job.seconds - (time.monotonic() - start)
        try:
            return worker.receive(max(min(seconds, left), 0.001))
        except StillAtWork:
            if time.monotonic() - start < job.seconds:
                return None
            self._discard(worker)
            raise TimedOut.of(job.seconds) from None
        except WorkerGone:
            raise self._cause(worker, job) from None

    def _take_worker(self) -> Worker:
        with self._ready:
            if not self._ready.wait_for(lambda: self._idle or self._closed, timeout=self.limits.wait_seconds):
                raise Busy("No evaluator came up in time.", hint="Try again shortly.", retry_after=5)
            if not self._idle:
                raise Busy("The service is stopping.", retry_after=5)
            return self._idle.pop()

    def _give_back(self, worker: Worker) -> None:
        warm = worker.pages > self._nursery.pages // 8
        if worker.served >= self.limits.worker_queries or not worker.speed_up():
            self._discard(worker)
            return
        with self._ready:
            # Reading counts references, so a worker that has read much has copied as much of the data.
            if not warm or sum(other.warm for other in self._idle) < self.limits.warm_workers:
                worker.warm = warm
                self._idle.append(worker)
                self._ready.notify()
                return
        self._discard(worker)

    def _discard(self, worker: Worker) -> None:
        worker.kill()
        with self._ready:
            if worker not in self._alive:
                return
            self._alive.discard(worker)
        self._dead.put(worker)

    def _cause(self, worker: Worker, job: Job) -> Exception:
        """Why a worker died over a query."""
        with self._ready:
            self._alive.discard(worker)
        try:
            ended_by = self._nursery.reap(worker.pid)
        except OSError:
            ended_by = signal.SIGKILL
        worker.close()
        self._dead.put(None)
        if ended_by == signal.SIGALRM:
            return TimedOut.of(job.seconds)
        if ended_by in _CRASHES:
            return Exhausted.of(self.limits.shown("worker_memory"))
        _log.warning("a worker was ended by signal %d from outside", ended_by)
        return Busy("The evaluator was ended from outside.", hint="Try again.", retry_after=1)

    def _fill(self) -> None:
        while not self._closed and len(self._alive) < self._wanted:
            worker = self._nursery.fork()
            with self._ready:
                self._alive.add(worker)
                self._idle.append(worker)
                self._ready.notify()

    def _keep(self) -> None:
        """Fork workers in the place of dead ones and bury these, until the pool is closed."""
        dying: list[int] = []
        while not self._closed:
            try:
                worker = self._dead.get(timeout=_BURIAL_SECONDS if dying else 1)
            except queue.Empty:
                worker = None
            try:
                if not self._closed:
                    self._fill()  # first the living
                if worker is not None:
                    dying.append(worker.pid)
                self._drop_dead_idle()
                dying = [pid for pid in dying if not self._nursery.gone(pid)]
            except OSError:
                dying.clear()
                self._replace_nursery()
            finally:
                if worker is not None:
                    worker.close()

    def _drop_dead_idle(self) -> None:
        """Find workers that were killed while idle."""
        with self._ready:
            idle = list(self._idle)
        for worker in idle:
            if worker.connected:
                continue
            with self._ready:
                if worker not in self._idle:
                    continue
                self._idle.remove(worker)
            self._discard(worker)

    def _replace_nursery(self) -> None:
        if self._closed:
            return
        _log.error("the evaluator is gone and is started again")
        with contextlib.suppress(OSError):
            self._nursery.stop()
        try:
            self._nursery = Nursery(self._source)
        except (InputError, RunError) as error:
            _log.error("the evaluator cannot be started again: %s", error)
            time.sleep(1)

    def close(self, seconds: float) -> None:
        """Take no more queries, wait up to `seconds` for those under way, then end all workers."""
        with self._ready:
            self._closing = True  # those under way may still need a worker: until they ended, workers are replaced
            self._ready.wait_for(lambda: self._users <= 0, timeout=seconds)
            self._closed = True
            self._ready.notify_all()
        self._dead.put(None)
        self._keeper.join(timeout=_KEEPER_SECONDS)
        self._nursery.stop()
        self._keeper.join()  # a fork that took longer has failed by now, or its worker is among those alive
        self._nursery.stop()  # the keeper may have put another in place
        for worker in self._alive:
            worker.close()
        with contextlib.suppress(queue.Empty):
            while True:
                if (buried := self._dead.get_nowait()) is not None:
                    buried.close()
