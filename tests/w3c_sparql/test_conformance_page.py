"""docs/conformance.md shows what misses.csv and scores.csv hold."""

from __future__ import annotations

import conformance_report as report


def test_the_page_is_current() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page(), "run tests/w3c_sparql/conformance_report.py"


def test_every_miss_has_a_cause_that_is_explained() -> None:
    assert {miss.cause for miss in report.misses()} == report.CAUSES.keys()
    tests = [miss.test for miss in report.misses()]
    assert len(set(tests)) == len(tests)


def test_scores_and_misses_agree() -> None:
    assert sum(of - passed for passed, of in report.scores().values()) == len(report.misses())
