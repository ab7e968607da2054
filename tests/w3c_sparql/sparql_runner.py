"""Runs W3C SPARQL tests against the project's own server, one server in this process for each set of data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from pyoxigraph import QueryResultsFormat, RdfFormat, serialize
from sparql_results import Result, differs, differs_csv, expected, from_answer, graph
from sparql_suite import OUT_OF_SCOPE, Entry, HttpRequest, quads
from werkzeug.test import Client

from pledgegraph import sparql
from pledgegraph.service import Limits, Service
from pledgegraph.web import negotiation
from pledgegraph.web.app import create_front
from pledgegraph.web.site import Site

BASE = "http://pledgegraph.test/"

_Data = tuple[tuple[Path, ...], tuple[tuple[str, Path], ...]]
"""Files of the default graph, and named graphs with theirs."""

EVALUATION, SYNTAX, FORMATS = "evaluation", "syntax", "formats"
PROTOCOL, UPDATES, DESCRIPTION = "protocol", "updates refused", "service description"

_RESULT_FORMATS = {
    ".srx": (negotiation.XML, QueryResultsFormat.XML),
    ".srj": (negotiation.JSON, QueryResultsFormat.JSON),
    ".tsv": (negotiation.TSV, QueryResultsFormat.TSV),
}


@dataclass(frozen=True)
class Outcome:
    """What came of a test: in which category it counts, and why it was missed, if it was."""

    test: Entry
    category: str
    miss: str | None


def category(test: Entry) -> str | None:
    """The category a test counts in, or None where a read-only query service is not asked."""
    if test.group in OUT_OF_SCOPE or test.federated:
        return None
    match test.kind:
        case "QueryEvaluationTest":
            return FORMATS if test.group in ("sparql11/csv-tsv-res", "sparql11/json-res") else EVALUATION
        case "CSVResultFormatTest":
            return FORMATS
        case "PositiveSyntaxTest" | "NegativeSyntaxTest" | "PositiveSyntaxTest11" | "NegativeSyntaxTest11":
            return None if test.group == "sparql11/delete-insert" else SYNTAX
        case "ProtocolTest":
            return UPDATES if "update" in test.name.rpartition("/")[2] else PROTOCOL
        case "ServiceDescriptionTest":
            return DESCRIPTION
    return None


def run(tests: Iterable[Entry]) -> Iterator[Outcome]:
    """Run those of `tests` that have a category other than the service description, data set by data set."""
    waiting = [(test, where) for test in tests if (where := category(test)) not in (None, DESCRIPTION)]
    by_data: dict[_Data, list[tuple[Entry, str]]] = {}
    for test, where in waiting:
        assert where is not None
        by_data.setdefault((test.data, _graphs(test)), []).append((test, where))
    with ThreadPoolExecutor(2) as threads:  # most of the time goes by while a server starts
        for outcomes in threads.map(_run_set, by_data.items()):
            yield from outcomes


def _run_set(item: tuple[_Data, list[tuple[Entry, str]]]) -> list[Outcome]:
    (data, graphs), members = item
    with server(data, graphs) as client:
        return [Outcome(test, where, _RUN[where](test, client)) for test, where in members]


@contextmanager
def server(data: Iterable[Path], graphs: Iterable[tuple[str, Path]]) -> Iterator[Client]:
    """A client of a server that holds `data` in its default graph and `graphs` under their names."""
    everything = [quad for path in data for quad in quads(path, None)]
    everything += [quad for name, path in graphs for quad in quads(path, name)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.nq")
        serialize(everything, file, format=RdfFormat.N_QUADS)
        with Service.over_files([file] if everything else [], Limits()) as service:
            yield Client(create_front(Site(BASE, service)))


def _graphs(test: Entry) -> tuple[tuple[str, Path], ...]:
    """The named graphs a test needs: those it lists and those its query names in FROM and FROM NAMED."""
    graphs = dict(test.graphs)
    if test.query is not None and test.kind == "QueryEvaluationTest":
        head = sparql.outline(test.query.read_text(encoding="utf-8"), test.query.as_uri())
        for iri in (*head.default_graphs, *head.named_graphs):
            if iri not in graphs and iri.startswith("file:"):
                graphs[iri] = Path(urlsplit(iri).path)
    return tuple(graphs.items())


def _ask(client: Client, query: Path, accept: str) -> tuple[int, str, bytes]:
    """Post a query with the base IRI that the suite means: that of the query file."""
    text = f"BASE <{query.as_uri()}> {query.read_text(encoding='utf-8')}"
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    response = client.post("/sparql", data=text.encode(), headers=headers)
    return response.status_code, response.headers.get("Content-Type", "").partition(";")[0], response.data


def _evaluate(test: Entry, client: Client) -> str | None:
    assert test.query is not None and test.result is not None
    if test.kind == "CSVResultFormatTest":
        status, _, body = _ask(client, test.query, negotiation.CSV)
        return _refused(status, body) or differs_csv(body, test.result.read_bytes())
    wanted = expected(test.result)
    accept, results_format = _RESULT_FORMATS.get(test.result.suffix, (negotiation.JSON, QueryResultsFormat.JSON))
    if isinstance(wanted, list):
        accept = negotiation.N_TRIPLES
    status, media_type, body = _ask(client, test.query, accept)
    if miss := _refused(status, body):
        return miss
    if media_type != accept:
        return f"answered as {media_type}"
    actual: Result = graph(body, accept, BASE) if isinstance(wanted, list) else from_answer(body, results_format)
    return differs(actual, wanted, lax=test.lax)


def _parse(test: Entry, client: Client) -> str | None:
    assert test.query is not None
    status, _, body = _ask(client, test.query, "*/*")
    if test.kind.startswith("Positive"):
        return _refused(status, body)
    return None if status == 400 else f"status {status}, expected 400"


def _speak(test: Entry, client: Client) -> str | None:
    for request in test.requests:
        if miss := _exchange(request, client):
            return miss
    return None


def _exchange(request: HttpRequest, client: Client) -> str | None:
    target = urljoin("/sparql", "?" + request.target.partition("?")[2]) if "?" in request.target else "/sparql"
    response = client.open(target, method=request.method, data=request.body, headers=list(request.headers))
    status = str(response.status_code)
    if not any(status[0] == wanted[0] for wanted in request.statuses):
        return f"status {status}, expected {' or '.join(request.statuses)}: {response.data[:200]!r}"
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    if request.format is not None and media_type not in _EXPECTED_FORMATS[request.format]:
        return f"answered as {media_type}, expected {request.format}"
    if request.boolean is not None and response.json != {"head": {}, "boolean": request.boolean}:
        return f"answered {response.data[:80]!r}, expected {request.boolean}"
    return None


_EXPECTED_FORMATS = {
    "boolean": {negotiation.JSON, negotiation.XML},
    "tabular": {negotiation.JSON, negotiation.XML, negotiation.CSV, negotiation.TSV},
    "RDF": set(negotiation.GRAPH_TYPES),
}


def _refuse(test: Entry, client: Client) -> str | None:
    """Every request of an update test that is an update is refused, and the data stay as they were."""
    before = _dump(client)
    for request in test.requests:
        if "sparql-query" in dict(request.headers).get("content-type", ""):
            continue  # looks at what the update before it should have done
        target = "/sparql?" + request.target.partition("?")[2]
        response = client.open(target, method=request.method, data=request.body, headers=list(request.headers))
        if not 400 <= response.status_code < 500:
            return f"status {response.status_code} for an update"
    return None if _dump(client) == before else "the data changed"


def _dump(client: Client) -> list[bytes]:
    text = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    response = client.get("/sparql", query_string={"query": text, "format": "tsv"})
    assert response.status_code == 200, response.data
    return sorted(response.data.splitlines())


def _refused(status: int, body: bytes) -> str | None:
    return None if status == 200 else f"status {status}: {body[:300].decode(errors='replace')}"


_RUN: dict[str, Callable[[Entry, Client], str | None]] = {
    EVALUATION: _evaluate,
    FORMATS: _evaluate,
    SYNTAX: _parse,
    PROTOCOL: _speak,
    UPDATES: _refuse,
}
