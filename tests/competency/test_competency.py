"""Each question is asked, compared with its verified answer, and asked again on a copy in which the answer changed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from pledgegraph import queries
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.service import Limits, Request, Service, ServiceError
from pledgegraph.terms import ID, PREFIXES

from .conftest import ROOT, Answering, Quads

HERE = Path(__file__).resolve().parent
QUESTIONS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))
NAMED = queries.load(Content(ROOT))
HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
Rows = list[dict[str, str]]


def ask(dataset: Dataset, question: dict[str, Any]) -> Rows:
    """The answer of a named question: rows of column to value, IRIs of things as slugs."""
    rows: Rows = []
    for params in question.get("asked") or [question.get("params", {})]:
        text = NAMED[question["query"]].bind(params)
        found = json.loads(dataset.answer(text, "application/sparql-results+json"))
        rows += [
            {name: cell["value"].removeprefix(ID("")) for name, cell in row.items()}
            for row in found["results"]["bindings"]
        ]
    return rows


def values(rows: Rows, column: str) -> set[str]:
    """What a column holds; `speakers`, `addressees` and `regarded` hold several names in one cell."""
    cells = {row[column] for row in rows if column in row}
    if column in ("speakers", "addressees", "regarded"):
        return {part for cell in cells for part in cell.split(", ")} | cells
    return cells


def changed(quads: Quads, question: dict[str, Any]) -> Quads:
    """A copy without what `remove` names, or with the Turtle of `add`."""
    if "add" in question:
        return quads + list(ox.parse(HEAD + question["add"], ox.RdfFormat.TURTLE))
    kind, _, slug = question["remove"].rpartition(":")
    node = ox.NamedNode(ID(slug))
    kept = [q for q in quads if q.object != node] if kind else [q for q in quads if node not in (q.subject, q.object)]
    assert len(kept) < len(quads), f"{slug} is not in the graph"
    return kept


def test_enough_questions_are_asked_by_name() -> None:
    asked = {name.split("-")[0] for name, question in QUESTIONS.items() if question["query"] in NAMED}
    assert len(asked) >= 60
    assert len({question["query"] for question in QUESTIONS.values()}) >= 15


@pytest.mark.parametrize("name", QUESTIONS)
def test_answer(name: str, graph: Dataset) -> None:
    question = QUESTIONS[name]
    answer = ask(graph, question)
    assert bool(question.get("none")) is (answer == [])
    for column, expected in question.get("column", {}).items():
        found = values(answer, column)
        assert set(expected) <= found, f"{column}: {sorted(found)}"
        if question.get("exact"):
            assert found == set(expected), column
    for column, value in question.get("last", {}).items():
        assert answer[-1][column] == value


@pytest.mark.parametrize("name", QUESTIONS)
def test_answer_follows_the_graph(name: str, graph: Dataset, hand_written: Quads, answering: Answering) -> None:
    question = QUESTIONS[name]
    before = ask(graph, question)
    after = ask(answering(changed(hand_written, question)), question)
    for column, value in question.get("lost", {}).items():
        assert value in values(before, column)
        assert value not in values(after, column)
    for column, value in question.get("gained", {}).items():
        assert value not in values(before, column)
        assert value in values(after, column)
    assert question.get("lost") or question.get("gained")


@pytest.mark.parametrize("name", [n for n, question in QUESTIONS.items() if "column" in question])
def test_the_whole_graph_says_no_less(name: str, full_release: Path) -> None:
    question = QUESTIONS[name]
    answer = ask(Dataset.from_release(full_release), question)
    for column, expected in question["column"].items():
        assert set(expected) <= values(answer, column)


def test_each_question_runs_within_the_limits_of_strangers_without_values(full_release: Path) -> None:
    """As the service description gives it to programs; so no parameter breaks it or makes it endless."""
    with Service.over_release(full_release, Limits()) as service:
        for name, question in NAMED.items():
            try:
                answer = service.answer(Request(question.runnable, "text/csv"))
            except ServiceError as error:
                pytest.fail(f"{name}: {error}")
            assert answer.body.count(b"\r\n") > 1, name
