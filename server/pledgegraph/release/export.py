"""Writes a selection in the syntaxes people ask for; equal selections give equal bytes."""

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import Quad, RdfFormat, Store, serialize

from pledgegraph import turtle
from pledgegraph.errors import InputError
from pledgegraph.release import jsonld, selection, table
from pledgegraph.release.selection import Selection
from pledgegraph.terms import PREFIXES


@dataclass(frozen=True)
class Format:
    """A syntax to export in.

    Args:
        name: Its name on the command line.
        media_type: Its media type.
        suffix: Its file suffix, without dot.
    """

    name: str
    media_type: str
    suffix: str


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("turtle", "text/turtle", "ttl"),
        Format("jsonld", "application/ld+json", "jsonld"),
        Format("ntriples", "application/n-triples", "nt"),
        Format("nquads", "application/n-quads", "nq"),
        Format("trig", "application/trig", "trig"),
        Format("rdfxml", "application/rdf+xml", "rdf"),
        Format("csv", "text/csv", "csv"),
    )
}
"""Name to format, in the order help texts list them."""


def export(store: Store, format_name: str, *, name: str | None = None, inferred: bool = False) -> bytes:
    """Export the whole graph, one document or one entity.

    Args:
        store: The store of a release.
        format_name: One of `FORMATS`.
        name: A named graph or an entity, see `selection.select`; the whole graph by default.
        inferred: Whether triples of the closure come with it.

    Returns:
        The document. N-Quads and TriG of the whole graph hold the named graphs too; CSV has one row for each record
        and claim.

    Raises:
        InputError: The format is unknown, or nothing has this name.
    """
    if format_name not in FORMATS:
        raise InputError(f"{format_name!r} is no format", hint=f"Known are {', '.join(FORMATS)}")
    if name is None and format_name in ("nquads", "trig"):
        return _quads(selection.quads(store, inferred=inferred), format_name)
    if name is None:
        return serialise(store, selection.whole(store, inferred=inferred), format_name)
    return serialise(store, selection.select(store, name, inferred=inferred), format_name)


def serialise(store: Store, selected: Selection, format_name: str) -> bytes:
    """Write a selection of a store in a format; see `export`."""
    if format_name == "csv":
        return table.records(store, selected.triples)
    return _WRITERS[format_name](selected)


def _turtle(selected: Selection) -> bytes:
    if selected.whole:  # a hundred times as fast as the canonical writer, whose neat lists nobody reads in megabytes
        return serialize(turtle.relabel(selected.triples), format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    return turtle.canonical(selected.triples).encode()


def _jsonld(selected: Selection) -> bytes:
    if selected.root is not None:
        return jsonld.framed(selected.triples, selected.root)
    return jsonld.flat(turtle.relabel(selected.triples))


def _lines(selected: Selection) -> bytes:
    return serialize(turtle.relabel(selected.triples), format=RdfFormat.N_TRIPLES) or b""


def _rdfxml(selected: Selection) -> bytes:
    return serialize(turtle.relabel(selected.triples), format=RdfFormat.RDF_XML, prefixes=PREFIXES) or b""


def _triples_as_quads(format_name: str) -> Callable[[Selection], bytes]:
    def write(selected: Selection) -> bytes:
        quads = [Quad(t.subject, t.predicate, t.object) for t in turtle.relabel(selected.triples)]
        return _quads(quads, format_name)

    return write


def _quads(quads: list[Quad], format_name: str) -> bytes:
    canonical = sorted(turtle.relabel_quads(quads), key=lambda quad: (str(quad.graph_name), str(quad.triple)))
    if format_name == "trig":
        return serialize(canonical, format=RdfFormat.TRIG, prefixes=PREFIXES) or b""
    return serialize(canonical, format=RdfFormat.N_QUADS) or b""


_WRITERS: dict[str, Callable[[Selection], bytes]] = {
    "turtle": _turtle,
    "jsonld": _jsonld,
    "ntriples": _lines,
    "nquads": _triples_as_quads("nquads"),
    "trig": _triples_as_quads("trig"),
    "rdfxml": _rdfxml,
}
