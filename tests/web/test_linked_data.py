"""Things by their addresses: 303 by Accept and suffix, data in each syntax, tombstones, the ontology."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from werkzeug.test import Client

from pledgegraph.dataset import open_release
from pledgegraph.release import selection
from pledgegraph.service import Limits, Service
from pledgegraph.terms import ID, PLEDGE, RDFS
from pledgegraph.web.app import create_front
from pledgegraph.web.linked_data import SUFFIXES
from pledgegraph.web.site import Site


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        (None, "/graph/page/arcadia"),
        ("*/*", "/graph/page/arcadia"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "/graph/page/arcadia"),
        ("text/turtle", "/graph/data/arcadia.ttl"),
        ("application/ld+json", "/graph/data/arcadia.jsonld"),
        ("application/n-triples, text/html;q=0.5", "/graph/data/arcadia.nt"),
        ("application/rdf+xml", "/graph/data/arcadia.rdf"),
        ("image/png", "/graph/page/arcadia"),
    ],
)
def test_a_thing_leads_to_a_document_by_accept(mini_client: Client, accept: str | None, target: str) -> None:
    for _ in range(2):
        response = mini_client.get("/id/arcadia", headers={"Accept": accept} if accept else {})
        assert response.status_code == 303
        assert response.headers["Location"] == target
        assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_suffix_goes_before_accept(mini_client: Client, suffix: str) -> None:
    response = mini_client.get(f"/id/arcadia.{suffix}", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Location"]) == (303, f"/graph/data/arcadia.{suffix}")


@pytest.mark.parametrize(
    "name",
    [
        "nobody",
        "Arcadia",
        "arcadia.xyz",
        "arcadia.ttl.ttl",
        "a b",
        "..",
        "arcadia--x",
        "é",
        "%00",
        "arcadia%0A",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("place", ["id", "data"])
def test_what_is_no_thing_is_404(mini_client: Client, place: str, name: str) -> None:
    response = mini_client.get(f"/{place}/{name}")
    assert response.status_code == 404


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_data_in_each_syntax_is_the_same_graph_with_records_claims_and_passages(
    mini_client: Client, mini_site: Site, suffix: str
) -> None:
    response = mini_client.get(f"/data/arcadia.{suffix}")
    assert response.headers["Content-Type"].startswith(SUFFIXES[suffix])
    assert response.headers["Content-Location"] == f"/graph/data/arcadia.{suffix}"
    rdf_format = RdfFormat.from_media_type(SUFFIXES[suffix])
    found = {quad.triple for quad in parse(response.data, rdf_format)}
    assert mini_site.snapshot.directory is not None
    store = open_release(mini_site.snapshot.directory)
    assert found == set(selection.select(store, "id:arcadia", inferred=True).triples)
    subjects = {str(triple.subject) for triple in found}
    for slug in ("arcadia", "endorsement-arcadia", "claim-gazette-1", "passage-gazette-1", "document-gazette"):
        assert f"<{ID(slug)}>" in subjects


@pytest.mark.parametrize(
    "slug",
    ["arcadia", "accord", "accord-2020", "claim-gazette-1", "passage-gazette-1", "document-gazette"],
)
def test_data_hold_what_an_export_holds(mini_client: Client, mini_site: Site, slug: str) -> None:
    found = {quad.triple for quad in parse(mini_client.get(f"/data/{slug}.nt").data, RdfFormat.N_TRIPLES)}
    assert mini_site.snapshot.directory is not None
    store = open_release(mini_site.snapshot.directory)
    assert found >= set(selection.select(store, f"id:{slug}", inferred=True).triples)


def test_json_ld_reads_like_plain_json(mini_client: Client) -> None:
    response = mini_client.get("/data/arcadia", headers={"Accept": "application/ld+json"})
    assert response.headers["Content-Location"] == "/graph/data/arcadia.jsonld"
    document = json.loads(response.data)
    assert document["@context"]
    assert '"id": "arcadia"' in response.get_data(as_text=True)
    assert "endorsement" in response.get_data(as_text=True)


def test_a_record_that_no_accepted_claim_attests_is_described_nowhere(mini_client: Client) -> None:
    response = mini_client.get("/data/endorsement-syldavia.ttl")
    assert response.status_code == 404
    assert "withheld" in json.loads(response.data)["detail"] and json.loads(response.data)["hint"].endswith(
        "/graph/withheld."
    )


def test_data_carry_signposts(mini_client: Client) -> None:
    link = mini_client.get("/data/arcadia.ttl").headers["Link"]
    assert f'<{ID("arcadia")}>; rel="cite-as"' in link
    assert '<https://pledges.example/graph/page/arcadia>; rel="alternate"; type="text/html"' in link
    assert link.count('rel="describedby"') == len(SUFFIXES)
    assert 'rel="license"' in link


def test_a_browser_that_asks_for_data_in_no_format_is_led_to_the_page(mini_client: Client) -> None:
    response = mini_client.get("/data/arcadia", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Location"]) == (303, "/graph/page/arcadia")
    assert mini_client.get("/data/nobody", headers={"Accept": "text/html"}).status_code == 404


def test_data_by_accept(mini_client: Client) -> None:
    assert mini_client.get("/data/arcadia").headers["Content-Type"].startswith("text/turtle")
    assert mini_client.get("/data/arcadia", headers={"Accept": "image/png"}).status_code == 406


def test_a_thing_that_was_replaced_leads_to_the_other(client: Client) -> None:
    response = client.get("/id/old")
    assert (response.status_code, response.headers["Location"]) == (301, "/graph/id/new")
    assert client.get("/data/old.ttl").status_code == 200


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_ontology_in_each_syntax(mini_client: Client, suffix: str) -> None:
    by_suffix = mini_client.get(f"/ontology.{suffix}")
    by_accept = mini_client.get("/ontology", headers={"Accept": SUFFIXES[suffix]})
    assert by_suffix.data == by_accept.data
    assert by_accept.headers["Content-Location"] == f"/graph/ontology.{suffix}"
    found = {str(quad.subject) for quad in parse(by_suffix.data, RdfFormat.from_media_type(SUFFIXES[suffix]))}
    assert f"<{PLEDGE('Claim')}>" in found


def test_the_ontology_for_a_browser_has_an_anchor_for_each_term(mini_client: Client) -> None:
    page = mini_client.get("/ontology", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert 'id="Claim"' in page and 'id="attests"' in page
    assert mini_client.get("/ontology.docx").status_code == 404


def test_what_xml_cannot_carry_is_refused_in_it(tmp_path: Path) -> None:
    (tmp_path / "bell.ttl").write_text(f'<{ID("bell")}> <{RDFS("label")}> "A\\u0001B" .')
    with Service.over_files([tmp_path / "bell.ttl"], Limits()) as service:
        client = Client(create_front(Site("http://localhost/", service)))
        assert client.get("/data/bell.nt").status_code == 200
        refused = client.get("/data/bell.rdf")
    assert refused.status_code == 406
    problem = json.loads(refused.data)
    assert problem["detail"] == "What is known of it holds a character that XML cannot carry."
    assert "Turtle" in problem["hint"]
