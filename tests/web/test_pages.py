"""The pages over the repository's own content: each answers, is sound HTML, and shows facts with their evidence."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from pledgegraph.content import Content
from pledgegraph.service import Limits, Service
from pledgegraph.web.app import create_front
from pledgegraph.web.pages import sections
from pledgegraph.web.site import Site

ROOT = Path(__file__).resolve().parents[2]
BASE = "https://pledges.example/"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

pytestmark = pytest.mark.full

PAGES = [
    "/",
    "/about",
    "/instruments",
    "/instruments?form=pledge:resolution",
    "/themes",
    "/actors",
    "/actors?kind=pledge:Person",
    "/venues",
    "/documents",
    "/unknown",
    "/unknown?actor=id:russia",
    "/disagreements",
    "/claims",
    "/claims?claimant=id:nato-pa",
    "/claims?reporter=id:klare-and-liang",
    "/claims?status=pledge:rejected",
    "/matrix",
    "/matrix?texts=resolution-495",
    "/queries",
    "/queries/did-endorse",
    "/queries/counts?page=1",
    "/find?q=china",
    "/find?q=%22%3E%3Cscript%3E",
    "/ontology",
    "/data",
    "/sparql",
    "/problems",
    "/page/japan",
    "/page/antonio-guterres",
    "/page/political-declaration",
    "/page/political-declaration-2023-11",
    "/page/resolution-495",
    "/page/reaim-blueprint",
    "/page/reaim-2024",
    "/page/reaim-series",
    "/page/theme-human-control",
    "/page/matter-laws",
    "/page/proposed-instrument-guterres-2026",
    "/page/document-resolution-495",
    "/page/passage-resolution-495-11",
    "/page/nonendorsement-china-reaim-blueprint",
    "/page/absence-russia-reaim-blueprint",
    "/page/discrepancy-endorser-count",
    "/page/roster-political-declaration-2023-11-13",
    "/page/political-declaration-2023-11?section=endorsers",
    "/explain?subject=japan&property=pledge:everEndorsed&object=political-declaration",
]
"""One page or more of every kind."""


NOT_LISTS = ("/ontology", "/sparql")
"""Pages that hold one thing whole: the vocabulary, and the editor with its questions."""


VOID = {"meta", "link", "input", "br", "hr", "img"}
"""Elements that have no end."""


class Page(HTMLParser):
    """An HTML page with what the tests ask of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(text)
        self.faults += [f"<{tag}> is not closed" for tag in self.open if tag not in ("p", "li")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name, count in Counter(names).items() if count > 1]
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID and not self.in_svg(tag):
            self.open.append(tag)

    def in_svg(self, tag: str) -> bool:
        return tag in {"path", "rect", "marker"}

    def handle_endtag(self, tag: str) -> None:
        if self.in_svg(tag):
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of all elements of a name."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        assert found
        return found[1]

    @property
    def words(self) -> str:
        """The text without tags, blanks run together."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", self.text))


@pytest.fixture(scope="module")
def site(full_release: Path) -> Iterator[Site]:
    """A site over the repository's own content."""
    with Service.over_release(full_release, Limits(query_seconds=10.0)) as service:
        yield Site(BASE, service, full_release, Content(full_release))


@pytest.fixture(scope="module")
def client(site: Site) -> Client:
    """Speaks to the whole WSGI application."""
    return Client(create_front(site))


def get(client: Client, path: str, status: int = 200) -> Page:
    """A page, parsed."""
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status, (path, answer.status_code, answer.get_data(as_text=True)[:2000])
    return Page(answer.get_data(as_text=True))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_sound_and_needs_no_script(client: Client, path: str) -> None:
    answer = client.get(path, headers=HTML)
    page = get(client, path)
    assert page.faults == []
    assert [tag for tag, _ in page.tags if tag in ("h1", "main")] in (["main", "h1"], ["main", "h1", "h1"])
    assert page.all("html")[0]["lang"] == "en"
    assert {"class": "skip", "href": "#content"} in page.all("a")
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert [name for name, count in Counter(identifiers).items() if count > 1] == []
    labelled = {label["for"] for label in page.all("label")}
    for field in page.all("input") + page.all("select") + page.all("textarea"):
        assert field.get("type") == "hidden" or field["id"] in labelled, field
    if not path.startswith("/sparql"):
        assert page.all("script") == [] and not any("style" in attributes for _, attributes in page.tags)
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    for region in page.all("div"):
        if "scroll" in region.get("class", "").split():
            assert region["tabindex"] == "0" and region["role"] == "region" and region["aria-label"]


