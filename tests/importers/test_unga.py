"""An import from end to end: what it writes, what it reports, what it refuses to write."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import QueryBoolean, QuerySolutions

from pledgegraph import content
from pledgegraph.cli import main
from pledgegraph.dataset import Dataset

MEMBERSHIP = ("records/un-membership", "documents/org-memberships", "documents/unga-session-74")


@pytest.fixture(autouse=True)
def small_graph(tmp_path: Path) -> None:
    """A content root with the actors and the membership of the United Nations alone, which loads quickly."""
    root = content.find()
    files = [path for path in root.graph_files() if path.parent.name == "actors"]
    files += [root.graph / f"{name}.ttl" for name in MEMBERSHIP]
    for path in files:
        copy = tmp_path / "content" / path.relative_to(root.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for folder in ("ontology", "shapes"):
        (tmp_path / "content" / folder).mkdir()


def run(tmp_path: Path, *files: Path) -> int:
    """Exit code of an import into `tmp_path / "out"`."""
    places = ["--content", str(tmp_path / "content"), "--out", str(tmp_path / "out")]
    return main(["import", "unga", *map(str, files), *places])


def imported(tmp_path: Path, *files: Path) -> tuple[int, Dataset]:
    """Exit code of an import and what it wrote."""
    code, out = run(tmp_path, *files), tmp_path / "out"
    return code, Dataset.from_files(sorted(out.rglob("*.ttl")))


def rows(dataset: Dataset, query: str) -> list[tuple[str, ...]]:
    answer = dataset.query(query)
    assert isinstance(answer, QuerySolutions)
    return [tuple(value.value if value else "" for value in row) for row in answer]


def holds(dataset: Dataset, pattern: str) -> bool:
    answer = dataset.query(f"ASK {{ {pattern} }}")
    assert isinstance(answer, QueryBoolean)
    return bool(answer)


def test_a_recorded_vote(tmp_path: Path, resolution: Callable[..., Path], session: Callable[..., Path]) -> None:
    code, dataset = imported(tmp_path, resolution(), session({}))
    assert code == 0
    votes = rows(
        dataset, "SELECT ?voter ?choice { ?v a pledge:VoteCast ; pledge:voter ?voter ; pledge:choice ?choice }"
    )
    assert {(voter.rpartition("/")[2], choice.rpartition("#")[2]) for voter, choice in votes} == {
        *(("turkiye", "yes"), ("namibia", "yes"), ("cote-divoire", "yes"), ("france", "no"), ("japan", "abstain")),
    }
    assert len(rows(dataset, "SELECT ?n { ?n a pledge:NonParticipation }")) == 193 - 5
    assert holds(dataset, "id:stage-79-900-plenary pledge:outcome pledge:adoptedByVote")
    assert not holds(dataset, "?d a pledge:Discrepancy")


def test_sponsors_as_tabled_and_later(
    tmp_path: Path, resolution: Callable[..., Path], session: Callable[..., Path]
) -> None:
    _, dataset = imported(tmp_path, resolution(), session({}))
    kinds = rows(
        dataset,
        "SELECT ?sponsor ?kind ?earliest ?latest { ?s pledge:sponsor ?sponsor ; pledge:sponsorshipKind ?kind "
        "OPTIONAL { ?s pledge:earliest ?earliest } OPTIONAL { ?s pledge:latest ?latest } }",
    )
    assert {(who.rpartition("/")[2], kind.rpartition("#")[2], *days) for who, kind, *days in kinds} == {
        ("austria", "asTabled", "2024-10-18", "2024-10-18"),
        ("trinidad-and-tobago", "asTabled", "2024-10-18", "2024-10-18"),
        ("kiribati", "asTabled", "2024-10-18", "2024-10-18"),
        ("norway", "additionalSponsor", "", "2024-11-15"),
        ("palestine", "additionalSponsor", "", "2024-11-15"),
    }


def test_without_a_vote_nobody_votes(
    tmp_path: Path, resolution: Callable[..., Path], session: Callable[..., Path]
) -> None:
    row = {"adoption_type": "Without a vote", "MS_in_favour": [], "MS_against": [], "MS_abstaining": []}
    _, dataset = imported(tmp_path, resolution(outcome="adoptedWithoutVote"), session(row))
    assert holds(dataset, "id:stage-79-900-plenary pledge:outcome pledge:adoptedWithoutVote")
    assert not holds(dataset, "{ ?v a pledge:VoteCast } UNION { ?v a pledge:NonParticipation }")
    assert not holds(dataset, "?c a pledge:StatedCount")


def test_a_president_presents_and_does_not_sponsor(
    tmp_path: Path, resolution: Callable[..., Path], session: Callable[..., Path]
) -> None:
    formula = "submitted by the President of the General Assembly"
    _, dataset = imported(tmp_path, resolution(sponsors=formula), session({"sponsors": [formula]}))
    assert holds(dataset, "?c pledge:property pledge:presentedBy ; pledge:object id:president-of-the-general-assembly")
    assert not holds(dataset, "?s pledge:sponsorshipKind pledge:asTabled")


def test_a_count_that_differs_from_its_list_is_recorded(
    tmp_path: Path, resolution: Callable[..., Path], session: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, dataset = imported(tmp_path, resolution(counts={"inFavour": "4"}), session({"MS_in_favour_count": "4"}))
    assert code == 1
    assert "states 4 under this choice and lists 3" in capsys.readouterr().out
    assert holds(
        dataset, "?d a pledge:Discrepancy ; pledge:between id:count-79-900-plenary-yes, id:stage-79-900-plenary"
    )
    assert holds(dataset, "id:count-79-900-plenary-yes pledge:count 4")


def test_sources_that_differ_stand_side_by_side(
    tmp_path: Path, resolution: Callable[..., Path], session: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, dataset = imported(tmp_path, resolution(), session({"MS_against": ["GERMANY"]}))
    assert code == 1
    assert "lists of voters differs" in capsys.readouterr().out
    assert holds(dataset, "?d a pledge:Discrepancy ; pledge:about id:resolution-79-900")
    assert holds(dataset, "id:claim-resolution-79-900-session-record pledge:status pledge:contested")


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ({"inFavour": ["ATLANTIS"]}, "'ATLANTIS', listed in favour, is no known name"),
        ({"inFavour": ["FRANCE"], "against": ["FRANCE"]}, "is listed in favour and against"),
        ({"inFavour": ["STATE OF PALESTINE"]}, "is not known as a member that day"),
    ],
)
def test_nothing_is_written_where_a_vote_cannot_be_placed(
    tmp_path: Path,
    resolution: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    lists: dict[str, list[str]],
    said: str,
) -> None:
    assert run(tmp_path, resolution(voters=lists)) == 1
    printed = capsys.readouterr().out
    assert said in printed
    assert "nothing written" in printed
    assert not (tmp_path / "out").exists()


def test_a_vote_before_any_observed_member_is_refused(
    tmp_path: Path, resolution: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = resolution()
    path.write_text(path.read_text(encoding="utf-8").replace("2024-12-02", "1999-12-02"), encoding="utf-8")
    assert run(tmp_path, path) == 1
    assert "no member of the United Nations is known for 1999-12-02" in capsys.readouterr().err


def test_an_english_label_that_a_curator_wrote_stays(
    tmp_path: Path, resolution: Callable[..., Path], session: Callable[..., Path]
) -> None:
    curated = tmp_path / "content" / "graph" / "records" / "resolution-79-900.ttl"
    curated.write_text(
        "<https://w3id.org/pledgegraph/id/resolution-79-900> "
        '<http://www.w3.org/2000/01/rdf-schema#label> "Weapons, in short"@en .',
        encoding="utf-8",
    )
    languages = [resolution(), resolution(language="fra")]
    _, dataset = imported(tmp_path, *languages, session({}))
    titles = rows(dataset, "SELECT ?l (LANG(?l) AS ?g) { id:resolution-79-900 rdfs:label ?l } ORDER BY ?g")
    assert titles == [("Weapons, in short", "en"), ("Made-up weapons (A/RES/79/900)", "fr")]


@pytest.mark.parametrize(
    ("names", "said"), [(["x.pdf"], "no kind of file"), (["a.jsonl"], "no resolution among the files")]
)
def test_files_of_other_kinds_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: list[str], said: str
) -> None:
    files = [tmp_path / name for name in names]
    for file in files:
        file.write_text("{}", encoding="utf-8")
    assert run(tmp_path, *files) == 1
    assert said in capsys.readouterr().err


def test_a_resolution_needs_its_english_file(
    tmp_path: Path, resolution: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, resolution(language="fra")) == 1
    assert "has no English file" in capsys.readouterr().err
