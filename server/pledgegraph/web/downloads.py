"""`/data` and its files: what can be downloaded, as a DCAT catalogue or a page, and the files of the release."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, current_app, render_template, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from pledgegraph.release.manifest import Dump
from pledgegraph.release.tables import TABLES
from pledgegraph.terms import SCHEMA
from pledgegraph.web import description, negotiation, signposts
from pledgegraph.web.middleware import CACHEABLE
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site
from pledgegraph.web.vocabulary import DATA_LICENSE

blueprint = Blueprint("downloads", __name__)

_FILE_MAX_AGE_SECONDS = 3600

# One range of bytes (RFC 9110, section 14.1.2), of numbers that Python reads: it reads none of 4,300 digits.
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,20})-([0-9]{0,20})[ \t]*", re.IGNORECASE)


@blueprint.get("/data", strict_slashes=False)
def catalogue() -> Response:
    """The files of the release: a page for a browser, else the DCAT catalogue."""
    site: Site = current_app.extensions["pledgegraph"]
    if not negotiation.prefers_html(request.headers.get("Accept")):
        return description.respond(site, description.catalogue, "data")
    manifest = site.snapshot.manifest
    shown = {"manifest": manifest, "release": site.snapshot.release, "license": DATA_LICENSE, "tables": TABLES}
    html = render_template("data.html", **shown)
    request.environ[CACHEABLE] = True
    headers = {"Vary": "Accept", "Cache-Control": "public, max-age=60", "Link": landing(site, "data")}
    return Response(html, headers={"Content-Type": "text/html; charset=utf-8", **headers})


@blueprint.get("/data/dumps/<path:name>")
def file(name: str) -> Response:
    """One file of the release, whole or in ranges. Only names that the manifest lists are looked for on disk."""
    site: Site = current_app.extensions["pledgegraph"]
    return send_dump(site, f"dumps/{name}")


def send_dump(site: Site, name: str) -> Response:
    """A file of the release as an HTTP answer.

    Args:
        site: what is served.
        name: the name of the file as the manifest has it.

    Raises:
        Problem: the release has no such file, or the file no such range, or a condition of the request fails.
    """
    snapshot = site.snapshot
    dump = _listed(site, name)
    assert snapshot.directory is not None  # a manifest comes with its directory
    path = snapshot.directory / dump.name
    if not path.is_file() or not stat.S_ISREG(path.lstat().st_mode):
        raise Problem("not-found", "The file is listed and is not there.", hint="Build the release again.")
    found = path.stat()
    if not _is_one_range(request.headers.get("Range"), found.st_size):
        request.environ.pop("HTTP_RANGE", None)
    try:
        response = send_file(
            path,
            mimetype=dump.media_type,
            as_attachment=True,
            download_name=path.name,
            conditional=True,
            etag=dump.sha256,
            last_modified=datetime.fromtimestamp(found.st_mtime, UTC),
            max_age=_FILE_MAX_AGE_SECONDS,
        )
    except RequestedRangeNotSatisfiable as error:
        size = error.length
        raise Problem(
            "no-such-range",
            f"The file has {size:,} bytes, and none of them is in the range asked for.",
            hint="Ask for a range that begins before its end, or for the whole file.",
            headers=[("Content-Range", f"bytes */{size}")],
        ) from None
    if response.status_code == HTTPStatus.PRECONDITION_FAILED or _is_changed_since(response.last_modified):
        response.close()  # it would send the whole file
        raise Problem(
            "changed",
            "The file that is served is not the one asked for.",
            hint="Ask for it without If-Match and If-Unmodified-Since.",
        )
    response.headers["Link"] = signposts.header(
        signposts.link(site.base, "collection"),
        signposts.link(site.iri("data"), "describedby", negotiation.TURTLE),
    )
    return response


def _is_one_range(header: str | None, size: int) -> bool:
    """Whether a Range header asks for one part of a file of `size` bytes, were it beyond the end.

    Any other is left aside, and the whole file given, as RFC 9110, section 14.2, demands for units that are not known
    and allows for several ranges and for what is malformed.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or match[1] == match[2] == "":
        return False
    if match[1] == "":
        return int(match[2]) <= size  # the last bytes; a longer suffix is the whole file
    return match[2] == "" or int(match[1]) <= int(match[2])


def _is_changed_since(modified: datetime | None) -> bool:
    """Whether If-Unmodified-Since fails, which counts where there is no If-Match (RFC 9110, section 13.2.2)."""
    since = request.if_unmodified_since
    return since is not None and modified is not None and "If-Match" not in request.headers and modified > since


def _listed(site: Site, name: str) -> Dump:
    manifest = site.snapshot.manifest
    for dump in manifest.dumps if manifest is not None else ():
        if dump.name == name:
            return dump
    raise Problem("not-found", f"The release has no file {name[:80]!r}.", hint=f"See {site.iri('data')}.")


def landing(site: Site, path: str) -> str:
    """The Link header of a page about the whole dataset: its descriptions, its files and the endpoint.

    Args:
        site: what is served.
        path: the path of the page within the site, which is what to cite.
    """
    manifest, endpoint = site.snapshot.manifest, site.iri("sparql")
    return signposts.header(
        signposts.link(site.iri(path), "cite-as"),
        signposts.link(signposts.ABOUT_PAGE, "type"),
        signposts.link(SCHEMA("Dataset"), "type"),
        *(
            signposts.link(site.iri(document), "describedby", media_type)
            for document in ("data", "void")
            for media_type in (negotiation.TURTLE, negotiation.JSON_LD)
        ),
        *(
            signposts.link(description.dump_iri(site, dump.name), "item", dump.media_type)
            for dump in (manifest.dumps if manifest is not None else ())
        ),
        signposts.link(endpoint, "service-desc", negotiation.TURTLE),
        signposts.link(endpoint, "service-doc", negotiation.HTML),
    )