def test_titles_are_unique(client: Client) -> None:
    titles = Counter(get(client, path).title for path in PAGES)
    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_somewhere(client: Client, path: str) -> None:
    """Links within the site answer; links out are http(s) and carry no referrer power."""
    page = get(client, path)
    inner: set[str] = set()
    for link in page.all("a"):
        parts = urlsplit(link["href"])
        if parts.scheme:
            assert parts.scheme in ("http", "https"), link
            if not link["href"].startswith(BASE):
                assert "noopener" in link["rel"] and "nofollow" in link["rel"], link
        elif parts.path:
            inner.add(link["href"])
        else:
            fragment = parts.fragment
            assert any(attributes.get("id") == fragment for _, attributes in page.tags), fragment
    for address in sorted(inner)[:: max(1, len(inner) // 25)]:
        with client.get(address, headers=HTML, buffered=True) as answer:
            assert answer.status_code == 200, (path, address)


def test_documents_within_the_bounds_of_size(client: Client) -> None:
    sizes = {path: len(client.get(path, headers=HTML).data) for path in PAGES if path not in NOT_LISTS}
    assert {path: size for path, size in sizes.items() if size > 100_000} == {}


def test_the_home_page_answers_three_ways_with_evidence(client: Client) -> None:
    page = get(client, "/")
    assert "No." in page.words and "Yes." in page.words and "The sources do not say." in page.words
    assert any(link["href"] == "/page/nonendorsement-china-reaim-blueprint" for link in page.all("a"))
    assert any(link["href"].startswith("/page/claim-") for link in page.all("a"))
    assert any(link["href"].startswith("/page/passage-") for link in page.all("a"))
    assert "Searched in" in page.words and "nothing found" in page.words


def test_a_record_shows_who_says_it_with_which_verb_and_where(client: Client) -> None:
    page = get(client, "/page/nonendorsement-china-reaim-blueprint")
    for words in ("did not sign", "has not endorsed", "accepted", "id:nonendorsement-china-reaim-blueprint"):
        assert words in page.words
    assert any(":~:text=" in link["href"] for link in page.all("a"))
    for suffix in ("ttl", "jsonld", "nt", "rdf"):
        assert any(link["href"].endswith(f".{suffix}") for link in page.all("link"))


def test_an_inferred_fact_is_marked_and_explained_down_to_files(client: Client) -> None:
    page = get(client, "/page/japan")
    assert 'id="inferred"' in page.text
    reasons = [link["href"] for link in page.all("a") if "everEndorsed" in link["href"] and "explain" in link["href"]]
    assert reasons
    why = get(client, reasons[0].replace("&amp;", "&"))
    assert "prp-spo" in why.words and "stated in the file graph/" in why.words


def test_a_triple_that_does_not_hold_is_said_not_to(client: Client) -> None:
    page = get(client, "/explain?subject=china&property=pledge:everEndorsed&object=reaim-blueprint")
    assert "The graph does not say so" in page.words


@pytest.mark.parametrize(
    "path",
    [
        "/explain",
        "/explain?subject=%20&property=x&object=y",
        "/actors?kind=pledge:Nothing",
        "/matrix?texts=nothing-like-it",
        "/claims?claimant=%20%22",
        "/instruments?page=0",
        "/instruments?page=x",
        "/actors?q=" + "x" * 300,
        "/queries/did-endorse?actor=id:nobody",
        "/queries/did-endorse?actor=no%20such%20name",
        "/queries/did-endorse?mistyped=1",
        "/queries/timeline?from=yesterday",
        "/queries/who-says?about=",
        "/queries/who-says?about=%00",
    ],
)
def test_bad_values_are_refused_with_what_is_known(client: Client, path: str) -> None:
    page = get(client, path, 400)
    assert page.faults == []


@pytest.mark.parametrize(
    "path",
    [
        "/page/nothing-of-that-name",
        "/page/UPPER",
        "/page/a%2Fb",
        "/queries/no-such-question",
        "/queries/did-endorse.docx",
        "/page/japan?section=nothing",
        "/instruments?page=9999",
        "/page/document-resolution-495?page=99",
    ],
)
def test_what_is_not_there_is_a_404_page(client: Client, path: str) -> None:
    page = get(client, path, 404)
    assert page.faults == [] and page.all("main")


def test_an_error_is_written_beside_its_field(client: Client) -> None:
    page = get(client, "/queries/did-endorse?actor=id:nobody&text=id:reaim-blueprint", 400)
    field = next(field for field in page.all("input") + page.all("select") if field.get("name") == "actor")
    assert field["aria-invalid"] == "true"
    assert any(attributes.get("id") == field["aria-describedby"] for attributes in page.all("p"))
    assert "nothing is named id:nobody" in page.words


def test_a_thing_is_found_by_its_label_too(client: Client) -> None:
    by_label = get(client, "/queries/sources?about=REAIM%20Blueprint%20for%20Action")
    assert 'value="id:reaim-blueprint"' in by_label.text
    assert by_label.words.count("Arms Control Today") > 0


def test_every_question_has_a_form_an_answer_and_files(client: Client, site: Site) -> None:
    assert site.snapshot.questions
    for name, question in site.snapshot.questions.items():
        page = get(client, f"/queries/{name}")
        shown = {field["name"] for field in page.all("select") + page.all("input")} - {"q"}
        assert shown == {parameter.name for parameter in question.parameters}, name
        if not any(parameter.required for parameter in question.parameters):
            for suffix, start in (("json", b"{"), ("csv", b""), ("ttl", b"")):
                answer = client.get(f"/queries/{name}.{suffix}")
                assert answer.status_code == 200 and answer.data.startswith(start), (name, suffix)


def test_page_and_files_of_a_question_agree(client: Client) -> None:
    document = json.loads(client.get("/queries/counts.json").data)
    page = get(client, "/queries/counts")
    rows = len(document["results"]["bindings"])
    assert f"{rows:,} row" in page.words
    assert client.get("/queries/counts", headers={"Accept": "text/csv"}).data.count(b"\n") >= rows
    assert client.get("/queries/counts?format=csv").data == client.get("/queries/counts.csv").data


def test_the_turtle_of_an_answer_holds_its_evidence(client: Client) -> None:
    body = client.get("/queries/did-endorse.ttl?actor=id:china&text=id:reaim-blueprint").get_data(as_text=True)
    assert "nonendorsement-china-reaim-blueprint" in body and "firstWords" in body and "printedVerb" in body


def test_values_of_a_question_stay_in_its_links_and_form(client: Client) -> None:
    page = get(client, "/queries/did-endorse?actor=id:japan&text=id:political-declaration")
    written = [field["value"] for field in page.all("input") if field.get("name") == "actor"]
    selected = [option["value"] for option in page.all("option") if "selected" in option]
    assert written + selected == ["id:japan", "id:political-declaration"]
    assert any(link["href"].endswith(".csv?actor=id%3Ajapan&text=id%3Apolitical-declaration") for link in page.all("a"))


def test_filters_narrow_a_list_and_count_what_they_leave(client: Client) -> None:
    everything = get(client, "/actors")
    states = get(client, "/actors?kind=pledge:State")
    count = next(
        re.search(r"\((\d+)\)", text) for text in re.findall(r"<option value=\"pledge:State\"[^<]*", everything.text)
    )
    assert count and f" {count[1]} of " in states.words.replace(",", "")


def test_a_section_has_all_records_of_its_page(client: Client) -> None:
    page = get(client, "/page/political-declaration-2023-11")
    section = get(client, "/page/political-declaration-2023-11?section=endorsers")
    for each in (page, section):
        assert "/page/" in each.text and "Japan" in each.words and "South Korea" in each.words


def test_sections_name_each_role_once() -> None:
    roles = [role for heading in sections.HEADINGS for role in heading.roles]
    assert [role for role, count in Counter(roles).items() if count > 1] == []


def test_a_permalink_to_another_release_says_so(client: Client, site: Site) -> None:
    assert "names release" not in get(client, f"/page/japan?release={site.snapshot.release}").words
    assert "names release 0123456789abcdef" in get(client, "/page/japan?release=0123456789abcdef").words
    asked = "/queries/did-endorse?actor=id:japan&text=id:reaim-blueprint"
    page = get(client, asked)
    assert f"&amp;release={site.snapshot.release}" in page.text and "?release=" not in page.text


def test_text_from_the_address_is_escaped(client: Client) -> None:
    for path in ("/find?q=<script>alert(1)</script>", "/actors?q=<script>", "/queries/definitions?term=<script>"):
        page = get(client, path)
        assert "<script>" not in page.text and "&lt;script&gt;" in page.text


def test_the_matrix_is_a_table_with_headings_and_words(client: Client) -> None:
    page = get(client, "/matrix")
    assert {cell["scope"] for cell in page.all("th")} == {"col", "row"}
    assert "no statement recorded" in page.text and "recommended" in page.words
