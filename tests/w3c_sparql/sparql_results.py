"""Compares SPARQL results: up to the names of blank nodes, in order where an order is expected."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)
from sparql_suite import RDF

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
XSD_INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
Term = NamedNode | BlankNode | Literal
Row = dict[str, Term]


@dataclass(frozen=True)
class Table:
    """Rows of a SELECT; `ordered` where their order is part of the result."""

    rows: Sequence[Row]
    ordered: bool = False


Result = Table | bool | list[Quad]


def expected(path: Path) -> Result:
    """Read the expected result of a test from any of the formats the suites use."""
    match path.suffix:
        case ".srx":
            return from_answer(path.read_bytes(), QueryResultsFormat.XML)
        case ".srj":
            return from_answer(path.read_bytes(), QueryResultsFormat.JSON)
        case ".tsv":
            return from_answer(path.read_bytes(), QueryResultsFormat.TSV)
    rdf_format = RdfFormat.from_extension(path.suffix.removeprefix("."))
    quads = list(parse(path=path, format=rdf_format, base_iri=path.as_uri()))
    result = _result_set(quads)
    return quads if result is None else result


def from_answer(data: bytes, results_format: QueryResultsFormat) -> Table | bool:
    """Read an answer in one of the SPARQL results formats."""
    results = parse_query_results(data, results_format)
    if isinstance(results, QueryBoolean):
        return bool(results)
    assert isinstance(results, QuerySolutions)
    names = [variable.value for variable in results.variables]
    rows = []
    for solution in results:
        pairs = zip(names, solution, strict=True)
        rows.append({name: value for name, value in pairs if value is not None})
    return Table(rows)


def graph(data: bytes, media_type: str, base: str) -> list[Quad]:
    """Read an answer in one of the RDF formats."""
    return list(parse(data, RdfFormat.from_media_type(media_type), base_iri=base))


def differs(actual: Result, wanted: Result, *, lax: bool = False) -> str | None:
    """What is wrong with `actual`, or None."""
    if isinstance(wanted, bool) or isinstance(actual, bool):
        return None if actual == wanted and type(actual) is type(wanted) else f"{actual}, expected {wanted}"
    if isinstance(wanted, list) or isinstance(actual, list):
        if not (isinstance(wanted, list) and isinstance(actual, list)):
            return "a graph where a table is expected, or the other way round"
        return None if _canonical(actual) == _canonical(wanted) else _short(len(actual), len(wanted), "triples")
    if lax:
        return _differs_lax(actual.rows, wanted.rows)
    ordered = wanted.ordered
    if _canonical(_as_graph(actual.rows, ordered)) == _canonical(_as_graph(wanted.rows, ordered)):
        return None
    return _short(len(actual.rows), len(wanted.rows), "rows")


def differs_csv(actual: bytes, wanted: bytes) -> str | None:
    """What is wrong with a CSV answer: header in order, rows in any order, blank nodes by any name."""
    found, given = (_csv_rows(data.decode()) for data in (actual, wanted))
    if found[0] != given[0]:
        return f"header {found[0]}, expected {given[0]}"
    return None if sorted(found[1:]) == sorted(given[1:]) else f"rows {found[1:]}, expected {given[1:]}"


def _csv_rows(text: str) -> list[list[str]]:
    names: dict[str, str] = {}
    return [
        [names.setdefault(cell, f"_:{len(names)}") if cell.startswith("_:") else cell for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""))
        if row
    ]


def _short(found: int, given: int, what: str) -> str:
    return f"other {what}" if found == given else f"{found} {what}, expected {given}"


def _differs_lax(actual: Sequence[Row], wanted: Sequence[Row]) -> str | None:
    """REDUCED: every expected row at least once and at most as often as expected (SPARQL 1.1, section 18.2.5.4)."""
    found, given = ([tuple(sorted((k, str(v)) for k, v in row.items())) for row in rows] for rows in (actual, wanted))
    good = set(found) == set(given) and all(found.count(row) <= given.count(row) for row in found)
    return None if good else _short(len(found), len(given), "rows")


def _as_graph(rows: Iterable[Row], ordered: bool) -> list[Quad]:
    quads = []
    for number, row in enumerate(rows):
        node = BlankNode()
        quads.append(Quad(node, NamedNode(RS + "row"), NamedNode(RS + "row")))
        if ordered:
            quads.append(Quad(node, NamedNode(RS + "index"), Literal(str(number), datatype=XSD_INTEGER)))
        quads.extend(Quad(node, NamedNode(f"urn:x-variable:{name}"), value) for name, value in row.items())
    return quads


def _canonical(quads: Iterable[Quad]) -> set[str]:
    """The canonical form of a graph, in which literals of one datatype and one value are the same.

    The suites' answers are written by hand, "2.0" or "2.00" for one decimal: what is compared is the value, as the
    suites' own instructions say. A store gives each value one spelling.
    """
    store = Store()
    store.extend(quads)
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def _result_set(quads: list[Quad]) -> Table | bool | None:
    """A result written in the DAWG result set vocabulary, or None where the graph is the result itself."""
    store = Store()
    store.extend(quads)

    def objects(subject: object, name: str) -> list[Term]:
        found = store.quads_for_pattern(subject, NamedNode(RS + name), None)  # type: ignore[arg-type]
        return [quad.object for quad in found]  # type: ignore[misc]

    head = [
        quad.subject for quad in store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(RS + "ResultSet"))
    ]
    if not head:
        return None
    if boolean := objects(head[0], "boolean"):
        return boolean[0].value in ("true", "1")
    rows: list[tuple[int, Row]] = []
    indexed = False
    for solution in objects(head[0], "solution"):
        row: Row = {}
        for binding in objects(solution, "binding"):
            row[objects(binding, "variable")[0].value] = objects(binding, "value")[0]
        index = objects(solution, "index")
        indexed = indexed or bool(index)
        rows.append((int(index[0].value) if index else 0, row))
    rows.sort(key=lambda pair: pair[0])
    return Table([row for _, row in rows], indexed)
