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
from pledgegraph.terms import ID, PLEDGE, PREFIXES

from .conftest import ROOT, Answering, Quads

HERE = Path(__file__).resolve().parent
QUESTIONS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))
NAMED = queries.load(Content(ROOT))
HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
Rows = list[dict[str, str]]


def text_of(question: dict[str, Any]) -> str:
    """The SPARQL of a question: a named one with its parameters bound, or its own."""
    if "sparql" in question:
        return HEAD + str(question["sparql"])
    return NAMED[question["query"]].bind(question.get("params", {}))


def ask(dataset: Dataset, question: dict[str, Any]) -> Rows | bool:
    """The answer: rows of column to value, IRIs of things as slugs; or a boolean."""
    found = json.loads(dataset.answer(text_of(question), "application/sparql-results+json"))
    if "boolean" in found:
        return bool(found["boolean"])
    return [
        {name: cell["value"].removeprefix(ID("")) for name, cell in row.items()} for row in found["results"]["bindings"]
    ]


def values(rows: Rows | bool, column: str) -> set[str]:
    """What a column holds; `speakers` and `addressees` hold several names in one cell."""
    assert isinstance(rows, list)
    cells = {row[column] for row in rows if column in row}
    return (
        {part for cell in cells for part in cell.split(", ")} | cells if column in ("speakers", "addressees") else cells
    )


def changed(quads: Quads, question: dict[str, Any]) -> Quads:
    """A copy without what `remove` names, or with what `add` names."""
    if "add" in question:
        kind, _, slug = question["add"].partition(":")
        subject, name = {
            "endorsement": ("roster-political-declaration-2023-11-13", "listed"),
            "commitment": ("statement-pd-2023-11-safeguards", "theme"),
            "committer": ("statement-us-endorser-dialogue", "committer"),
        }[kind]
        more = [(subject, name, slug)]
        if kind == "committer":
            more.append((subject, "theme", "theme-human-control-nuclear"))
        return quads + [ox.Quad(ox.NamedNode(ID(s)), ox.NamedNode(PLEDGE(p)), ox.NamedNode(ID(o))) for s, p, o in more]
    kind, _, slug = question["remove"].rpartition(":")
    node = ox.NamedNode(ID(slug))
    kept = [q for q in quads if q.object != node] if kind else [q for q in quads if node not in (q.subject, q.object)]
    assert len(kept) < len(quads), f"{slug} is not in the graph"
    return kept


def test_enough_questions_are_asked_by_name() -> None:
    assert len(QUESTIONS) >= 60
    assert len({name.split("-")[0] for name, question in QUESTIONS.items() if "query" in question}) >= 38
    assert len(NAMED) >= 15


@pytest.mark.parametrize("name", QUESTIONS)
def test_answer(name: str, graph: Dataset) -> None:
    question = QUESTIONS[name]
    answer = ask(graph, question)
    if "ask" in question:
        assert answer is question["ask"]
        return
    for column, expected in question["column"].items():
        found = values(answer, column)
        assert set(expected) <= found, f"{column}: {sorted(found)}"
        if question.get("exact"):
            assert found == set(expected), column


@pytest.mark.parametrize("name", QUESTIONS)
def test_answer_follows_the_graph(name: str, graph: Dataset, hand_written: Quads, answering: Answering) -> None:
    question = QUESTIONS[name]
    answer = ask(answering(changed(hand_written, question)), question)
    if "ask" in question:
        assert answer is not question["ask"]
        return
    for column, value in question["lost"].items():
        assert value in values(ask(graph, question), column)
        assert value not in values(answer, column)


@pytest.mark.parametrize(
    "name", [n for n, question in QUESTIONS.items() if "column" in question and "sparql" not in question]
)
def test_the_whole_graph_says_no_less(name: str, full_release: Path) -> None:
    question = QUESTIONS[name]
    answer = ask(Dataset.from_release(full_release), question)
    for column, expected in question["column"].items():
        assert set(expected) <= values(answer, column)
