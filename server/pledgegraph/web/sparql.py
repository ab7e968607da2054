"""`/sparql`: the SPARQL 1.1 Protocol for queries, the service description, and the editor for a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from pledgegraph.service import Form, ServiceError
from pledgegraph.terms import PLEDGE
from pledgegraph.web import description, negotiation, problems, protocol
from pledgegraph.web.answering import CACHE_CONTROL, answer, media_type_of, request_for, wants_page
from pledgegraph.web.cells import cell
from pledgegraph.web.middleware import CACHEABLE, CLIENT
from pledgegraph.web.problems import Problem
from pledgegraph.web.protocol import Asked
from pledgegraph.web.site import Site

blueprint = Blueprint("sparql", __name__)

MAX_ROWS_SHOWN = 500
"""Rows of a result that the page shows; the files hold all."""

MAX_CELLS_SHOWN = 20_000
"""Cells of a result that the page shows, in whole rows: a million takes ten seconds to write."""

MAX_CHARACTERS_SHOWN = 200_000
"""Characters of a graph that the page shows."""

EXAMPLE = f"""\
PREFIX pledge: <{PLEDGE}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?actor ?name ?text
WHERE {{
  ?actor pledge:endorsedExactly ?text ; rdfs:label ?name .
}}
LIMIT 100
"""
"""What the editor starts with."""

EDITOR_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' "
    "data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""The editor (CodeMirror) positions its lines with style attributes, which is all that `unsafe-inline` is for."""


@blueprint.route("/sparql", methods=["GET", "POST", "OPTIONS"], strict_slashes=False)
def endpoint() -> Response:
    """Answer a query; describe the service; or show the editor."""
    if request.method == "OPTIONS":
        return options()
    site: Site = current_app.extensions["pledgegraph"]
    asked = protocol.read(
        request.method, request.environ.get("QUERY_STRING", ""), request.headers.get("Content-Type"), request.get_data()
    )
    accept = request.headers.get("Accept")
    as_page = wants_page(asked, accept)
    if asked.query is None:
        if as_page:
            return _page(site, asked, None)
        wanted = media_type_of("CONSTRUCT", asked.format) if asked.format is not None else None
        return description.respond(site, description.service, "sparql", wanted)
    client = request.environ.get(CLIENT, "")
    if as_page:
        try:
            return _page(site, asked, _shown(site, asked, client))
        except Problem as problem:
            return _page(site, asked, None, problem)
    headers, found = answer(site, asked, accept, client)
    request.environ[CACHEABLE] = found.cacheable
    return Response(found.body, headers=headers)


def options() -> Response:
    """What the endpoint takes, and leave for scripts of other origins to ask it."""
    headers = {
        "Allow": protocol.ALLOWED_METHODS,
        "Accept-Post": f"{protocol.QUERY}, {protocol.FORM}",
    }
    response = Response(status=204, headers=headers)
    del response.headers["Content-Type"]
    return response


@dataclass(frozen=True)
class Shown:
    """An answer as the page shows it.

    Args:
        form: the form of the query.
        columns: variables of a SELECT.
        rows: cells of a SELECT, each a term of the SPARQL JSON results or None; at most `MAX_ROWS_SHOWN` rows and
            `MAX_CELLS_SHOWN` cells.
        total: rows of the whole answer.
        boolean: the answer of an ASK.
        text: Turtle of a CONSTRUCT or DESCRIBE.
        links: the whole answer in each format, label to address.
        cacheable: whether the page may be kept.
        etag: the entity tag of the answer.
    """

    form: Form
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    total: int
    boolean: bool | None
    text: str | None
    links: Sequence[tuple[str, str]]
    cacheable: bool
    etag: str


def _shown(site: Site, asked: Asked, client: str) -> Shown:
    assert asked.query is not None
    try:
        form = site.service.inspect(asked.query).form
        found = site.service.answer(request_for(site, asked, _READ_AS[form], client))
    except ServiceError as error:
        raise Problem.from_service(error) from None
    graph = form in ("CONSTRUCT", "DESCRIBE")
    pairs = [("query", asked.query)]
    pairs += [("default-graph-uri", iri) for iri in asked.default_graphs]
    pairs += [("named-graph-uri", iri) for iri in asked.named_graphs]
    names = {"turtle", "jsonld", "ntriples"} if graph else {"json", "xml"} if form == "ASK" else _RESULT_NAMES
    links = [(name, f"{site.path('sparql')}?{urlencode([*pairs, ('format', name)])}") for name in sorted(names)]
    columns: list[str] = []
    rows: list[list[Mapping[str, str] | None]] = []
    total = 0
    if form == "SELECT":
        solutions = parse_query_results(found.body, QueryResultsFormat.TSV)
        assert isinstance(solutions, QuerySolutions)
        columns = [variable.value for variable in solutions.variables]
        most = min(MAX_ROWS_SHOWN, MAX_CELLS_SHOWN // max(len(columns), 1))
        rows = [[_term(term) for term in solution] for solution in islice(solutions, most)]
        total = found.body.count(b"\n") - 1  # line breaks within terms are escaped
    boolean = json.loads(found.body)["boolean"] if form == "ASK" else None
    text = found.body.decode() if graph else None
    return Shown(form, columns, rows, total, boolean, text, links, found.cacheable, found.etag)


# To read all rows of a large answer, as a reader of JSON has to, takes seconds in which no other request is answered.
_READ_AS: Mapping[Form, str] = {
    "SELECT": negotiation.TSV,
    "ASK": negotiation.JSON,
    "CONSTRUCT": negotiation.TURTLE,
    "DESCRIBE": negotiation.TURTLE,
}


def _term(term: object) -> Mapping[str, str] | None:
    """A term as the SPARQL JSON results have it, for a cell."""
    match term:
        case None:
            return None
        case NamedNode(value=value):
            return {"type": "uri", "value": value}
        case BlankNode(value=value):
            return {"type": "bnode", "value": value}
        case Literal(value=value, language=language):
            return {"type": "literal", "value": value, **({"xml:lang": language} if language else {})}
    return {"type": "triple", "value": str(term)}


_RESULT_NAMES = {"json", "csv", "tsv", "xml"}


def _page(site: Site, asked: Asked, shown: Shown | None, problem: Problem | None = None) -> Response:
    html = render_template(
        "sparql.html",
        query=asked.query,
        example=EXAMPLE,
        cell=lambda term: cell(term, site.path),
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        shown=shown,
        problem=problem,
        facts=problems.facts(problem) if problem is not None else [],
        max_characters=MAX_CHARACTERS_SHOWN,
        questions=list(site.snapshot.questions.values()),
        limits=site.service.limits.describe(),
    )
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", EDITOR_POLICY)]
    if problem is not None:
        return Response(html, status=problem.status, headers=headers + problem.response_headers())
    cacheable = shown is None or shown.cacheable
    request.environ[CACHEABLE] = cacheable
    headers += [("Vary", "Accept"), ("Cache-Control", CACHE_CONTROL if cacheable else "no-store")]
    return Response(html, headers=headers)
