"""Things by their addresses: `/id/<slug>` leads to a page or to data, `/data/<slug>` describes a thing in RDF, and
`/ontology` the vocabulary."""

from __future__ import annotations

import threading

from flask import Blueprint, Response, current_app, redirect, request
from pyoxigraph import NamedNode

from pledgegraph.errors import InputError
from pledgegraph.evaluation import serialise_graph
from pledgegraph.release import jsonld
from pledgegraph.service import Request, ServiceError
from pledgegraph.terms import DCTERMS, GRAPH, GRAPH_WITHHELD, ID, OWL, PLEDGE, SLUG
from pledgegraph.web import description, downloads, negotiation, neighbourhood, ontology as ontology_page, signposts
from pledgegraph.web.middleware import CACHEABLE
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

blueprint = Blueprint("linked_data", __name__)

SUFFIXES = {
    "ttl": negotiation.TURTLE,
    "jsonld": negotiation.JSON_LD,
    "nt": negotiation.N_TRIPLES,
    "rdf": negotiation.RDF_XML,
}
"""Suffix of a document's address to its media type."""

_DATA_TYPES = tuple(SUFFIXES.values())
_SUFFIX_OF = {media_type: suffix for suffix, media_type in SUFFIXES.items()}

_EXISTS = f"""
SELECT ?successor WHERE {{
  {{ SELECT * WHERE {{ $thing ?property ?value }} LIMIT 1 }}
  OPTIONAL {{ $thing <{DCTERMS("isReplacedBy")}> ?successor }}
}} LIMIT 1
"""

_WITHHELD = f"ASK {{ GRAPH <{GRAPH_WITHHELD}> {{ $thing ?property ?value }} }}"

_ONTOLOGY = f"""
CONSTRUCT {{ ?term ?property ?value }}
WHERE {{ GRAPH ?module {{ ?term ?property ?value }} FILTER STRSTARTS(STR(?module), "{GRAPH("ontology/")}") }}
"""


FRAMED_TRIPLES = 800
"""Largest graph that is framed: some 0.3 seconds of Python code, where 6,500 triples take 3 (0.1 as a list)."""

# One at a time leaves the interpreter to others half of the time.
_FRAMING = threading.Lock()


@blueprint.get("/id/<name>")
def thing(name: str) -> Response:
    """Lead from a thing, which no document can be, to a document about it (303)."""
    site: Site = current_app.extensions["pledgegraph"]
    slug, suffix = _split(name)
    successor = _look_up(site, slug)
    if suffix is None and successor is not None:
        return _lead(site.path(f"id/{successor}"), 301)
    if suffix is None:
        offered = (negotiation.HTML, *_DATA_TYPES)
        chosen = negotiation.choose(request.headers.get("Accept"), offered) or negotiation.HTML
        suffix = _SUFFIX_OF.get(chosen)
    return _lead(site.path(f"data/{slug}.{suffix}" if suffix else f"page/{slug}"), 303)


def _lead(target: str, status: int) -> Response:
    request.environ[CACHEABLE] = True
    response = redirect(target, status)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "public, max-age=60"
    return response  # type: ignore[return-value]  # flask's redirect gives its Response


@blueprint.get("/data/<name>")
def data(name: str) -> Response:
    """Describe a thing in RDF, in the syntax that the suffix or the Accept header names."""
    site: Site = current_app.extensions["pledgegraph"]
    manifest = site.snapshot.manifest
    if manifest is not None and any(dump.name == name for dump in manifest.dumps):
        return downloads.send_dump(site, name)
    slug, suffix = _split(name)
    if suffix is None and negotiation.prefers_html(request.headers.get("Accept")):
        _look_up(site, slug)
        return _lead(site.path(f"page/{slug}"), 303)
    if suffix is None:
        chosen = negotiation.choose_graph(request.headers.get("Accept"), _DATA_TYPES)
        if chosen is None:
            raise _not_acceptable()
        media_type, type_name = chosen
    else:
        media_type = type_name = SUFFIXES[suffix]
    body = describe(site, slug, media_type)
    headers = {
        "Link": signposting(site, slug, signposts.link(site.iri(f"page/{slug}"), "describes")),
        "Content-Location": site.path(f"data/{slug}.{_SUFFIX_OF[media_type]}"),
    }
    return description.graph_response(body, type_name, headers)


def describe(site: Site, slug: str, media_type: str) -> bytes:
    """A thing with its records, their claims and passages, as serialised RDF.

    JSON-LD is a tree from the thing as long as that is quick to make, and a list of nodes beyond `FRAMED_TRIPLES`.

    Raises:
        Problem: nothing is known of it, or the service cannot answer.
    """
    _look_up(site, slug)
    triples = neighbourhood.of(site, ID(slug))
    if media_type != negotiation.JSON_LD:
        try:
            return serialise_graph(triples, media_type)
        except InputError as error:
            detail = "What is known of it holds a character that XML cannot carry."
            raise Problem("not-acceptable", detail, hint=error.hint) from None
    if len(triples) > FRAMED_TRIPLES:
        return jsonld.flat(triples)
    with _FRAMING:
        return jsonld.framed(triples, ID(slug))


