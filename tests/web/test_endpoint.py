"""`/sparql` as clients meet it: formats, methods, conditions, compression, datasets, pages."""

from __future__ import annotations

import gzip
import json
from urllib.parse import urlencode

import pytest
from pyoxigraph import RdfFormat, parse
from werkzeug.test import Client, TestResponse

from pledgegraph.web.middleware import Front
from pledgegraph.web.negotiation import (
    CSV,
    GRAPH_TYPES,
    JSON,
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    RESULT_TYPES,
    TSV,
    TURTLE,
    XML,
)
from pledgegraph.web.sparql import MAX_CELLS_SHOWN, MAX_ROWS_SHOWN

EX = "http://example.org/"
LABELS = "SELECT ?s ?label { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label } ORDER BY ?s"
KNOWS = f"CONSTRUCT {{ ?a <{EX}knows> ?b }} WHERE {{ ?a <{EX}knows> ?b }}"
COUNT = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{EX}Thing> }}"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def get(client: Client, query: str, accept: str | None = None, **fields: str) -> TestResponse:
    headers = {"Accept": accept} if accept is not None else {}
    return client.get("/sparql?" + urlencode({"query": query, **fields}), headers=headers)


@pytest.mark.parametrize("media_type", RESULT_TYPES)
def test_results_in_each_format(client: Client, media_type: str) -> None:
    response = get(client, LABELS, media_type)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(media_type)
    assert "Accept" in response.headers["Vary"]
    assert b"Thing A" in response.data and b"example.org/b" in response.data


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
def test_graphs_in_each_format(client: Client, media_type: str) -> None:
    response = get(client, KNOWS, media_type)
    assert response.headers["Content-Type"].startswith(media_type)
    (quad,) = parse(response.data, RdfFormat.from_media_type(media_type))
    assert quad.object.value == f"{EX}b"


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (LABELS, None, JSON),
        (LABELS, "*/*", JSON),
        (LABELS, "application/xml", "application/xml"),
        (LABELS, "application/sparql-results+xml;q=0.5, text/csv;q=0.6", CSV),
        ("ASK {}", "text/csv, application/sparql-results+xml;q=0.1", XML),
        (KNOWS, None, TURTLE),
        (KNOWS, "application/n-triples, text/turtle;q=0.5", N_TRIPLES),
        ("DESCRIBE <http://example.org/a>", "text/*", TURTLE),
    ],
)
def test_the_accept_header_chooses(client: Client, query: str, accept: str | None, expected: str) -> None:
    assert get(client, query, accept).headers["Content-Type"].partition(";")[0] == expected


@pytest.mark.parametrize(
    ("query", "name", "accept", "expected"),
    [
        (LABELS, "tsv", XML, TSV),
        (LABELS, "TSV", XML, TSV),
        (LABELS, "text/csv", XML, CSV),
        (LABELS, "json", "text/html", JSON),
        (KNOWS, "json", "*/*", JSON_LD),
        (KNOWS, "xml", "*/*", RDF_XML),
        (KNOWS, "nt", "text/turtle", N_TRIPLES),
        # What SPARQLWrapper sends beside an Accept header.
        (KNOWS, "n3", "application/turtle,text/turtle,text/n3", TURTLE),
        (KNOWS, "json-ld", "application/ld+json,application/x-json+ld", JSON_LD),
        (KNOWS, "rdf+xml", "application/rdf+xml", RDF_XML),
        # What is no format here leaves the choice to the header.
        (LABELS, "word", XML, XML),
        (LABELS, "", XML, XML),
    ],
)
def test_format_goes_before_the_accept_header(
    client: Client, query: str, name: str, accept: str, expected: str
) -> None:
    assert get(client, query, accept, format=name).headers["Content-Type"].partition(";")[0] == expected


@pytest.mark.parametrize(("query", "name"), [(KNOWS, "csv"), (LABELS, "turtle"), ("ASK {}", "tsv")])
def test_a_format_that_cannot_carry_the_answer_is_406(client: Client, query: str, name: str) -> None:
    assert get(client, query, "*/*", format=name).status_code == 406


@pytest.mark.parametrize(
    ("query", "accept"),
    [(LABELS, TURTLE), (KNOWS, JSON), ("ASK {}", CSV), ("ASK {}", "image/png"), (LABELS, "text/csv;q=0")],
)
def test_406_names_what_there_is(client: Client, query: str, accept: str) -> None:
    response = get(client, query, accept)
    assert response.status_code == 406
    assert response.headers["Content-Type"] == "application/problem+json"
    assert set(json.loads(response.data)["available"]) <= {*RESULT_TYPES, *GRAPH_TYPES}


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_post_in_both_ways_is_get(client: Client, path: str) -> None:
    expected = get(client, LABELS).data
    assert client.post(path, data={"query": LABELS}).data == expected
    direct = client.post(path, data=LABELS.encode(), headers={"Content-Type": "application/sparql-query"})
    assert direct.data == expected


