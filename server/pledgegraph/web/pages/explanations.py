"""`/explain`: why an inferred triple is in the graph, down to what was written."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response
from pyoxigraph import Literal, NamedNode

from pledgegraph.dataset import Dataset
from pledgegraph.reasoning.explain import Explanation, explain
from pledgegraph.terms import GRAPH, GRAPH_CLOSURE, GRAPH_FACTS, GRAPH_LABELS, GRAPH_WITHHELD, ID, SLUG, expand
from pledgegraph.web.pages import citation
from pledgegraph.web.pages.graph import Graph, Value
from pledgegraph.web.pages.response import blueprint, page, parameter, site
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

MAX_STEPS = 300
"""Steps of an explanation that the page shows."""

_BUILT = {
    GRAPH_CLOSURE: "the closure",
    GRAPH_FACTS: "the facts step",
    GRAPH_WITHHELD: "what is withheld",
    GRAPH_LABELS: "the generated labels",
}


@dataclass
class Step:
    """One step of an explanation as the page shows it.

    Args:
        terms: subject, property and object.
        rule: the rule's name, or empty.
        says: the rule in words, or empty.
        origins: where the triple is written or made.
        premises: the steps that it rests on.
    """

    terms: tuple[Value, Value, Value]
    rule: str
    says: str
    origins: tuple[str, ...]
    premises: list[Step] = field(default_factory=list)


@blueprint.get("/explain")
def explanation() -> Response:
    """Why the triple of `subject`, `property` and `object` holds."""
    triple = tuple(_term(name) for name in ("subject", "property", "object"))
    found = explain(dataset(site()), (triple[0], triple[1], triple[2]))
    graph = Graph(site())
    graph.read(iri for step in _all(found) for iri in _iris(step))
    steps = _Steps(graph)
    shown = steps.of(found)
    title = "Why: " + " ".join(value.text for value in shown.terms)
    return page(
        "explain.html",
        step=shown,
        holds=bool(found.graphs),
        title=title,
        cut=steps.left < 0,
        citation=citation.of(site(), title, "explain"),
    )


def dataset(served: Site) -> Dataset:
    """The release, for looking up single triples: no query is evaluated on it.

    Raises:
        Problem: what is served is no release.
    """
    directory = served.snapshot.directory
    if directory is None:
        raise Problem(
            "not-found",
            "Explanations are given for a built release, and what is served here was not built as one.",
            hint="Ask for the premises in SPARQL.",
        )
    return served.snapshot.once("pages.dataset", lambda: Dataset.from_release(directory))


def _term(name: str) -> str:
    text = parameter(name)
    try:
        return str(NamedNode(ID(text) if SLUG.match(text) else expand(text)))
    except ValueError:
        if name == "object" and text:
            return str(Literal(text))
        raise Problem(
            "bad-request",
            f"{name} is not given, or is no name." if not text else f"{text[:60]!r} is no name for the {name}.",
            hint="Write /explain?subject=id:japan&property=pledge:committedTo&object=id:…",
        ) from None


def _all(step: Explanation) -> list[Explanation]:
    return [step, *(below for premise in step.premises for below in _all(premise))]


def _iris(step: Explanation) -> list[str]:
    return [term[1:-1] for term in step.triple if term.startswith("<")]


class _Steps:
    """Makes the steps to show, up to `MAX_STEPS` of them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.left = MAX_STEPS

    def of(self, step: Explanation) -> Step:
        """One step with those below it. Triples of the ontology that a rule reads are in its words already."""
        self.left -= 1
        first, second, third = (self._value(term) for term in step.triple)
        made = Step((first, second, third), step.rule or "", step.says or "", tuple(map(_origin, step.graphs)))
        for premise in step.premises:
            if not premise.about_terms and self.left > 0:
                made.premises.append(self.of(premise))
        return made

    def _value(self, term: str) -> Value:
        if term.startswith("<"):
            thing = self.graph.get(term[1:-1])
            return Value(term[1:-1], True, thing.label)
        return Value(term.split('"')[1] if '"' in term else term, False)


def _origin(graph: str) -> str:
    return _BUILT.get(graph) or f"the file {graph.removeprefix(GRAPH)}.ttl"