def signposting(site: Site, slug: str, *more: str) -> str:
    """The Link header of a document about a thing.

    Args:
        site: what is served.
        slug: of the thing.
        more: signposts that only the one kind of document has.
    """
    return signposts.header(
        signposts.link(ID(slug), "cite-as"),
        signposts.link(site.iri(f"page/{slug}"), "alternate", negotiation.HTML),
        *(
            signposts.link(site.iri(f"data/{slug}.{suffix}"), "describedby", media_type)
            for suffix, media_type in SUFFIXES.items()
        ),
        *more,
    )


@blueprint.get("/ontology")
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str | None = None) -> Response:
    """The vocabulary: a page for a browser, else RDF."""
    site: Site = current_app.extensions["pledgegraph"]
    accept = request.headers.get("Accept")
    if suffix == "html" or (suffix is None and negotiation.prefers_html(accept)):
        request.environ[CACHEABLE] = True
        files = [
            signposts.link(site.iri(f"ontology.{suffix}"), "describedby", media_type)
            for suffix, media_type in SUFFIXES.items()
        ]
        links = signposts.header(
            _CITE_ONTOLOGY,
            signposts.link(signposts.ABOUT_PAGE, "type"),
            signposts.link(OWL("Ontology"), "type"),
            *files,
        )
        headers = {"Vary": "Accept", "Cache-Control": "public, max-age=60", "Link": links}
        html = ontology_page.page(site, SUFFIXES)
        return Response(html, headers={"Content-Type": "text/html; charset=utf-8", **headers})
    if suffix is not None and suffix not in SUFFIXES:
        raise Problem("not-found", f"The ontology is not given as .{suffix[:20]}.", hint=_KNOWN_SUFFIXES)
    chosen = (SUFFIXES[suffix],) * 2 if suffix else negotiation.choose_graph(accept, _DATA_TYPES)
    if chosen is None:
        raise _not_acceptable()
    media_type, type_name = chosen
    body = _ask(site, _ONTOLOGY, media_type)
    headers = {
        "Link": signposts.header(_CITE_ONTOLOGY, signposts.link(site.iri("ontology"), "describes")),
        "Content-Location": site.path(f"ontology.{_SUFFIX_OF[media_type]}"),
    }
    return description.graph_response(body, type_name, headers)


_CITE_ONTOLOGY = signposts.link(PLEDGE.removesuffix("#"), "cite-as")
_KNOWN_SUFFIXES = f"Known are {', '.join('.' + suffix for suffix in SUFFIXES)}."


def _split(name: str) -> tuple[str, str | None]:
    """Slug and suffix of the last part of an address.

    Raises:
        Problem: it is neither a slug nor one with a known suffix.
    """
    slug, dot, suffix = name.partition(".")
    if not SLUG.match(slug) or (dot and suffix not in SUFFIXES):
        hint = f"A thing's address ends in lower-case letters, digits and hyphens. {_KNOWN_SUFFIXES}"
        raise Problem("not-found", f"No thing is called {name[:80]!r}.", hint=hint)
    return slug, suffix or None


def _look_up(site: Site, slug: str) -> str | None:
    """The slug of the thing that replaces this one, or None where it stands for itself.

    Raises:
        Problem: nothing is known of it.
    """
    found = _ask(site, _EXISTS, negotiation.TSV, slug).decode().splitlines()[1:]
    if not found:
        hint = f"Look for it at {site.iri('')} or ask {site.iri('sparql')}."
        if b"true" in _ask(site, _WITHHELD, negotiation.JSON, slug):
            detail = f"{slug[:80]!r} is withheld: no accepted claim attests it, so it is in no description."
            raise Problem("not-found", detail, hint=f"Its statements are in the named graph {GRAPH_WITHHELD}.")
        raise Problem("not-found", f"Nothing is known of {slug[:80]!r}.", hint=hint)
    successor = found[0].strip("<>").removeprefix(ID)
    return successor if SLUG.match(successor) else None


def _ask(site: Site, query: str, media_type: str, slug: str | None = None) -> bytes:
    bindings = {"thing": NamedNode(ID(slug))} if slug else {}
    try:
        return site.service.answer(Request(query, media_type, kind="page", bindings=bindings)).body
    except ServiceError as error:
        raise Problem.from_service(error) from None


def _not_acceptable() -> Problem:
    return Problem(
        "not-acceptable",
        "The document can be given in none of the types asked for.",
        hint=f"Accept one of: {', '.join(_DATA_TYPES)}.",
        members={"available": list(_DATA_TYPES)},
    )
