"""Service description, VoID, DCAT and files: right in their formats, their counts and their addresses."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from werkzeug.test import Client

from pledgegraph.dataset import open_release
from pledgegraph.service import Answer, Busy, Request, TimedOut
from pledgegraph.terms import DCAT, DCTERMS, RDF_TYPE, RDFS, SCHEMA, SD, SH, Namespace
from pledgegraph.web.negotiation import GRAPH_TYPES, TURTLE
from pledgegraph.web.site import Site

BASE = "https://pledges.example/graph/"
VOID = Namespace("http://rdfs.org/ns/void#")
SPDX = Namespace("http://spdx.org/rdf/terms#")


def fetch(client: Client, path: str, accept: str = TURTLE) -> Store:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 200, response.data
    assert response.headers["Content-Type"].startswith(accept)
    store = Store()
    store.extend(parse(response.data, RdfFormat.from_media_type(accept)))
    return store


def values(store: Store, subject: str | None, predicate: str) -> list[str]:
    node = None if subject is None else NamedNode(subject)
    found = store.quads_for_pattern(node, NamedNode(predicate), None)
    return sorted(quad.object.value for quad in found if isinstance(quad.object, NamedNode | Literal))


def subjects(store: Store, class_iri: str) -> list[str]:
    found = store.quads_for_pattern(None, NamedNode(RDF_TYPE), NamedNode(class_iri))
    return sorted(quad.subject.value for quad in found if isinstance(quad.subject, NamedNode))


@pytest.mark.parametrize("path", ["/sparql", "/void", "/.well-known/void", "/data"])
@pytest.mark.parametrize("media_type", GRAPH_TYPES)
def test_each_description_is_the_same_graph_in_each_format(mini_client: Client, path: str, media_type: str) -> None:
    assert set(map(str, fetch(mini_client, path, media_type))) == set(map(str, fetch(mini_client, path)))


BROWSERS = ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"]


@pytest.mark.parametrize("accept", BROWSERS)
@pytest.mark.parametrize("path", ["/void", "/.well-known/void", "/data", "/sparql", "/ontology"])
def test_a_browser_gets_a_page_of_every_description(mini_client: Client, path: str, accept: str) -> None:
    response = mini_client.get(path, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.mimetype == "text/html"


def test_the_page_of_the_void_description_leads_to_its_formats(mini_client: Client) -> None:
    page = mini_client.get("/void", headers={"Accept": BROWSERS[1]}).get_data(as_text=True)
    assert "void:Dataset" in page or "http://rdfs.org/ns/void#Dataset" in page
    for name, media_type in {"turtle": "text/turtle", "jsonld": "application/ld+json"}.items():
        assert f"void?format={name}" in page
        response = mini_client.get(f"/void?format={name}", headers={"Accept": BROWSERS[1]})
        assert response.mimetype == media_type


@pytest.mark.parametrize("path", ["/sparql", "/void", "/data"])
def test_what_accepts_no_rdf_is_406(mini_client: Client, path: str) -> None:
    assert mini_client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_the_service_description_names_endpoint_graphs_and_limits(mini_client: Client, mini_site: Site) -> None:
    store = fetch(mini_client, "/sparql")
    endpoint = f"{BASE}sparql"
    assert values(store, endpoint, SD("endpoint")) == [endpoint]
    assert SD("SPARQL11Query") in values(store, endpoint, SD("supportedLanguage"))
    assert len(values(store, endpoint, SD("resultFormat"))) == 10
    manifest = mini_site.snapshot.manifest
    assert manifest is not None
    assert values(store, None, SD("name")) == sorted(name for name, count in manifest.graphs.items() if count)
    (entry,) = [s for s in subjects(store, SD("NamedGraph")) if values(store, s, SD("name")) == [GAZETTE]]
    (graph,) = values(store, entry, SD("graph"))
    assert values(store, graph, VOID("triples")) == [str(manifest.graphs[GAZETTE])]
    limits = {row.name: row.value for row in mini_site.service.limits.describe()}
    shown = {
        values(store, s, SCHEMA("name"))[0]: values(store, s, SCHEMA("value"))[0]
        for s in subjects(store, SCHEMA("PropertyValue"))
    }
    assert shown == limits and limits["query_seconds"] == "5 seconds"


GAZETTE = "https://w3id.org/pledgegraph/graph/graph/documents/gazette"


def test_named_questions_are_executable_examples(mini_client: Client) -> None:
    store = fetch(mini_client, "/sparql")
    (question,) = subjects(store, SH("SPARQLExecutable"))
    assert question == f"{BASE}queries/endorsers"
    assert values(store, question, RDFS("label")) == ["Who endorsed a text"]
    assert values(store, question, SCHEMA("target")) == [f"{BASE}sparql"]
    (text,) = values(store, question, SH("select"))
    assert mini_client.post("/sparql", data={"query": text}).status_code == 200


def test_void_counts_are_those_of_the_release(mini_client: Client, mini_site: Site) -> None:
    store = fetch(mini_client, "/void")
    dataset = f"{BASE}void#dataset"
    manifest = mini_site.snapshot.manifest
    assert manifest is not None and mini_site.snapshot.directory is not None
    assert values(store, dataset, VOID("triples")) == [str(manifest.triples)]
    classes = {
        values(store, part, VOID("class"))[0]: int(values(store, part, VOID("entities"))[0])
        for part in values(store, dataset, VOID("classPartition"))
    }
    triples = [
        quad.triple for quad in open_release(mini_site.snapshot.directory) if not isinstance(quad.graph_name, NamedNode)
    ]
    assert classes == Counter(t.object.value for t in triples if t.predicate.value == RDF_TYPE)
    assert manifest.counts.items() <= classes.items()
    properties = Counter(triple.predicate.value for triple in triples)
    assert {
        values(store, part, VOID("property"))[0]: int(values(store, part, VOID("triples"))[0])
        for part in values(store, dataset, VOID("propertyPartition"))
    } == properties


def test_the_catalogue_gives_each_file_with_its_size_and_digest(mini_client: Client) -> None:
    store = fetch(mini_client, "/data")
    parts = subjects(store, DCAT("Distribution"))
    assert len(parts) >= 5
    assert set(parts) == set(values(store, f"{BASE}void#dataset", DCAT("distribution")))
    for part in parts:
        (address,) = values(store, part, DCAT("downloadURL"))
        assert address.startswith(BASE)
        response = mini_client.get("/" + address.removeprefix(BASE), buffered=True)
        assert response.status_code == 200
        assert values(store, part, DCAT("byteSize")) == [str(len(response.data))]
        (checksum,) = values(store, part, SPDX("checksum"))
        assert values(store, checksum, SPDX("checksumValue")) == [hashlib.sha256(response.data).hexdigest()]
        (media_type,) = values(store, part, DCAT("mediaType"))
        assert media_type.endswith(response.headers["Content-Type"].partition(";")[0])
        assert 'rel="license"' in response.headers["Link"]


def test_the_page_of_downloads_names_the_tables_and_says_how_to_read_them(mini_client: Client) -> None:
    page = mini_client.get("/data", headers={"Accept": BROWSERS[1]}).get_data(as_text=True)
    for name in ("instruments", "statements", "acts", "actors", "passages"):
        assert f'/data/dumps/{name}.csv">{name}.csv</a>' in page
    assert "An empty cell says that nothing is stated" in page
    assert 'data/dumps/csv-metadata.json">csv-metadata.json</a>' in page
    assert "<dt><code>members_listed</code></dt>" in page


def test_dumps_are_listed_in_void_too(mini_client: Client) -> None:
    dumps = values(fetch(mini_client, "/void"), None, VOID("dataDump"))
    assert dumps == values(fetch(mini_client, "/data"), None, DCAT("downloadURL"))


def test_a_file_is_given_in_ranges_and_by_condition(mini_client: Client) -> None:
    path = "/data/dumps/pledgegraph.ttl"
    whole = mini_client.get(path, buffered=True)
    part = mini_client.get(path, headers={"Range": "bytes=10-19"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    held = mini_client.get(path, headers={"If-None-Match": whole.headers["ETag"]}, buffered=True)
    assert held.status_code == 304
    head = mini_client.head(path, buffered=True)
    assert head.data == b"" and head.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=10-", 10, None),
        ("bytes=10-999999999999", 10, None),
        ("BYTES= 0-0 ", 0, 1),
        ("bytes=-5", -5, None),
        ("bytes=-999999999999", None, None),
        ("items=0-1", None, None),
        ("bytes=0-1,5-6", None, None),
        ("bytes=5-4", None, None),
        ("bytes=-", None, None),
        ("bytes=x", None, None),
        (f"bytes={'9' * 5000}-", None, None),
        ("nonsense", None, None),
    ],
)
def test_a_range_is_given_and_what_is_none_left_aside(
    mini_client: Client, asked: str, first: int | None, end: int | None
) -> None:
    path = "/data/dumps/pledgegraph.ttl"
    whole = mini_client.get(path, buffered=True)
    part = mini_client.get(path, headers={"Range": asked}, buffered=True)
    assert (part.status_code, part.data) == (200 if first is None else 206, whole.data[first:end])
    other = mini_client.get(path, headers={"Range": asked, "If-Range": '"other"'}, buffered=True)
    assert (other.status_code, other.data) == (200, whole.data)


def test_a_range_beyond_the_end_is_416_and_says_the_length(mini_client: Client) -> None:
    path = "/data/dumps/pledgegraph.ttl"
    whole = mini_client.get(path, buffered=True)
    for asked in ("bytes=999999999-", f"bytes={len(whole.data)}-", "bytes=-0"):
        for condition in ({}, {"If-Range": whole.headers["ETag"]}):
            response = mini_client.get(path, headers={"Range": asked, **condition}, buffered=True)
            assert response.status_code == 416
            assert response.headers["Content-Range"] == f"bytes */{len(whole.data)}"
            assert response.headers["Content-Type"] == "application/problem+json"
            assert response.json is not None and response.json["type"] == f"{BASE}problems#no-such-range"
        outdated = mini_client.get(path, headers={"Range": asked, "If-Range": '"other"'}, buffered=True)
        assert (outdated.status_code, outdated.data) == (200, whole.data)
        head = mini_client.head(path, headers={"Range": asked}, buffered=True)
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(whole.data)))


def test_a_condition_that_fails_is_412_without_the_file(mini_client: Client) -> None:
    path = "/data/dumps/pledgegraph.ttl"
    whole = mini_client.get(path, buffered=True)
    for conditions in ({"If-Match": '"other"'}, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}):
        for method in (mini_client.get, mini_client.head):
            response = method(path, headers=conditions, buffered=True)
            assert response.status_code == 412
            assert response.headers["Content-Type"] == "application/problem+json"
            assert len(response.data) < 1000
    held = mini_client.get(path, headers={"If-Match": whole.headers["ETag"]}, buffered=True)
    assert (held.status_code, held.data) == (200, whole.data)


@pytest.mark.parametrize(
    "path",
    [
        "/data/dumps/../manifest.json",
        "/data/dumps/..%2fmanifest.json",
        "/data/../../etc/passwd",
        "/data/%2e%2e/manifest.json",
        "/data/dumps/%2Fetc%2Fpasswd",
        "/data/manifest.json",
        "/data/store",
        "/data/dumps/",
        "/data/dumps/pledgegraph.ttl/",
        "/data/dumps/pledgegraph.ttl%00",
        "/static/..%2fapp.py",
        "/static/../app.py",
    ],
)
def test_no_other_file_can_be_had(mini_client: Client, path: str) -> None:
    response = mini_client.get(path)
    assert response.status_code == 404
    assert b"root:" not in response.data and b"inputs" not in response.data


def test_the_landing_page_lists_the_files_with_signposts(mini_client: Client) -> None:
    response = mini_client.get("/data", headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert "/graph/data/dumps/pledgegraph.ttl" in response.get_data(as_text=True)
    for relation in ("cite-as", "describedby", "item", "license", "type"):
        assert f'rel="{relation}"' in response.headers["Link"]


def test_every_iri_of_the_site_has_the_configured_base(mini_client: Client) -> None:
    for path in ("/sparql", "/void", "/data"):
        for quad in fetch(mini_client, path):
            for term in (quad.subject, quad.object):
                if isinstance(term, NamedNode) and urlsplit(term.value).hostname in ("localhost", "pledges.example"):
                    assert term.value.startswith(BASE)


def test_a_second_time_is_a_hit_with_an_entity_tag(mini_client: Client) -> None:
    for path in ("/sparql", "/void", "/data"):
        first = mini_client.get(path, headers={"Accept": TURTLE})
        again = mini_client.get(path, headers={"Accept": TURTLE, "If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert first.headers["Content-Location"] == f"/graph{path}"


def test_data_files_without_a_release_are_described_too(client: Client) -> None:
    store = fetch(client, "/sparql")
    assert values(store, None, SD("name")) == ["http://example.org/one", "http://example.org/two"]
    assert values(fetch(client, "/data"), None, DCAT("distribution")) == []
    assert values(fetch(client, "/void"), f"{BASE}void#dataset", DCTERMS("title")) == ["Pledgegraph"]
    assert client.get("/data", headers={"Accept": "text/html"}).status_code == 200


def test_a_service_that_cannot_count_is_described_all_the_same(
    client: Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise TimedOut.of(1.0)

    monkeypatch.setattr(type(site.service), "answer", late)
    monkeypatch.setattr(site.snapshot, "_kept", {})
    store = fetch(client, "/sparql")
    assert values(store, f"{BASE}sparql", SD("endpoint")) == [f"{BASE}sparql"]
    assert client.get("/void").status_code == 503


def test_health(mini_client: Client, mini_site: Site) -> None:
    response = mini_client.get("/health")
    assert response.status_code == 200
    document = json.loads(response.data)
    assert document["status"] == "ok" and document["workers"] >= 1
    assert document["release"] == mini_site.snapshot.release
    manifest = mini_site.snapshot.manifest
    assert manifest is not None and document["triples"] == manifest.triples
    assert response.headers["Cache-Control"] == "no-store"


def test_a_description_without_counts_is_not_kept(client: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_request: Request) -> Answer:
        raise Busy("Too many queries wait already.", retry_after=1)

    site.snapshot._kept.clear()
    with monkeypatch.context() as patch:
        patch.setattr(site.service, "answer", busy)
        response = client.get("/sparql", headers={"Accept": "text/turtle"})
        assert response.status_code == 200
        assert (response.headers["Cache-Control"], b"namedGraph " in response.data) == ("no-store", False)
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    assert b"namedGraph " in response.data
