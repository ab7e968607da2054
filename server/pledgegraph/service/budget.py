"""Seconds of evaluation for each client, so that what one takes is taken from that one."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from pledgegraph.service.errors import OverBudget
from pledgegraph.service.limits import Limits

_MOST_CLIENTS = 10_000
"""Clients remembered; the one not seen for longest is forgotten, which gives it a full budget. About 2 MB."""


class Budget:
    """A purse of seconds for each client that fills by `budget_rate` seconds a second up to `budget_seconds`.

    A client whose purse is empty keeps the fast lane, where a query takes no more than `fast_seconds`; only who
    overdraws by the whole purse again, which takes thousands of queries, is refused altogether. Counting seconds and
    not queries leaves alone who asks much and costs little, and stops who asks little and costs much.

    Args:
        limits: `budget_seconds` and `budget_rate` apply.
        clock: Gives seconds, for tests.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = limits.budget_seconds
        self._rate = limits.budget_rate
        self._clock = clock
        self._lock = threading.Lock()
        self._purses: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def left(self, client: str) -> float:
        """Seconds in a client's purse; below zero where it is overdrawn."""
        with self._lock:
            return self._left(client)

    def _left(self, client: str) -> float:
        purse = self._purses.get(client)
        if purse is None:
            return self._size
        seconds, since = purse
        return min(self._size, seconds + (self._clock() - since) * self._rate)

    def charge(self, client: str, seconds: float) -> None:
        """Take seconds from a client's purse; the empty client is nobody and never charged."""
        if not client:
            return
        with self._lock:
            self._purses[client] = (self._left(client) - seconds, self._clock())
            self._purses.move_to_end(client)
            if len(self._purses) > _MOST_CLIENTS:
                self._purses.popitem(last=False)

    def check_slow(self, client: str) -> None:
        """Refuse the slow lane to a client whose purse is empty.

        Raises:
            OverBudget: With the seconds until there is something in it again.
        """
        self._check(client, 0.0)

    def check(self, client: str) -> None:
        """Refuse a client that has overdrawn its purse by the whole of it.

        Raises:
            OverBudget: With the seconds until it may ask again.
        """
        self._check(client, -self._size)

    def _check(self, client: str, least: float) -> None:
        if not client:
            return
        left = self.left(client)
        if left < least:
            what = "Ask" if least else "Long queries are answered"
            raise OverBudget(
                "This client has used up its seconds of evaluation.",
                hint=f"{what} again after the time given in Retry-After.",
                limit=f"{self._size:g} seconds, growing by {self._rate:g} a second",
                retry_after=int((least - left) / self._rate) + 1,
            )
