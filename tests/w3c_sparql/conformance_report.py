"""Writes docs/conformance.md from misses.csv and scores.csv: `python tests/w3c_sparql/conformance_report.py`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "conformance.md"

CAUSES = {
    "graph scope": "The engine evaluates a pattern within `GRAPH ?g` once for all graphs where the pattern itself binds"
    " nothing from a graph, or lets `?g` into the inner scope.",
    "zero-length path": "The engine finds the path of no steps from a term to itself only where the term is in the"
    " data.",
    "blank node": "The engine's `BNODE(text)` gives one node for a text in the whole result, not one in each row.",
    "date equality": "XSD 1.1 compares dates with and without a time zone; the test expects an error as in XSD 1.0.",
    "tokens": "The engine reads `<` as a comparison where the longest token is an IRI.",
    "unknown function": "A query that calls a function nobody here knows is refused by name, where the test takes it"
    " for well-formed: each call would be an error, and an answer without it misleads.",
    "federation": "SERVICE is refused: no query makes this server call another.",
}
"""Why tests are missed."""

_BEFORE = """
The project runs the W3C test suites for SPARQL 1.0 and 1.1 against its own server: each test's data are served by a
server started for them in the test's process (`pledgegraph serve --data` serves the same), asked through the whole HTTP
layer. `make test SUITES=DIR` runs them, with the suites of `w3c/rdf-tests` in `DIR/sparql`.
"""

_AFTER = """
Results are compared up to the names of blank nodes, in order where the test says so, and literals by value within their
datatype. A refused update counts only where the data are the same before and after; that a read-only server refuses a
malformed update proves nothing about the update, and is not counted as a pass of it.

Not run: the 70 tests of entailment regimes (data files are served as they are), the 6 evaluation and 3 syntax tests
that need other endpoints (SERVICE is refused), updates and the graph store protocol (the service is read-only).
"""

_TITLES = {
    "protocol": "SPARQL 1.1 Protocol, queries",
    "updates refused": "SPARQL 1.1 Protocol, updates: refused, with the data unchanged",
    "service description": "SPARQL 1.1 Service Description",
    "formats": "Result formats: JSON, CSV, TSV",
    "evaluation": "Query evaluation, SPARQL 1.0 and 1.1",
    "syntax": "Query syntax, SPARQL 1.0 and 1.1",
}


@dataclass(frozen=True)
class Miss:
    """A test that is missed, and the cause, a key of `CAUSES`."""

    test: str
    cause: str


def misses() -> list[Miss]:
    """The misses of misses.csv."""
    return [Miss(row["test"], row["cause"]) for row in _rows("misses.csv")]


def scores() -> dict[str, tuple[int, int]]:
    """Category to tests passed and tests run, from scores.csv."""
    return {row["category"]: (int(row["passed"]), int(row["run"])) for row in _rows("scores.csv")}


def page() -> str:
    """The text of docs/conformance.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Conformance"
    yield ""
    yield "<!-- Written by tests/w3c_sparql/conformance_report.py; a test compares the two. -->"
    yield _BEFORE
    yield "| Suite | Passed | Of |"
    yield "|---|---:|---:|"
    for name, title in _TITLES.items():
        passed, of = scores()[name]
        yield f"| {title} | {passed} | {of} |"
    yield _AFTER
    yield "## Every miss, by cause"
    for cause, text in CAUSES.items():
        tests = sorted(miss.test for miss in misses() if miss.cause == cause)
        yield ""
        yield f"**{cause[:1].upper()}{cause[1:]}** ({len(tests)}). {text}"
        yield ""
        yield from (f"- `{test}`" for test in tests)


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
