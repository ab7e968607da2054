"""`/health` for those who watch the server, `/problems` for those who met a refusal."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from pledgegraph.web.middleware import CACHEABLE
from pledgegraph.web.problems import KINDS
from pledgegraph.web.site import Site

blueprint = Blueprint("operation", __name__)


@blueprint.get("/health")
def health() -> Response:
    """200 with release, triples and workers while queries can be answered, else 503."""
    site: Site = current_app.extensions["pledgegraph"]
    found = site.service.health()
    response = jsonify(
        status="ok" if found.ok else "unavailable",
        release=site.snapshot.release,
        triples=found.triples,
        workers=found.workers,
        waiting=found.waiting,
        **({"detail": found.detail} if found.detail else {}),
    )
    response.status_code = 200 if found.ok else 503
    response.headers["Cache-Control"] = "no-store"
    if not found.ok:
        response.headers["Retry-After"] = "1"
    return response


@blueprint.get("/problems")
def problems() -> Response:
    """What each kind of problem means: where the type of an error document leads."""
    request.environ[CACHEABLE] = True
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=3600"}
    return Response(render_template("problems.html", kinds=KINDS), headers=headers)
