"""Puts the site together: the Flask application with its blueprints, behind the front that meets every request."""

from __future__ import annotations

import mimetypes
import sys
import traceback
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from pledgegraph.service import ServiceError
from pledgegraph.web import description, downloads, linked_data, operation, pages, problems, sparql
from pledgegraph.web.access_log import AccessLog
from pledgegraph.web.clients import TrustedProxies
from pledgegraph.web.middleware import CACHEABLE, Front
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

STATIC = Path(__file__).parent / "static"
STATIC_CACHE_CONTROL = "public, max-age=3600"


def create_app(site: Site) -> Flask:
    """The Flask application for `site`, without the front.

    Templates find `site`, `path(…)` (a link within the site) and `iri(…)` (a public IRI); views find the site as
    `current_app.extensions["pledgegraph"]`.
    """
    app = Flask(__name__, static_folder=None)
    app.extensions["pledgegraph"] = site
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.url_map.merge_slashes = False  # a redirect would name the Host header
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for module in (sparql, linked_data, description, downloads, operation, pages):
        app.register_blueprint(module.blueprint)

    files = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}

    @app.get("/static/<path:name>")
    def static(name: str) -> Response:
        """A style sheet or script, from a list made at the start: no other file can be asked for."""
        if name not in files:
            raise Problem("not-found", f"There is no file {name[:80]!r}.")
        request.environ[CACHEABLE] = True
        media_type = mimetypes.guess_type(name)[0] or "text/plain"
        return Response(files[name].read_bytes(), mimetype=media_type, headers={"Cache-Control": STATIC_CACHE_CONTROL})

    @app.context_processor
    def names() -> dict[str, Any]:
        return {"site": site, "path": site.path, "iri": site.iri}

    @app.after_request
    def preflight(response: Response) -> Response:
        """Let scripts of other sites ask with the headers that reading needs (CORS)."""
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
            response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match, Range"
            response.headers["Access-Control-Max-Age"] = "86400"
        return response

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return respond(error, site)

    @app.errorhandler(ServiceError)
    def unanswered(error: ServiceError) -> Response:
        return respond(Problem.from_service(error), site)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        headers = []
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            headers.append(("Allow", ", ".join(sorted(error.valid_methods))))
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response(request.environ)  # type: ignore[return-value]  # a redirect
        return respond(Problem.from_status(error.code or 500, headers=headers), site)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        traceback.print_exception(error, file=sys.stderr)
        return respond(Problem.from_status(500), site)

    return app


def create_front(site: Site, proxies: TrustedProxies | None = None, log: AccessLog | None = None) -> Front:
    """The whole WSGI application for `site`: the front with the Flask application behind it.

    Args:
        site: what is served.
        proxies: which peers may name the client; none by default.
        log: where answered requests are written, if anywhere.
    """
    return Front(create_app(site).wsgi_app, site, proxies=proxies, log=log)


def respond(problem: Problem, site: Site) -> Response:
    """A problem as an HTTP answer: a page within the site's frame for a browser, else problem+json."""
    accept = request.headers.get("Accept")
    if not problems.wants_html(accept):
        _, headers, body = problems.render(problem, accept, site.base)
        return Response(body, status=problem.status, headers=headers)
    html = render_template("problem.html", problem=problem, facts=problems.facts(problem))
    headers = [("Content-Type", "text/html; charset=utf-8"), *problem.response_headers()]
    return Response(html, status=problem.status, headers=headers)
