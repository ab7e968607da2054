"""Places for work that a slow client can hold on to, and bodies sent in pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from threading import Lock

from pledgegraph.web.problems import Problem

_CHUNK_BYTES = 256 * 1024


class Places:
    """Places for work that a slow client can hold on to: so many in all, so many for each client."""

    def __init__(self, total: int, each: int) -> None:
        self._total = total
        self._each = each
        self._held: Counter[str] = Counter()
        self._count = 0
        self._lock = Lock()

    def take(self, client: str) -> Place:
        """Take a place.

        Raises:
            Problem: none is free.
        """
        with self._lock:
            if self._count >= self._total or self._held[client] >= self._each:
                detail = "Too many requests are being sent or read slowly at the same time."
                raise Problem("busy", detail, hint="Send fewer at once.", retry_after=2)
            self._held[client] += 1
            self._count += 1
        return Place(self, client)

    def give_back(self, client: str) -> None:
        with self._lock:
            self._count -= 1
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]


class Place:
    """A place taken; a context manager that gives it back, once."""

    def __init__(self, places: Places, client: str) -> None:
        self._places = places
        self._client = client
        self._mine = True

    def give_back(self) -> None:
        if self._mine:
            self._mine = False
            self._places.give_back(self._client)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *error: object) -> None:
        self.give_back()


class Stream:
    """A body in pieces, with the place it takes until the server closes it."""

    def __init__(self, pieces: Iterator[bytes], place: Place, close: Callable[[], object] | None = None) -> None:
        self.pieces = pieces
        self._place = place
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.pieces)

    def close(self) -> None:
        """Called by the server at the end, however it came (PEP 3333)."""
        self._place.give_back()
        if callable(self._close):
            self._close()


def pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _CHUNK_BYTES):
        yield body[start : start + _CHUNK_BYTES]
