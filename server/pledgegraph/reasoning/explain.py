"""Why a triple is in the graph: the rule that derives it and the triples it is derived from, down to what was written.

The explanation uses the rules that the closure uses, backwards, on the dataset that the closure made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pledgegraph.dataset import Dataset
from pledgegraph.reasoning.closure import Binding, Matcher, Triple, is_schema, substitute, unify
from pledgegraph.reasoning.facts import WITHHELD
from pledgegraph.reasoning.rules import Pattern, Rule, fact_rules, rules, show
from pledgegraph.terms import GRAPH_CLOSURE, GRAPH_FACTS, GRAPH_WITHHELD, RDF

_BUILT = {GRAPH_FACTS, GRAPH_WITHHELD, GRAPH_CLOSURE}
_LIST = {f"<{RDF('first')}>", f"<{RDF('rest')}>"}


@dataclass(frozen=True)
class Explanation:
    """One step of the reason for a triple.

    Args:
        triple: The triple, as N-Triples spells it.
        rule: Name of the rule that derives it, as in the OWL 2 RL specification or `facts.rq`; None where it is
            written in a file, or where nothing derives it.
        says: The rule in words.
        premises: What the rule derives it from, each explained in turn.
        graphs: Named graphs that hold it: files, the facts step, the closure.
    """

    triple: Triple
    rule: str | None = None
    says: str | None = None
    premises: tuple[Explanation, ...] = ()
    graphs: tuple[str, ...] = field(default=(), compare=False)

    @property
    def about_terms(self) -> bool:
        """Whether it is a triple of the ontology that rules read, rather than one about the world."""
        return is_schema(self.triple)

    def leaves(self) -> Iterator[Explanation]:
        """The written triples at the end of every path, in order."""
        if self.rule is None:
            yield self
        for premise in self.premises:
            yield from premise.leaves()


def in_words(triple: Triple) -> str:
    """A triple for people, with prefixed names."""
    return " ".join(show(term) for term in triple)


def explain(dataset: Dataset, triple: Triple) -> Explanation:
    """Explain why a triple holds.

    Args:
        dataset: A dataset with its closure, such as a built release.
        triple: Subject, predicate and object as N-Triples spells them.

    Returns:
        Its explanation. A triple that a file holds needs none: it has no rule and no premises. A triple that the
        dataset does not hold has neither graphs nor a rule. A withheld triple names the claims that were not accepted.
    """
    graphs = tuple(dataset.graphs_of(triple))
    reason = _withheld(dataset, triple) if GRAPH_WITHHELD in graphs else _explain(dataset, triple, frozenset())
    return reason or Explanation(triple, graphs=graphs)


class _Backwards(Matcher):
    """The default graph of a dataset, as the patterns of rules are met in it, and the graph of what is withheld."""

    def __init__(self, dataset: Dataset, *, withheld: bool = False) -> None:
        self.dataset = dataset
        self.graphs = (None, GRAPH_WITHHELD) if withheld else (None,)

    def matches(self, pattern: Pattern, binding: Mapping[str, str]) -> Iterator[Binding]:
        terms = substitute(pattern, binding)
        known = (None if term[0] == "?" else term for term in terms)
        subject, predicate, object_ = known
        for graph in self.graphs:
            for triple in self.dataset.matching(subject, predicate, object_, graph):
                found = unify(terms, triple)
                if found is not None:
                    yield {name: term for name, term in found.items() if name[0] == "?"}


def _explain(dataset: Dataset, triple: Triple, above: frozenset[Triple]) -> Explanation | None:
    """The explanation of a triple that does not rest on any of those `above` it, or None where there is none."""
    graphs = tuple(dataset.graphs_of(triple))
    if not set(graphs) <= _BUILT:
        return Explanation(triple, graphs=graphs)
    below = above | {triple}
    for rule, binding in _applications(dataset, triple, graphs):
        premises = []
        for pattern in (*rule.schema, *rule.data):
            premise = substitute(pattern, binding)
            if premise[1] in _LIST:
                continue  # how a chain is written down; the rule in words names its links
            reason = None if premise in below else _explain(dataset, premise, below)
            if reason is None:
                break
            premises.append(reason)
        else:
            return Explanation(triple, rule.name, rule.in_words(binding), tuple(premises), graphs)
    return None


def _applications(dataset: Dataset, triple: Triple, graphs: tuple[str, ...]) -> Iterator[tuple[Rule, Binding]]:
    """Rules of the facts step and the closure that derive the triple, with what their variables stand for."""
    candidates: list[Rule] = []
    if GRAPH_FACTS in graphs:
        candidates += [rule for rule in fact_rules() if not rule.name.startswith(WITHHELD)]
    if GRAPH_CLOSURE in graphs:
        candidates += rules()
    for rule in candidates:
        bound = None if rule.head is None else unify(rule.head, triple)
        if bound is not None:
            for binding in _Backwards(dataset).solve((*rule.schema, *rule.data), bound):
                yield rule, binding


def _withheld(dataset: Dataset, triple: Triple) -> Explanation | None:
    """Why a triple is withheld: the claims that attest its record, or the stage it rests on, and were not accepted."""
    for rule in fact_rules():
        bound = unify(rule.head, triple) if rule.head and rule.name.startswith(WITHHELD) else None
        if bound is None:
            continue
        patterns = [pattern for pattern in (*rule.schema, *rule.data) if pattern != rule.head]
        bindings = list(_Backwards(dataset, withheld=True).solve(patterns, bound))
        premises = dict.fromkeys(substitute(pattern, binding) for binding in bindings for pattern in patterns)
        if premises:
            leaves = tuple(Explanation(one, graphs=tuple(dataset.graphs_of(one))) for one in sorted(premises))
            return Explanation(triple, rule.name, rule.in_words(bindings[0]), leaves, (GRAPH_WITHHELD,))
    return None
