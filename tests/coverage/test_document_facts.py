"""Every core fact of the checklist is in the graph, or on the short list of those left out with a reason."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import match_facts  # noqa: E402  (beside this file, and a script of its own)

TEXTS = os.environ.get("PLEDGEGRAPH_TEXTS")
checklist = Path(TEXTS or "") / "facts" / "document_facts.jsonl"
needs_texts = pytest.mark.skipif(
    not TEXTS or not checklist.exists(), reason="set TEXTS to a folder with sources/ and facts/document_facts.jsonl"
)


@needs_texts
def test_every_core_fact_is_matched_or_left_out_with_a_reason() -> None:
    missing = [fact["id"] for fact, reason in match_facts.unmatched(Path(TEXTS or "")) if not reason]
    assert missing == []


@needs_texts
def test_the_short_list_names_only_facts_that_are_not_matched() -> None:
    unmatched = {fact["id"] for fact, _ in match_facts.unmatched(Path(TEXTS or ""))}
    with (HERE / "left_out.csv").open(encoding="utf-8", newline="") as handle:
        listed = {row["fact"] for row in csv.DictReader(handle)}
    assert listed == unmatched
    assert len(listed) < 15


@needs_texts
def test_a_fact_is_missed_once_its_record_loses_its_class() -> None:
    graph = match_facts.load()
    classes = match_facts.KINDS["endorsement"][0]
    places = match_facts.passages(graph, Path(TEXTS or ""))
    document, _, spans = places["002_e5a9584c6c57a435.txt"]
    cited = [p for p, _, _ in spans if p.endswith("-p24-s1")]
    assert match_facts.match(graph, "endorsement", document, cited)
    for name in classes:
        for quad in list(graph.store.quads_for_pattern(None, None, ox.NamedNode(match_facts.PLEDGE + name))):
            graph.store.remove(quad)
    assert not match_facts.match(graph, "endorsement", document, cited)