def test_head_differs_from_get_in_the_body_alone(client: Client) -> None:
    address = "/sparql?" + urlencode({"query": LABELS})
    for _ in range(2):  # from the evaluator, then from the cache
        head, found = client.head(address), client.get(address)
        assert head.status_code == 200 and head.data == b""
        assert list(head.headers) == list(found.headers)
        assert int(head.headers["Content-Length"]) == len(found.data)


def test_options_say_what_is_taken_to_scripts_of_other_sites(client: Client) -> None:
    preflight = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    response = client.options("/sparql", headers=preflight)
    assert response.status_code == 204
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert response.headers["Access-Control-Allow-Methods"] == response.headers["Allow"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    elsewhere = client.options("/void", headers=preflight)
    assert "If-None-Match" in elsewhere.headers["Access-Control-Allow-Headers"]
    assert "GET" in elsewhere.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_405_with_allow(client: Client, method: str) -> None:
    response = client.open("/sparql?query=ASK%7B%7D", method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_syntax_error_has_line_and_column(client: Client) -> None:
    response = get(client, "SELECT *\nWHERE { ?s ?p ?o FILTER(?o +) }")
    assert response.status_code == 400
    document = json.loads(response.data)
    assert (document["line"], document["column"], document["status"]) == (2, 29, 400)
    assert document["type"].endswith("/problems#bad-query")


def test_an_unknown_function_is_400_and_named(client: Client) -> None:
    response = get(client, f"SELECT (<{EX}f>(1) AS ?x) {{}}")
    assert response.status_code == 400
    assert f"{EX}f" in json.loads(response.data)["detail"]


@pytest.mark.parametrize("query", ["INSERT DATA { <a:b> <a:b> 1 }", "LOAD <http://127.0.0.1/x>", "CLEAR ALL"])
def test_an_update_as_query_is_refused(client: Client, query: str) -> None:
    assert get(client, query).status_code in (400, 403)


def test_service_is_refused(client: Client) -> None:
    assert get(client, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }").status_code == 403


def test_an_endless_query_is_an_error_that_names_the_limit(client: Client) -> None:
    cross = " ".join(f"?s{i} ?p{i} ?o{i} ." for i in range(30))
    response = get(client, f"SELECT (COUNT(*) AS ?n) {{ {cross} }}")
    assert response.status_code == 503
    assert json.loads(response.data)["limit"] == "1 seconds"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("graphs", "expected"),
    [
        ({}, 2),
        ({"default-graph-uri": [f"{EX}one"]}, 1),
        ({"default-graph-uri": [f"{EX}one", f"{EX}two"]}, 2),
        ({"default-graph-uri": [f"{EX}one", f"{EX}one", f"{EX}two"]}, 2),
        ({"default-graph-uri": [f"{EX}none"]}, 0),
        ({"named-graph-uri": [f"{EX}one"]}, 0),
        ({"default-graph-uri": ["http://127.0.0.1:9/never-fetched"]}, 0),
        ({"default-graph-uri": ["file:///etc/passwd"]}, 0),
    ],
)
def test_default_graphs_are_merged_and_local(client: Client, graphs: dict[str, list[str]], expected: int) -> None:
    for response in (
        client.get("/sparql?" + urlencode({"query": COUNT, **graphs}, doseq=True)),
        client.post("/sparql", data={"query": COUNT, **graphs}),
    ):
        assert response.status_code == 200, response.data
        assert int(json.loads(response.data)["results"]["bindings"][0]["n"]["value"]) == expected


def test_named_graphs_of_the_protocol_replace_those_of_the_query(client: Client) -> None:
    query = "SELECT ?g FROM NAMED <http://example.org/one> { GRAPH ?g { ?s a ?c } }"
    rows = json.loads(get(client, query, **{"named-graph-uri": f"{EX}two"}).data)["results"]["bindings"]
    assert {row["g"]["value"] for row in rows} == {f"{EX}two"}


def test_relative_iris_are_read_against_the_endpoint(client: Client) -> None:
    rows = json.loads(get(client, "SELECT (<x> AS ?x) {}").data)["results"]["bindings"]
    assert rows[0]["x"]["value"] == "https://pledges.example/graph/x"


def test_an_entity_tag_spares_the_body(client: Client) -> None:
    first = get(client, LABELS)
    address = "/sparql?" + urlencode({"query": LABELS})
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Type" not in again.headers
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_entity_tags_differ_by_query_and_format(client: Client) -> None:
    tags = [get(client, query, accept).headers["ETag"] for query in (LABELS, COUNT) for accept in (JSON, XML)]
    assert len(set(tags)) == 4


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_a_personal_answer_is_not_kept(client: Client, call: str) -> None:
    response = get(client, f"SELECT ({call} AS ?x) {{}}")
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert response.data != get(client, f"SELECT ({call} AS ?x) {{}}").data or call in ("NOW()", "BNODE()")


def test_the_name_of_a_function_in_a_literal_is_no_call(client: Client) -> None:
    assert "ETag" in get(client, 'SELECT ("NOW() RAND()" AS ?x) {}').headers


def test_compression(client: Client) -> None:
    query = "SELECT (CONCAT(" + ", ".join(f"'{i}'" for i in range(900)) + ") AS ?x) {}"
    address = "/sparql?" + urlencode({"query": query})
    plain = client.get(address)
    for _ in range(2):
        packed = client.get(address, headers={"Accept-Encoding": "gzip, deflate, br"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data)
        assert packed.headers["ETag"] != plain.headers["ETag"]
        held = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
        assert client.get(address, headers=held).status_code == 304
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).headers


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_hit_reaches_neither_framework_nor_service(
    front: Front, client: Client, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def ask() -> TestResponse:
        if method == "GET":
            return get(client, LABELS, CSV)
        return client.post("/sparql", data={"query": LABELS}, headers={"Accept": CSV})

    def fail(*_: object) -> None:
        raise AssertionError("reached")

    first = ask()
    monkeypatch.setattr(front, "_app", fail)
    monkeypatch.setattr(type(front._site.service), "answer", fail)
    second = ask()
    assert (second.status_code, second.data, list(second.headers)) == (200, first.data, list(first.headers))


def test_another_accept_header_is_another_answer(client: Client) -> None:
    assert get(client, LABELS, CSV).data != get(client, LABELS, TSV).data
    assert get(client, LABELS, CSV).headers["Content-Type"].startswith(CSV)


def test_a_browser_gets_the_answer_as_a_page_without_scripts_of_the_data(client: Client) -> None:
    response = get(client, "SELECT * { ?s ?p ?o }", BROWSER)
    page = response.get_data(as_text=True)
    assert response.headers["Content-Type"].startswith("text/html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert" not in page
    assert 'href="javascript:' not in page and "javascript:alert(1)" in page
    assert "format=csv" in page
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"].split("style-src")[0]


def test_a_page_shows_every_kind_of_term(client: Client) -> None:
    terms = r"'a\tb\n\"' 'x'@en 1 1.5 'INF'^^<http://www.w3.org/2001/XMLSchema#double> <http://e/\u00e9> UNDEF"
    query = f"SELECT * {{ VALUES ?x {{ {terms} }} BIND(BNODE() AS ?b) BIND(<<( <a:> <b:> 'c' )>> AS ?t) }}"
    page = get(client, query, BROWSER).get_data(as_text=True)
    assert "7 rows" in page
    for shown in (
        "a\tb\n&#34;",
        '<td lang="en">x</td>',
        "<td>1.5</td>",
        "<td>INF</td>",
        ">http://e/é</a>",
        "_:",
        "&lt;&lt;(",
    ):
        assert shown in page, shown


def test_a_page_reads_no_more_rows_than_it_shows(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows of a large answer take seconds to read, in which no other request is answered."""

    def fail(*_: object) -> None:
        raise AssertionError("read as a whole")

    monkeypatch.setattr("pledgegraph.web.sparql.json.loads", fail)
    digits = " ".join(map(str, range(10)))
    values = " ".join(f"VALUES ?v{place} {{ {digits} }}" for place in range(4))
    page = get(client, f"SELECT * {{ {values} }}", BROWSER).get_data(as_text=True)
    assert "10,000 rows" in page
    assert page.count("<tr>") == MAX_ROWS_SHOWN + 1


def test_a_page_shows_no_more_cells_than_are_written_quickly(client: Client) -> None:
    columns = " ".join(f"?c{number}" for number in range(2000))
    page = get(client, f"SELECT {columns} {{ VALUES ?c0 {{ {'1 ' * 30} }} }}", BROWSER).get_data(as_text=True)
    assert "30 rows" in page and "the page shows the\n    first 10;" in page
    assert page.count("<td>") == MAX_CELLS_SHOWN


def test_a_browser_gets_an_error_with_its_query(client: Client) -> None:
    response = get(client, "SELECT <script>alert(2)</script>", BROWSER)
    page = response.get_data(as_text=True)
    assert response.status_code == 400
    assert "<script>alert(2)" not in page and "&lt;script&gt;alert(2)" in page
    assert "line 1" in page


@pytest.mark.parametrize("query", ["ASK {}", KNOWS, "SELECT * {}"])
def test_a_browser_gets_a_page_for_every_form(client: Client, query: str) -> None:
    assert get(client, query, BROWSER).status_code == 200


def test_the_editor_for_a_browser_and_its_form_without_scripts(client: Client) -> None:
    page = client.get("/sparql", headers={"Accept": BROWSER}).get_data(as_text=True)
    assert '<form id="query-form" action="/graph/sparql" method="get">' in page
    assert '<label for="query">' in page and '<textarea id="query" name="query"' in page
    assert "/graph/static/vendor/yasgui.min.js" in page


def test_json_is_what_a_plain_client_reads(client: Client) -> None:
    document = json.loads(get(client, LABELS, "application/json").data)
    assert document["head"]["vars"] == ["s", "label"]


def test_a_graph_named_by_no_iri_is_refused_in_words(client: Client) -> None:
    for parameter in ("default-graph-uri", "named-graph-uri"):
        response = client.get(f"/sparql?query=ASK%7B%7D&{parameter}=relative")
        assert response.status_code == 400
        problem = json.loads(response.data)
        assert problem["detail"] == "'relative' names no graph."
        assert problem["hint"] == "Name a graph by an absolute IRI."
