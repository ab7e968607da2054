"""Coding sheets: a text's sentences become rows, filled rows become statements that pass every check."""

from __future__ import annotations

import csv
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from pledgegraph import turtle
from pledgegraph.cli import main
from pledgegraph.errors import InputError
from pledgegraph.importers import sheet
from pledgegraph.provenance import outline

ROOT = Path(__file__).resolve().parents[2]
TEXT = """The Foo Assembly,

1. States shall keep a person in command of every automaton. They may ask for advice.
2. Calls upon members to share what they learn, as appropriate;
"""
ACTORS = """
@prefix id: <https://w3id.org/pledgegraph/id/> .
@prefix pledge: <https://w3id.org/pledgegraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

id:foo-assembly a pledge:Organisation ;
    rdfs:label "Foo Assembly"@en ;
    pledge:organisationKind pledge:intergovernmental .

id:foo-pledge a pledge:Instrument ;
    rdfs:label "Foo Pledge"@en ;
    pledge:form pledge:politicalDeclaration .
"""
ARGUMENTS = ["--document", "id:document-foo", "--text", "id:foo-pledge", "--speaker", "id:foo-assembly"]
DESCRIBED = [
    "--text", "id:foo-pledge", "--author", "id:foo-assembly", "--title", "Foo Pledge", "--language", "en",
    "--address", "https://foo.example/pledge", "--type", "officialRecord-source", "--completeness", "completeCopy",
]  # fmt: skip
FILLED = {
    "p2.s1": {
        "locator": "1", "kind": "Commitment", "theme": "human-control", "verb": "shall keep",
        "label": "A person in command", "summary": "Each automaton stays under the command of a human being.",
    },
    "p3": {
        "locator": "2", "kind": "Call", "theme": "dialogue", "verb": "Calls upon", "label": "Sharing of lessons",
        "summary": "Members are called on to pass on their lessons.", "condition": "as appropriate", "context": "p1",
    },
}  # fmt: skip


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A content root with the real ontology, themes and shapes, and a graph of one text, beside its copy."""
    folder = tmp_path / "a project"
    for name in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "texts").mkdir()
    (folder / "texts" / "foo.txt").write_text(TEXT, encoding="utf-8")
    (folder / "graph" / "documents").mkdir(parents=True)
    (folder / "graph" / "foo.ttl").write_text(ACTORS, encoding="utf-8")
    return folder


@pytest.fixture
def root(bare: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The same, with the document described."""
    assert main(["sources", "describe", "foo.txt", *DESCRIBED, *given(bare)]) == 0
    (bare / "graph" / "documents" / "foo.ttl").write_text(capsys.readouterr().out, encoding="utf-8")
    return bare


def filled(root: Path, capsys: pytest.CaptureFixture[str], rows: dict[str, dict[str, str]]) -> Path:
    """The sheet that the command prints, with some rows filled in."""
    assert main(["sources", "sheet", "id:document-foo", *given(root)]) == 0
    printed = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["passage"] for row in printed] == ["p1", "p2.s1", "p2.s2", "p3"]
    assert (
        printed[1]["begins"] == "States shall keep a person in" and printed[3]["ends"] == "they learn, as appropriate;"
    )
    path = root / "foo.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, sheet.COLUMNS)
        table.writeheader()
        table.writerows(row | rows.get(row["passage"], {}) for row in printed)
    return path


def given(root: Path) -> list[str]:
    return ["--texts", str(root / "texts"), "--content", str(root)]


def test_a_filled_sheet_becomes_statements_that_pass_every_check(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = filled(root, capsys, FILLED)
    for _ in range(2):  # a second import writes the same
        assert main(["import", "sheet", str(path), *ARGUMENTS, *given(root)]) == 0
        capsys.readouterr()
        records = turtle.parse(root / "graph" / "records" / "foo-pledge-statements.ttl")
        assert len({triple.subject for triple in records}) == 2
    written = (root / "graph" / "records" / "foo-pledge-statements.ttl").read_text(encoding="utf-8")
    assert "id:statement-foo-pledge-1 a pledge:Commitment" in written and "pledge:commitmentOf id:foo-pledge" in written
    assert "pledge:force pledge:calledFor" in written and 'pledge:condition "as appropriate"@en' in written
    document = (root / "graph" / "documents" / "foo.ttl").read_text(encoding="utf-8")
    assert "id:document-foo a pledge:Document" in document and "pledge:context id:passage-foo-p1" in document
    assert main(["check", "--content", str(root)]) == 0, capsys.readouterr().out
    assert main(["sources", "verify", *given(root)]) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "Promise"}, "no kind 'Promise'"),
        ({"force": "binding"}, "a Commitment is not 'binding'"),
        ({"theme": "human-controll"}, "no theme 'human-controll'. Near are human-control"),
        ({"summary": ""}, "no summary"),
        ({"addressee": "bar"}, "addressee: nothing is named id:bar"),
        ({"context": "p9"}, "context: the document has no 'p9'"),
        ({"part": "annex"}, "no part 'annex'"),
        ({"summary": "States shall keep a person in command of every automaton."}, "the summary repeats the source"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_and_nothing_is_written(
    root: Path, capsys: pytest.CaptureFixture[str], change: dict[str, str], message: str
) -> None:
    path = filled(root, capsys, FILLED | {"p2.s1": FILLED["p2.s1"] | change})
    assert main(["import", "sheet", str(path), *ARGUMENTS, *given(root)]) == 1
    printed = capsys.readouterr().out
    assert f"{path.as_posix()}:3: " in printed and message in printed and "nothing written" in printed
    assert not (root / "graph" / "records").exists()


def test_a_file_that_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column kind"):
        sheet.read(path)
    path.write_bytes(b"passage,\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        sheet.read(path)


def test_a_text_that_is_not_there(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = filled(root, capsys, FILLED)
    wrong = [argument.replace("id:foo-pledge", "id:nowhere") for argument in ARGUMENTS]
    assert main(["import", "sheet", str(path), *wrong, *given(root)]) == 1
    assert "nothing is named id:nowhere" in capsys.readouterr().err


def test_the_outline_covers_every_word() -> None:
    spans = list(outline(TEXT).values())
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    inside = " ".join(TEXT[start:end] for start, end in spans).split()
    assert inside == [word for word in TEXT.split() if word not in ("1.", "2.")]
