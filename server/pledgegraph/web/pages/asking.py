"""Asks the service the queries of the pages: SPARQL files beside this one, with parameters bound as terms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from pledgegraph.service import Request
from pledgegraph.web.negotiation import JSON
from pledgegraph.web.site import Site

QUERIES = Path(__file__).parent / "queries"

Term = NamedNode | Literal

Cell = Mapping[str, str]
"""One term of the SPARQL JSON results format: `type`, `value`, and for literals `xml:lang` or `datatype`."""

# Terms of one VALUES block; the guard's limit for a query is 10,000.
_BATCH = 2000


@cache
def query(name: str) -> str:
    """The text of the query of that name."""
    return (QUERIES / f"{name}.rq").read_text(encoding="utf-8")


def cells(
    site: Site, name: str, terms: Mapping[str, Term] | None = None, *, nodes: Iterable[str] | None = None, **bound: Term
) -> Iterator[dict[str, Cell]]:
    """The rows of a page's query.

    Args:
        site: what is served.
        name: the query's name.
        terms: terms for its `$name` parameters.
        nodes: IRIs for its VALUES block; no row comes of none.
        bound: further terms, by the name of the parameter.

    Raises:
        ServiceError: the service cannot answer.
    """
    text = query(name)
    bindings = {**(terms or {}), **bound}
    for part in [text] if nodes is None else filled(text, nodes):
        answer = site.service.answer(Request(part, JSON, kind="page", bindings=bindings))
        yield from json.loads(answer.body)["results"]["bindings"]


def rows(
    site: Site, name: str, terms: Mapping[str, Term] | None = None, *, nodes: Iterable[str] | None = None, **bound: Term
) -> list[dict[str, str]]:
    """As `cells`, each row with the plain values of the variables that are bound."""
    return [
        {variable: cell["value"] for variable, cell in row.items()}
        for row in cells(site, name, terms, nodes=nodes, **bound)
    ]


def filled(text: str, nodes: Iterable[str]) -> Iterator[str]:
    """The query for batches of nodes. Each is spelled by `NamedNode`, which takes nothing that is not an IRI."""
    spelled = [str(NamedNode(iri)) for iri in dict.fromkeys(nodes)]
    for start in range(0, len(spelled), _BATCH):
        yield text.replace("NODES", " ".join(spelled[start : start + _BATCH]))
