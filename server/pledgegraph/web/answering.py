"""Answers a SPARQL query that came over HTTP, without any framework: media type, service, headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pledgegraph.service import GRAPH_TYPES, Answer, Form, Request, ServiceError, offered
from pledgegraph.web import negotiation, protocol
from pledgegraph.web.clients import budget_key
from pledgegraph.web.problems import Headers, Problem
from pledgegraph.web.protocol import Asked
from pledgegraph.web.site import Site

PATHS = ("/sparql", "/sparql/")
"""Where queries are sent."""

CACHE_CONTROL = "public, max-age=60"
"""An answer is right for as long as its release is served; after a minute a cache asks again, and gets a 304."""


def media_type_of(form: Form, wanted: str) -> str | None:
    """The media type that a `format` parameter means for a query of `form`; None for what is no format here.

    A name that two kinds of answer share, such as `json`, means the format for this kind.
    """
    graph = form in ("CONSTRUCT", "DESCRIBE")
    first, second = negotiation.RESULT_NAMES, negotiation.GRAPH_NAMES
    if graph:
        first, second = second, first
    known = (*first.values(), *second.values())
    return first.get(wanted) or second.get(wanted) or (wanted if wanted in known else None)


def choose(form: Form, accept: str | None, wanted: str | None) -> tuple[str, str]:
    """The format to answer in and the media type to name it by.

    Args:
        form: the form of the query.
        accept: the Accept header.
        wanted: the name or media type that a `format` parameter gives; it goes before the header where it is known.

    Raises:
        Problem: none of those that can carry the answer is accepted.
    """
    types = offered(form)
    if wanted is not None and (named := media_type_of(form, wanted)) is not None:
        chosen = (named, named) if named in types else None
    elif types is GRAPH_TYPES:
        chosen = negotiation.choose_graph(accept)
    else:
        chosen = negotiation.choose_results(accept, types)
    if chosen is None:
        raise Problem(
            "not-acceptable",
            f"The answer to {'an' if form == 'ASK' else 'a'} {form} query can be given in none of the types asked for.",
            hint=f"Accept one of: {', '.join(types)}.",
            members={"available": list(types)},
        )
    return chosen


def answer(site: Site, asked: Asked, accept: str | None, client: str) -> tuple[Headers, Answer]:
    """Answer one query.

    Args:
        site: what is served.
        asked: the query operation; it has a query.
        accept: the Accept header.
        client: the client's address, whose budget pays.

    Returns:
        The response headers and the answer.

    Raises:
        Problem: the query is refused or has no answer.
    """
    assert asked.query is not None
    try:
        inspection = site.service.inspect(asked.query)
        media_type, name = choose(inspection.form, accept, asked.format)
        found = site.service.answer(request_for(site, asked, media_type, client))
    except ServiceError as error:
        raise Problem.from_service(error) from None
    headers = [("Content-Type", negotiation.content_type(name)), ("Vary", "Accept")]
    if found.cacheable:
        headers += [("Cache-Control", CACHE_CONTROL), ("ETag", found.etag)]
    else:
        headers.append(("Cache-Control", "no-store"))
    return headers, found


def wants_page(asked: Asked, accept: str | None) -> bool:
    """Whether the answer is for a person: `format` or else the Accept header says so."""
    if asked.format is None or media_type_of("SELECT", asked.format) is None:
        return asked.format in ("html", negotiation.HTML) or negotiation.prefers_html(accept, _OTHERS)
    return False


_OTHERS = (*negotiation.RESULT_TYPES, *negotiation.GRAPH_TYPES, "application/json", "application/xml")


def request_for(site: Site, asked: Asked, media_type: str, client: str) -> Request:
    assert asked.query is not None
    return Request(
        asked.query,
        media_type,
        asked.default_graphs,
        asked.named_graphs,
        client=budget_key(client),
        base=site.iri("sparql"),
    )


def directly(site: Site, environ: Mapping[str, Any], body: bytes, client: str) -> tuple[Headers, Answer] | None:
    """Answer a request to the endpoint that needs no page: most do not, and the framework would double their cost.

    Args:
        site: what is served.
        environ: the WSGI environment.
        body: the body of a POST.
        client: the client's address.

    Returns:
        The response headers and the answer; None where the request is for a page or the service description.

    Raises:
        Problem: the query is refused or has no answer.
    """
    method, query_string = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    accept = environ.get("HTTP_ACCEPT")
    if method not in ("GET", "HEAD", "POST") or (accept and "html" in accept.lower()):
        return None
    asked = protocol.read(method, query_string, environ.get("CONTENT_TYPE"), body)
    if asked.query is None or wants_page(asked, accept):
        return None
    return answer(site, asked, accept, client)
