"""Pages over a few invented statements: what they show follows from the data, whatever the data is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from pledgegraph.content import Content
from pledgegraph.provenance import Copies
from pledgegraph.service import Limits, Service
from pledgegraph.web.app import create_front
from pledgegraph.web.pages import dates, evidence, sections
from pledgegraph.web.pages.graph import Thing, Value
from pledgegraph.web.site import Site

ROOT = Path(__file__).resolve().parents[2]

WORDS = "The Republic of Foo does not join the Bar Pledge today."

PREFIXES = """
@prefix pledge: <https://w3id.org/pledgegraph/ontology#> .
@prefix id: <https://w3id.org/pledgegraph/id/> .
@prefix graph: <https://w3id.org/pledgegraph/graph/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

DATA = """
pledge:State rdfs:subClassOf pledge:Actor ; rdfs:label "state"@en .
pledge:Actor rdfs:label "actor"@en .
pledge:Instrument rdfs:label "instrument"@en .
pledge:Record rdfs:label "record"@en .
pledge:NonEndorsement rdfs:subClassOf pledge:Record ; rdfs:label "non-endorsement"@en .
pledge:Endorsement rdfs:subClassOf pledge:Record ; rdfs:label "endorsement"@en .
pledge:accepted rdfs:label "accepted"@en . pledge:rejected rdfs:label "rejected"@en .
pledge:asserted rdfs:label "asserted"@en .

id:china a pledge:Actor, pledge:State ; rdfs:label "China"@en, "الصين"@ar .
id:reaim-blueprint a pledge:Instrument ; rdfs:label "REAIM Blueprint"@en .
id:lonely a pledge:Actor, pledge:State ; rdfs:label "Lonely <b>bold</b>"@en .
id:press a pledge:Actor ; rdfs:label "The Press"@en .

id:claim-1 a pledge:Claim ; rdfs:label "a claim"@en ; pledge:claimant id:press ; pledge:attests id:act-1 ;
  pledge:status pledge:accepted ; pledge:modality pledge:asserted ; pledge:printedVerb "does not join" ;
  pledge:cites id:passage-1 .
id:claim-2 a pledge:Claim ; rdfs:label "another claim"@en ; pledge:claimant id:press ; pledge:attests id:act-2 ;
  pledge:status pledge:rejected ; pledge:modality pledge:asserted ; pledge:cites id:passage-2 .
id:passage-1 a pledge:Passage ; rdfs:label "passage"@en ; pledge:inDocument id:document-1 ;
  pledge:locator "paragraph 1" ;
  pledge:firstWords "The Republic of Foo" ; pledge:lastWords "the Bar Pledge today." ; pledge:digest "DIGEST" .
id:passage-2 a pledge:Passage ; rdfs:label "page 7"@en ; pledge:inDocument id:document-2 ;
  pledge:locator "page 7, line 3" ;
  pledge:firstWords "a b c d" ; pledge:lastWords "e f g h" .
id:document-1 a pledge:Document ; rdfs:label "Gazette"@en ; pledge:publicAddress "https://example.org/a?b=c" ;
  pledge:mediaType "text/html" ; pledge:copyDigest "COPY" .
id:document-2 a pledge:Document ; rdfs:label "Report"@en ; pledge:publicAddress "https://example.org/r.pdf" ;
  pledge:mediaType "application/pdf" .

id:old-name rdfs:label "Old name"@en ; dcterms:isReplacedBy id:china .
graph:withheld { id:act-2 a pledge:Endorsement ; rdfs:label "A rejected act"@en ; pledge:endorser id:china . }
"""

NO = """
id:act-1 a pledge:Record, pledge:NonEndorsement ; rdfs:label "China and the Blueprint"@en ; pledge:decliner id:china ;
  pledge:actor id:china ; pledge:declinedText id:reaim-blueprint ; pledge:text id:reaim-blueprint ;
  pledge:attestedBy id:claim-1 ; pledge:summary "China is said not to have joined."@en .
"""

YES = (
    NO.replace("NonEndorsement", "Endorsement").replace("decliner", "endorser").replace("declinedText", "endorsedText")
)

Serve = Callable[[str], Client]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves statements as they are, with the named questions of the repository and a copy of one document."""
    started: list[Service] = []
    copy = tmp_path / "texts" / "gazette.txt"
    copy.parent.mkdir()
    copy.write_text(f"A heading\n\n{WORDS} More follows.\n", encoding="utf-8")

    def start(statements: str) -> Client:
        path = tmp_path / f"data-{len(started)}.trig"
        text = PREFIXES + statements
        text = text.replace("DIGEST", hashlib.sha256(WORDS.encode()).hexdigest())
        path.write_text(text.replace("COPY", hashlib.sha256(copy.read_bytes()).hexdigest()), encoding="utf-8")
        service = Service.over_files([path], Limits(query_seconds=5.0))
        started.append(service)
        site = Site("https://pledges.example/", service, content=Content(ROOT))
        site.copies = Copies(copy.parent)
        return Client(create_front(site))

    yield start
    for service in started:
        service.stop()


def words(client: Client, path: str, status: int = 200) -> str:
    """The text of a page without tags, blanks run together."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", answer.get_data(as_text=True)))


@pytest.mark.parametrize(
    ("acts", "verdict"),
    [(NO, "No."), (YES, "Yes."), ("", "The sources do not say."), (NO + YES.replace("act-1", "act-3"), "differ")],
)
def test_the_answer_on_the_home_page_follows_from_the_graph(serve: Serve, acts: str, verdict: str) -> None:
    page = words(serve(DATA + acts.replace("act-3 a", "act-3 a")), "/")
    verdicts = [each for each in ("No.", "Yes.", "The sources do not say.", "The sources differ.") if each in page]
    assert len(verdicts) == 1 and verdict in verdicts[0]


