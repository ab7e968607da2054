"""The facts step, before the closure: what the accepted claims make of the graph.

First each claim gets the status with which it counts (`precedence.py`). Only accepted claims have consequences. A rule
chain cannot test the status of a claim, so this is settled here: which records are attested, which are withheld, and
which plain triples the claims state (DESIGN.md §4, "The gate").
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import QueryTriples, Triple

from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import precedence
from pledgegraph.reasoning.rules import Rule, fact_rules
from pledgegraph.terms import GRAPH_FACTS, GRAPH_WITHHELD

WITHHELD = "withheld"
"""The rules of `facts.rq` whose names begin so take triples away; the others add them."""


@dataclass(frozen=True)
class FactsReport:
    """What the facts step did.

    Args:
        superseded: Claims that the precedence of sources sets aside.
        attested: Triples that say which claim attests a record.
        withheld: Triples taken out of the default graph.
        stated: Plain triples that claims and relation records state.
    """

    superseded: int
    attested: int
    withheld: int
    stated: int


def apply(dataset: Dataset) -> FactsReport:
    """Run the facts step on a dataset as its files give it.

    `attestedBy` and the plain triples go into the graph of the facts and are merged. All triples about a withheld
    record move out of the default graph and the graphs of their files into the graph of what is withheld.

    Args:
        dataset: The dataset, changed in place. Running it twice changes nothing more.
    """
    superseded = precedence.settle(dataset)
    settled = (precedence.SUPERSEDED, precedence.EFFECTIVE)
    attest, *others = (rule for rule in fact_rules() if not rule.name.startswith(settled))
    attested = _construct(dataset, attest)
    dataset.add(attested, GRAPH_FACTS)
    withheld: dict[Triple, None] = {}
    for rule in others:
        if rule.name.startswith(WITHHELD):
            withheld.update(dict.fromkeys(_construct(dataset, rule)))
    dataset.move(withheld, GRAPH_WITHHELD)
    stated: dict[Triple, None] = {}
    for rule in others:
        if not rule.name.startswith(WITHHELD):
            stated.update(dict.fromkeys(_construct(dataset, rule)))
    dataset.add(stated, GRAPH_FACTS)
    return FactsReport(superseded, len(attested), len(withheld), len(stated))


def _construct(dataset: Dataset, rule: Rule) -> list[Triple]:
    results = dataset.query(rule.query)
    assert isinstance(results, QueryTriples)
    return list(dict.fromkeys(results))
