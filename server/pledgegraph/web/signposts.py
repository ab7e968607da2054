"""Signposts: Link headers that lead machines between pages, descriptions, files and licences.

The relations are those of FAIR Signposting, level 1 (https://signposting.org/FAIR/), and for the endpoint those of
RFC 8631.
"""

from __future__ import annotations

from pledgegraph.terms import SCHEMA
from pledgegraph.web.site import Site
from pledgegraph.web.vocabulary import DATA_LICENSE

ABOUT_PAGE = SCHEMA("AboutPage")
"""The type of every page that is about something, beside the type of what it is about."""


def link(target: str, relation: str, media_type: str = "") -> str:
    """One signpost.

    Args:
        target: an IRI.
        relation: a registered relation, such as `describedby`.
        media_type: of the target, where it has one.
    """
    return f'<{target}>; rel="{relation}"' + (f'; type="{media_type}"' if media_type else "")


def header(*links: str) -> str:
    """Signposts as one Link header, with the licence that all data here are under."""
    return ", ".join((*links, link(DATA_LICENSE, "license")))


def of_description(site: Site) -> str:
    """The Link header of a description of the dataset: whose landing page is the first page of the site."""
    return header(link(site.base, "describes"))
