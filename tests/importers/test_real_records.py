"""The public records themselves, where PLEDGEGRAPH_DATA names their folder: names, votes and traps."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import QuerySolutions

from pledgegraph import content
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError
from pledgegraph.importers import session_records
from pledgegraph.importers.members import Members
from pledgegraph.importers.names import Names
from pledgegraph.terms import ID, PLEDGE

CHOICES = {"MS_in_favour": "yes", "MS_against": "no", "MS_abstaining": "abstain"}
RECORDED = ["78/241", "79/62", "79/239", "80/23", "80/57", "80/58"]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.from_content(content.find())


@pytest.fixture(scope="module")
def names() -> Names:
    return Names.from_content(content.find())


def rows_of(data: Path) -> list[dict[str, Any]]:
    files = sorted((data / "unga").glob("session_*.jsonl"))
    lines = (line for path in files for line in path.read_text(encoding="utf-8").split("\n") if line)
    return [json.loads(line) for line in lines]


def test_every_name_in_a_list_of_votes_is_a_state(data: Path, names: Names) -> None:
    printed = Counter(name for row in rows_of(data) for field in CHOICES for name in row[field])
    assert len(printed) == 199
    assert [name for name in printed if names.resolve(name) is None] == []
    assert len({names.resolve(name) for name in printed}) == 193


def test_sponsors_resolve_or_are_reported(data: Path, names: Names) -> None:
    fields = [row[field] for row in rows_of(data) for field in ("sponsors", "additional_sponsors")]
    found = [names.sponsors(field) for field in fields]
    assert sum(len(sponsors.states) for sponsors in found) > 64_000
    unresolved = sorted(entry for sponsors in found for entry in sponsors.unresolved)
    assert unresolved == [
        *("ANGOLA BAHAMAS", "BARBADOS. DOMINICAN REPUBLIC", "COMOROS CONGO", "ISLANDS", "LAO PEOPLE'S DEMOCRATIC"),
        *("LIBERIA. SUBSEQUENTLY", "MALTAS", "NORTHERN IRELAND", "PRINCIPE"),
        *("SENEGAL (OF BEHALF OF THE GROUP OF AFRICAN STATES)", "SOLOMON", "THE OF KOREA", "UNITED KINGDOMAND URUGUAY"),
    ]
    not_members = {state for sponsors in found for state in sponsors.states} - {
        names.resolve(name) for row in rows_of(data) for field in CHOICES for name in row[field]
    }
    assert not_members == {ID("palestine")}


def test_repeated_rows_add_their_sponsors(data: Path) -> None:
    records = session_records.read(data / "unga" / "session_79.jsonl")
    assert sum(len(record.lines) - 1 for record in records.values()) == 36
    assert len(records["A/RES/79/322"].lines) == 2
    assert len(records["A/RES/79/322"].additional_sponsors) == 58
    assert records["A/RES/79/9"].title == ""


def test_names_listed_twice_count_once(data: Path) -> None:
    for symbol, record in session_records.read(data / "unga" / "session_75.jsonl").items():
        if symbol == "A/RES/75/290 A":
            assert [len(record.voters[choice]) for choice in record.tallies] == list(record.tallies.values())
            break
    else:
        pytest.fail("A/RES/75/290 A is not in session 75")


def test_two_hundred_votes_and_non_participations_stand_in_the_records(
    data: Path, dataset: Dataset, names: Names
) -> None:
    answer = dataset.query(
        "SELECT ?symbol ?paragraph ?state ?iso3 ?choice { ?stage pledge:decisionOn/pledge:symbol ?symbol . "
        "OPTIONAL { ?stage pledge:paragraph ?paragraph } "
        "{ ?v a pledge:VoteCast ; pledge:inStage ?stage ; pledge:voter ?state ; pledge:choice ?choice } UNION "
        "{ ?v a pledge:NonParticipation ; pledge:inStage ?stage ; pledge:nonParticipant ?state } "
        "?state pledge:iso3 ?iso3 } ORDER BY ?symbol ?paragraph ?state"
    )
    assert isinstance(answer, QuerySolutions)
    votes = [tuple(value.value if value else "" for value in row) for row in answer]
    rows = {row["symbol"]: row for row in rows_of(data)}
    with gzip.open(data / "votes" / "a-79-408_first_committee_votes.csv.gz", "rt", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    ordinals = (
        *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
        *("twelfth", "thirteenth", "fourteenth", "fifteenth"),
    )
    sample = random.Random(20261121).sample(votes, 150)
    sample += random.Random(7).sample([vote for vote in votes if not vote[4]], 50)
    for symbol, paragraph, state, iso3, choice in sample:
        if symbol.startswith("A/RES/"):
            lists = {kind: [names.resolve(name) for name in rows[symbol][field]] for field, kind in CHOICES.items()}
            found = [kind for kind, states in lists.items() if state in states]
        else:
            if paragraph.startswith("PP"):
                part = f"The {ordinals[int(paragraph[3:]) - 1]} preambular paragraph"
            else:
                part = re.sub(r"^OP (\d+)$", r"Operative paragraph \1", paragraph)
            found = [
                {"Y": "yes", "N": "no", "A": "abstain"}[row["vote"]]
                for row in table
                if (row["draft"], row["part"], row["iso3"]) == (symbol, part, iso3)
            ]
        assert found == ([choice.removeprefix(PLEDGE)] if choice else []), (symbol, paragraph, state)


@pytest.mark.parametrize("number", RECORDED)
def test_every_plenary_list_is_the_record(data: Path, dataset: Dataset, names: Names, number: str) -> None:
    (row,) = [row for row in rows_of(data) if row["symbol"] == f"A/RES/{number}"]
    answer = dataset.query(
        "SELECT ?state ?choice { ?v a pledge:VoteCast ; pledge:voter ?state ; pledge:choice ?choice ; pledge:inStage "
        f"id:stage-{number.replace('/', '-')}-plenary }}"
    )
    assert isinstance(answer, QuerySolutions)
    votes = {(vote["state"].value, vote["choice"].value.removeprefix(PLEDGE)) for vote in answer}
    assert votes == {(names.resolve(name), kind) for field, kind in CHOICES.items() for name in row[field]}


def test_every_voter_is_a_member_that_day(data: Path, dataset: Dataset, names: Names) -> None:
    """A printed name means a state that belonged to the United Nations on the day of the vote."""
    members = Members.from_dataset(dataset)
    known: dict[date, frozenset[str]] = {}
    later: set[str] = set()
    seen = 0
    for path in sorted((data / "unga").glob("session_*.jsonl")):
        for record in session_records.read(path).values():
            printed = {name for voters in record.voters.values() for name in voters}
            if not printed or record.adopted is None:
                continue
            if record.adopted > date(2025, 12, 31):  # the newest list of members in the graph
                later.add(record.symbol)
                continue
            if record.adopted not in known:
                known[record.adopted] = members.on(record.adopted)
            assert {names.resolve(name) for name in printed} <= known[record.adopted], record.symbol
            seen += 1
    assert (seen, len(later)) == (719, 11)
    with pytest.raises(InputError, match="no member of the United Nations is known"):
        members.on(date(2026, 6, 4))


def test_names_of_the_record_since_1946_resolve_or_are_reported(data: Path, names: Names) -> None:
    with gzip.open(data / "votes" / "unvotes_votes.csv.gz", "rt", encoding="utf-8") as file:
        printed = {row["country"] for row in csv.DictReader(file)}
    assert len(printed) == 200
    assert sorted(name for name in printed if names.resolve(name) is None) == [
        *("Czechoslovakia", "German Democratic Republic", "Taiwan", "Yemen Arab Republic", "Yemen People's Republic"),
        *("Yugoslavia", "Zanzibar"),
    ]


def test_printed_names_of_states_are_dated_where_the_lists_change(dataset: Dataset, names: Names) -> None:
    answer = dataset.query(
        "SELECT ?state ?printed ?day { ?claim pledge:about ?state ; pledge:printedName ?printed ; pledge:asOf ?day ; "
        "pledge:claimant id:united-nations ; pledge:claimKind pledge:referenceClaim . ?state a pledge:State } "
        "ORDER BY ?state ?day"
    )
    assert isinstance(answer, QuerySolutions)
    rows = [(row["state"].value, row["printed"].value, row["day"].value) for row in answer]
    assert rows == [
        (ID("netherlands"), "NETHERLANDS", "2023-11-01"),
        (ID("netherlands"), "NETHERLANDS (KINGDOM OF THE)", "2023-11-02"),
        (ID("turkiye"), "TURKEY", "2021-12-24"),
        (ID("turkiye"), "TÜRKİYE", "2022-06-08"),
    ]
    assert [names.resolve(printed) for _, printed, _ in rows] == [state for state, _, _ in rows]
