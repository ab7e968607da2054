"""Each constraint has an example that it fires on, and lets pass what is in order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from shape_examples import CONTENT, EXAMPLES, Examples, Fired, by_focus, load, load_failing, reportable, targeted

from pledgegraph import validation
from pledgegraph.terms import SH, SHAPE
from pledgegraph.validation.report import Graph

NO_EXAMPLE: dict[Fired, str] = {}
"""Constraints that no example can fire, each with the reason."""

RULES = {
    "record without claim": "Record-claim",
    "claim without speaker": "Claim-claimant",
    "claim without passage": "Claim-cites",
    "accepted claims that contradict": "Claims-that-contradict",
    "accepted claims that are said to contradict each other": "Claim-contradicted",
    "commitment on a proposed text": "Commitment-on-proposed-text",
    "count without unit": "StatedCount-unit",
    "count without as-of": "StatedCount-asOf",
    "list that does not say whether it is complete": "Roster-completeness",
    "declining a text on or after endorsing it with no withdrawal between": "Declined-after-endorsing",
    "a property written by the wrong hand": "Derived-acts-endorsedExactly",
    "excluded passage cited": "Claim-excluded-passage",
    "plain fact without an accepted claim": "Plain-facts-venues-place",
}


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """The shapes of the repository."""
    return Graph(validation.read_shapes(CONTENT))


@pytest.fixture(scope="module")
def examples() -> Examples:
    """All examples."""
    return load()


@pytest.fixture(scope="module")
def results(examples: Examples) -> dict[str, set[Fired]]:
    """Focus node to what the fast engine fires on it."""
    return by_focus(validation.report(examples.data, validation.read_shapes(CONTENT)))


@pytest.mark.parametrize("path", Examples().files, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_fires_what_it_says_and_nothing_else(
    path: Path, examples: Examples, results: dict[str, set[Fired]]
) -> None:
    nodes = {node for node, owner in examples.owner.items() if owner == path}
    declared = {node: examples.declared[node] for node in nodes if examples.declared.get(node)}
    assert {node: results[node] for node in nodes if node in results} == declared
    assert bool(declared) == path.name.startswith("invalid-")


def test_nothing_fires_outside_the_examples(examples: Examples, results: dict[str, set[Fired]]) -> None:
    assert {node: found for node, found in results.items() if node not in examples.owner} == {}


def test_every_constraint_that_can_fire_has_an_example(shapes: Graph, examples: Examples) -> None:
    can_fire = {fired for found in reportable(shapes).values() for fired in found}
    declared = {fired for found in examples.declared.values() for fired in found}
    assert can_fire - declared == set(NO_EXAMPLE)
    assert declared - can_fire == set()


def test_every_shape_with_targets_has_a_folder_with_a_passing_and_a_failing_example(shapes: Graph) -> None:
    names = {shape.value.removeprefix(SHAPE) for shape in targeted(shapes)}
    folders = {path.name: path for path in EXAMPLES.iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert set(folders) == names
    for kind in ("valid", "invalid"):
        assert [name for name, folder in folders.items() if not list(folder.glob(f"{kind}-*.ttl"))] == []


def test_each_failing_example_fires_a_constraint_of_the_shape_it_stands_under(
    shapes: Graph, examples: Examples
) -> None:
    can_fire = reportable(shapes)
    for path in examples.files:
        declared = {
            fired
            for node, owner in examples.owner.items()
            if owner == path
            for fired in examples.declared.get(node, ())
        }
        if path.name.startswith("invalid-"):
            assert declared & can_fire[path.parent.name], path


@pytest.mark.parametrize("rule", RULES)
def test_the_rules_that_the_truth_of_the_graph_rests_on_are_violations(rule: str, shapes: Graph) -> None:
    can_fire = {shape for found in reportable(shapes).values() for shape, _ in found}
    assert RULES[rule] in can_fire
    (shape,) = {node for node, _ in shapes.pairs(SH("message")) if node.value == SHAPE(RULES[rule])} or {
        node for node, _ in shapes.pairs(SH("sparql")) if node.value == SHAPE(RULES[rule])
    }
    assert shapes.value(shape, SH("severity")) is None


@pytest.mark.parametrize("part", range(3))
def test_pyshacl_says_the_same_of_every_failing_example(part: int) -> None:
    """The examples of a part are one graph, and the fast engine gets the same, so that only the engines differ."""
    failing = load_failing(part, 3)
    shapes = validation.read_shapes(CONTENT)
    reference = {result.key for result in validation.report(failing.data, shapes, "reference")}
    assert reference == {result.key for result in validation.report(failing.data, shapes)}
    assert len(reference) > 150
