"""Tables of links: what is read, what is refused, and the tables of the repository."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from pledgegraph import content, links
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError
from pledgegraph.links import sssom
from pledgegraph.terms import ID, SKOS

HEAD = """#mapping_set_id: https://w3id.org/pledgegraph/graph/graph/links/test
#curie_map:
#  id: https://w3id.org/pledgegraph/id/
#  skos: http://www.w3.org/2004/02/skos/core#
#  owl: http://www.w3.org/2002/07/owl#
#  semapv: https://w3id.org/semapv/vocab/
#  wd: http://www.wikidata.org/entity/
subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tmapping_source
"""


def row(subject: str = "id:japan", predicate: str = "skos:exactMatch", target: str = "wd:Q17", **cells: str) -> str:
    confidence, source = cells.get("confidence", "0.9"), cells.get("source", "country-codes")
    return "\t".join([subject, predicate, target, "semapv:ManualMappingCuration", confidence, source]) + "\n"


@pytest.fixture
def root(tmp_path: Path) -> Content:
    """A content root with the states alone."""
    for folder in ("ontology", "shapes", "graph/actors", "graph/links"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(content.find().graph / "actors" / "states.ttl", tmp_path / "graph" / "actors")
    return Content(tmp_path)


def faults(root: Content, *rows: str) -> list[tuple[int | None, str]]:
    (root.graph / "links" / "test.sssom.tsv").write_text(HEAD + "".join(rows), encoding="utf-8")
    return [(finding.line, finding.message) for finding in links.check(root, Dataset.from_content(root))]


def test_a_sound_table_has_no_faults_and_gives_triples(root: Content) -> None:
    assert faults(root, row(), row("id:namibia", target="wd:Q1030")) == []
    dataset = Dataset()
    assert links.add_to(dataset, root) == 2
    assert dataset.named_graphs() == ["https://w3id.org/pledgegraph/graph/graph/links/test"]
    assert any(
        dataset.matching(f"<{ID('namibia')}>", f"<{SKOS('exactMatch')}>", "<http://www.wikidata.org/entity/Q1030>")
    )


@pytest.mark.parametrize(
    ("rows", "line", "said"),
    [
        ([row(predicate="owl:sameAs")], 9, "no relation of links"),
        ([row(), row("id:namibia")], 10, "has an exact match in line 9"),
        ([row(), row(target="wd:Q18")], 10, "has an exact match in line 9"),
        ([row(), row()], 10, "stands twice"),
        ([row("id:atlantis")], 9, "is not in the graph"),
        ([row(target="wd:17")], 9, "has not the form"),
        ([row(target="wd:Q 17")], 9, "is no web address"),
        ([row(source=" ")], 9, "no mapping_source"),
        ([row(target="dbpedia:Japan")], 9, "no prefix of the head"),
        ([row(confidence="sure")], 9, "no number from 0 to 1"),
        ([row(confidence="1.5")], 9, "no number from 0 to 1"),
        (["id:japan\tskos:exactMatch\n"], 9, "2 cells in place of 6"),
    ],
)
def test_faults_are_found_with_their_line(root: Content, rows: list[str], line: int, said: str) -> None:
    found = faults(root, *rows)
    assert any(at == line and said in message for at, message in found), found


def test_a_close_match_may_share_a_target(root: Content) -> None:
    assert faults(root, row(), row("id:namibia", "skos:closeMatch")) == []


def test_pages_are_whole_addresses_and_may_be_shared(root: Content) -> None:
    head = HEAD.replace("#  owl:", "#  schema: https://schema.org/\n#  https: https:\n#  owl:")
    rows = row("id:japan", "schema:sameAs", "https://example.org/a?b=c") + row(
        "id:namibia", "schema:sameAs", "https://example.org/a?b=c"
    )
    path = root.graph / "links" / "test.sssom.tsv"
    path.write_text(head + rows, encoding="utf-8")
    assert links.check(root, Dataset.from_content(root)) == []
    assert [(link.predicate, link.target) for link in links.read(path)] == [
        ("https://schema.org/sameAs", "https://example.org/a?b=c")
    ] * 2


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sssom.tsv"
    path.write_text("#curie_map:\nsubject_id\tobject_id\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column predicate_id") as error:
        links.read(path)
    assert error.value.line == 2


def wikidata() -> dict[str, str]:
    path = content.find().graph / "links" / "wikidata.sssom.tsv"
    return {link.subject.removeprefix(ID): link.target.rpartition("/")[2] for link in links.read(path)}


def test_the_known_traps_of_identifiers() -> None:
    found = wikidata()
    assert found["namibia"] == "Q1030"
    assert found["kosovo"] == "Q1246"
    assert found["netherlands"] == "Q29999"
    path = content.find().graph / "links" / "wikidata.sssom.tsv"
    (holy_see,) = [link for link in links.read(path) if link.subject == ID("holy-see")]
    assert holy_see.predicate == SKOS("closeMatch")


def test_every_state_has_its_links() -> None:
    root = content.find()
    dataset = Dataset.from_files([root.graph / "actors" / "states.ttl"])
    states = {triple.subject.value for triple in dataset.triples() if triple.predicate.value.endswith("#type")}  # type: ignore[union-attr]
    assert len(states) == 196
    for name, missing in (("wikidata", set()), ("eu-country", set()), ("un-m49", {ID("kosovo")})):
        table = links.read(root.graph / "links" / f"{name}.sssom.tsv")
        assert states - {link.subject for link in table} == missing, name


def test_the_tables_of_the_repository_are_sound() -> None:
    root = content.find()
    assert [path.name.split(".")[0] for path in sssom.files(root)] == [
        *("eu-country", "instrument-pages", "un-m49", "unbis", "wikidata")
    ]
    assert links.check(root, Dataset.from_content(root)) == []


def test_identifiers_are_those_of_the_source(data: Path) -> None:
    with (data / "states" / "country-codes.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["ISO3166-1-Alpha-3"]: row["wikidata_id"].rpartition("/")[2] for row in csv.DictReader(file)}
    root = content.find()
    dataset = Dataset.from_files([root.graph / "actors" / "states.ttl"])
    iso3 = {str(s.value).removeprefix(ID): o.value for s, p, o in dataset.triples() if p.value.endswith("#iso3")}
    found = wikidata()
    assert len(iso3) == 195
    assert {name: found[name] for name, code in iso3.items() if codes[code]} == {
        name: codes[code] for name, code in iso3.items() if codes[code]
    }


ORGANISATIONS = {
    "united-nations": "Q1065",
    "un-general-assembly": "Q47423",
    "un-security-council": "Q37470",
    "un-secretariat": "Q220563",
    "un-human-rights-council": "Q205650",
    "odet": "Q135418656",
    "unesco": "Q7809",
    "itu": "Q376150",
    "european-union": "Q458",
    "european-commission": "Q8880",
    "european-parliament": "Q8889",
    "council-of-europe": "Q8908",
    "council-of-europe-committee-of-ministers": "Q2735723",
    "nato": "Q7184",
    "north-atlantic-council": "Q944947",
    "oecd": "Q41550",
    "african-union": "Q7159",
    "ecowas": "Q193272",
    "caricom": "Q205995",
    "non-aligned-movement": "Q83201",
    "european-defence-agency": "Q1134173",
    "nato-pa": "Q1756350",
    "group-of-77": "Q477328",
    "icrc": "Q5987345",
}
"""Organisations whose identifier a source was seen to give, with it."""


def test_every_organisation_with_an_identifier_that_was_seen_has_its_link() -> None:
    found = wikidata()
    assert {name: found.get(name) for name in ORGANISATIONS} == ORGANISATIONS


def test_what_has_no_evidence_has_no_link() -> None:
    found = wikidata()
    for name in ("political-declaration", "reaim-series", "eu-ai-act", "cets-225", "hlab-ai", "nato-diana", "pax"):
        assert name not in found


def test_every_text_with_a_symbol_of_the_united_nations_has_its_page() -> None:
    root = content.find()
    pages = {link.subject: link.target for link in links.read(root.graph / "links" / "instrument-pages.sssom.tsv")}
    for number in ("78-241", "78-265", "78-311", "79-1", "79-62", "79-239", "79-325", "80-23", "80-57", "80-58"):
        assert pages[ID(f"resolution-{number}")] == f"https://docs.un.org/en/A/RES/{number.replace('-', '/')}"
    assert pages[ID("resolution-495")].startswith("https://ft.dk/")
    assert ID("unga-resolution-2023-12") not in pages
