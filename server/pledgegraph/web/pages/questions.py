"""`/queries` and `/queries/<name>`: the named questions, each with a form, its answer, its query, and files of both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request
from pyoxigraph import RdfFormat, parse

from pledgegraph.errors import InputError
from pledgegraph.evaluation import serialise_graph
from pledgegraph.queries import NamedQuery, Term
from pledgegraph.service import Request
from pledgegraph.sparql import bind
from pledgegraph.terms import ID
from pledgegraph.web import answering, description, negotiation
from pledgegraph.web.clients import budget_key
from pledgegraph.web.middleware import CACHEABLE, CLIENT
from pledgegraph.web.pages import answers, citation, forms
from pledgegraph.web.pages.asking import filled, query
from pledgegraph.web.pages.response import blueprint, page, page_number, site
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

SUFFIXES = {
    "json": negotiation.JSON,
    "csv": negotiation.CSV,
    "tsv": negotiation.TSV,
    "xml": negotiation.XML,
    "ttl": negotiation.TURTLE,
    "rq": "application/sparql-query",
}
"""Suffix of a question's address to the media type of what it gives."""

RESERVED = {"format", "page", "release"}
"""Names in an address that are no parameters of a question."""

_GROUPS = {
    "acts": "Who endorsed, declined, took part",
    "statements": "What texts and speakers say",
    "actors": "Actors and how they are connected",
    "comparison": "Texts and statements compared",
    "instruments": "Texts",
    "texts": "Texts",
    "votes": "Votes",
    "venues": "Venues",
    "counts": "Numbers",
    "sources": "Sources and what is only claimed",
    "time": "Time",
    "silence": "What is not known",
}


@blueprint.get("/queries", strict_slashes=False)
def index() -> Response:
    """All named questions."""
    if not negotiation.prefers_html(request.headers.get("Accept"), (negotiation.JSON, "application/json")):
        return _json_index()
    groups: dict[str, list[NamedQuery]] = {}
    for question in site().snapshot.questions.values():
        group = next(iter(question.headers.get("group", ())), "")
        groups.setdefault(_GROUPS.get(group, group.capitalize() or "Others"), []).append(question)
    return page(
        "questions.html",
        {"Vary": "Accept"},
        groups=sorted(groups.items()),
        total=len(site().snapshot.questions),
        citation=citation.of(site(), "Questions", "queries"),
    )


@blueprint.get("/queries.json")
def _json_index() -> Response:
    """All named questions with their parameters, for programs."""
    questions = [
        {
            "name": question.name,
            "title": question.title,
            "description": question.description,
            "address": site().iri(f"queries/{question.name}"),
            "parameters": [
                {
                    "name": parameter.name,
                    "type": parameter.type,
                    "class": parameter.range,
                    "required": parameter.required,
                    "default": parameter.default,
                    "description": parameter.description,
                }
                for parameter in question.parameters
            ],
        }
        for question in site().snapshot.questions.values()
    ]
    request.environ[CACHEABLE] = True
    body = json.dumps(questions, ensure_ascii=False, indent=1)
    headers = {"Content-Type": "application/json", "Vary": "Accept", "Cache-Control": "public, max-age=60"}
    return Response(body, headers=headers)


@blueprint.get("/queries/<name>")
@blueprint.get("/queries/<name>.<suffix>")
def question(name: str, suffix: str | None = None) -> Response:
    """One named question: a page with its form and answer for a browser, else the answer alone."""
    asked = site().snapshot.questions.get(name)
    if asked is None:
        raise Problem("not-found", f"There is no question called {name[:80]!r}.", hint=f"See {site().iri('queries')}.")
    wanted = suffix or request.args.get("format")
    if wanted == "html" or (wanted is None and negotiation.prefers_html(request.headers.get("Accept"), _DATA)):
        return _page(asked)
    values = {key: value for key, value in request.args.items() if key not in RESERVED}
    try:
        terms = asked.terms(values)
        forms.check_known(site(), asked, terms, values)
    except InputError as error:
        raise Problem("bad-request", error.message, hint=error.hint) from None
    return _file(asked, terms, wanted)


_DATA = (*negotiation.RESULT_TYPES, negotiation.TURTLE, "application/json")