def test_an_empty_graph_has_pages_that_say_so(serve: Serve) -> None:
    client = serve("id:a rdfs:label 'a'@en .")
    for path in ("/", "/instruments", "/themes", "/actors", "/venues", "/documents", "/unknown", "/disagreements",
                 "/claims", "/matrix", "/queries", "/about", "/find?q=zzz", "/ontology"):  # fmt: skip
        assert words(client, path)
    assert "Nothing in this release fits" in words(client, "/instruments")
    assert "No difference between sources" in words(client, "/disagreements")
    assert "No label or other name has these words" in words(client, "/find?q=zzz")


def test_a_thing_of_which_nothing_is_recorded_says_that_this_is_no_finding(serve: Serve) -> None:
    client = serve(DATA)
    assert "That nothing is recorded is not a finding" in words(client, "/page/lonely")
    assert b"<b>bold</b>" not in client.get("/page/lonely").data


def test_a_replaced_name_leads_to_its_successor(serve: Serve) -> None:
    client = serve(DATA)
    assert "This name is no longer used" in words(client, "/page/old-name")
    assert 'href="/page/china"' in client.get("/page/old-name").get_data(as_text=True)


def test_a_withheld_record_says_why_and_is_no_fact(serve: Serve) -> None:
    client = serve(DATA)
    page = words(client, "/page/act-2")
    assert "Withheld." in page and "rejected" in page
    assert "A rejected act" not in words(client, "/page/china")


def test_names_in_other_languages_are_marked(serve: Serve) -> None:
    assert '<span lang="ar" dir="auto">الصين</span>' in serve(DATA).get("/page/china").get_data(as_text=True)


def test_passages_link_by_medium(serve: Serve) -> None:
    client = serve(DATA)
    html = client.get("/page/passage-1").get_data(as_text=True)
    first, last = "The%20Republic%20of%20Foo", "the%20Bar%20Pledge%20today."
    assert f'href="https://example.org/a?b=c#:~:text={first},{last}"' in html
    assert 'href="https://example.org/r.pdf#page=7"' in client.get("/page/passage-2").get_data(as_text=True)


def test_words_are_shown_only_with_a_copy_that_proves_them(serve: Serve) -> None:
    client = serve(DATA)
    assert WORDS in words(client, "/page/passage-1")
    assert "The words of the source" not in words(client, "/page/passage-2")
    wrong = serve(DATA.replace("DIGEST", "0" * 64))
    assert WORDS not in words(wrong, "/page/passage-1")


def test_an_address_that_is_not_http_is_no_link(serve: Serve) -> None:
    client = serve(DATA.replace("https://example.org/r.pdf", "javascript:alert(1)"))
    for path in ("/page/document-2", "/page/passage-2", "/page/claim-2"):
        assert 'href="javascript' not in client.get(path).get_data(as_text=True)


def test_explanations_need_a_release(serve: Serve) -> None:
    assert "built release" in words(serve(DATA), "/explain?subject=china&property=pledge:actor&object=china", 404)


@pytest.mark.parametrize(
    ("earliest", "latest", "said"),
    [
        ("2024-09-10", "2024-09-10", "on 10 September 2024"),
        ("2024-08-26", "2024-08-30", "between 26 and 30 August 2024"),
        ("2024-10-01", "2024-10-31", "in October 2024"),
        ("2024-02-01", "2024-02-29", "in February 2024"),
        ("2023-01-01", "2023-12-31", "in 2023"),
        ("2023-01-01", "2024-12-31", "between 2023 and 2024"),
        ("2023-11-28", "2024-01-02", "between 28 November 2023 and 2 January 2024"),
        ("2025-02-01", "", "not before 1 February 2025"),
        ("", "2023-11-13", "no later than 13 November 2023"),
        ("", "", ""),
        ("soon", "later", ""),
    ],
)
def test_bounds_of_time_in_words(earliest: str, latest: str, said: str) -> None:
    assert dates.span(earliest, latest) == said


@pytest.mark.parametrize(
    ("first", "last", "text", "fragment"),
    [
        ("One two three four", "six seven eight nine", "", "One%20two%20three%20four,six%20seven%20eight%20nine"),
        ("October 2024", "October 2024", "October 2024", "October%202024"),
        ("one two three four", "three four five six", "one two three four five six",
         "one%20two%20three%20four%20five%20six"),
        ("a-b, c & d", "e f g h", "", "a%2Db%2C%20c%20%26%20d,e%20f%20g%20h"),
    ],
)  # fmt: skip
def test_text_fragments(first: str, last: str, text: str, fragment: str) -> None:
    def literal(value: str) -> list[Value]:
        return [Value(value, False)]

    pledge = "https://w3id.org/pledgegraph/ontology#"
    digest = hashlib.sha256(text.encode()).hexdigest()
    passage = Thing("p", {f"{pledge}firstWords": literal(first), f"{pledge}lastWords": literal(last),
                          f"{pledge}digest": literal(digest)})  # fmt: skip
    document = Thing("d", {f"{pledge}publicAddress": literal("http://example.org/x#part"),
                           f"{pledge}mediaType": literal("text/html")})  # fmt: skip
    assert evidence.address(document, passage) == f"http://example.org/x#part:~:text={fragment}"


def test_locators_in_the_order_of_readers() -> None:
    locators = ["13.f", "2", "13", "10", "13.b", "1"]
    assert sorted(locators, key=sections.natural) == ["1", "2", "10", "13", "13.b", "13.f"]
