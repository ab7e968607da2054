"""Results of a validation as findings: file and line of the focus node, the shape's own words, the value at fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pledgegraph import content, validation
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.errors import Finding, InputError
from pledgegraph.terms import PLEDGE, SH

Check = Callable[[str, str], list[Finding]]
PREFIXES = f"@prefix : <urn:> .\n@prefix pledge: <{PLEDGE}> .\n@prefix sh: <{SH}> .\n\n"


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """A function from shapes and data, each written from line 5 on, to findings."""

    def findings(shapes: str, data: str) -> list[Finding]:
        for folder in content.FOLDERS:
            (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / "shapes" / "s.ttl").write_text(PREFIXES + shapes, encoding="utf-8")
        (tmp_path / "graph" / "d.ttl").write_text(PREFIXES + data, encoding="utf-8")
        root = Content(tmp_path)
        return validation.validate(Dataset.from_content(root), root)

    return findings


def test_the_line_is_that_of_the_value_and_the_words_are_the_shapes(check: Check) -> None:
    (finding,) = check(
        ":S sh:targetClass :A ; sh:property :P ."
        ' :P sh:path pledge:title ; sh:maxLength 2 ; sh:message "Be brief."@en , "Kurz."@de .',
        ':x a :A ;\n  :q "long" ;\n  pledge:title "long" .\n',
    )
    assert finding == Finding(
        "graph/d.ttl", 7, "violation", '<urn:x>: Be brief. Here: "long"', "At pledge:title", "urn:x", "urn:P"
    )


def test_severities_order_and_messages_without_words(check: Check) -> None:
    found = check(
        ":S sh:targetClass :A ; sh:property :P , :Q . :P sh:path :p ; sh:minCount 1 ; sh:severity sh:Warning .\n"
        ":Q sh:path :q ; sh:minCount 1 ; sh:severity sh:Info .",
        ":y a :A .\n:x a :A .\n",
    )
    assert {(f.line, f.severity) for f in found} == {(5, "warning"), (5, "info"), (6, "warning"), (6, "info")}
    assert [f.line for f in found] == [5, 5, 6, 6]
    assert all("breaks sh:MinCountConstraintComponent" in f.message for f in found)


def test_a_shape_that_cannot_be_used_is_named_by_its_line(check: Check) -> None:
    with pytest.raises(InputError, match=r"^shapes/s\.ttl:6: <urn:T> is ill-formed"):
        check(":S sh:targetClass :A .\n:T sh:targetClass :A ; sh:pattern '(' .", ":x a :A .")


def test_a_shapes_file_that_does_not_parse_is_named_by_its_line(check: Check) -> None:
    with pytest.raises(InputError, match=r"^shapes/s\.ttl:5: syntax error"):
        check(":S sh:targetClass", ":x a :A .")
