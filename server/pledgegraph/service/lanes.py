"""Seats for queries, given out fairly."""

import threading
from collections import Counter

from pledgegraph.service.errors import Busy


class Lane:
    """A number of seats, and who waits for one.

    A free seat goes to the project's own pages first, then to the client with the fewest seats, then to whoever came
    first.
    """

    def __init__(self, seats: int, waiting: int) -> None:
        self._free = seats
        self._most_waiting = waiting
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._waiters: list[tuple[bool, str, threading.Lock]] = []

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
            if len(self._waiters) >= self._most_waiting:
                raise Busy("Too many queries wait already.", hint="Try again shortly.", retry_after=1)
            mine = threading.Lock()
            mine.acquire()
            waiter = (page, client, mine)
            self._waiters.append(waiter)
        if mine.acquire(timeout=seconds):
            return
        with self._lock:
            if waiter not in self._waiters:
                return  # the seat came in the last moment
            self._waiters.remove(waiter)
        raise Busy("No seat came free in time.", hint="Try again shortly.", retry_after=1)

    def give(self, client: str) -> None:
        """Give a seat back."""
        with self._lock:
            self._taken[client] -= 1
            if self._taken[client] <= 0:
                del self._taken[client]
            if not self._waiters:
                self._free += 1
                return
            best = min(self._waiters, key=lambda waiter: (not waiter[0], self._taken[waiter[1]]))
            self._waiters.remove(best)
            self._taken[best[1]] += 1
            best[2].release()
