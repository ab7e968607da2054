"""Whole answers kept in memory up to a number of bytes; what was not asked for longest goes first."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

_OVERHEAD = 400
"""Bytes of objects around an answer and its key, measured with sys.getsizeof on CPython 3.11."""

_LARGEST_SHARE = 8
"""An answer larger than this part of the cache is not kept: it would push out too many others."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer.

    Args:
        body: Its bytes.
        etag: Its entity tag.
    """

    body: bytes
    etag: str


class Cache:
    """Answers by key, bounded in bytes of bodies and keys together. Keys begin with the release, so a hit is right.

    Args:
        size: Most bytes kept; 0 keeps nothing.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, ...], Entry] = OrderedDict()

    @property
    def used(self) -> int:
        """Bytes in use."""
        return self._used

    def get(self, key: tuple[str, ...]) -> Entry | None:
        """The answer kept under a key."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: tuple[str, ...], entry: Entry) -> None:
        """Keep an answer, unless it is too large to keep; others make room."""
        cost = _cost(key, entry)
        if cost * _LARGEST_SHARE > self._size:
            return
        with self._lock:
            before = self._entries.pop(key, None)
            if before is not None:
                self._used -= _cost(key, before)
            self._entries[key] = entry
            self._used += cost
            while self._used > self._size:
                old_key, old = self._entries.popitem(last=False)
                self._used -= _cost(old_key, old)

    def clear(self) -> None:
        """Forget all answers, as after a change of release."""
        with self._lock:
            self._entries.clear()
            self._used = 0


def _cost(key: tuple[str, ...], entry: Entry) -> int:
    # Strings beyond Latin-1 take up to four bytes a character; two is their mean in queries with some.
    return len(entry.body) + 2 * sum(map(len, key)) + _OVERHEAD


def etag(key: tuple[str, ...]) -> str:
    """A strong entity tag for what a key names: the same release, query and media type give the same bytes."""
    return f'"{hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest()}"'
