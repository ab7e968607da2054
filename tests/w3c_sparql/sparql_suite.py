"""Reads the W3C SPARQL 1.0 and 1.1 test manifests into tests that a query service can be held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

# What a query service without updates, federation and entailment regimes is not asked. The numbers are of tests.
OUT_OF_SCOPE = {
    "sparql11/entailment": "70 tests of entailment regimes: data files are served as they are, without a closure",
    "sparql11/syntax-fed": "3 tests of SERVICE: federation is refused",
    "sparql11/graph-store-protocol": "13 tests: there is no graph store protocol",
    "sparql11/http-rdf-update": "18 deprecated tests: there is no graph store protocol",
}

Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True)
class HttpRequest:
    """One request of a protocol test and what is expected of its answer."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: tuple[str, ...]
    format: str | None
    boolean: bool | None


@dataclass(frozen=True)
class Entry:
    """One test.

    Args:
        name: `sparql11/bind/bind01`: suite, group and entry.
        kind: local name of its class, such as QueryEvaluationTest.
        title: its mf:name.
        query: the query file.
        data: files of the default graph.
        graphs: named graphs, IRI to file.
        result: the file with the expected result.
        lax: whether duplicates may be dropped (REDUCED).
        federated: whether it needs other endpoints.
        requests: the requests of a protocol test.
    """

    name: str
    kind: str
    title: str
    query: Path | None = None
    data: tuple[Path, ...] = ()
    graphs: tuple[tuple[str, Path], ...] = ()
    result: Path | None = None
    lax: bool = False
    federated: bool = False
    requests: tuple[HttpRequest, ...] = field(default=())

    @property
    def group(self) -> str:
        """`sparql11/bind`."""
        return self.name.rpartition("/")[0]


def collect(root: Path) -> list[Entry]:
    """All entries of the manifests under `root` (the folder that holds sparql10 and sparql11), in manifest order."""
    tests: list[Entry] = []
    for path in sorted(root.glob("sparql1[01]/*/manifest.ttl")):
        tests.extend(_Manifest(path, root).tests())
    return tests


class _Manifest:
    def __init__(self, path: Path, root: Path) -> None:
        self._group = path.parent.relative_to(root).as_posix()
        self._store = Store()
        self._store.load(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri())

    def tests(self) -> Iterator[Entry]:
        for quad in self._store.quads_for_pattern(None, NamedNode(MF + "entries"), None):
            for entry in self._list(quad.object):
                yield self._test(entry)

    def _test(self, entry: Term) -> Entry:
        kind = self._text(entry, RDF + "type").removeprefix(MF)
        action = self._one(entry, MF + "action")
        query = self._one(action, QT + "query") if action is not None else None
        if query is None and isinstance(action, NamedNode):
            query = action  # syntax tests name the query itself
        result = self._one(entry, MF + "result")
        owner = action if self._all(action, UT + "graphData") else entry
        graphs = [(self._iri(graph), _path(graph)) for graph in self._all(action, QT + "graphData")]
        graphs += [
            (self._text(data, RDFS + "label"), _path(self._one(data, UT + "graph")))
            for data in self._all(owner, UT + "graphData")
        ]
        return Entry(
            f"{self._group}/{self._iri(entry).rpartition('#')[2]}",
            kind,
            self._text(entry, MF + "name"),
            _path(query) if query is not None else None,
            tuple(_path(data) for data in self._all(action, QT + "data")),
            tuple(graphs),
            _path(result) if isinstance(result, NamedNode) else None,
            self._one(entry, MF + "resultCardinality") == NamedNode(MF + "LaxCardinality"),
            bool(self._all(action, QT + "serviceData")),
            tuple(self._requests(action)),
        )

    def _requests(self, action: Term | None) -> Iterator[HttpRequest]:
        head = self._one(action, HT + "requests")
        for request in self._list(head) if head is not None else ():
            body = self._one(request, HT + "body")
            response = self._one(request, HT + "resp")
            headers = [
                (self._text(header, HT + "fieldName"), self._text(header, HT + "fieldValue"))
                for several in self._all(request, HT + "headers")
                for header in self._list(several)
            ]
            encoding = self._text(body, CNT + "characterEncoding") if body is not None else "utf-8"
            boolean = self._one(response, MF + "expectedBoolean")
            expected = self._one(response, MF + "expectedFormat")
            yield HttpRequest(
                self._text(request, HT + "methodName"),
                self._text(request, HT + "absolutePath"),
                tuple(headers),
                self._text(body, CNT + "chars").encode(encoding) if body is not None else b"",
                tuple(self._iri(s)[-3:] for s in self._all(response, MF + "expectedStatus")),
                expected.value if isinstance(expected, Literal) else None,
                boolean.value == "true" if isinstance(boolean, Literal) else None,
            )

    def _all(self, subject: Term | None, predicate: str) -> list[Term]:
        if subject is None or isinstance(subject, Literal | Triple):
            return []
        found = self._store.quads_for_pattern(subject, NamedNode(predicate), None)
        return [quad.object for quad in found]

    def _one(self, subject: Term | None, predicate: str) -> Term | None:
        return next(iter(self._all(subject, predicate)), None)

    def _text(self, subject: Term | None, predicate: str) -> str:
        value = self._one(subject, predicate)
        return value.value if isinstance(value, Literal | NamedNode) else ""

    def _list(self, head: Term) -> Iterator[Term]:
        node: Term | None = head
        while node is not None and node != NamedNode(RDF + "nil"):
            first = self._one(node, RDF + "first")
            if first is not None:
                yield first
            node = self._one(node, RDF + "rest")

    @staticmethod
    def _iri(term: Term) -> str:
        return term.value if isinstance(term, NamedNode) else ""


def _path(term: Term | None) -> Path:
    assert isinstance(term, NamedNode), term
    return Path(unquote(urlsplit(term.value).path))


def quads(path: Path, graph: str | None) -> Iterator[Quad]:
    """The triples of an RDF file as quads of the named graph `graph`, or of the default graph."""
    rdf_format = RdfFormat.from_extension(path.suffix.removeprefix("."))
    for quad in parse(path=path, format=rdf_format, base_iri=path.as_uri(), rename_blank_nodes=True):
        yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph)) if graph else quad
