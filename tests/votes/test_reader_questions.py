"""Questions over votes, lists and members as a reader of the ontology page writes them, held against the raw files."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions

from pledgegraph import content
from pledgegraph.dataset import Dataset
from pledgegraph.importers import session_records
from pledgegraph.importers.names import Names
from pledgegraph.importers.session_records import SessionRecord
from pledgegraph.terms import ID, PLEDGE

pytestmark = pytest.mark.full

Rows = set[tuple[str, ...]]
PLENARY = "?st pledge:stageKind pledge:plenary ; pledge:decisionOn id:resolution-{0} . "
COMMITTEE = "?st pledge:stageKind pledge:committee ; pledge:decisionOn/pledge:versionOf id:resolution-{0} . "
VOTE = "?v a pledge:VoteCast ; pledge:voter ?s ; pledge:choice pledge:{1} ; pledge:inStage ?st . "


class Raw:
    """The raw files, by slug of the state."""

    def __init__(self, folder: Path) -> None:
        self.names = Names.from_content(content.find())
        states = Dataset.from_files([content.find().graph / "actors" / "states.ttl"])
        codes = states.query("SELECT ?s ?c { ?s pledge:iso3 ?c }")
        assert isinstance(codes, QuerySolutions)
        self.slug = {row["c"].value: row["s"].value.removeprefix(ID) for row in codes} | {"XKX": "kosovo"}
        self.sessions: dict[str, SessionRecord] = {}
        for number in (78, 79, 80):
            self.sessions |= session_records.read(folder / "unga" / f"session_{number}.jsonl")
        self.rosters = self._table(folder / "states" / "rosters.csv", "roster")
        self.organisations = self._table(folder / "states" / "org_memberships.csv", "org")
        with (folder / "states" / "country-codes.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.region = {self.slug[c]: row["Region Name"] for row in rows if (c := row["ISO3166-1-Alpha-3"]) in self.slug}
        self.committee: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        with gzip.open(folder / "votes" / "a-79-408_first_committee_votes.csv.gz", "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                choice = {"Y": "yes", "N": "no", "A": "abstain"}[row["vote"]]
                self.committee[row["draft"], row["part"]][self.slug[row["iso3"]]] = choice

    def _table(self, path: Path, column: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["iso3"] in self.slug:  # territories among the members of CARICOM have no node
                    found[row[column]].add(self.slug[row["iso3"]])
        return found

    def resolved(self, printed: Iterable[str]) -> set[str]:
        return {(self.names.resolve(name) or name).removeprefix(ID) for name in printed}

    def votes(self, number: str, choice: str) -> set[str]:
        return self.resolved(self.sessions[f"A/RES/{number}"].voters[choice])

    def sponsors(self, number: str, *fields: str) -> set[str]:
        entries = [entry for field in fields for entry in getattr(self.sessions[f"A/RES/{number}"], field)]
        return {state.removeprefix(ID) for state in self.names.sponsors(entries).states}


@pytest.fixture(scope="module")
def raw(data: Path) -> Raw:
    return Raw(data)


@pytest.fixture(scope="module")
def release(full_release: Path) -> Dataset:
    return Dataset.from_release(full_release)


def ask(release: Dataset, query: str) -> Rows:
    answer = release.query(query)
    assert isinstance(answer, QuerySolutions)
    return {
        tuple(value.value.removeprefix(ID).removeprefix(PLEDGE) if value is not None else "" for value in row)
        for row in answer
    }


def states(release: Dataset, pattern: str) -> set[str]:
    return {state for (state,) in ask(release, f"SELECT DISTINCT ?s {{ {pattern} }}")}


@pytest.mark.parametrize(("number", "count"), [("78/241", 26), ("79/62", 9), ("80/57", 16)])
def test_who_took_no_part_in_a_plenary_vote(release: Dataset, raw: Raw, number: str, count: int) -> None:
    found = states(
        release,
        PLENARY.format(number.replace("/", "-"))
        + "?x a pledge:NonParticipation ; pledge:nonParticipant ?s ; pledge:inStage ?st",
    )
    voted = set().union(*(raw.votes(number, choice) for choice in ("yes", "no", "abstain")))
    assert found == raw.organisations["UN"] - voted
    assert len(found) == count


@pytest.mark.parametrize("paragraph", ["OP 9", "OP 1", ""])
def test_who_took_no_part_in_a_committee_vote(release: Dataset, raw: Raw, paragraph: str) -> None:
    part = paragraph.replace("OP", "Operative paragraph")
    which = f'pledge:paragraph "{paragraph}"' if paragraph else "pledge:stageKind pledge:committee"
    found = states(
        release,
        f"?st pledge:decisionOn id:draft-a-c-1-79-l-77 ; {which} . ?x pledge:nonParticipant ?s ; pledge:inStage ?st",
    )
    assert found == raw.organisations["UN"] - set(raw.committee["A/C.1/79/L.77", part])


@pytest.mark.parametrize(("number", "draft"), [("79/62", "A/C.1/79/L.77"), ("79/239", "A/C.1/79/L.43")])
def test_who_voted_otherwise_in_committee_and_in_plenary(release: Dataset, raw: Raw, number: str, draft: str) -> None:
    slug = number.replace("/", "-")
    found = ask(
        release,
        "SELECT ?s ?a ?b { "
        + COMMITTEE.format(slug).replace("?st", "?c")
        + "?v a pledge:VoteCast ; pledge:inStage ?c ; pledge:voter ?s ; pledge:choice ?a . "
        + PLENARY.format(slug)
        + "?w a pledge:VoteCast ; pledge:inStage ?st ; pledge:voter ?s ; pledge:choice ?b FILTER (?a != ?b) }",
    )
    plenary = {state: choice for choice in ("yes", "no", "abstain") for state in raw.votes(number, choice)}
    before = raw.committee[draft, ""]
    assert found == {(s, c, plenary[s]) for s, c in before.items() if s in plenary and plenary[s] != c}
    assert found == ({("fiji", "yes", "abstain")} if number == "79/62" else set())


def test_who_backed_the_whole_and_not_each_paragraph(release: Dataset, raw: Raw) -> None:
    found = states(
        release,
        "?w pledge:voter ?s ; pledge:choice pledge:yes ; pledge:inStage id:stage-a-c-1-79-l-77-committee . "
        "?p pledge:voter ?s ; pledge:choice ?c ; pledge:inStage ?ps . "
        "?ps pledge:stageKind pledge:separateParagraph ; pledge:decisionOn id:draft-a-c-1-79-l-77 "
        "FILTER (?c != pledge:yes)",
    )
    whole = raw.committee["A/C.1/79/L.77", ""]
    parts = [votes for (draft, part), votes in raw.committee.items() if draft == "A/C.1/79/L.77" and part]
    assert found == {s for votes in parts for s, c in votes.items() if c != "yes" and whole.get(s) == "yes"}
    assert found


@pytest.mark.parametrize(
    ("kind", "field", "count"), [("asTabled", "sponsors", 50), ("additionalSponsor", "additional_sponsors", 14)]
)
def test_who_sponsored_a_draft(release: Dataset, raw: Raw, kind: str, field: str, count: int) -> None:
    found = states(
        release,
        f"?x a pledge:Sponsorship ; pledge:sponsor ?s ; pledge:sponsorshipKind pledge:{kind} ; "
        "pledge:sponsoredText/pledge:versionOf id:resolution-80-58",
    )
    assert found == raw.sponsors("80/58", field)
    assert len(found) == count


@pytest.mark.parametrize("number", ["78/241", "79/62", "79/239", "80/23", "80/57", "80/58"])
def test_which_sponsors_did_not_vote_in_favour(release: Dataset, raw: Raw, number: str) -> None:
    slug = number.replace("/", "-")
    found = states(
        release,
        f"?x a pledge:Sponsorship ; pledge:sponsor ?s ; pledge:sponsoredText/pledge:versionOf id:resolution-{slug} "
        f"MINUS {{ {PLENARY.format(slug)}{VOTE.format(slug, 'yes')}}}",
    )
    assert found == raw.sponsors(number, "sponsors", "additional_sponsors") - raw.votes(number, "yes")


def test_who_left_and_who_joined_a_list(release: Dataset, raw: Raw) -> None:
    pattern = (
        "?a a pledge:Roster ; pledge:listOf id:political-declaration-2023-11 ; pledge:asOf ?one ; pledge:listed ?s . "
        "FILTER (?one = {0}) MINUS {{ ?b a pledge:Roster ; pledge:listOf id:political-declaration-2023-11 ; "
        "pledge:asOf ?two ; pledge:listed ?s . FILTER (?two = {1}) }}"
    )
    first, second = (f'"{day}"^^xsd:date' for day in ("2023-11-13", "2024-11-27"))
    assert states(release, pattern.format(first, second)) == set()
    joined = states(release, pattern.format(second, first))
    assert joined == raw.rosters["poldecl-2024-11-27"] - raw.rosters["poldecl-2023-11-13"]
    assert len(joined) == 12


def test_which_members_of_an_organisation_abstained(release: Dataset, raw: Raw) -> None:
    member = "?m a pledge:Membership ; pledge:member ?s ; pledge:memberOf id:{0} . "
    found = states(release, PLENARY.format("79-62") + VOTE.format("", "abstain") + member.format("european-union"))
    assert found == raw.organisations["EU"] & raw.votes("79/62", "abstain")
    assert found == {"estonia", "latvia", "lithuania", "poland", "romania"}


def test_a_later_member_is_none_on_the_day(release: Dataset, raw: Raw) -> None:
    allies = states(
        release,
        "?m pledge:member ?s ; pledge:memberOf id:nato OPTIONAL { ?m pledge:earliest ?from } "
        'FILTER (!BOUND(?from) || ?from <= "2023-12-22"^^xsd:date)',
    )
    assert raw.organisations["NATO"] - allies == {"sweden"}


def test_how_a_region_voted(release: Dataset, raw: Raw) -> None:
    found = ask(
        release,
        "SELECT ?g ?c (COUNT(DISTINCT ?s) AS ?n) { ?m pledge:member ?s ; pledge:memberOf ?g . "
        "?v a pledge:VoteCast ; pledge:voter ?s ; pledge:choice ?c ; pledge:inStage id:stage-80-23-plenary "
        "VALUES ?g { id:m49-africa id:m49-americas id:m49-asia id:m49-europe id:m49-oceania } } GROUP BY ?g ?c",
    )
    counted = Counter((raw.region[s], c) for c in ("yes", "no", "abstain") for s in raw.votes("80/23", c))
    assert found == {(f"m49-{region.lower()}", c, str(n)) for (region, c), n in counted.items()}


def test_parties_and_strangers_to_a_convention_among_the_voters(release: Dataset, raw: Raw) -> None:
    party = "?c a pledge:ConsentToBeBound ; pledge:consenter ?s ; pledge:bindingText id:ccw-convention"
    stage = PLENARY.format("80-57")
    against = states(release, stage + VOTE.format("", "no") + party)
    assert against == raw.rosters["ccw-parties"] & raw.votes("80/57", "no")
    strangers = states(release, stage + VOTE.format("", "yes") + f"MINUS {{ {party} }}")
    assert strangers == raw.votes("80/57", "yes") - raw.rosters["ccw-parties"]


def test_observers_sponsor_and_do_not_vote(release: Dataset) -> None:
    observer = "?m pledge:member ?s ; pledge:memberOf id:united-nations ; pledge:memberAs pledge:observer . "
    assert states(release, observer) == {"holy-see", "palestine"}
    assert states(release, observer + "?v pledge:voter ?s") == set()
    assert states(release, observer + "?x pledge:nonParticipant ?s") == set()
    assert states(release, observer + "?x a pledge:Sponsorship ; pledge:sponsor ?s") == {"palestine"}


def test_the_sixty_one_have_no_names(release: Dataset) -> None:
    assert states(release, "?r a pledge:Roster ; pledge:listOf id:reaim-blueprint ; pledge:listed ?s") == set()
    named = states(release, "?e pledge:endorsedText id:reaim-blueprint ; pledge:endorser ?s . ?s a pledge:State")
    assert named == set()
    sought = states(release, "?s a pledge:Absence ; pledge:soughtText id:reaim-blueprint ; pledge:soughtKind ?k")
    assert "absence-reaim-blueprint-list" in sought


def test_without_a_vote_nobody_voted(release: Dataset) -> None:
    found = ask(
        release,
        "SELECT ?o (COUNT(?v) AS ?n) { ?st pledge:decisionOn id:resolution-78-265 ; pledge:outcome ?o "
        "OPTIONAL { ?v a pledge:VoteCast ; pledge:inStage ?st } } GROUP BY ?o",
    )
    assert found == {("adoptedWithoutVote", "0")}


def test_what_the_articles_say_of_the_resolution_of_december_2023_is_found_at_78_241(release: Dataset) -> None:
    found = states(release, "?s pledge:text/pledge:versionOf? id:resolution-78-241")
    assert {"adoption-unga-resolution-2023-12", "mandate-guterres-laws-report-2024", "stage-78-241-plenary"} <= found
    documents = states(
        release,
        "?r pledge:adoptedText/pledge:versionOf? id:resolution-78-241 ; pledge:attestedBy/pledge:cites ?p . "
        "?p pledge:inDocument ?s",
    )
    assert {"document-arms-control-today-2024-10", "document-resolution-78-241-en"} <= documents


@pytest.mark.parametrize(
    ("roster", "slug", "count"),
    [
        ("reaim-call-to-action-2023", "roster-reaim-call-to-action", 58),
        ("reaim-pathways-2026", "roster-reaim-pathways-to-action-2026-07-17", 45),
        ("ccw-parties", "roster-ccw-parties-2026-09-09", 128),
        ("belen-participants-2023", "roster-belen-participants-2023", 29),
        ("belen-observers-2023", "roster-belen-observers-2023", 13),
        ("joint-statement-unga77-2022", "roster-joint-statement-laws-2022", 70),
        ("joint-statement-gge-2025-09-hcp", "roster-joint-statement-gge-2025-09-parties", 39),
        ("nif-letter-2021", "roster-nif-letter-2021", 17),
        ("gge2019-hcp-participants", "roster-gge-laws-2019-parties", 80),
    ],
)
def test_a_list_holds_the_names_of_its_source(release: Dataset, raw: Raw, roster: str, slug: str, count: int) -> None:
    found = states(release, f"id:{slug} pledge:listed ?s")
    assert found == raw.rosters[roster]
    assert len(found) == count


def test_every_list_has_its_source_day_and_completeness(release: Dataset) -> None:
    lists = states(release, "?s a pledge:Roster")
    whole = states(
        release,
        "?s a pledge:Roster ; pledge:completeness ?c ; pledge:listOf ?of ; pledge:attestedBy/pledge:cites ?p . "
        "{ ?s pledge:asOf ?day } UNION { ?s pledge:undated true } UNION { ?s pledge:latest ?day }",
    )
    assert len(lists) >= 38
    assert lists - whole == set()
