"""The W3C SPARQL 1.0 and 1.1 suites, held against this server. What it misses is in misses.csv, each with a cause.

A test of that list that passes, or a test off it that does not, fails here; so does a suite of another size.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import conformance_report as report
import description_tests
from sparql_runner import BASE, DESCRIPTION, Outcome, category, run, server
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


def outcomes(tests: list[Entry]) -> list[Outcome]:
    """What came of every test that has a category."""
    found = list(run(tests))
    with server([], []) as client:
        for test in tests:
            if category(test) == DESCRIPTION:
                miss = description_tests.STEPS[test.name](client, f"{BASE}sparql")
                found.append(Outcome(test, DESCRIPTION, miss))
    return found


def test_the_suites(suites: Path) -> None:
    """One test, so that the minutes it takes are taken once, however many processes the tests run in."""
    tests = collect(suites)
    assert len({test.name for test in tests}) == len(tests)
    found = outcomes(tests)
    assert Counter(outcome.category for outcome in found) == COLLECTED
    assert len(found) == len({outcome.test.name for outcome in found})

    missed = {outcome.test.name: outcome.miss for outcome in found if outcome.miss is not None}
    listed = {miss.test for miss in report.misses()}
    new = {name: why for name, why in missed.items() if name not in listed}
    assert not new, f"missed and not listed: {new}"
    mended = sorted(listed - missed.keys())
    assert not mended, f"listed and not missed any more: {mended}"

    passed = Counter(outcome.category for outcome in found if outcome.miss is None)
    assert {name: (passed[name], of) for name, of in COLLECTED.items()} == report.scores()
    for whole in ("protocol", "updates refused", "service description", "formats"):
        assert passed[whole] == COLLECTED[whole]
    assert passed["evaluation"] > 478  # what oxigraph serve 0.5.13 passes by another runner


def test_what_is_left_out_is_named(suites: Path) -> None:
    left_out = [test for test in collect(suites) if category(test) is None]
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
