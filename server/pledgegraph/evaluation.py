"""Evaluates a query over a store and serialises its answer, with what the engine does otherwise than SPARQL mended."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import IO, Any

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from pledgegraph import sparql
from pledgegraph.errors import InputError, PledgegraphError, QuerySyntaxError, RunError, UnsupportedFormatError
from pledgegraph.terms import PREFIXES

DEFAULT = DefaultGraph()

RESULT_FORMATS: dict[str, QueryResultsFormat] = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
"""Media types that carry the answer of SELECT and ASK."""

GRAPH_FORMATS: dict[str, RdfFormat] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
"""Media types that carry the answer of CONSTRUCT and DESCRIBE."""

_XML_TYPES = ("application/sparql-results+xml", "application/xml", "application/rdf+xml")

# What XML 1.0 has no spelling for: https://www.w3.org/TR/xml/#charsets
_NOT_XML = bytes({*range(0x20)} - set(b"\t\n\r"))
_NOT_XML_EITHER = ("\ufffe".encode(), "\uffff".encode())

# What an outline is read for.
_OUTLINED = re.compile(rf"\bFROM|SELECT{sparql.SPACE}(?:(?:DISTINCT|REDUCED){sparql.SPACE})?\*", re.IGNORECASE)
_NO_OUTLINE = sparql.outline("")

_ERROR_PLACE = re.compile(r"error at (?P<line>\d+):(?P<column>\d+): (?P<message>.*)", re.DOTALL)


def _needs_outline(query: str) -> bool:
    """Whether a query may name graphs or select `*`: to look for that first spares most queries the reading."""
    return ("*" in query or "FROM" in query.upper()) and _OUTLINED.search(query) is not None


def evaluate(
    store: Store,
    query: str,
    *,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    base: str | None = None,
    functions: Mapping[NamedNode, Callable[..., Any]] | None = None,
    prefixes: Mapping[str, str] | None = None,
) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Evaluate one query with the dataset of the SPARQL 1.1 Protocol.

    What the engine does otherwise is mended here: several default graphs are merged (the engine counts a triple once
    for each graph it is in), `SELECT *` gives its columns by first appearance, and see `sparql.mend`.

    Args:
        store: Where to evaluate.
        query: SPARQL 1.1.
        default_graphs: IRIs whose merge is the default graph; like `named_graphs`, overrides FROM in the query.
        named_graphs: IRIs of the named graphs there are.
        base: Base IRI of the query.
        functions: Functions beside SPARQL's own, by name; each takes and gives terms.
        prefixes: Prefixes that need no declaration, to namespace.

    Raises:
        QuerySyntaxError: The query does not parse.
        InputError: It calls a function the engine does not have, or a graph is named by no absolute IRI.
    """
    query = sparql.mend(query)
    head = sparql.outline(query, base, prefixes) if _needs_outline(query) else _NO_OUTLINE
    defaults, named = default_graphs, named_graphs
    if not defaults and not named:
        defaults, named = head.default_graphs or None, head.named_graphs or None
    options: dict[str, object] = {} if functions is None else {"custom_functions": dict(functions)}
    if prefixes is not None:
        options["prefixes"] = prefixes
    if defaults is not None or named is not None:
        defaults = list(dict.fromkeys(defaults or ()))
        if len(defaults) > 1:
            store = _merge(store, [_graph(iri) for iri in defaults], [_graph(iri) for iri in named or ()])
            options["default_graph"] = DEFAULT
        else:
            options["default_graph"] = [_graph(iri) for iri in defaults]
        options["named_graphs"] = [_graph(iri) for iri in named or ()]
    try:
        results = store.query(query, base_iri=base, **options)  # type: ignore[arg-type]
        if head.star is not None and isinstance(results, QuerySolutions):
            known = {variable.value for variable in results.variables}
            columns = [name for name in sparql.variables(query) if name in known]
            if len(columns) == len(known) > 1:
                explicit = " ".join(f"?{name}" for name in columns)
                query = f"{query[: head.star.start]} {explicit} {query[head.star.end :]}"
                results = store.query(query, base_iri=base, **options)  # type: ignore[arg-type]
    except (SyntaxError, RuntimeError, ValueError) as error:
        raise query_error(error) from None
    return results


