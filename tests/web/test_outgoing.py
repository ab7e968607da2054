"""Answers on their way out: compression of every textual type, and the headers of a 304."""

from __future__ import annotations

import gzip

import pytest
from werkzeug.test import Client

from pledgegraph.web.negotiation import GRAPH_TYPES, RESULT_TYPES

ROWS = f"SELECT * {{ {' '.join(f'VALUES ?v{i} {{ 0 1 2 3 }}' for i in range(5))} }}"
GRAPH = "CONSTRUCT { ?class ?property ?value } WHERE { ?class ?property ?value }"


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        *((ROWS, accept) for accept in (*RESULT_TYPES, "application/json", "application/xml", "text/xml")),
        *((GRAPH, accept) for accept in (*GRAPH_TYPES, "application/json", "application/xml", "text/plain")),
    ],
)
def test_answers_are_compressed_under_every_name(mini_client: Client, query: str, accept: str) -> None:
    plain = mini_client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    assert plain.status_code == 200 and plain.headers["Content-Type"].partition(";")[0] == accept
    assert len(plain.data) > 1024
    packed = mini_client.get(
        "/sparql", query_string={"query": query}, headers={"Accept": accept, "Accept-Encoding": "gzip"}
    )
    for response in (plain, packed):
        assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(packed.data)) == len(plain.data)


@pytest.mark.parametrize("path", ["/sparql", "/", "/static/pledgegraph.css", "/data/dumps/pledgegraph.ttl"])
def test_a_304_names_the_server_as_every_answer_does(mini_client: Client, path: str) -> None:
    for _ in range(2):  # made, then out of the cache
        whole = mini_client.get(path, buffered=True)
        held = mini_client.get(path, headers={"If-None-Match": whole.headers["ETag"]}, buffered=True)
        assert (held.status_code, held.data) == (304, b"")
        assert held.headers["Server"] == whole.headers["Server"] == "pledgegraph"
