"""Whole HTTP answers kept in memory, bounded in bytes, found by what the client sent."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

Headers = list[tuple[str, str]]

# What an entry costs beside its body: key, header list and the objects around them (measured with tracemalloc).
_OVERHEAD_BYTES = 2048


@dataclass(slots=True)
class Entry:
    """One answer: the release it was made from, status line, headers, body, opaque entity tag without quotes, and the
    headers of the 304 that stands for it."""

    release: str
    status: str
    headers: Headers
    body: bytes
    tag: str
    not_modified: Headers
    used: bool = field(default=False)


class ResponseCache:
    """Entries by key; the least used go when `max_bytes` are exceeded.

    Reading takes no lock: an entry is found by one dictionary look-up and marked as used. Making room goes through the
    entries from the oldest and gives each that was used a second turn (the CLOCK rule).
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, release: str) -> Entry | None:
        """The entry kept under `key` if it was made from `release`."""
        entry = self._entries.get(key)
        if entry is None or entry.release != release:
            return None
        entry.used = True
        return entry

    def put(self, key: Hashable, entry: Entry) -> None:
        """Keep `entry`, unless it alone would take more than an eighth of the room."""
        size = self._size(key, entry)
        if size > self._max_bytes // 8:
            return
        with self._lock:
            self._drop(key)
            self._entries[key] = entry
            self._bytes += size
            while self._bytes > self._max_bytes:
                oldest, candidate = next(iter(self._entries.items()))
                if candidate.used:
                    candidate.used = False
                    self._entries.move_to_end(oldest)
                else:
                    self._drop(oldest)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    @property
    def bytes(self) -> int:
        """Bytes that the entries are counted with."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= self._size(key, entry)

    @staticmethod
    def _size(key: Hashable, entry: Entry) -> int:
        text = sum(len(part) for part in key if isinstance(part, str | bytes)) if isinstance(key, tuple) else 0
        return len(entry.body) + text + _OVERHEAD_BYTES
