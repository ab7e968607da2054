"""Signposts: from the first page a machine finds descriptions, files and endpoint, and back from each."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import Client

from pledgegraph.terms import ID, OWL, PLEDGE, SCHEMA
from pledgegraph.web.linked_data import SUFFIXES
from pledgegraph.web.negotiation import HTML, JSON_LD, TURTLE
from pledgegraph.web.vocabulary import DATA_LICENSE

BASE = "https://pledges.example/graph/"
LINK = re.compile(r'<(?P<target>[^<>"\s]+)>; rel="(?P<relation>[a-z-]+)"(?:; type="(?P<type>[^"]+)")?')


def signposts(client: Client, path: str, accept: str = HTML) -> dict[str, list[tuple[str, str]]]:
    """Targets and media types by relation, of a page that is there."""
    response = client.get(path, headers={"Accept": accept}, buffered=True)
    assert response.status_code == 200
    found: dict[str, list[tuple[str, str]]] = {}
    for text in response.headers["Link"].split(", "):
        match = LINK.fullmatch(text)
        assert match, text
        found.setdefault(match["relation"], []).append((match["target"], match["type"] or ""))
    assert found["license"] == [(DATA_LICENSE, "")]
    return found


@pytest.mark.parametrize(("path", "cited"), [("/", BASE), ("/data", f"{BASE}data")])
def test_pages_about_the_dataset_lead_to_all_of_it(mini_client: Client, path: str, cited: str) -> None:
    found = signposts(mini_client, path)
    assert found["cite-as"] == [(cited, "")]
    assert [iri for iri, _ in found["type"]] == [SCHEMA("AboutPage"), SCHEMA("Dataset")]
    assert found["service-desc"] == [(f"{BASE}sparql", TURTLE)]
    assert found["service-doc"] == [(f"{BASE}sparql", HTML)]
    assert found["describedby"] == [
        (f"{BASE}{name}", media_type) for name in ("data", "void") for media_type in (TURTLE, JSON_LD)
    ]
    assert len(found["item"]) > 3
    led = [*found["describedby"], *found["item"], *found["service-desc"], *found["service-doc"]]
    for target, media_type in led:
        answer = mini_client.get(target.removeprefix(BASE[:-1]), headers={"Accept": media_type}, buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].partition(";")[0] == media_type


def test_files_lead_back(mini_client: Client) -> None:
    for target, _ in signposts(mini_client, "/")["item"]:
        found = signposts(mini_client, target.removeprefix(BASE[:-1]))
        assert found["collection"] == [(BASE, "")]
        assert found["describedby"] == [(f"{BASE}data", TURTLE)]


def test_the_page_of_a_thing_names_its_classes_and_its_data(mini_client: Client) -> None:
    found = signposts(mini_client, "/page/arcadia")
    assert found["cite-as"] == [(ID("arcadia"), "")]
    assert [iri for iri, _ in found["type"]] == [SCHEMA("AboutPage"), PLEDGE("State")]
    assert found["describedby"] == [(f"{BASE}data/arcadia.{suffix}", each) for suffix, each in SUFFIXES.items()]
    for target, media_type in found["describedby"]:
        data = signposts(mini_client, target.removeprefix(BASE[:-1]), media_type)
        assert data["describes"] == [(f"{BASE}page/arcadia", "")]


def test_the_ontology_names_itself_and_its_files(mini_client: Client) -> None:
    found = signposts(mini_client, "/ontology")
    assert found["cite-as"] == [(PLEDGE.removesuffix("#"), "")]
    assert [iri for iri, _ in found["type"]] == [SCHEMA("AboutPage"), OWL("Ontology")]
    assert found["describedby"] == [(f"{BASE}ontology.{suffix}", each) for suffix, each in SUFFIXES.items()]
    for target, media_type in found["describedby"]:
        data = signposts(mini_client, target.removeprefix(BASE[:-1]), media_type)
        assert data["describes"] == [(f"{BASE}ontology", "")]
        assert data["cite-as"] == found["cite-as"]


@pytest.mark.parametrize("path", ["/data", "/void", "/.well-known/void", "/sparql"])
def test_descriptions_lead_to_the_landing_page(mini_client: Client, path: str) -> None:
    for accept in (TURTLE, JSON_LD):
        assert signposts(mini_client, path, accept)["describes"] == [(BASE, "")]
    if "void" in path:
        assert signposts(mini_client, path)["describes"] == [(BASE, "")]
