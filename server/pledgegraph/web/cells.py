"""Terms of SPARQL results as HTML: text is escaped, and only http and https addresses become links."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from pledgegraph.terms import ID, SLUG, compact


def cell(term: Mapping[str, str] | None, path: Callable[[str], str]) -> Markup:
    """One term of the SPARQL JSON results format as HTML.

    Args:
        term: the term, or None where the variable is unbound.
        path: gives the link to a path within the site.
    """
    if term is None:
        return Markup("")
    value = term.get("value", "")
    match term.get("type"):
        case "uri":
            return _iri(value, path)
        case "bnode":
            return Markup("_:{}").format(value)
        case "triple":
            return escape(str(value))
    return escape(value)


def _iri(iri: str, path: Callable[[str], str]) -> Markup:
    slug = iri.removeprefix(ID)
    if slug != iri and SLUG.match(slug):
        return Markup('<a href="{}">{}</a>').format(path(f"page/{slug}"), compact(iri))
    if iri.startswith(("http://", "https://")):
        shown = compact(iri).strip("<>")
        return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(iri, shown)
    return escape(iri)
