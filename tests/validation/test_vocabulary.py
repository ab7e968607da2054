"""Checks on names, literals, slugs and blank nodes, with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pledgegraph import content
from pledgegraph.content import Content
from pledgegraph.terms import ID, PLEDGE, SH
from pledgegraph.validation import vocabulary

PREFIXES = f"""@prefix pledge: <{PLEDGE}> .
@prefix id: <{ID}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""


@pytest.fixture
def root(tmp_path: Path) -> Content:
    """A content root with the ontology of the repository and nothing else."""
    for folder in content.FOLDERS:
        (tmp_path / folder).mkdir()
    shutil.copytree(content.find().ontology, tmp_path / "ontology", dirs_exist_ok=True)
    return Content(tmp_path)


def test_the_repository_has_no_findings() -> None:
    assert vocabulary.check(content.find()) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("id:japan a pledge:State ;\n    pledge:lable 1 .", 8, "pledge:lable is not defined in the ontology"),
        ("id:japan a pledge:Country .", 7, "pledge:Country is not defined in the ontology"),
        ("id:c a pledge:Claim ;\n    pledge:status pledge:acepted .", 8, "pledge:acepted is not defined"),
        ("id:japan skos:prefLable 'Japan' .", 7, "skos:prefLable is not defined in SKOS"),
        ("id:e pledge:endorser id:japn .", 7, "nothing is said of id:japn"),
        ("id:japan <http://example.org/p> 1 .", 7, "<http://example.org/p> is of no vocabulary in use"),
        ("id:japan a <http://example.org/C> .", 7, "<http://example.org/C> is of no vocabulary in use"),
        ('id:e\n    pledge:latest "2024-02-30"^^xsd:date .', 8, "'2024-02-30' is no xsd:date"),
        ('id:e pledge:count "many"^^xsd:integer .', 7, "'many' is no xsd:integer"),
        ("id:e pledge:cites [ pledge:locator '1' ] .", 7, "a blank node stands at pledge:cites"),
        ("id:Japan a pledge:State .", 7, "it has no good slug"),
        ("id:japan--x a pledge:State .", 7, "it has no good slug"),
        ("<http://example.org/japan> a pledge:State .", 7, "it lies outside"),
    ],
)
def test_what_is_wrong_is_found_with_its_line(root: Content, text: str, line: int, message: str) -> None:
    (root.graph / "part.ttl").write_text(PREFIXES + text, encoding="utf-8")
    (finding,) = vocabulary.check(root)
    assert (finding.file, finding.line, finding.severity) == ("graph/part.ttl", line, "violation")
    assert message in finding.message


def test_shapes_name_only_what_is_defined(root: Content) -> None:
    shape = f"@prefix sh: <{SH}> .\n<urn:s> sh:targetClass pledge:Nothing ; sh:path [ sh:inversePath pledge:nope ] ."
    (root.shapes / "part.ttl").write_text(PREFIXES + shape, encoding="utf-8")
    messages = [finding.message for finding in vocabulary.check(root)]
    assert len(messages) == 2
    assert any("pledge:Nothing" in message for message in messages)
    assert any("pledge:nope" in message for message in messages)


def test_a_file_from_elsewhere_is_checked_with_the_rest(root: Content, tmp_path: Path) -> None:
    (root.graph / "part.ttl").write_text(PREFIXES + "id:japan a pledge:State .", encoding="utf-8")
    elsewhere = tmp_path / "else where.ttl"
    elsewhere.write_text(PREFIXES + "id:e pledge:endorser id:japan , id:mars .", encoding="utf-8")
    (finding,) = vocabulary.check(root, [elsewhere])
    assert finding.message == "id:e: nothing is said of id:mars"
