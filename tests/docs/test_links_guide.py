"""The queries of docs/links.md: they parse, those that call out are refused here, and the identifiers are the links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions
from rdflib.plugins.sparql import prepareQuery

from pledgegraph import content, links, queries
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.service import guard
from pledgegraph.service.errors import Refused
from pledgegraph.service.limits import Limits
from pledgegraph.terms import PREFIXES
from pledgegraph.web.ontology import model

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "links.md").read_text(encoding="utf-8")
HERE, *THERE = re.findall(r"```sparql\n(.*?)```", GUIDE, re.DOTALL)


def test_there_are_queries_to_run_elsewhere() -> None:
    assert len(THERE) == 3
    assert [("SERVICE" in query) for query in THERE] == [True, True, False]
    assert "https://query.wikidata.org/" in GUIDE


@pytest.mark.parametrize("query", THERE)
def test_each_query_is_sparql(query: str) -> None:
    prepareQuery(query)  # parses, and evaluates nothing


@pytest.mark.parametrize("query", [query for query in THERE if "SERVICE" in query])
def test_a_query_that_calls_out_is_refused_here(query: str) -> None:
    with pytest.raises(Refused) as refusal:
        guard.check(query, Limits())
    assert refusal.value.status == 403


def test_no_named_question_or_example_calls_out() -> None:
    paths = [*Content(ROOT).query_files(), *model.examples()]
    assert len(paths) > 20
    for path in paths:
        text = queries.read(path).text
        assert "SERVICE" not in text and "wikidata.org/prop" not in text, path


def test_the_query_to_run_here_gives_the_identifiers_of_the_links() -> None:
    root = content.find()
    files = [root.graph / "actors" / "states.ttl", root.graph / "records" / "resolution-79-62.ttl"]
    dataset = Dataset.from_files(files)
    table = links.read(root.graph / "links" / "wikidata.sssom.tsv")
    dataset.add(links.sssom.triples(table), "https://example.org/links")
    guard.check(HERE, Limits(), PREFIXES)
    answer = dataset.query(HERE)
    assert isinstance(answer, QuerySolutions)
    rows = {row["iso3"].value: row["wikidata"].value.rpartition("/")[2] for row in answer}
    assert len(rows) == 15
    assert (rows["POL"], rows["TUR"]) == ("Q36", "Q43")


def test_the_values_are_the_states_that_voted_against() -> None:
    root = content.find()
    votes = Dataset.from_files([root.graph / "records" / "resolution-80-57.ttl"]).query(
        "SELECT ?state { ?v a pledge:VoteCast ; pledge:choice pledge:no ; pledge:voter ?state }"
    )
    assert isinstance(votes, QuerySolutions)
    table = links.read(root.graph / "links" / "wikidata.sssom.tsv")
    targets = {link.subject: link.target.rpartition("/")[2] for link in table}
    assert set(re.findall(r"wd:(Q\d+)", THERE[2])) == {targets[row["state"].value] for row in votes}
