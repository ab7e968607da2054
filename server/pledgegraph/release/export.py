"""Writes a selection in the syntaxes people ask for; equal selections give equal bytes."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse, serialize

from pledgegraph import turtle
from pledgegraph.errors import InputError
from pledgegraph.release import jsonld, selection
from pledgegraph.release.selection import Selection
from pledgegraph.release.table import Writer
from pledgegraph.release.tables import RECORDS
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
        The document. N-Quads and TriG of the whole graph hold the named graphs too; CSV has one row for each record, in
        the columns of `records.csv` (`docs/tables.md`).

    Raises:
        InputError: The format is unknown, or nothing has this name.
    """
    if format_name not in FORMATS:
        raise InputError(f"{format_name!r} is no format", hint=f"Known are {', '.join(FORMATS)}")
    if name is None:
        return whole(store, format_name, inferred=inferred)
    return part(store, selection.select(store, name, inferred=inferred), format_name)


def whole(store: Store, format_name: str, *, inferred: bool) -> bytes:
    """Export the whole graph; see `export`.

    Turtle is written by the engine here: a hundred times as fast as the canonical writer, whose neat lists nobody
    reads in megabytes.
    """
    if format_name == "csv":
        return Writer(store).write(RECORDS)
    if format_name in ("nquads", "trig"):
        data = "".join(selection.quads(store, inferred=inferred)).encode()
        return data if format_name == "nquads" else _trig(parse(data, RdfFormat.N_QUADS))
    return from_lines(selection.whole(store, inferred=inferred), format_name)


def from_lines(lines: list[str], format_name: str) -> bytes:
    """Write canonical N-Triples lines in another syntax for triples."""
    data = "".join(lines).encode()
    if format_name == "ntriples":
        return data
    triples = (quad.triple for quad in parse(data, RdfFormat.N_TRIPLES))
    if format_name == "jsonld":
        return jsonld.flat(triples)
    return serialize(triples, format=_ENGINE[format_name], prefixes=PREFIXES) or b""


def part(store: Store, selected: Selection, format_name: str) -> bytes:
    """Export a document or an entity; see `export`."""
    if format_name == "turtle":
        return turtle.canonical(selected.triples).encode()
    if format_name == "csv":
        subjects = {triple.subject for triple in selected.triples}
        return Writer(store, [node for node in subjects if isinstance(node, NamedNode)]).write(RECORDS)
    if format_name == "jsonld" and selected.root is not None:
        return jsonld.framed(selected.triples, selected.root)
    triples = turtle.relabel(selected.triples)
    if format_name == "jsonld":
        return jsonld.flat(triples)
    return serialize(triples, format=_ENGINE[format_name], prefixes=_prefixes(format_name)) or b""


def _trig(quads: Iterable[Quad]) -> bytes:
    by_graph = sorted(quads, key=lambda quad: str(quad.graph_name))  # stable: within a graph the order of the lines
    return serialize(by_graph, format=RdfFormat.TRIG, prefixes=PREFIXES) or b""


def _prefixes(format_name: str) -> dict[str, str] | None:
    return PREFIXES if format_name in ("trig", "rdfxml") else None


_ENGINE = {
    "turtle": RdfFormat.TURTLE,
    "rdfxml": RdfFormat.RDF_XML,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
}
"""Formats that the engine writes."""
