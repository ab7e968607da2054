"""Named questions on votes and lists, asked of the whole graph and held against the official tallies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions

from pledgegraph import content, queries
from pledgegraph.dataset import Dataset
from pledgegraph.terms import ID

pytestmark = pytest.mark.full

# Official tallies: the resolutions' own records; committee votes of 2024 by A/79/408.
TALLIES = {
    "stage-78-241-plenary": (152, 4, 11),
    "stage-79-62-plenary": (166, 3, 15),
    "stage-79-239-plenary": (159, 2, 5),
    "stage-80-23-plenary": (118, 9, 44),
    "stage-80-57-plenary": (164, 6, 7),
    "stage-80-58-plenary": (167, 5, 5),
    "stage-a-c-1-79-l-77-committee": (161, 3, 13),
    "stage-a-c-1-79-l-43-committee": (165, 2, 6),
    "stage-a-c-1-79-l-77-op-9": (131, 4, 20),
    "stage-a-c-1-79-l-43-pp-1": (141, 0, 14),
}
MOVERS = (
    "argentina burundi north-korea estonia fiji india israel latvia lithuania madagascar mali nicaragua niger poland "
    "romania ukraine united-arab-emirates united-states"
)


@pytest.fixture(scope="module")
def release(full_release: Path) -> Dataset:
    return Dataset.from_release(full_release)


def ask(release: Dataset, name: str, **values: object) -> list[dict[str, str]]:
    answer = release.query(queries.find(content.find(), name).bind(values))
    assert isinstance(answer, QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return [{key: value.value for key, value in zip(names, row, strict=True) if value is not None} for row in answer]


@pytest.mark.parametrize("stage", TALLIES)
def test_a_roll_call_is_the_official_tally(release: Dataset, stage: str) -> None:
    rows = {(row["actor"], row["choiceLabel"]) for row in ask(release, "roll-call", stage=f"id:{stage}")}
    counted = tuple(sum(1 for _, choice in rows if choice == label) for label in ("in favour", "against", "abstaining"))
    assert counted == TALLIES[stage]
    assert len({actor for actor, _ in rows}) == len(rows)
    assert len(rows) == 193


def test_every_recorded_stage_agrees_with_its_counts(release: Dataset) -> None:
    answer = release.query(
        "SELECT ?stage ?choice ?stated (COUNT(?vote) AS ?listed) { ?count pledge:inStage ?stage ; "
        "pledge:choice ?choice ; pledge:count ?stated FILTER EXISTS { ?any a pledge:VoteCast ; pledge:inStage ?stage } "
        "OPTIONAL { ?vote a pledge:VoteCast ; pledge:inStage ?stage ; pledge:choice ?choice } } "
        "GROUP BY ?stage ?choice ?stated"
    )
    assert isinstance(answer, QuerySolutions)
    rows = [(row["stage"].value, int(row["stated"].value), int(row["listed"].value)) for row in answer]
    assert len(rows) == 3 * 40
    assert [row for row in rows if row[1] != row[2]] == []


def test_exactly_eighteen_states_changed_their_vote(release: Dataset) -> None:
    rows = ask(release, "movers")
    assert {row["actor"] for row in rows} == {ID(name) for name in MOVERS.split()}
    course = {row["actor"].rpartition("/")[2]: row["course"] for row in rows}
    assert course["ukraine"] == "A/RES/78/241 in favour; A/RES/79/62 abstaining; A/RES/80/57 took no part"


def test_a_trajectory_says_where_a_state_turned(release: Dataset) -> None:
    plenary = [row for row in ask(release, "trajectory", state="id:united-states") if row["kindLabel"] == "plenary"]
    assert [(row["date"], row["choiceLabel"], row["turned"]) for row in plenary] == [
        ("2023-12-22", "in favour", "first"),
        ("2024-12-02", "in favour", "no"),
        ("2025-12-01", "against", "yes"),
    ]


def test_adopted_without_a_vote_is_not_a_list_of_yes_votes(release: Dataset) -> None:
    answer = release.query("SELECT ?stage { ?stage pledge:outcome pledge:adoptedWithoutVote }")
    assert isinstance(answer, QuerySolutions)
    stages = {row["stage"].value.rpartition("/")[2] for row in answer}
    assert stages == {f"stage-{number}-plenary" for number in ("78-265", "78-311", "79-1", "79-325")}
    for stage in stages:
        assert ask(release, "roll-call", stage=f"id:{stage}") == []


def test_forty_five_is_explained_by_the_list(release: Dataset) -> None:
    rows = ask(release, "reconcile", number=45, about="id:political-declaration-2023-11")
    (row,) = [row for row in rows if row.get("countAsOf") == row.get("listAsOf") == "2023-11-13"]
    assert (row["names"], row["difference"]) == ("46", "1")
    assert "United States" in row["members"].split(", ")


@pytest.mark.parametrize(("number", "names"), [(152, 152), (164, 164), (166, 166)])
def test_a_plenary_tally_is_its_list(release: Dataset, number: int, names: int) -> None:
    rows = [row for row in ask(release, "reconcile", number=number) if row.get("list", "").endswith("-plenary")]
    assert rows
    assert {(row["names"], row["difference"]) for row in rows} == {(str(names), "0")}


def test_committee_and_plenary_are_not_mixed(release: Dataset) -> None:
    rows = {row["count"].rpartition("/")[2]: row for row in ask(release, "reconcile", number=164) if "count" in row}
    assert set(rows) == {"count-80-57-plenary-yes", "count-a-c-1-78-l-56-committee-yes"}
    unread = rows["count-a-c-1-78-l-56-committee-yes"]  # how each state voted there was not read
    assert "list" not in unread
    assert (unread["names"], unread["difference"]) == ("no list was read", "unknown")


def test_a_list_by_a_day(release: Dataset) -> None:
    def names(day: str | None) -> set[str]:
        rows = ask(release, "as-of-list", text="id:political-declaration-2023-11", **({"asOf": day} if day else {}))
        newest = max((row["asOf"] for row in rows), default="")
        return {row["actor"] for row in rows if row["asOf"] == newest}

    assert len(names(None)) == 58
    assert len(names("2024-11-26")) == 46
    assert names("2023-11-12") == set()
    assert names("2023-11-13") < names("2024-11-27")


def test_who_took_no_part_has_no_vote(release: Dataset) -> None:
    answer = release.query(
        "SELECT ?stage (COUNT(?x) AS ?n) { ?x a pledge:NonParticipation ; pledge:inStage ?stage "
        "; pledge:nonParticipant ?s FILTER NOT EXISTS { ?v pledge:inStage ?stage ; pledge:voter ?s } } "
        "GROUP BY ?stage"
    )
    assert isinstance(answer, QuerySolutions)
    counted = {row["stage"].value.rpartition("/")[2]: int(row["n"].value) for row in answer}
    assert len(counted) == 40  # in committee too, for the draft and for each paragraph
    for stage, tally in TALLIES.items():
        assert counted[stage] == 193 - sum(tally)


def test_each_vote_leads_to_a_passage(release: Dataset) -> None:
    answer = release.query(
        "SELECT (COUNT(?v) AS ?n) { ?v a pledge:VoteCast FILTER NOT EXISTS { ?v pledge:attestedBy/pledge:cites ?p } }"
    )
    assert isinstance(answer, QuerySolutions)
    assert [row["n"].value for row in answer] == ["0"]
