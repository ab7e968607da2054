"""A lock on a cache directory that names its owner and dies with it."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pledgegraph.errors import RunError

POLL_SECONDS = 0.2
"""How often a waiting build looks whether the lock is free."""


@contextmanager
def locked(path: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold an exclusive lock; wait for it as long as another process holds it.

    The kernel drops the lock when its owner ends, however it ends, so a killed build never leaves one behind.

    Args:
        path: The lock file; it stays, and says who holds or last held the lock.
        waiting: Called once, with the owner in words, before the wait begins.

    Raises:
        RunError: The file cannot be written.
    """
    hint = "Name another directory with PLEDGEGRAPH_CACHE or --out"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror}", file=str(path), hint=hint) from error
    try:
        _acquire(descriptor, path, waiting)
        owner = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, (json.dumps(owner) + "\n").encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, waiting: Callable[[str], None]) -> None:
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                waiting(owner_of(path))
                told = True
            time.sleep(POLL_SECONDS)
        else:
            return


def owner_of(path: Path) -> str:
    """The owner that a lock file names, in words."""
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
        return f"process {owner['pid']} on {owner['host']} since {owner['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
