"""Precedence of sources: the status with which each claim counts, settled before anything follows from claims.

The order is a list in the ontology, `pledge:source-precedence`. Of two accepted claims that contradict each other, the
one whose source comes first there counts; the other one is superseded and stays readable. A claim that rests on
withdrawn documents alone is superseded too. Claims whose sources stand in no order are left as they are: the shapes
have reported them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import NamedNode, QuerySolutions, QueryTriples, Triple

from pledgegraph.dataset import Dataset
from pledgegraph.reasoning.rules import Rule, fact_rules
from pledgegraph.terms import GRAPH_FACTS, PLEDGE, RDF, SKOS

SUPERSEDED, EFFECTIVE = "superseded", "effective"
"""The rules of `facts.rq` whose names begin so find claims at odds, and give each claim its effective status."""

_SOURCES = """SELECT DISTINCT ?claim ?type WHERE {
  ?claim pledge:cites ?passage . ?passage pledge:inDocument ?document . ?document pledge:sourceType ?type
  FILTER NOT EXISTS { ?document pledge:withdrawnOn ?day }
}"""


def order(dataset: Dataset) -> list[str]:
    """Source types as `pledge:source-precedence` lists them, the one that decides first; empty where there is none."""
    first, rest = f"<{RDF('first')}>", f"<{RDF('rest')}>"
    found: list[str] = []
    nodes = [o for _, _, o in dataset.matching(f"<{PLEDGE('source-precedence')}>", f"<{SKOS('memberList')}>", None)]
    seen = set()
    while nodes and nodes[0] not in seen:
        seen.add(nodes[0])
        found += [member[1:-1] for _, _, member in dataset.matching(nodes[0], first, None)]
        nodes = [node for _, _, node in dataset.matching(nodes[0], rest, None)]
    return found


def settle(dataset: Dataset) -> int:
    """Give each claim its effective status, in the graph of the facts.

    Args:
        dataset: The dataset as its files give it, changed in place.

    Returns:
        How many claims another one supersedes.
    """
    superseding = _superseding(dataset)
    dataset.add(superseding, GRAPH_FACTS)
    for rule in fact_rules():
        if rule.name.startswith(EFFECTIVE):
            dataset.add(_construct(dataset, rule), GRAPH_FACTS)
    return len({triple.subject for triple in superseding})


def _superseding(dataset: Dataset) -> list[Triple]:
    """`supersededBy` for claims at odds whose sources stand in an order.

    Settled from the first source type to the last: a claim that is itself superseded supersedes none.
    """
    ranks = _ranks(dataset)
    against: dict[str, set[str]] = defaultdict(set)
    for rule in fact_rules():
        if rule.name.startswith(SUPERSEDED):
            for triple in _construct(dataset, rule):
                claim, other = str(triple.subject), str(triple.object)
                if claim in ranks and other in ranks and ranks[other] < ranks[claim]:
                    against[claim].add(other)
    settled: dict[str, list[str]] = {}
    for claim in sorted(against, key=lambda claim: (ranks[claim], claim)):
        settled[claim] = sorted(other for other in against[claim] if not settled.get(other))
    property_ = NamedNode(PLEDGE("supersededBy"))
    return [Triple(_node(claim), property_, _node(other)) for claim, others in settled.items() for other in others]


def _ranks(dataset: Dataset) -> dict[str, int]:
    """Claim to the place of its source type in the order; of several, the first."""
    places = {type_: place for place, type_ in enumerate(order(dataset))}
    rows = dataset.query(_SOURCES)
    assert isinstance(rows, QuerySolutions)
    ranks: dict[str, int] = {}
    for row in rows:
        place = places.get(row["type"].value)
        if place is not None:
            claim = str(row["claim"])
            ranks[claim] = min(place, ranks.get(claim, place))
    return ranks


def _node(spelled: str) -> NamedNode:
    return NamedNode(spelled[1:-1])


def _construct(dataset: Dataset, rule: Rule) -> Iterable[Triple]:
    results = dataset.query(rule.query)
    assert isinstance(results, QueryTriples)
    return list(dict.fromkeys(results))
