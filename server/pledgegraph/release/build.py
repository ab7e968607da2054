"""Builds a release: parse, check, derive, label, store, dump; written beside its place and renamed when whole."""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pledgegraph import links, provenance, validation
from pledgegraph.content import Content
from pledgegraph.dataset import DUMP_NAME, STORE_NAME, Dataset, write_store
from pledgegraph.errors import Finding, FindingsError, RunError
from pledgegraph.reasoning import closure, contradictions, facts, profile
from pledgegraph.release import dumps, manifest, statistics
from pledgegraph.release.labels import add_labels
from pledgegraph.release.lock import locked
from pledgegraph.release.manifest import Manifest
from pledgegraph.release.progress import Progress
from pledgegraph.terms import PLEDGE, RDF_TYPE
from pledgegraph.validation import vocabulary

CHECK_STEPS = 7
WRITE_STEPS = 4
STEPS = CHECK_STEPS + WRITE_STEPS
KEPT_RELEASES = 10
"""Releases that a cache directory keeps whatever their age; older ones go once they are `KEPT_DAYS` old."""
KEPT_DAYS = 7


@dataclass(frozen=True)
class Checked:
    """A content root read, checked and closed.

    Args:
        dataset: Files, facts step and closure.
        findings: What the checks found, violations among them.
    """

    dataset: Dataset
    findings: list[Finding]

    @property
    def violations(self) -> list[Finding]:
        """Findings that break a build."""
        return [finding for finding in self.findings if finding.severity == "violation"]


@dataclass(frozen=True)
class Built:
    """A release at hand.

    Args:
        path: Its directory.
        manifest: What it holds.
        fresh: Whether it was built now, and not found.
        findings: Warnings and notes of the checks; empty for a release that was found.
    """

    path: Path
    manifest: Manifest
    fresh: bool
    findings: list[Finding]


def check(
    content: Content,
    progress: Progress,
    *,
    texts: Path | None = None,
    files: Sequence[Path] = (),
    validator: validation.Engine = "fast",
) -> Checked:
    """Read a content root and run every check on it, without writing anything.

    Args:
        content: What to read.
        progress: Where steps are shown; `CHECK_STEPS` are taken.
        texts: Folder with local copies of the documents, to verify passages against them.
        files: Turtle files from elsewhere that are checked as if they were part of the graph.
        validator: What checks the shapes: "fast", or "reference" for pyshacl.

    Raises:
        FindingsError: A file does not parse, so nothing more can be said.
        RunError: Something cannot be read.
    """
    findings: list[Finding] = []
    with progress.step("read Turtle"):
        dataset = Dataset.from_content(content)
        for path in files:
            dataset.add_file(path)
    with progress.step("check terms and profile"):
        findings += vocabulary.check(content, files) + profile.check(content, files)
    with progress.step("check passages and links" if texts is None else "verify passages against the documents"):
        findings += provenance.check_form(dataset) + links.check(content, dataset)
        if texts is not None:
            findings += provenance.verify(dataset, texts).findings
    with progress.step("check shapes"):
        findings += validation.validate(dataset, content, validator)
    with progress.step("derive facts from accepted claims"):
        facts.apply(dataset)
    with progress.step("close under the rules"):
        closed = closure.materialise(dataset)
    with progress.step("look for contradictions"):
        findings += contradictions.findings(dataset, closed)
    if not any(finding.rule == "link" for finding in findings):
        links.add_to(dataset, content)  # after the closure, which no link takes part in
    return Checked(dataset, findings)