def _file(asked: NamedQuery, terms: Mapping[str, Term], wanted: str | None) -> Response:
    """The answer in the format that the address or the Accept header names."""
    if wanted == "rq":
        return Response(sparql_text(asked, terms), headers={"Content-Type": "application/sparql-query; charset=utf-8"})
    if wanted is None:
        form = site().service.inspect(asked.text).form
        media_type, name = answering.choose(form, request.headers.get("Accept"), None)
    else:
        media_type = name = SUFFIXES.get(wanted) or negotiation.SHORT_NAMES.get(wanted, wanted)
        if media_type not in {*negotiation.RESULT_TYPES, *negotiation.GRAPH_TYPES}:
            known = ", ".join(SUFFIXES)
            raise Problem("not-found", f"A question is not answered as {wanted[:40]!r}.", hint=f"Known are {known}.")
    if media_type in negotiation.GRAPH_TYPES and asked.form in ("SELECT", "ASK"):
        return _evidence_graph(asked, terms, media_type)
    found = site().service.answer(_request(asked, terms, media_type))
    request.environ[CACHEABLE] = found.cacheable
    headers = {"Content-Type": negotiation.content_type(name), "Vary": "Accept", "ETag": found.etag}
    return Response(found.body, headers={**headers, "Cache-Control": answering.CACHE_CONTROL})


def _evidence_graph(asked: NamedQuery, terms: Mapping[str, Term], media_type: str) -> Response:
    """What is said of every thing that the rows name: records, claims, passages, with all their statements."""
    document = json.loads(site().service.answer(_request(asked, terms, negotiation.JSON)).body)
    named = {
        cell["value"]
        for row in document.get("results", {}).get("bindings", ())
        for cell in row.values()
        if cell["type"] == "uri" and cell["value"].startswith(ID)
    }
    found = {
        quad.triple
        for text in filled(query("statements"), sorted(named))
        for quad in parse(
            site().service.answer(Request(text, negotiation.N_TRIPLES, kind="page")).body, RdfFormat.N_TRIPLES
        )
    }
    return description.graph_response(serialise_graph(sorted(found, key=str), media_type), media_type)


def _request(asked: NamedQuery, terms: Mapping[str, Term], media_type: str) -> Request:
    client = budget_key(request.environ.get(CLIENT, ""))
    return Request(asked.text, media_type, client=client, kind="page", bindings=terms)


def answer_rows(served: Site, name: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of a named question with plain values; none where there is no such question."""
    asked = served.snapshot.questions.get(name)
    if asked is None:
        return []
    found = served.service.answer(Request(asked.text, negotiation.JSON, kind="page", bindings=asked.terms(values)))
    bindings = json.loads(found.body)["results"]["bindings"]
    return [{variable: cell["value"] for variable, cell in row.items()} for row in bindings]


def sparql_text(asked: NamedQuery, terms: Mapping[str, Term]) -> str:
    """The query with its values, as it can be pasted into any client."""
    return bind(asked.text, terms)


def _page(asked: NamedQuery) -> Response:
    values = {key: value for key, value in request.args.items() if key not in RESERVED}
    fields, errors, terms = forms.read(site(), asked, values)
    shown: answers.Table | None = None
    number = page_number()
    if terms is not None:
        answer = site().service.answer(_request(asked, terms, negotiation.JSON))
        shown = answers.table(site(), json.loads(answer.body), number)
    given = [(name, value) for name, value in values.items() if value]
    suffix = f"?{urlencode(given)}" if given else ""
    path = f"queries/{asked.name}"
    html: dict[str, Any] = {
        "question": asked,
        "fields": fields,
        "errors": errors,
        "shown": shown,
        "query": sparql_text(asked, terms) if terms is not None else asked.text,
        "files": [(name, site().path(f"{path}.{name}") + suffix) for name in SUFFIXES if name != "rq"],
        "given": urlencode(given),
        "citation": citation.of(site(), asked.title, path + suffix),
    }
    if not errors:
        return page("question.html", {"Vary": "Accept"}, **html)
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Vary": "Accept"}
    return Response(render_template("question.html", **html), status=400, headers=headers)
