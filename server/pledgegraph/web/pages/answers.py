"""The answer of a named question as a table: labels instead of addresses, and the evidence of each row in one cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from pledgegraph.web.pages import asking, evidence
from pledgegraph.web.pages.asking import Cell
from pledgegraph.web.pages.evidence import Evidence
from pledgegraph.web.pages.graph import Graph, Value
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

ROWS = 40
"""Rows on one page."""

_PROOF = {"claimantLabel", "reporterLabel", "verb", "passage", "locator", "documentLabel"}
"""Columns that the line of evidence holds once a row names its claim."""

_HEADINGS = {
    "recordLabel": "record", "actorLabel": "actor", "textLabel": "text", "asOf": "as of", "searchedOn": "searched on",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row: its cells in the order of the columns, and its evidence."""

    cells: tuple[Value | None, ...]
    evidence: Evidence | None


@dataclass(frozen=True)
class Table:
    """An answer as a page shows it.

    Args:
        columns: headings.
        rows: rows on this page.
        total: rows of the whole answer.
        number: number of this page, from 1.
        last: number of the last page.
        boolean: the answer to an ASK.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    total: int
    number: int
    last: int
    boolean: bool | None = None


def table(site: Site, document: Mapping[str, Any], number: int) -> Table:
    """A table from the SPARQL JSON results.

    Args:
        site: what is served.
        document: the results.
        number: the page wanted, from 1.

    Raises:
        Problem: there is no such page.
    """
    if "boolean" in document:
        return Table((), [], 1, 1, 1, bool(document["boolean"]))
    variables: list[str] = document["head"]["vars"]
    bindings: list[dict[str, Cell]] = document["results"]["bindings"]
    last = max(1, ceil(len(bindings) / ROWS))
    if number > last:
        raise Problem("not-found", f"The answer has {last} page{'s' if last > 1 else ''}, and no page {number}.")
    part = bindings[(number - 1) * ROWS : number * ROWS]
    proved = "claim" in variables
    hidden = {"claim", *_PROOF} if proved else set()
    # A thing and its label are one column.
    hidden |= {f"{name}Label" for name in variables if f"{name}Label" in variables}
    columns = [name for name in variables if name not in hidden]
    used = [name for name in columns if any(name in row or f"{name}Label" in row for row in bindings)]
    claims: dict[str, Evidence] = {}
    if proved:
        claims = evidence.read(Graph(site), [row["claim"]["value"] for row in part if "claim" in row])
    labels = _labels(site, [row[name]["value"] for row in part for name in used if _unlabelled(row, name)])
    rows = [
        Row(
            tuple(_value(row, name, labels) for name in used),
            claims.get(row["claim"]["value"]) if proved and "claim" in row else None,
        )
        for row in part
    ]
    return Table(tuple(map(heading, used)), rows, len(bindings), number, last)


def heading(variable: str) -> str:
    """The heading of a column, from the name of its variable.

    >>> heading("statusLabel")
    'status'
    """
    name = _HEADINGS.get(variable, variable.removesuffix("Label"))
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)


def _unlabelled(row: Mapping[str, Cell], name: str) -> bool:
    return name in row and row[name]["type"] == "uri" and f"{name}Label" not in row


def _labels(site: Site, iris: list[str]) -> dict[str, str]:
    """Labels of things that a question names without them."""
    return {row["thing"]: row["label"] for row in asking.rows(site, "labels", nodes=iris)}


def _value(row: Mapping[str, Cell], name: str, labels: Mapping[str, str]) -> Value | None:
    cell = row.get(name)
    if cell is None:
        return None
    label = row.get(f"{name}Label")
    return Value(
        cell["value"],
        cell["type"] == "uri",
        label["value"] if label else labels.get(cell["value"], ""),
        cell.get("xml:lang", ""),
        cell.get("datatype", ""),
    )
