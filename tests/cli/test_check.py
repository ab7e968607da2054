"""The command `pledgegraph check`: broken input gives a message with file and line, an exit code, and no trace."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pledgegraph import cli, content, turtle
from pledgegraph.terms import ID, PLEDGE, RDFS

PREFIXES = f"@prefix id: <{ID}> .\n@prefix pledge: <{PLEDGE}> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"
FACTS = """id:claim-a a pledge:Claim ;
    pledge:attests id:endorsement-a ;
    pledge:cites id:passage-a ;
    pledge:claimant id:japan ;
    pledge:modality pledge:asserted ;
    pledge:status pledge:accepted .

"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A content root with ontology and shapes of the repository, in a path with a space, and one small graph file."""
    root = tmp_path / "a place"
    found = content.find()
    for name in ("ontology", "shapes", "queries"):
        shutil.copytree(found.root / name, root / name)
    (root / "graph").mkdir()
    (root / "graph" / "actors.ttl").write_text(
        PREFIXES.replace("xsd: <http://www.w3.org/2001/XMLSchema#>", f"rdfs: <{RDFS}>")
        + 'id:japan a pledge:State ;\n    rdfs:label "Japan"@en .\n\n',
        encoding="utf-8",
    )
    return root


def check(root: Path, *arguments: str) -> int:
    """Run the command on a content root."""
    return cli.main(["check", "--content", str(root), *arguments])


@pytest.mark.full
def test_the_repository_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("files: 0 violations, 0 other findings")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("id:a a pledge:State\nid:b a pledge:State .\n", 6, "syntax error"),
        ("id:a pledge:endorser <http://example.org/a b> .\n", 5, "An IRI holds no space"),
        ("id:a a foaf:Person .\n", 5, "Declare the prefix"),
        ("id:a a pledge:Country .\n", 5, "pledge:Country is not defined in the ontology"),
        ('id:e a pledge:Endorsement ;\n    pledge:latest "2024-02-30"^^xsd:date .\n', 6, "'2024-02-30' is no xsd:date"),
        ("id:s a pledge:Stage ;\n    pledge:inStage id:nowhere .\n", 6, "nothing is said of id:nowhere"),
        ("id:t a pledge:Instrument , pledge:ProposedInstrument .\n", 5, "contradiction (cax-dw)"),
        ("pledge:p a <http://www.w3.org/2002/07/owl#FunctionalProperty> .\n", 5, "has no rule"),
        ('id:passage-x a pledge:Passage ;\n    pledge:digest "abc" .\n', 6, "pledge:digest"),
        (FACTS, 6, "nothing is said of id:endorsement-a"),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_broken_input_is_named_by_file_and_line(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, line: int, said: str, inside: bool
) -> None:
    path = (root / "graph" if inside else tmp_path) / "broken.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    assert check(root, str(path)) == 1
    captured = capsys.readouterr()
    name = "graph/broken.ttl" if inside else path.as_posix()
    found = [row for row in captured.out.splitlines() if said in row]
    assert found, captured.out
    assert found[0].startswith(f"{name}:{line}: violation: ")
    assert "Traceback" not in captured.out + captured.err


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "the file is empty"), (b"# no triples\n", "the file holds no triples"), (b"\xff\xfe", "syntax error")],
)
def test_files_that_hold_nothing_to_read(
    root: Path, capsys: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    (root / "graph" / "empty.ttl").write_bytes(data)
    assert check(root) == 1
    assert f"graph/empty.ttl:1: violation: {said}" in capsys.readouterr().out


def test_a_file_far_too_large_is_refused_unread(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turtle, "MAX_FILE_BYTES", 100)
    assert check(root, str(root / "graph" / "actors.ttl")) == 1
    assert "the largest that is read has 100" in capsys.readouterr().out


def test_what_cannot_be_run_exits_with_2(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(root, str(tmp_path / "nowhere.ttl")) == 2
    assert check(root, str(tmp_path)) == 2
    assert check(tmp_path / "nowhere") == 2
    assert check(root, "--texts", str(tmp_path / "nowhere")) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_form_is_a_warning_and_json_says_the_same(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "graph" / "actors.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    assert check(root, str(path), "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["violations"] == 0
    assert [(finding["file"], finding["rule"]) for finding in report["findings"]] == [("graph/actors.ttl", "form")]


def test_the_reference_finds_what_the_fast_validator_finds(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "graph" / "claims.ttl").write_text(PREFIXES + "id:c a pledge:Claim .\n", encoding="utf-8")
    path = str(root / "graph" / "claims.ttl")
    assert check(root, path, "--json") == 1
    fast = json.loads(capsys.readouterr().out)
    assert fast["violations"] > 3
    assert check(root, path, "--json", "--reference") == 1
    assert json.loads(capsys.readouterr().out) == fast
