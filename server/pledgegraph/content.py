"""Where the folders ontology, graph, shapes and queries are, and which files they hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pledgegraph.errors import RunError
from pledgegraph.terms import GRAPH

FOLDERS = ("ontology", "graph", "shapes", "queries")


@dataclass(frozen=True)
class Content:
    """A content root: a folder that holds `ontology/`, `graph/`, `shapes/` and `queries/`.

    Args:
        root: The folder that holds the four.
    """

    root: Path

    @property
    def ontology(self) -> Path:
        """Folder of what can be said."""
        return self.root / "ontology"

    @property
    def graph(self) -> Path:
        """Folder of what is said."""
        return self.root / "graph"

    @property
    def shapes(self) -> Path:
        """Folder of what must hold."""
        return self.root / "shapes"

    @property
    def queries(self) -> Path:
        """Folder of the named questions."""
        return self.root / "queries"

    def ontology_files(self) -> list[Path]:
        """Turtle files of the ontology: modules and schemes, without the alignments."""
        return [path for path in _files(self.ontology, ".ttl") if self.ontology / "alignments" not in path.parents]

    def scheme_files(self) -> list[Path]:
        """Turtle files of the SKOS schemes (they are among the ontology files too)."""
        return _files(self.ontology / "schemes", ".ttl")

    def alignment_files(self) -> list[Path]:
        """Turtle files that align the ontology to others; they stay out of the default graph."""
        return _files(self.ontology / "alignments", ".ttl")

    def graph_files(self) -> list[Path]:
        """Turtle files of the facts."""
        return _files(self.graph, ".ttl")

    def shape_files(self) -> list[Path]:
        """Turtle files of the shapes."""
        return _files(self.shapes, ".ttl")

    def query_files(self) -> list[Path]:
        """SPARQL files of the named questions."""
        return _files(self.queries, ".rq")

    def turtle_files(self) -> list[Path]:
        """Every Turtle file of the root: ontology, alignments, graph and shapes."""
        return [*self.ontology_files(), *self.alignment_files(), *self.graph_files(), *self.shape_files()]

    def input_files(self) -> list[Path]:
        """Every file a release depends on, sorted by path."""
        return sorted([*self.turtle_files(), *self.query_files(), *_files(self.graph, ".tsv")])

    def display(self, path: Path) -> str:
        """The path as messages show it: relative to the root, with forward slashes."""
        if path.is_absolute() and ".." not in path.parts and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()  # the usual case, without asking the file system
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.as_posix()

    def graph_iri(self, path: Path) -> str:
        """IRI of the named graph for a Turtle file: its path from the root without suffix."""
        return GRAPH(quote(self.display(path).removesuffix(".ttl")))


def find(explicit: Path | None = None) -> Content:
    """Find the content root.

    Args:
        explicit: A folder named by the user; nothing else is tried then.

    Returns:
        The explicit folder, else `data/` inside the installed package, else the checkout the package lies in.

    Raises:
        RunError: No place has the folders; the message names the places tried.
    """
    package = Path(__file__).resolve().parent
    places = [explicit] if explicit is not None else [package / "data", package.parent.parent]
    for place in places:
        if all((place / folder).is_dir() for folder in FOLDERS[:3]):
            return Content(place.resolve())
    tried = ", ".join(str(place) for place in places)
    raise RunError(
        f"no folder with ontology/, graph/ and shapes/ found; tried: {tried}",
        hint="Name one with --content DIR, or run from a checkout",
    )


def _files(folder: Path, suffix: str) -> list[Path]:
    """Files with that suffix at any depth, hidden ones left out, sorted by path."""
    return sorted(_walk(folder, suffix)) if folder.is_dir() else []


def _walk(folder: Path, suffix: str) -> Iterator[Path]:
    for path in folder.rglob(f"*{suffix}"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path