def build(
    content: Content,
    *,
    cache: Path | None = None,
    texts: Path | None = None,
    progress: Progress | None = None,
) -> Built:
    """Build the release of a content root, or find it built.

    A killed build leaves nothing under the name of a release: the last good one stays usable. A second build of the
    same cache directory waits for the first.

    Args:
        content: What to build.
        cache: Where releases lie; see `manifest.cache_dir`.
        texts: Folder with local copies of the documents; passages are then verified, and nothing is built or found
            unless they hold.
        progress: Where steps are shown; standard error by default.

    Raises:
        FindingsError: Checks found violations; nothing is written.
        RunError: Something cannot be read or written.
    """
    cache = manifest.cache_dir(cache)
    progress = progress or Progress(STEPS)
    wanted = manifest.describe_inputs(content)
    target = manifest.release_path(cache, wanted.release)
    if manifest.is_whole(target) and texts is None:
        return _found(cache, target)
    _make_directory(target.parent)
    with locked(cache / "build.lock", lambda owner: progress.say(f"waiting for the build of {owner}")):
        if manifest.is_whole(target) and texts is None:
            return _found(cache, target)
        started = time.perf_counter()
        checked = check(content, progress, texts=texts)
        if checked.violations:
            raise FindingsError(checked.findings)
        if manifest.is_whole(target):
            return replace(_found(cache, target), findings=checked.findings)
        _remove_leftovers(target.parent)
        with _beside(target) as directory:
            written = _write(directory, content, checked.dataset, wanted, progress)
        manifest.set_current(cache, wanted.release)
        _prune(target.parent, wanted.release)
        _log(cache, written, progress.timings, time.perf_counter() - started)
    return Built(target, written, True, checked.findings)


def ensure(content: Content, *, cache: Path | None = None, progress: Callable[[], Progress] | None = None) -> Path:
    """The directory of the release of a content root, built first if need be; see `build`."""
    return build(content, cache=cache, progress=progress() if progress else None).path


def _found(cache: Path, target: Path) -> Built:
    if manifest.current(cache) != target and os.access(cache, os.W_OK):
        manifest.set_current(cache, target.name)
    return Built(target, Manifest.read(target), False, [])


def _write(directory: Path, content: Content, dataset: Dataset, wanted: Manifest, progress: Progress) -> Manifest:
    with progress.step("label"):
        add_labels(dataset)
    with progress.step("write canonical N-Quads"):
        data = "".join(dataset.canonical_quads()).encode()
        (directory / DUMP_NAME).write_bytes(data)
    with progress.step("fill the store"):
        write_store(directory / STORE_NAME, directory / DUMP_NAME)
    with progress.step("write downloads"):
        if content.queries.is_dir():
            shutil.copytree(content.queries, directory / "queries")
        files = dumps.write(directory, dataset)
    counts = dataset.counts()
    triples = counts.pop("")
    statistics.count(dataset, counts).write(directory)
    written = replace(
        wanted,
        triples=triples,
        graphs=counts,
        counts=_instances(dataset),
        dataset_sha256=sha256(data).hexdigest(),
        dumps=files,
    )
    written.write(directory)
    return written


def _instances(dataset: Dataset) -> dict[str, int]:
    """Class of the ontology to its instances in the default graph."""
    counter = Counter(class_[1:-1] for _, _, class_ in dataset.matching(None, f"<{RDF_TYPE}>", None))
    return {class_: count for class_, count in sorted(counter.items()) if class_.startswith(PLEDGE)}


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"the directory cannot be made: {error.strerror}",
            file=str(error.filename or path),
            hint="Name another one with PLEDGEGRAPH_CACHE or --out",
        ) from error


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A directory that becomes `target` in one step when the block ends well, and goes when it does not."""
    directory = target.parent / f".{target.name}.{os.getpid()}"
    try:
        directory.mkdir()
        yield directory
        for path in directory.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        shutil.rmtree(target, ignore_errors=True)  # there is none, or one that is no longer whole
        directory.rename(target)
    except OSError as error:
        raise RunError(
            f"cannot be written: {error.strerror or error}",
            file=str(error.filename or directory),
            hint="Free space or name another directory with PLEDGEGRAPH_CACHE or --out",
        ) from error
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _remove_leftovers(releases: Path) -> None:
    """Remove what killed builds left; the lock is held, so nobody writes there now."""
    for path in releases.iterdir():
        if path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)


def _prune(releases: Path, current: str) -> None:
    """Remove releases that are neither recent nor among the newest; a server may still read a recent one."""
    directories = sorted((p for p in releases.iterdir() if p.is_dir()), key=lambda p: -p.stat().st_mtime)
    oldest = time.time() - KEPT_DAYS * 86400
    for path in directories[KEPT_RELEASES:]:
        if path.name != current and path.stat().st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True)


def _log(cache: Path, written: Manifest, timings: list[tuple[str, float]], seconds: float) -> None:
    """Append the times of a build to `build.log`; the release itself holds none."""
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "release": written.release,
        "triples": written.triples,
        "seconds": round(seconds, 3),
        "steps": {name: round(taken, 3) for name, taken in timings},
    }
    with (cache / "build.log").open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")
