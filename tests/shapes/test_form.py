"""How shapes are written: names, messages, severities, and queries that every SHACL processor may run."""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

sys.path.insert(0, str(Path(__file__).resolve().parent))
from shape_examples import CONTENT, reportable, targeted

from pledgegraph import turtle, validation
from pledgegraph.sparql import tokens
from pledgegraph.terms import SH, SHAPE
from pledgegraph.validation.report import Graph, Term

SHAPES = Graph(validation.read_shapes(CONTENT))
QUERIES = {node.value.removeprefix(SHAPE): select.value for node, select in SHAPES.pairs(SH("select"))}
README = (CONTENT.shapes / "README.md").read_text(encoding="utf-8")
CONDITIONS = ("If-", "In-scheme-")
"""How the names of shapes begin that are conditions of others and report nothing by themselves."""


def name(node: Term) -> str:
    """Local name of a shape."""
    return node.value.removeprefix(SHAPE)


def message(node: Term) -> str:
    """The one message of a shape."""
    (found,) = SHAPES.objects(node, SH("message"))
    assert isinstance(found, Literal)
    assert found.language == "en"
    return found.value


@pytest.mark.parametrize("path", CONTENT.shape_files(), ids=lambda path: path.stem)
def test_files_are_canonical(path: Path) -> None:
    assert turtle.check_file(path) == ""


def test_every_property_shape_has_a_name_and_a_message() -> None:
    nodes = {node for node, _ in SHAPES.pairs(SH("path"))} | {node for _, node in SHAPES.pairs(SH("property"))}
    assert len(nodes) > 300
    for node in nodes:
        assert isinstance(node, NamedNode), node
        assert message(node), node


def test_every_result_has_a_message_that_says_what_is_wrong_and_how_to_mend_it() -> None:
    sources = {shape for found in reportable(SHAPES).values() for shape, parameter in found if parameter != "sparql"}
    texts = [message(NamedNode(SHAPE(source))) for source in sources]
    texts += [message(query) for _, query in SHAPES.pairs(SH("sparql"))]
    for text in texts:
        assert text.endswith("."), text
        assert len(re.split(r"[.:;] ", text)) >= 2, text
        assert len(text) <= 420, text


def test_conditions_report_nothing_and_say_when_they_hold() -> None:
    sources = {shape for found in reportable(SHAPES).values() for shape, _ in found}
    conditions = {node for node, _ in SHAPES.pairs(SH("path")) if name(node).startswith(CONDITIONS)}
    assert {name(node) for node in conditions} & sources == set()
    assert {name(node) for node, _ in SHAPES.pairs(SH("path"))} - sources == {name(node) for node in conditions}
    assert all(message(node).endswith(".") for node in conditions)


def test_property_shapes_are_named_for_the_shape_they_belong_to() -> None:
    for owner, node in SHAPES.pairs(SH("property")):
        assert name(node).startswith(f"{name(owner)}-"), node
    for owner, node in SHAPES.pairs(SH("sparql")):
        assert name(node) == f"{name(owner)}-query"


def test_severities_are_violations_and_warnings() -> None:
    """Violation is the default and is never spelled out; README says what each means."""
    assert {severity.value for _, severity in SHAPES.pairs(SH("severity"))} == {SH("Warning")}
    warnings = {name(node) for node, _ in SHAPES.pairs(SH("severity"))}
    assert warnings == set(re.findall(r"^\| `shape:([\w-]+)` \| warning", README, re.MULTILINE))


def test_a_shape_has_one_query_at_most() -> None:
    """A result names its shape and not the query, so two queries of one shape could not be told apart."""
    owners = [owner for owner, _ in SHAPES.pairs(SH("sparql"))]
    assert len(owners) == len(set(owners)) == len(QUERIES)
    assert set(owners) <= targeted(SHAPES)


@pytest.mark.parametrize("query", QUERIES)
def test_queries_keep_to_what_pre_binding_allows(query: str) -> None:
    """https://www.w3.org/TR/shacl/#pre-binding"""
    stream = list(tokens(QUERIES[query]))
    assert not [token.text for token in stream if token.is_word("MINUS", "VALUES", "SERVICE")]
    assert not [one for one, other in pairwise(stream) if one.is_word("AS") and other.text[1:] == "this"]
    selects = [number for number, token in enumerate(stream) if token.is_word("SELECT")]
    for number in selects:
        rest = stream[number + 1 :]
        end = next(place for place, token in enumerate(rest) if token.is_word("WHERE") or token.text == "{")
        assert "$this" in [token.text for token in rest[:end]]


def test_the_readme_lists_every_rule_that_spans_nodes() -> None:
    rules = re.findall(r"^\| `shape:([\w-]+)` \| (?:violation|warning)", README, re.MULTILINE)
    assert len(rules) == len(set(rules))
    assert set(rules) >= {name(owner) for owner, _ in SHAPES.pairs(SH("sparql"))}
    assert set(rules) <= {shape for found in reportable(SHAPES).values() for shape, _ in found}
