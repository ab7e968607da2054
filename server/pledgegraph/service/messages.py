"""What goes into the service and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pyoxigraph import Literal as RdfLiteral, NamedNode

from pledgegraph.sparql import QueryForm

Form = QueryForm
Term = NamedNode | RdfLiteral

RESULT_TYPES: tuple[str, ...] = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
"""Media types of SELECT and ASK answers, the preferred first; ASK has the first two alone."""

GRAPH_TYPES: tuple[str, ...] = (
    "text/turtle",
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/rdf+xml",
    "application/ld+json",
)
"""Media types of CONSTRUCT and DESCRIBE answers, the preferred first."""


def offered(form: Form) -> tuple[str, ...]:
    """The media types that can carry the answer to a query of this form, the preferred first."""
    if form == "ASK":
        return RESULT_TYPES[:2]
    return RESULT_TYPES if form == "SELECT" else GRAPH_TYPES


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of a query from its tokens, before anything parses it.

    Args:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        personal: Whether two evaluations may differ (NOW, RAND, UUID, STRUUID, BNODE): such an answer is not cached.
    """

    form: Form
    personal: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One query to answer.

    Args:
        query: SPARQL 1.1 query text.
        media_type: Media type of the answer, one of `RESULT_TYPES` or `GRAPH_TYPES`, without parameters.
        default_graphs: IRIs of the protocol's default-graph-uri; with named_graphs they replace FROM and FROM NAMED.
        named_graphs: IRIs of the protocol's named-graph-uri.
        client: Whose budget of seconds pays; the empty string is nobody's and is not charged.
        kind: "visitor" for a stranger's text, "page" for a query of the project's own (a page, a named question), which
            goes before visitors' queries when seats are short. Both meet the same guard and the same deadline.
        bindings: Terms for the parameters `$name` in the query.
        base: Base IRI of the query, against which its relative IRIs are read; without one they are a syntax error.
    """

    query: str
    media_type: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    client: str = ""
    kind: Literal["visitor", "page"] = "visitor"
    bindings: Mapping[str, Term] = field(default_factory=dict)
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Args:
        body: The serialised answer.
        media_type: As requested, without charset.
        etag: Strong entity tag with its quotation marks; made from release, query and media type.
        cacheable: False where the answer must carry `Cache-Control: no-store`.
        seconds: Seconds of evaluation; 0.0 for a cache hit.
    """

    body: bytes
    media_type: str
    etag: str
    cacheable: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the service can answer, and what it serves.

    Args:
        ok: False while no worker can be had.
        release: Hash of the release, of the data files, or the URL of the engine without credentials.
        triples: Triples in the default graph; None where a foreign engine was not asked.
        workers: Workers alive (0 in front of a foreign engine).
        waiting: Queries waiting for a seat.
        detail: Why it is not ok, else empty.
    """

    ok: bool
    release: str
    triples: int | None
    workers: int
    waiting: int
    detail: str = ""
