"""The dataset: Turtle in, a default graph and named graphs in the engine's store, on disk and in memory."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
    parse as parse_rdf,
)

from pledgegraph import turtle
from pledgegraph.content import Content
from pledgegraph.errors import Finding, FindingsError, InputError, RunError
from pledgegraph.evaluation import DEFAULT, answer, query_error
from pledgegraph.terms import PREFIXES

DUMP_NAME = "dataset.nq"
STORE_NAME = "store"


class Dataset:
    """An RDF dataset in a store: a default graph with the merged set, named graphs with the same triples by origin.

    Args:
        store: The store; a fresh one in memory by default.
        content: The content root it was read from, if it was.
    """

    def __init__(self, store: Store | None = None, content: Content | None = None) -> None:
        self.store = Store() if store is None else store
        self.content = content
        self._sources: dict[str, Path] = {}

    @classmethod
    def from_content(cls, content: Content) -> "Dataset":
        """Read ontology and graph files: one named graph a file, all of them in the default graph.

        Alignments get their named graphs and stay out of the default graph.

        Raises:
            FindingsError: Files that do not parse, all of them at once.
            RunError: A file cannot be read.
        """
        dataset = cls(content=content)
        alignments = set(content.alignment_files())
        findings: list[Finding] = []
        for path in [*content.ontology_files(), *content.alignment_files(), *content.graph_files()]:
            try:
                dataset.add_file(path, merged=path not in alignments)
            except InputError as error:
                findings.append(Finding(error.file, error.line, "violation", error.message, error.hint))
        if findings:
            raise FindingsError(findings)
        return dataset

    @classmethod
    def from_release(cls, path: Path, *, memory: bool = False) -> "Dataset":
        """Open a built release; see `open_release`."""
        return cls(open_release(path, memory=memory), Content(path))

    @classmethod
    def from_files(cls, paths: Iterable[Path]) -> "Dataset":
        """Read RDF files of any syntax as they are: triples into the default graph, quads where they say.

        Raises:
            InputError: A file does not parse, or its suffix names no RDF syntax.
            RunError: A file cannot be read.
        """
        dataset = cls()
        for path in paths:
            dataset.add_quads(parse_file(path))
        return dataset

    def add_file(self, path: Path, *, merged: bool = True) -> int:
        """Read one Turtle file into its named graph and, if merged, into the default graph; returns its triples."""
        content = self.content
        name = path.as_posix() if content is None else content.display(path)
        graph = path.resolve().as_uri() if content is None else content.graph_iri(path)
        triples = turtle.parse(path, name=name)
        self._sources[graph] = path
        self.add(triples, graph, merged=merged)
        return len(triples)

    def add(self, triples: Iterable[Triple], graph: str, *, merged: bool = True) -> None:
        """Add triples to a named graph and, if merged, to the default graph.

        Args:
            triples: What to add; what is there already is not added twice.
            graph: IRI of the named graph.
            merged: Whether they belong to the merged set too.
        """
        name = NamedNode(graph)
        known = list(triples)
        self.store.extend(Quad(t.subject, t.predicate, t.object, name) for t in known)
        if merged:
            self.store.extend(Quad(t.subject, t.predicate, t.object, DEFAULT) for t in known)

    def add_quads(self, quads: Iterable[Quad]) -> None:
        """Add quads where they say."""
        self.store.extend(quads)

    def spelled(self, graph: str | None = None) -> list[tuple[str, str, str]]:
        """Triples of a named graph, or of the default graph, with their terms as N-Triples spells them."""
        name = DEFAULT if graph is None else NamedNode(graph)
        lines = (self.store.dump(format=RdfFormat.N_TRIPLES, from_graph=name) or b"").decode().split("\n")
        return [
            (subject, predicate, rest[:-2]) for subject, predicate, rest in (line.split(" ", 2) for line in lines[:-1])
        ]

    def add_spelled(self, triples: Iterable[tuple[str, str, str]], graph: str, *, merged: bool = True) -> None:
        """Add triples spelled as in N-Triples; like `add`, and several times as fast for many triples.

        Blank nodes keep their labels, so triples of `spelled` meet those they were made from.
        """
        lines = []
        for triple in triples:
            line = " ".join(triple)
            lines.append(f"{line} <{graph}> .\n{line} .\n" if merged else f"{line} <{graph}> .\n")
        self.store.extend(parse_rdf("".join(lines).encode(), RdfFormat.N_QUADS))

    def matching(
        self, subject: str | None, predicate: str | None, object_: str | None, graph: str | None = None
    ) -> Iterator[tuple[str, str, str]]:
        """Triples of a named graph, or of the default graph, with these terms spelled as in N-Triples; None is any."""
        found = self.store.quads_for_pattern(
            _unspelled(subject),  # type: ignore[arg-type]
            _unspelled(predicate),  # type: ignore[arg-type]
            _unspelled(object_),
            DEFAULT if graph is None else NamedNode(graph),
        )
        return ((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in found)

    def graphs_of(self, triple: tuple[str, str, str]) -> list[str]:
        """IRIs of the named graphs that hold a triple spelled as in N-Triples, sorted."""
        subject, predicate, object_ = (_unspelled(term) for term in triple)
        found = self.store.quads_for_pattern(subject, predicate, object_, None)  # type: ignore[arg-type]
        return sorted(quad.graph_name.value for quad in found if isinstance(quad.graph_name, NamedNode))

    def unmerge(self, triples: Iterable[Triple]) -> None:
        """Take triples out of the default graph; named graphs keep them."""
        for t in list(triples):
            self.store.remove(Quad(t.subject, t.predicate, t.object, DEFAULT))

    def move(self, triples: Iterable[Triple], graph: str) -> None:
        """Take triples out of the default graph and every named graph, and put them into one named graph."""
        for t in list(triples):
            for quad in list(self.store.quads_for_pattern(t.subject, t.predicate, t.object, None)):
                self.store.remove(quad)
            self.store.add(Quad(t.subject, t.predicate, t.object, NamedNode(graph)))

    def triples(self, graph: str | None = None) -> Iterator[Triple]:
        """Triples of a named graph, or of the default graph when none is named."""
        name = DEFAULT if graph is None else NamedNode(graph)
        return (quad.triple for quad in self.store.quads_for_pattern(None, None, None, name))

    def named_graphs(self) -> list[str]:
        """IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self.store.named_graphs() if isinstance(graph, NamedNode))

    def counts(self) -> dict[str, int]:
        """Triples of each named graph by IRI; the default graph under the empty string."""
        counts = {"": 0, **dict.fromkeys(self.named_graphs(), 0)}
        for quad in self.store:
            counts[quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""] += 1
        return counts

    def source_of(self, graph: str) -> Path | None:
        """The Turtle file a named graph was read from."""
        return self._sources.get(graph)

    def place_of(self, subject: str, text: str | None = None) -> tuple[str | None, int | None]:
        """File (as messages show it) and line where a subject is written, for findings.

        Args:
            subject: IRI of the subject.
            text: Something in the subject's block, to point at its line.
        """
        for quad in self.store.quads_for_pattern(NamedNode(subject), None, None, None):
            path = self._sources.get(getattr(quad.graph_name, "value", ""))
            if path is not None:
                line = turtle.line_of(path, subject, text)
                if line is not None:
                    return self.display(path), line
        for path in self._sources.values():  # a withheld subject has left the graph of its file
            line = turtle.line_of(path, subject, text)
            if line is not None:
                return self.display(path), line
        return None, None

    def display(self, path: Path) -> str:
        """A file as messages show it: relative to the content root where there is one."""
        return path.as_posix() if self.content is None else self.content.display(path)

    def query(
        self, query: str, substitutions: Mapping[str, str] | None = None
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Evaluate a trusted query in this process.

        Args:
            query: SPARQL 1.1; the project's prefixes are known without being declared.
            substitutions: Variable name to the term (spelled as in N-Triples) that takes its place in the outermost
                pattern.

        Raises:
            QuerySyntaxError: The query does not parse.
            InputError: It calls a function the engine does not have.
        """
        try:
            terms: dict[Variable, NamedNode | BlankNode | Literal | Triple] = {}
            for name, spelled in (substitutions or {}).items():
                term = _unspelled(spelled)
                if term is not None:
                    terms[Variable(name)] = term
            return self.store.query(query, prefixes=PREFIXES, substitutions=terms)
        except (SyntaxError, RuntimeError, ValueError) as error:
            raise query_error(error) from None

    def answer(self, query: str, media_type: str) -> bytes:
        """Evaluate a trusted query in this process and serialise the answer; see `evaluation.answer`."""
        return answer(self.store, query, media_type)

    def canonical_quads(self) -> list[str]:
        """The dataset as canonical N-Quads lines (RDFC-1.0), each with its line end, sorted by code point."""
        return turtle.canonical_lines((self.store.dump(format=RdfFormat.N_QUADS) or b"").decode())


def open_release(path: Path, *, memory: bool = False) -> Store:
    """Open the store of a built release.

    Args:
        path: The release directory.
        memory: Load it into memory (about 400 bytes a triple) instead of opening it read-only on disk.

    Raises:
        RunError: The directory holds no whole release.
    """
    hint = "Delete it and build it again with: pledgegraph build"
    needed = path / DUMP_NAME if memory else path / STORE_NAME / "CURRENT"
    if not (path / "manifest.json").is_file() or not needed.is_file():
        raise RunError("is not a whole release", file=path.as_posix(), hint=hint)
    try:
        if memory:
            store = Store()
            store.bulk_load(path=path / DUMP_NAME, format=RdfFormat.N_QUADS, lenient=True)
        else:
            store = Store.read_only(str(path / STORE_NAME))
    except (OSError, RuntimeError, SyntaxError) as error:
        raise RunError(f"the store cannot be opened: {error}", file=path.as_posix(), hint=hint) from error
    if not store:
        raise RunError("the store is empty", file=path.as_posix(), hint=hint)
    return store


def write_store(path: Path, dump: Path) -> None:
    """Write a store on disk from canonical N-Quads, compacted for reading.

    Args:
        path: Directory of the store; it must not exist.
        dump: The N-Quads file.
    """
    store = Store(path)
    store.bulk_load(path=dump, format=RdfFormat.N_QUADS, lenient=True)
    store.optimize()
    store.flush()


def _unspelled(term: str | None) -> "Term | None":
    """The term that N-Triples spells so."""
    if term is None:
        return None
    if term.startswith("<"):
        return NamedNode(term[1:-1])
    if term.startswith("_:"):
        return BlankNode(term[2:])
    (quad,) = parse_rdf(f"<urn:s> <urn:p> {term} .", RdfFormat.N_TRIPLES)
    found: Literal = quad.object
    return found


def parse_file(path: Path) -> list[Quad]:
    """Read an RDF file of any syntax, told by its suffix, as it is.

    Raises:
        InputError: It does not parse, or its suffix names no RDF syntax.
        RunError: It cannot be read.
    """
    data = turtle.read_bytes(path)
    rdf_format = RdfFormat.from_extension(path.suffix.removeprefix("."))
    if rdf_format is None:
        raise InputError(
            f"the suffix {path.suffix or '(none)'} names no RDF syntax",
            file=path.as_posix(),
            hint="Known are .ttl .nt .nq .trig .rdf .jsonld",
        )
    try:
        return list(parse_rdf(data, rdf_format, rename_blank_nodes=True, base_iri=path.resolve().as_uri()))
    except SyntaxError as error:
        raise InputError(f"syntax error: {error.msg}", file=path.as_posix(), line=error.lineno) from None


Term = NamedNode | BlankNode | Literal
"""What stands in subject, predicate or object of a triple."""
