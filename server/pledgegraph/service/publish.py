"""Loads a release into an existing SPARQL 1.1 engine, so that it can be picked up where it broke off, and checks it.

Graphs go over in pieces. The first piece of a graph replaces what the engine has of it and holds every triple with a
blank node, since blank nodes of two requests are never the same; the others add to it, and adding one twice does no
harm. After each piece a named graph of its own (`GRAPH_PUBLICATION`) says how far the loading has come; when the counts
and digests of all graphs are right, it names the release and the time, and answers of the engine are cached from then
on. When one is wrong, it says that nothing has come, and the next run sends all pieces again.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad, RdfFormat, Triple, parse

from pledgegraph.dataset import DUMP_NAME
from pledgegraph.errors import RunError
from pledgegraph.release.manifest import Manifest
from pledgegraph.service.engine import GRAPH_PUBLICATION
from pledgegraph.service.target import Target
from pledgegraph.terms import DCTERMS, GRAPH, RDFS

DEFAULT = ""
"""Stands for the default graph where graphs are named."""

PIECE = 10_000
"""Triples in a request: a few megabytes, which every engine tried takes at once."""

_OPEN_BYTES = 1 << 18

Progress = Callable[[int, int, str], None]
"""Called with pieces done, pieces in all, and what is being done."""


@dataclass(slots=True)
class Outcome:
    """What was loaded.

    Args:
        release: Its hash.
        triples: Graph to its triples, the default graph under the empty name.
        sent: Pieces sent in this run.
        resumed: Pieces that an earlier run had sent.
        seconds: How long it took.
    """

    release: str
    triples: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    resumed: int = 0
    seconds: float = 0.0


def publish(
    directory: Path, target: Target, *, replace: bool = False, piece: int = PIECE, progress: Progress | None = None
) -> Outcome:
    """Load a release into an engine and check what arrived.

    The engine's default graph becomes the release's merged set, and named graphs below the project's namespace that the
    release does not have are dropped; other named graphs are left alone.

    Args:
        directory: The release directory.
        target: The engine.
        replace: Overwrite a default graph that no earlier release filled.
        piece: Triples in a request; the same again to pick up where a run broke off.
        progress: Told about each step.

    Raises:
        RunError: The directory is no release, the engine refuses or cannot be reached, its default graph holds other
            data, or what arrived is not what was sent.
    """
    start = time.monotonic()
    tell = progress or (lambda _done, _all, _what: None)
    manifest = Manifest.read(directory)
    outcome = Outcome(manifest.release)
    note = _read_note(target)
    if note is None and not replace and target.ask("ASK { ?s ?p ?o }"):
        raise RunError(
            f"{target.shown} holds other data in its default graph",
            hint="Give --replace to overwrite its default graph",
        )
    with tempfile.TemporaryDirectory(prefix="pledgegraph-publish-") as folder:
        graphs = _sort_by_graph(directory / DUMP_NAME, Path(folder))
        pieces = sum(graph.pieces(piece) for graph in graphs)
        head = f"{manifest.release} {piece} "
        if note is not None and note.startswith(head):
            outcome.resumed = int(note.removeprefix(head))
        done = 0
        for graph in graphs:
            for number, triples in enumerate(graph.chunks(piece)):
                done += 1
                if done <= outcome.resumed:
                    continue
                tell(done, pieces, f"loading {graph.name or 'the default graph'}")
                target.write(graph.name, triples, replace=number == 0)
                outcome.sent += 1
                _write_note(target, RDFS("comment"), f"{head}{done}")
        names = {graph.name for graph in graphs}
        for name in target.graphs():
            if name.startswith(GRAPH) and name not in names and name != GRAPH_PUBLICATION:
                target.drop(name)
        for number, graph in enumerate(graphs):
            tell(number + 1, len(graphs), f"checking {graph.name or 'the default graph'}")
            sent, found = graph.digest(), _digest(target.read(graph.name))
            if sent != found:
                # The note says that all pieces are done: left as it is, no later run would send any of them again.
                _write_note(target, RDFS("comment"), f"{head}0")
            _compare(graph.name, sent, found)
            outcome.triples[graph.name] = graph.triples
        _write_note(target, DCTERMS("identifier"), manifest.release, datetime.now(UTC).isoformat())
    outcome.seconds = time.monotonic() - start
    return outcome


@dataclass(slots=True)
class _Graph:
    """One graph of the release, laid out for sending: a file of triples, those with blank nodes first."""

    name: str
    path: Path
    blank: int = 0
    triples: int = 0

    def pieces(self, size: int) -> int:
        """How many pieces `chunks` gives."""
        return 1 + max(0, -((self._first(size) - self.triples) // size))

    def _first(self, size: int) -> int:
        return max(self.blank, min(size, self.triples))

    def chunks(self, size: int) -> Iterator[bytes]:
        """All triples as N-Triples in pieces; the first has all with blank nodes, and may be larger for it."""
        with self.path.open("rb") as file:
            wanted = self._first(size)
            while lines := list(islice(file, wanted)):
                yield b"".join(lines)
                wanted = size

    def digest(self) -> tuple[int, str]:
        """Number and digest of the triples."""
        return _digest(quad.triple for quad in parse(path=self.path, format=RdfFormat.N_TRIPLES))


def _sort_by_graph(dump: Path, folder: Path) -> list[_Graph]:
    """Write each graph of an N-Quads file into files of its own, the default graph first, then by name."""
    graphs: dict[str, _Graph] = {}
    waiting: dict[tuple[str, bool], list[str]] = {}
    sizes: dict[tuple[str, bool], int] = {}

    def flush(key: tuple[str, bool]) -> None:
        path = graphs[key[0]].path
        with (path if key[1] else path.with_suffix(".rest")).open("a", encoding="utf-8") as file:
            file.writelines(waiting.pop(key))
        sizes[key] = 0

    for quad in parse(path=dump, format=RdfFormat.N_QUADS):
        name = DEFAULT if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        graph = graphs.setdefault(name, _Graph(name, folder / f"{len(graphs)}.nt"))
        blank = _has_blank(quad)
        graph.triples += 1
        graph.blank += blank
        line = f"{quad.triple} .\n"
        key = (name, blank)
        waiting.setdefault(key, []).append(line)
        sizes[key] = sizes.get(key, 0) + len(line)
        if sizes[key] > _OPEN_BYTES:
            flush(key)
    for key in list(waiting):
        flush(key)
    for graph in graphs.values():
        rest = graph.path.with_suffix(".rest")
        if rest.exists():
            with graph.path.open("ab") as file, rest.open("rb") as more:
                while block := more.read(_OPEN_BYTES):
                    file.write(block)
            rest.unlink()
    return [graphs[name] for name in sorted(graphs)]


def _has_blank(triple: Quad | Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def _digest(triples: Iterable[Triple]) -> tuple[int, str]:
    """Number and digest of a graph's triples, whatever their order and the labels of their blank nodes.

    The digest is the sum of the SHA-256 of all canonical N-Triples lines modulo 2 to the 256; triples with blank nodes
    are labelled by RDFC-1.0 among themselves.
    """
    total = count = 0
    blank = Dataset()
    for triple in triples:
        count += 1
        if _has_blank(triple):
            blank.add(Quad(triple.subject, triple.predicate, triple.object))
        else:
            total += _hash(triple)
    blank.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    total += sum(_hash(quad.triple) for quad in blank)
    return count, f"{total % 2**256:064x}"


def _hash(triple: Triple) -> int:
    return int.from_bytes(hashlib.sha256(f"{triple} .\n".encode()).digest(), "big")


def _compare(graph: str, sent: tuple[int, str], found: tuple[int, str]) -> None:
    name = graph or "the default graph"
    if sent[0] != found[0]:
        raise RunError(
            f"{name} has {found[0]:,} triples in the engine and {sent[0]:,} in the release",
            hint="Publish again; an engine whose default graph is the union of its named graphs cannot take a release"
            if not graph
            else "Publish again; everything is sent anew",
        )
    if sent[1] != found[1]:
        raise RunError(
            f"{name} has as many triples in the engine as in the release, and other ones",
            hint="Publish again; an engine that rewrites literals, such as numbers, cannot be checked by digest",
        )


def _read_note(target: Target) -> str | None:
    """What the publication graph says: the release, or how far a loading has come; None where it is empty."""
    known = f"VALUES ?p {{ <{DCTERMS('identifier')}> <{RDFS('comment')}> }}"
    rows = target.select(f"SELECT ?note {{ GRAPH <{GRAPH_PUBLICATION}> {{ {known} ?s ?p ?note }} }}")
    return rows[0]["note"] if rows else None


def _write_note(target: Target, property_iri: str, text: str, issued: str | None = None) -> None:
    lines = f'<{GRAPH_PUBLICATION}> <{property_iri}> "{text}" .\n'
    if issued is not None:
        lines += f'<{GRAPH_PUBLICATION}> <{DCTERMS("issued")}> "{issued}" .\n'
    target.write(GRAPH_PUBLICATION, lines.encode(), replace=True)
