"""Files of the United Nations as they are, with their traps: placeholders, repeated rows, three spellings of dates."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pledgegraph.errors import InputError, RunError
from pledgegraph.importers import akoma_ntoso, committee_votes, session_records


def test_a_resolution_is_read(resolution: Callable[..., Path]) -> None:
    file = akoma_ntoso.read(resolution())
    assert (file.symbol, file.language, file.title, file.adopted) == (
        *("A/RES/79/900", "en", "Made-up weapons"),
        date(2024, 12, 2),
    )
    assert file.tallies == {"yes": 3, "no": 1, "abstain": 1}
    assert file.voters["no"] == ("FRANCE",)
    assert file.outcome == "adoptedByVote"


def test_the_placeholder_of_the_year_1_is_no_date(resolution: Callable[..., Path]) -> None:
    later = akoma_ntoso.read(resolution()).step("draftResolutionAdditionalSponsors")
    assert later is not None
    assert later.day is None


def test_the_printed_number_is_not_the_identifier(resolution: Callable[..., Path]) -> None:
    stray = '<container name="Noting" eId="container_9"><p>x</p></container>'
    file = akoma_ntoso.read(resolution(body=stray))
    assert [(p.element, p.number) for p in file.paragraphs if p.operative] == [("para_11", "1"), ("para_14", "2")]
    assert [p.element for p in file.paragraphs if not p.operative] == ["container_2", "container_9"]


def test_links_of_notes_are_no_links_of_the_recital(resolution: Callable[..., Path]) -> None:
    (recital,) = [p for p in akoma_ntoso.read(resolution()).paragraphs if not p.operative]
    assert recital.links == ("A/RES/79/900",)
    assert recital.opening == "Recalling its resolution"


def test_without_a_vote_has_no_lists(resolution: Callable[..., Path]) -> None:
    file = akoma_ntoso.read(resolution(outcome="adoptedWithoutVote"))
    assert file.outcome == "adoptedWithoutVote"
    assert not file.voters


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<html/>", "no Akoma Ntoso"),
        ("<akomaNtoso><a></akomaNtoso>", "no XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><akomaNtoso/>', "entities"),
        ("<akomaNtoso/>", "FRBRuri has no value"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "file.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        akoma_ntoso.read(path)
    assert "file.xml" in str(error.value)


def test_a_count_that_is_no_number_is_refused(resolution: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="no number"):
        akoma_ntoso.read(resolution(counts={"inFavour": "many"}))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="No such file"):
        akoma_ntoso.read(tmp_path / "none.xml")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("2\u00a0December 2024", date(2024, 12, 2)),
        ("22 December 2023", date(2023, 12, 22)),
        ("2019-11-07T00:00:00", date(2019, 11, 7)),
        ("2019-11-07", date(2019, 11, 7)),
        (" ", None),
    ],
)
def test_dates_of_every_spelling(printed: str, expected: date | None) -> None:
    assert session_records.day(printed) == expected


def test_rows_of_one_symbol_are_merged(session: Callable[..., Path]) -> None:
    path = session({"additional_sponsors": []}, {"additional_sponsors": ["NORWAY"], "title": ""})
    (record,) = session_records.read(path).values()
    assert record.lines == (1, 2)
    assert record.additional_sponsors == ("NORWAY",)
    assert record.title == "Made-up weapons"
    assert record.tallies["yes"] == 3


def test_a_name_listed_twice_counts_once(session: Callable[..., Path]) -> None:
    (record,) = session_records.read(session({"MS_against": ["FRANCE", "FRANCE"]})).values()
    assert record.voters["no"] == ("FRANCE",)


def test_a_row_without_adoption_type_says_nothing_of_it(session: Callable[..., Path]) -> None:
    (record,) = session_records.read(session({"adoption_type": ""})).values()
    assert record.outcome is None


def test_without_a_vote_has_no_tallies(session: Callable[..., Path]) -> None:
    row = {"adoption_type": "Without a vote", "MS_in_favour": [], "MS_in_favour_count": "0"}
    (record,) = session_records.read(session(row)).values()
    assert not record.tallies
    assert not record.voters


@pytest.mark.parametrize("line", ["[1]", "{", '{"symbol": ""}', '{"symbol": "A/RES/1", "adoption_date": "Tuesday"}'])
def test_lines_that_are_no_record_are_refused_with_their_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "session_1.jsonl"
    path.write_text('\n{"symbol": "A/RES/79/1"}\n' + line, encoding="utf-8")
    with pytest.raises(InputError) as error:
        session_records.read(path)
    assert error.value.line == 3


HEADER = "draft,part,tally_yes,tally_no,tally_abstain,iso3,vote\n"


def test_committee_votes_by_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv.gz"
    rows = (
        "A/C.1/79/L.1,The ninth preambular paragraph,1,1,0,NAM,Y\n"
        "A/C.1/79/L.1,The ninth preambular paragraph,1,1,0,FRA,N\n"
        "A/C.1/79/L.1,Operative paragraph 12,1,0,0,NAM,Y\nA/C.1/79/L.1,,0,0,1,NAM,A\nA/C.1/79/L.2,,1,0,0,NAM,Y\n"
    )
    path.write_bytes(gzip.compress((HEADER + rows).encode()))
    calls = committee_votes.read(path, ["A/C.1/79/L.1"])
    assert [call.paragraph for call in calls] == ["PP 9", "OP 12", ""]
    assert calls[0].votes == {"NAM": "yes", "FRA": "no"}
    assert calls[2].tallies == {"yes": 0, "no": 0, "abstain": 1}


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ("L,,1,0,0,NAM,X\n", 2, "no vote"),
        ("L,,one,0,0,NAM,Y\n", 2, "no vote"),
        ("L,,1,0,0,NAM,Y\nL,,1,0,0,NAM,N\n", 3, "votes twice"),
    ],
)
def test_wrong_committee_rows_are_refused(tmp_path: Path, rows: str, line: int, message: str) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        committee_votes.read(path, ["L"])
    assert error.value.line == line


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="a, b"):
        committee_votes.read(path, ["L"])
