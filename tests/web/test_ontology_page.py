"""The page about the ontology: its queries run, each term is there, and the document in the repository is current."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client

from pledgegraph import queries
from pledgegraph.content import Content
from pledgegraph.service import Service
from pledgegraph.web import ontology
from pledgegraph.web.app import create_front
from pledgegraph.web.ontology import __main__ as writer, model, render
from pledgegraph.web.site import Site

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.full

EXAMPLES = [path.stem for path in model.examples()]


@pytest.fixture(scope="module")
def client(full_release: Path) -> Iterator[Client]:
    """Speaks to a site over the repository's own content."""
    with Service.over_release(full_release) as service:
        yield Client(create_front(Site("https://pledges.example/", service, full_release, Content(full_release))))


@pytest.fixture(scope="module")
def page(client: Client) -> str:
    """The page, as text."""
    answer = client.get("/ontology", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_document_in_the_repository_is_current() -> None:
    hint = "run: python -m pledgegraph.web.ontology"
    assert (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8") == ontology.document(Content(ROOT)), hint
    assert (ROOT / "docs" / "ontology.svg").read_text(encoding="utf-8") == writer.picture(), hint


def test_there_are_ten_examples_and_each_opens_in_the_editor(page: str) -> None:
    assert len(EXAMPLES) == 10
    links = [html.unescape(link) for link in re.findall(r'href="(/sparql\?query=[^"]+)"', page)]
    opened = {parse_qs(urlsplit(link).query)["query"][0].strip() for link in links}
    assert {queries.read(path).text.strip() for path in model.examples()} == opened


@pytest.mark.parametrize("path", model.examples(), ids=EXAMPLES)
def test_each_example_runs_and_finds_something(client: Client, path: Path) -> None:
    answer = client.get("/sparql", query_string={"query": queries.read(path).text, "format": "json"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    rows = json.loads(answer.data)["results"]["bindings"]
    assert rows and all(row for row in rows)


def test_every_term_has_its_anchor_definition_and_reason(page: str) -> None:
    terms = _vocabulary().terms.values()
    assert len(terms) > 100
    for term in terms:
        assert f'id="{term.name}"' in page, term.name
        assert term.definition and html.escape(term.definition, quote=False)[:40] in page.replace("&#39;", "'"), (
            term.name
        )
        assert term.reasons, term.name
    for scheme in _vocabulary().schemes:
        for concept in scheme.concepts:
            assert f'id="{render.anchor(concept)}"' in page, concept.iri


def test_page_and_document_say_the_same(page: str) -> None:
    document = (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#{2,3} (.+)$", document, re.MULTILINE)
    shown = [html.unescape(each) for each in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", page)]
    assert headings == shown


def test_links_within_the_document_lead_somewhere() -> None:
    document = ontology.document(Content(ROOT))
    anchors = set(re.findall(r'<a id="([^"]+)"></a>', document))
    assert set(re.findall(r"\]\(#([^)]+)\)", document)) <= anchors


def test_marks_within_texts_are_escaped() -> None:
    made = render.inline("a <b> **bold** `x < y` [name](#name) & rest")
    assert made == ('a &lt;b&gt; <strong>bold</strong> <code>x &lt; y</code> <a href="#name">name</a> &amp; rest')


def _vocabulary() -> model.Vocabulary:
    from pledgegraph.dataset import Dataset

    dataset = Dataset.from_content(Content(ROOT))
    return model.read(lambda query: ontology._rows(dataset.answer(query, "application/sparql-results+json")))
