"""Pages as HTTP answers, and what every template finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, render_template, request
from flask.sansio.blueprints import BlueprintSetupState

from pledgegraph.terms import ID, PLEDGE, SLUG
from pledgegraph.web.middleware import CACHEABLE
from pledgegraph.web.pages import dates
from pledgegraph.web.pages.graph import Value, short_name, slug_of
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

blueprint = Blueprint("pages", __name__)
"""All views of the pages."""

MAX_PARAMETER_CHARACTERS = 200
"""Longest value of a filter; longer than any slug."""


def site() -> Site:
    """What is being served."""
    found: Site = current_app.extensions["pledgegraph"]
    return found


def page(template: str, headers: Mapping[str, str] | None = None, /, **values: Any) -> Response:
    """A page that is the same for everyone for as long as the release is served."""
    request.environ[CACHEABLE] = True
    common = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=60"}
    return Response(render_template(template, **values), headers={**common, **(headers or {})})


@dataclass(frozen=True)
class Link:
    """A way to a thing: address, and whether it leads out of the site."""

    address: str
    outside: bool = False


def link(value: Value | str) -> Link | None:
    """Where a thing is shown: its page, its place in the vocabulary, its own address; None for what has none."""
    iri = value if isinstance(value, str) else value.value
    if not isinstance(value, str) and not value.is_iri:
        return Link(iri, True) if urlsplit(iri).scheme in ("http", "https") else None
    if slug := slug_of(iri):
        return Link(site().path(f"page/{slug}"))
    if iri.startswith(PLEDGE):
        return Link(site().path(f"ontology#{iri.removeprefix(PLEDGE)}"))
    if urlsplit(iri).scheme in ("http", "https"):
        return Link(iri, True)
    return None


def thing_of(name: str) -> str:
    """The IRI for a slug in an address.

    Raises:
        Problem: it is no slug.
    """
    if not SLUG.match(name):
        hint = "A thing's address ends in lower-case letters, digits and hyphens."
        raise Problem("not-found", f"No thing is called {name[:80]!r}.", hint=hint)
    return ID(name)


def parameter(name: str) -> str:
    """A filter from the address, without blanks around it; the empty string where it is not given.

    Raises:
        Problem: it is too long.
    """
    value = request.args.get(name, "").strip()
    if len(value) > MAX_PARAMETER_CHARACTERS or "\0" in value:
        raise Problem(
            "bad-request",
            f"The parameter {name} holds no value that this page takes.",
            limit=f"{MAX_PARAMETER_CHARACTERS} characters",
        )
    return value


def page_number() -> int:
    """The number of the page asked for, from 1.

    Raises:
        Problem: it is no such number.
    """
    text = parameter("page") or "1"
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 100_000):
        raise Problem("bad-request", f"{text[:20]!r} is not the number of a page.", hint="Pages are counted from 1.")
    return int(text)


def shown(value: Value) -> str:
    """A value as people read it: the label of a thing, a day in words, yes or no."""
    if value.is_iri:
        return value.text
    if value.datatype.endswith("#date"):
        return dates.day(value.value)
    if value.datatype.endswith("#boolean"):
        return {"true": "yes", "false": "no"}.get(value.value, value.value)
    return value.value


@blueprint.record_once
def _helpers(state: BlueprintSetupState) -> None:
    """Put the functions of templates where imported parts find them, whatever a page calls its variables."""
    state.app.jinja_env.globals.update(
        path=lambda path: site().path(path),
        link=link,
        compact=short_name,
        shown=shown,
        slug_of=slug_of,
    )