def answer(
    store: Store,
    query: str,
    media_type: str,
    *,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    base: str | None = None,
    functions: Mapping[NamedNode, Callable[..., Any]] | None = None,
    output: IO[bytes] | None = None,
) -> bytes:
    """Evaluate one query and serialise its answer.

    Args:
        store: Where to evaluate.
        query: SPARQL 1.1.
        media_type: One of `RESULT_FORMATS` for SELECT and ASK, of `GRAPH_FORMATS` for CONSTRUCT and DESCRIBE.
        default_graphs: See `evaluate`.
        named_graphs: See `evaluate`.
        base: See `evaluate`.
        functions: See `evaluate`.
        output: Where to write the answer as it comes, instead of returning it; what its `write` raises ends the
            evaluation and is raised again.

    Raises:
        QuerySyntaxError: The query does not parse.
        UnsupportedFormatError: The media type cannot carry this form of answer.
        InputError: The query calls a function the engine does not have, or XML lacks a character of the answer.
    """
    results = evaluate(
        store, query, default_graphs=default_graphs, named_graphs=named_graphs, base=base, functions=functions
    )
    try:
        if isinstance(results, QueryTriples):
            return serialise_graph(results, media_type, output)
        return serialise_results(results, media_type, output)
    except (RuntimeError, ValueError, OSError) as error:
        raise query_error(error) from None


def serialise_results(
    results: QuerySolutions | QueryBoolean, media_type: str, output: IO[bytes] | None = None
) -> bytes:
    """Serialise the answer of a SELECT or ASK.

    Args:
        results: What `evaluate` gave.
        media_type: One of `RESULT_FORMATS`.
        output: Where to write instead of returning the bytes.

    Raises:
        UnsupportedFormatError: The media type carries no results, or not these.
        InputError: XML lacks a character of the answer.
    """
    if media_type not in RESULT_FORMATS:
        raise UnsupportedFormatError(f"{media_type} cannot carry a result set")
    return _written(media_type, output, lambda target: results.serialize(target, RESULT_FORMATS[media_type]))


def serialise_graph(triples: Iterable[Triple], media_type: str, output: IO[bytes] | None = None) -> bytes:
    """Serialise triples with the engine's writer, in the order given (Turtle here is not the canonical form).

    Args:
        triples: A graph; the engine's answers hold each triple once.
        media_type: One of `GRAPH_FORMATS`.
        output: Where to write instead of returning the bytes.

    Raises:
        UnsupportedFormatError: The media type carries no graph.
        InputError: XML lacks a character of the graph.
    """
    if media_type not in GRAPH_FORMATS:
        raise UnsupportedFormatError(f"{media_type} cannot carry a graph")
    graph_format = GRAPH_FORMATS[media_type]
    prefixes = PREFIXES if graph_format in (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML) else None
    return _written(media_type, output, lambda target: serialize(triples, target, graph_format, prefixes=prefixes))


def _written(media_type: str, output: IO[bytes] | None, write: Callable[[Any], object]) -> bytes:
    """Have something written to `output`, or into the bytes returned where that is None."""
    whole = BytesIO()
    target = whole if output is None else output
    write(_XmlOutput(target) if media_type in _XML_TYPES else target)
    return whole.getvalue()


class _XmlOutput:
    """Mends what the engine's writers leave as it is: a carriage return, which readers of XML take for a line feed, and
    characters that no XML has."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._last = b""

    def write(self, data: bytes) -> int:
        seam = self._last + data
        if len(data.translate(None, _NOT_XML)) < len(data) or any(character in seam for character in _NOT_XML_EITHER):
            raise InputError(
                "the answer holds a character that XML cannot carry", hint="Ask for JSON, or Turtle for a graph"
            )
        self._last = seam[-2:]
        self._output.write(data.replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        self._output.flush()


def _graph(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError:
        raise InputError(
            f"{iri[:200]!r} names no graph", file="query", hint="Name a graph by an absolute IRI"
        ) from None


def _merge(store: Store, defaults: Sequence[NamedNode], named: Sequence[NamedNode]) -> Store:
    merged = Store()
    for graph in defaults:
        quads = store.quads_for_pattern(None, None, None, graph)
        merged.extend(Quad(quad.subject, quad.predicate, quad.object, DEFAULT) for quad in quads)
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged


def query_error(error: Exception) -> PledgegraphError:
    """An error of the engine as a fault of the query's syntax, of what it asks for, or of the store."""
    text = str(error)
    if isinstance(error, SyntaxError):
        found = _ERROR_PLACE.match(text)
        if found:
            return QuerySyntaxError(found["message"], line=int(found["line"]), column=int(found["column"]))
        return QuerySyntaxError(text)
    if isinstance(error, OSError):
        return RunError(f"the store cannot be read: {text}")
    return InputError(f"the query cannot be evaluated: {text}", file="query")
