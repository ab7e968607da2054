"""Seats for queries, given out fairly."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from pledgegraph.service.errors import Busy


@dataclass(eq=False, slots=True)
class _Waiter:
    """One who waits: woken when seated, or when turned away."""

    page: bool
    client: str
    asleep: threading.Lock = field(default_factory=threading.Lock)
    seated: bool = False


class Lane:
    """A number of seats, and who waits for one.

    A free seat goes to the project's own pages first, then to the client with the fewest seats, then to whoever came
    first. Where too many wait, the client with most of them gives way: no client fills the lane for all others.
    """

    def __init__(self, seats: int, waiting: int) -> None:
        self._free = seats
        self._most_waiting = waiting
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._waiters: list[_Waiter] = []

    @property
    def waiting(self) -> int:
        """Queries that wait for a seat."""
        return len(self._waiters)

    def try_take(self, client: str) -> bool:
        """Take a seat if one is free."""
        with self._lock:
            if self._free < 1:
                return False
            self._free -= 1
            self._taken[client] += 1
            return True

    def take(self, client: str, page: bool, seconds: float) -> None:
        """Take a seat, waiting up to `seconds` for one.

        Raises:
            Busy: None came free, or too many wait already.
        """
        with self._lock:
            if self._free > 0:
                self._free -= 1
                self._taken[client] += 1
                return
            if len(self._waiters) >= self._most_waiting and not self._make_room(client):
                raise self._too_many()
            waiter = _Waiter(page, client)
            waiter.asleep.acquire()
            self._waiters.append(waiter)
        waiter.asleep.acquire(timeout=seconds)
        with self._lock:
            if waiter.seated:
                return  # it may have come in the last moment
            if waiter not in self._waiters:
                raise self._too_many()
            self._waiters.remove(waiter)
        limit = f"{seconds:g} seconds of waiting"
        raise Busy("No seat came free in time.", hint="Try again shortly.", limit=limit, retry_after=1)

    def _too_many(self) -> Busy:
        limit = f"{self._most_waiting} queries waiting"
        return Busy("Too many queries wait already.", hint="Try again shortly.", limit=limit, retry_after=1)

    def _make_room(self, client: str) -> bool:
        """Turn away who came last of the client with most waiting, if those are more than `client` would have."""
        waiting = Counter(waiter.client for waiter in self._waiters if waiter.client)
        greedy, most = max(waiting.items(), key=lambda item: item[1], default=("", 0))
        if most <= waiting[client] + 1:
            return False
        last = next(waiter for waiter in reversed(self._waiters) if waiter.client == greedy)
        self._waiters.remove(last)
        last.asleep.release()
        return True

    def give(self, client: str) -> None:
        """Give a seat back."""
        with self._lock:
            self._taken[client] -= 1
            if self._taken[client] <= 0:
                del self._taken[client]
            if not self._waiters:
                self._free += 1
                return
            best = min(self._waiters, key=lambda waiter: (not waiter.page, self._taken[waiter.client]))
            self._waiters.remove(best)
            self._taken[best.client] += 1
            best.seated = True
            best.asleep.release()
