"""What a page shows of links to other graphs: the target, the kind of link, and where it comes from."""

from __future__ import annotations

from pathlib import Path

from werkzeug.test import Client

from pledgegraph.service import Limits, Service
from pledgegraph.web.app import create_front
from pledgegraph.web.site import Site

GRAPH = """
@prefix id: <https://w3id.org/pledgegraph/id/> .
@prefix pledge: <https://w3id.org/pledgegraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

id:lake a pledge:State ; rdfs:label "Lake"@en ; pledge:iso3 "LAK" ;
    skos:exactMatch <http://www.wikidata.org/entity/Q1> ; skos:closeMatch <https://near.example/lake> .

id:pact a pledge:Instrument ; rdfs:label "Pact"@en ; schema:sameAs <https://pact.example/text> .
"""


def page(tmp_path: Path, slug: str) -> str:
    data = tmp_path / "graph.ttl"
    data.write_text(GRAPH, encoding="utf-8")
    with Service.over_files([data], Limits(query_seconds=5.0)) as service:
        answer = Client(create_front(Site("https://pledges.example/", service))).get(f"/page/{slug}")
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).split())


def test_the_page_of_a_state_shows_its_links(tmp_path: Path) -> None:
    shown = page(tmp_path, "lake")
    for address in ("http://www.wikidata.org/entity/Q1", "https://near.example/lake"):
        assert f'href="{address}" rel="noopener nofollow"' in shown
        assert "from a table of links" in shown.split(f">{address}</a>")[1].split("</div>")[0]
    assert "same as" in shown and "close to" in shown


def test_the_page_of_a_text_leads_to_its_public_page(tmp_path: Path) -> None:
    shown = page(tmp_path, "pact")
    assert "public page" in shown
    assert 'href="https://pact.example/text"' in shown
