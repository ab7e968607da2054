"""Has a store on disk open all its files, for workers that can open none themselves."""

import logging
import os
import random
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Store, parse

from pledgegraph.dataset import DUMP_NAME, STORE_NAME

_log = logging.getLogger(__name__)

_SAMPLE = 1000
"""Quads looked up in a round: of a store of 22 million, whose files hold a million each, one round reaches all."""

_ROUNDS = 20
"""About five seconds. A file that they do not reach may be one that the store has no use for."""

_DESCRIPTORS = Path("/proc/self/fd")


def open_all(store: Store, release: Path) -> None:
    """Look up random quads until every file of the store is open.

    RocksDB opens sixteen files with the store, and each other one when it is first read.

    Args:
        store: Opened from the release.
        release: The release directory.
    """
    files = {path.resolve() for path in (release / STORE_NAME).glob("*.sst")}
    next(store.named_graphs(), None)  # their names have a file of their own
    chance = random.Random(0)  # noqa: S311 (a sample, no secret)
    with (release / DUMP_NAME).open("rb") as dump:
        size = dump.seek(0, os.SEEK_END)
        for _ in range(_ROUNDS if _DESCRIPTORS.is_dir() else 1):
            missing = files - set(_opened())
            if not missing:
                return
            lines: list[bytes] = []
            for _ in range(_SAMPLE):
                dump.seek(chance.randrange(size))
                dump.readline()  # the rest of a line
                lines.append(dump.readline())
            _look_up(store, b"".join(lines))
    if _DESCRIPTORS.is_dir() and (missing := files - set(_opened())):
        _log.warning("%d files of the store stay closed: queries that need them will be put off", len(missing))


def _look_up(store: Store, quads: bytes) -> None:
    """Reach into each of the nine orders in which a store keeps quads, and into its texts."""
    for quad in parse(quads, format=RdfFormat.N_QUADS):
        graph, subject, predicate, value = quad.graph_name, quad.subject, quad.predicate, quad.object
        for pattern in (
            (subject, None, None, graph),
            (None, predicate, value, graph),
            (None, None, value, graph),
            (subject, predicate, None, None),
            (None, predicate, value, None),
            (None, None, value, None),
        ):
            next(store.quads_for_pattern(*pattern), None)


def _opened() -> Iterator[Path]:
    """Files that this process has open, as far as the system says (Linux)."""
    for descriptor in _DESCRIPTORS.iterdir() if _DESCRIPTORS.is_dir() else ():
        try:
            yield descriptor.readlink()
        except OSError:  # the one that lists them
            continue
