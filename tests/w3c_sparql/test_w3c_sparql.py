"""The W3C SPARQL 1.0 and 1.1 suites, held against this server. What it misses is in misses.csv, each with a cause.

A test of that list that passes, or a test off it that does not, fails here; so does a suite of another size.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import conformance_report as report
import description_tests
import pytest
from sparql_runner import BASE, DESCRIPTION, EVALUATION, Outcome, category, run, server
from sparql_suite import OUT_OF_SCOPE, Entry, collect

COLLECTED = {
    "evaluation": 509,
    "syntax": 302,
    "formats": 10,
    "protocol": 20,
    "updates refused": 14,
    "service description": 3,
}
"""Tests of each category; the suites are those of w3c/rdf-tests at ad541a5 (2026-08-07)."""


@pytest.fixture(scope="module")
def tests(suites: Path) -> list[Entry]:
    """All entries of the manifests."""
    return collect(suites)


@pytest.fixture(scope="module")
def outcomes(tests: list[Entry]) -> list[Outcome]:
    """What came of every test that has a category."""
    found = list(run(tests))
    with server([], []) as client:
        for test in tests:
            if category(test) == DESCRIPTION:
                miss = description_tests.STEPS[test.name](client, f"{BASE}sparql")
                found.append(Outcome(test, DESCRIPTION, miss))
    return found


def test_all_tests_are_collected(tests: list[Entry], outcomes: list[Outcome]) -> None:
    assert len({test.name for test in tests}) == len(tests)
    assert Counter(outcome.category for outcome in outcomes) == COLLECTED
    assert len(outcomes) == len({outcome.test.name for outcome in outcomes})


def test_what_is_left_out_is_named(tests: list[Entry]) -> None:
    left_out = [test for test in tests if category(test) is None]
    kinds = Counter(test.kind for test in left_out if test.group not in OUT_OF_SCOPE and not test.federated)
    # Updates are a language of their own: their evaluation and syntax tests are not of a query service.
    assert set(kinds) == {
        "UpdateEvaluationTest",
        "PositiveUpdateSyntaxTest11",
        "NegativeUpdateSyntaxTest11",
        "NegativeSyntaxTest11",
    }
    assert kinds["NegativeSyntaxTest11"] == 8  # of sparql11/delete-insert, whose texts are updates
    assert sum(test.federated for test in left_out) == 6


def test_misses_are_those_listed(outcomes: list[Outcome]) -> None:
    missed = {outcome.test.name: outcome.miss for outcome in outcomes if outcome.miss is not None}
    listed = {miss.test: miss.cause for miss in report.misses()}
    new = {name: why for name, why in missed.items() if name not in listed}
    assert not new, f"missed and not listed: {new}"
    mended = sorted(listed.keys() - missed.keys())
    assert not mended, f"listed and not missed any more: {mended}"


@pytest.mark.parametrize("whole", ["protocol", "updates refused", "service description", "formats"])
def test_what_has_no_misses(outcomes: list[Outcome], whole: str) -> None:
    assert [(o.test.name, o.miss) for o in outcomes if o.category == whole and o.miss is not None] == []


def test_evaluation_is_better_than_the_bare_engine(outcomes: list[Outcome]) -> None:
    passed = sum(outcome.category == EVALUATION and outcome.miss is None for outcome in outcomes)
    assert passed > 478  # oxigraph serve 0.5.13 by another runner


def test_scores_are_those_written_down(outcomes: list[Outcome]) -> None:
    scores = {name: [0, 0] for name in COLLECTED}
    for outcome in outcomes:
        scores[outcome.category][0] += outcome.miss is None
        scores[outcome.category][1] += 1
    assert {name: (passed, of) for name, (passed, of) in scores.items()} == report.scores()
