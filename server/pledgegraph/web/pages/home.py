"""The first page: one question with its three kinds of answer, and the ways into everything else."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response
from pyoxigraph import NamedNode

from pledgegraph.terms import ID, PLEDGE
from pledgegraph.web import downloads
from pledgegraph.web.pages import citation, dates, evidence, lines
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.evidence import Evidence
from pledgegraph.web.pages.graph import Graph, Value
from pledgegraph.web.pages.lines import Search
from pledgegraph.web.pages.lists import theme_tree
from pledgegraph.web.pages.questions import answer_rows
from pledgegraph.web.pages.response import blueprint, page, site

QUESTION = "did-endorse"
"""The named question that the first screen asks."""

ASKED = (
    ("china", "reaim-blueprint"),
    ("japan", "political-declaration"),
    ("russia", "reaim-blueprint"),
)
"""Of whom and of which text it is asked. Which answer each gets is found in the graph, at each release anew."""

THEME = "theme-human-control"
"""The theme of the second question of the page."""


@dataclass(frozen=True)
class Answered:
    """One question with its answer.

    Args:
        actor: of whom it was asked.
        text: of which text.
        answer: yes, no, unknown, or both where the sources differ.
        exact: the exact texts that the answer is about.
        summary: what the records say.
        record: IRI of the first record, or empty.
        when: what is known of the time.
        evidence: the claims that say so.
        search: the search that found nothing, where the answer is unknown and someone searched.
    """

    actor: Value
    text: Value
    answer: str
    exact: tuple[Value, ...]
    summary: str
    record: str
    when: str
    evidence: tuple[Evidence, ...]
    search: Search | None


@blueprint.get("/")
def home() -> Response:
    """The first page."""
    graph = Graph(site())
    manifest = site().snapshot.manifest
    counts = manifest.counts if manifest else {}
    themes, _ = theme_tree()
    return page(
        "home.html",
        {"Link": downloads.landing(site(), "")},
        answers=[found for actor, text in ASKED if (found := ask(graph, ID(actor), ID(text)))],
        question=site().snapshot.questions.get(QUESTION),
        actors=options("Actor"),
        texts=options("Instrument"),
        theme=themes.get(ID(THEME)),
        committed=len({row["actor"] for row in answer_rows(site(), "commitments", {"theme": ID(THEME)})}),
        counts={iri.removeprefix(PLEDGE): count for iri, count in counts.items()},
        themes=len(themes),
        questions=len(site().snapshot.questions),
        day=dates.day(citation.data_day(site())),
        citation=citation.of(site(), "Pledgegraph", ""),
    )


def ask(graph: Graph, actor: str, text: str) -> Answered | None:
    """Ask whether an actor endorsed a text; None where the graph or the question does not know both."""
    named = {thing.iri: thing for thing in graph.read([actor, text])}
    if len(named) < 2:
        return None
    found = answer_rows(site(), QUESTION, {"actor": actor, "text": text})
    if not found:
        return None
    given = sorted({row["answer"] for row in found})
    answer = given[0] if len(given) == 1 else "both"
    if answer != "both":
        found = [row for row in found if row["answer"] == answer]
    records = list(dict.fromkeys(row["record"] for row in found if "record" in row))
    made = lines.read(graph, records)
    proof: dict[str, Evidence] = {}
    if answer != "unknown":
        proof = evidence.read(graph, (row["claim"] for row in found if "claim" in row))
    searches = [line.search for line in made if line.search]
    exact = {row["text"]: Value(row["text"], True, row["textLabel"]) for row in found}
    return Answered(
        Value(actor, True, named[actor].label),
        Value(text, True, named[text].label),
        answer,
        tuple(exact.values()),
        found[0].get("summary", ""),
        made[0].iri if made else "",
        made[0].when if made and not searches else "",
        tuple(sorted(proof.values(), key=lambda each: each.order)),
        searches[0] if searches else None,
    )


def options(name: str) -> list[Value]:
    """Things of a class, to choose from."""
    found = rows(site(), "options", kind=NamedNode(PLEDGE(name)))
    return list({row["thing"]: Value(row["thing"], True, row["label"]) for row in found}.values())
