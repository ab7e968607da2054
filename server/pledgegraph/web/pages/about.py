"""`/about`: what this is, what it is not, and how to cite it."""

from __future__ import annotations

from flask import Response

from pledgegraph.web.pages import citation, dates
from pledgegraph.web.pages.response import blueprint, page, site


@blueprint.get("/about")
def about() -> Response:
    """What Pledgegraph is, its limits, its licence, how to cite it."""
    manifest = site().snapshot.manifest
    return page(
        "about.html",
        manifest=manifest,
        limits=site().service.limits.describe(),
        day=dates.day(citation.data_day(site())),
        citation=citation.of(site(), "About Pledgegraph", "about"),
    )
