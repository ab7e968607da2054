"""What the served graph holds, counted: from the release, or asked of the service where there is none."""

from __future__ import annotations

import json

from pledgegraph.release.statistics import FILE, PropertyCount, Statistics
from pledgegraph.service import Request, ServiceError
from pledgegraph.web.negotiation import JSON
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_CLASSES = "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?c FILTER isIRI(?c) } GROUP BY ?c"
_PROPERTIES = (
    "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) "
    "WHERE { ?s ?p ?o } GROUP BY ?p"
)
_TOTALS = (
    "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) WHERE { ?s ?p ?o }"
)


def of(site: Site) -> Statistics:
    """The statistics of what `site` serves: those of the release, else asked of the service on first use.

    Raises:
        Problem: the service cannot answer now.
        RunError: those of the release cannot be read.
    """
    snapshot = site.snapshot
    directory = snapshot.directory
    if directory is not None and (directory / FILE).is_file():
        return snapshot.once("statistics", lambda: Statistics.read(directory))
    return snapshot.once("statistics", lambda: _ask(site))


def _ask(site: Site) -> Statistics:
    total = _rows(site, _TOTALS)[0]
    return Statistics(
        int(total["n"]),
        int(total["subjects"]),
        int(total["objects"]),
        {row["g"]: int(row["n"]) for row in sorted(_rows(site, _GRAPHS), key=lambda row: row["g"])},
        {row["c"]: int(row["n"]) for row in sorted(_rows(site, _CLASSES), key=lambda row: row["c"])},
        {
            row["p"]: PropertyCount(int(row["n"]), int(row["subjects"]), int(row["objects"]))
            for row in sorted(_rows(site, _PROPERTIES), key=lambda row: row["p"])
        },
    )


def _rows(site: Site, query: str) -> list[dict[str, str]]:
    try:
        found = site.service.answer(Request(query, JSON, kind="page"))
    except ServiceError as error:
        raise Problem.from_service(error) from None
    bindings = json.loads(found.body)["results"]["bindings"]
    # An aggregate over nothing gives one row without the group's key.
    return [{name: term["value"] for name, term in row.items()} for row in bindings if len(row) > 1]
