"""What a release is named after, where releases lie, and the manifest that says what one holds."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph

import pledgegraph
from pledgegraph.content import Content
from pledgegraph.dataset import DUMP_NAME, STORE_NAME
from pledgegraph.errors import RunError

FORMAT = 1
"""Layout of a release directory; raised when an older program could not read a newer release."""

# Parts of the program that have no say in what a release holds.
_OUTSIDE = {"cli", "web", "service", "importers", "data", "__main__.py", "queries.py", "__pycache__"}


@dataclass(frozen=True)
class Dump:
    """One file of a release that people download.

    Args:
        name: Path inside the release directory.
        media_type: Its media type.
        bytes: Its size in bytes.
        sha256: Its digest, in hexadecimal.
        title: What it holds, in a few words.
    """

    name: str
    media_type: str
    bytes: int
    sha256: str
    title: str


@dataclass(frozen=True)
class Manifest:
    """What a release holds. It has no times and no paths of the machine, so that equal inputs give equal bytes.

    Args:
        release: Name of the release: a hash of inputs, program, engines and rules.
        version: Version of the program, the ontology and the dataset.
        engines: Package to version.
        inputs: File relative to the content root to its SHA-256.
        program: SHA-256 over the modules and rules that decide what a release holds.
        triples: Triples of the default graph.
        graphs: Named graph to its triples.
        counts: Class (IRI) to its instances in the default graph.
        dataset_sha256: SHA-256 of the canonical N-Quads.
        dumps: Files to download.
        format: Layout of the directory.
    """

    release: str
    version: str
    engines: dict[str, str]
    inputs: dict[str, str]
    program: str
    triples: int = 0
    graphs: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    dataset_sha256: str = ""
    dumps: list[Dump] = field(default_factory=list)
    format: int = FORMAT

    def write(self, directory: Path) -> None:
        """Write `manifest.json` into a release directory."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False)
        (directory / "manifest.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """Read the manifest of a release directory.

        Raises:
            RunError: There is none, or it is of another layout.
        """
        path = directory / "manifest.json"
        hint = "Build it again with: pledgegraph build"
        try:
            data: dict[str, Any] = json.loads(path.read_bytes())
            if data.get("format") != FORMAT:
                raise RunError(f"the release has layout {data.get('format')}, not {FORMAT}", file=str(path), hint=hint)
            data["dumps"] = [Dump(**dump) for dump in data["dumps"]]
            return cls(**data)
        except FileNotFoundError:
            raise RunError("is not a release: it has no manifest.json", file=str(directory), hint=hint) from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise RunError(f"the manifest cannot be read: {error}", file=str(path), hint=hint) from error


def describe_inputs(content: Content) -> Manifest:
    """Hash inputs, program and engines into the manifest of a release that is still to be built.

    Raises:
        RunError: An input cannot be read.
    """
    inputs: dict[str, str] = {}
    for path in content.input_files():
        try:
            inputs[content.display(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise RunError(f"cannot be read: {error.strerror}", file=content.display(path)) from error
    engines = {"pyoxigraph": pyoxigraph.__version__}  # the one package that has a say in what a release holds
    program = _program_digest()
    key = json.dumps([FORMAT, pledgegraph.__version__, engines, inputs, program], sort_keys=True)
    release = hashlib.sha256(key.encode()).hexdigest()[:16]
    return Manifest(release, pledgegraph.__version__, engines, inputs, program)


def cache_dir(explicit: Path | None = None) -> Path:
    """The directory given, else $PLEDGEGRAPH_CACHE, $XDG_CACHE_HOME/pledgegraph or ~/.cache/pledgegraph."""
    if explicit is not None:
        return explicit
    if named := os.environ.get("PLEDGEGRAPH_CACHE"):
        return Path(named)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "pledgegraph"
    return Path.home() / ".cache" / "pledgegraph"


def release_path(cache: Path, release: str) -> Path:
    """Directory of a release in a cache directory."""
    return cache / "releases" / release


def is_whole(directory: Path) -> bool:
    """Whether a directory is a finished release, and none that lost a part since."""
    return all((directory / part).is_file() for part in ("manifest.json", DUMP_NAME, f"{STORE_NAME}/CURRENT"))


def current(cache: Path) -> Path | None:
    """The release that was built last in a cache directory, or None."""
    try:
        name = (cache / "current").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    directory = release_path(cache, name)
    return directory if name and is_whole(directory) else None


def set_current(cache: Path, release: str) -> None:
    """Name the release built last, in one step."""
    beside = cache / f".current.{os.getpid()}"
    beside.write_text(release + "\n", encoding="utf-8")
    beside.replace(cache / "current")


def resolve(path: Path) -> Path:
    """The release directory that a user means by a path: a release itself, or a directory that `build --out` wrote.

    Raises:
        RunError: It is neither.
    """
    if is_whole(path):
        return path
    if (inside := current(path)) is not None:
        return inside
    raise RunError("is not a release", file=str(path), hint="Build one there with: pledgegraph build --out DIR")


def _program_digest() -> str:
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if parts[0] not in _OUTSIDE and "__pycache__" not in parts and path.is_file():
            digest.update("/".join(parts).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
