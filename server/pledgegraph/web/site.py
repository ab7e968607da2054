"""What is being served: the configuration of the site, and a snapshot of the release that can be swapped whole."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pledgegraph import queries
from pledgegraph.content import Content
from pledgegraph.errors import RunError
from pledgegraph.provenance import Copies
from pledgegraph.queries import NamedQuery
from pledgegraph.release.manifest import Manifest
from pledgegraph.service import Service

T = TypeVar("T")

_UNSTABLE_SECONDS = 300.0
"""How long counts of a foreign engine are shown whose data may change at any time."""


@dataclass
class Snapshot:
    """One release as it is served; immutable but for what is computed once and kept.

    Args:
        release: the name of the release or of the data files, as `shown` gives it.
        directory: the release directory, None for data files and foreign engines.
        manifest: the release's manifest, None likewise.
        questions: the named questions by name; none for data files.
        made: when it was made, on the monotonic clock.
    """

    release: str
    directory: Path | None = None
    manifest: Manifest | None = None
    questions: Mapping[str, NamedQuery] = field(default_factory=dict)
    made: float = field(default_factory=time.monotonic)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)
    _locks: dict[str, threading.RLock] = field(default_factory=dict, repr=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """The value kept under `name`, made on first use; nothing is kept of a call that raises."""
        if name not in self._kept:
            with self._locks.setdefault(name, threading.RLock()):
                if name not in self._kept:
                    self._kept[name] = make()
        value: T = self._kept[name]
        return value


class Site:
    """The base address, the service and the snapshot that requests read.

    `reload` puts another snapshot in place: what is to be of one release is read from one that was taken once.
    """

    def __init__(
        self, base: str, service: Service, directory: Path | None = None, content: Content | None = None
    ) -> None:
        """Serve `service` under the public address `base`.

        Args:
            base: an absolute http(s) IRI, with or without a final slash.
            service: answers queries.
            directory: the release directory behind the service, where there is one.
            content: where the named questions are for a foreign engine; a release has its own.

        Raises:
            InputError: a named question is malformed.
            RunError: `base` is not an absolute http(s) IRI without query and fragment, or the directory is no release.
        """
        self.base = checked_base(base)
        self.prefix = urlsplit(self.base).path.rstrip("/")
        self.service = service
        self._content = content
        self.copies: Copies | None = None
        """Local copies of the documents: where they are given, pages show the words of a passage that they prove."""
        self._snapshot = self._read(directory)

    @property
    def snapshot(self) -> Snapshot:
        """What is served now."""
        found = self._snapshot
        if found.directory is not None:
            return found
        # Another release may have been published into a foreign engine, or its data may have changed unnoticed.
        old = not self.service.stable and time.monotonic() - found.made > _UNSTABLE_SECONDS
        if old or found.release != shown(self.service.release):
            found = self._snapshot = self._read(None)
        return found

    def iri(self, path: str) -> str:
        """The public IRI of `path` (with or without a leading slash): never made from the Host header."""
        return self.base + path.removeprefix("/")

    def path(self, path: str) -> str:
        """`path` as a page of this site links to it: below the path of the base."""
        return f"{self.prefix}/{path.removeprefix('/')}"

    def reload(self, directory: Path) -> None:
        """Serve another release; requests under way end on the old one.

        Raises:
            InputError: one of its named questions is malformed; the old one stays in place.
            RunError: it cannot be loaded; likewise.
        """
        found = self._read(directory)

        def show() -> None:
            self._snapshot = found

        self.service.reload(directory, show)

    def serves(self, release: str) -> bool:
        """Whether queries are answered from this release now."""
        return shown(self.service.release) == release

    def _read(self, directory: Path | None) -> Snapshot:
        manifest = None if directory is None else Manifest.read(directory)
        content = self._content if directory is None else Content(directory)
        questions = {} if content is None else queries.load(content)
        release = self.service.release if manifest is None else manifest.release
        return Snapshot(shown(release), directory, manifest, questions)


def shown(release: str) -> str:
    """A release as the service names it, fit to be shown: the address of a foreign engine concerns nobody outside.

    Args:
        release: a hash; or an address, and after a blank the release published there.
    """
    address, _, published = release.partition(" ")
    if "://" not in address:
        return release
    return published or f"engine-{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def checked_base(base: str) -> str:
    """`base` with exactly one final slash.

    Raises:
        RunError: it is not an absolute http(s) IRI without query and fragment.
    """
    hint = "Write --base https://example.org/ or http://127.0.0.1:8000/"
    try:
        parts = urlsplit(base)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
        good = good and (parts.port is None or parts.port >= 0) and not set(base) & set(' <>"{}|\\^`\t\r\n')
    except ValueError:
        good = False
    if not good:
        raise RunError(f"{base!r} is not an absolute http or https address", hint=hint)
    return base.rstrip("/") + "/"
