"""Contradictions: what the rules of OWL 2 RL say cannot be, found in a closure and explained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pledgegraph.dataset import Dataset
from pledgegraph.errors import Finding
from pledgegraph.reasoning.closure import Closure, Triple, substitute
from pledgegraph.reasoning.explain import Explanation, explain, in_words
from pledgegraph.reasoning.rules import Rule


@dataclass(frozen=True)
class Contradiction:
    """A set of triples that cannot hold together.

    Args:
        rule: The rule they break.
        says: The rule in words, with the terms at hand.
        axioms: What the ontology says.
        premises: What the graph says against it.
    """

    rule: Rule
    says: str
    axioms: tuple[Triple, ...]
    premises: tuple[Triple, ...]


def find(closure: Closure) -> Iterator[Contradiction]:
    """Every contradiction in a closure, each once however many ways it can be read."""
    seen = set()
    for ground in closure.schema.contradictions():
        known = dict(ground.binding)
        for binding in closure.index.solve(ground.data, known):
            premises = tuple(substitute(pattern, binding) for pattern in ground.data)
            key = frozenset(premises)
            if key not in seen:
                seen.add(key)
                axioms = tuple(substitute(pattern, known) for pattern in ground.rule.schema)
                yield Contradiction(ground.rule, ground.rule.in_words(binding), axioms, premises)


def findings(dataset: Dataset, closure: Closure) -> list[Finding]:
    """Contradictions of a dataset as findings: each names the triples given by hand that lead to it, with their files.

    Args:
        dataset: The dataset after `materialise`.
        closure: What `materialise` returned.
    """
    found = []
    for contradiction in sorted(find(closure), key=lambda c: (c.premises, c.rule.name)):
        leaves = dict.fromkeys(
            leaf for premise in contradiction.premises for leaf in explain(dataset, premise).leaves()
        )
        written = [leaf for leaf in leaves if not leaf.about_terms]
        subject = contradiction.premises[0][0][1:-1]
        file, line = _place(dataset, written, subject)
        reasons = "; ".join(f"{in_words(leaf.triple)} ({_origin(dataset, leaf)})" for leaf in written)
        found.append(
            Finding(
                file,
                line,
                "violation",
                f"contradiction ({contradiction.rule.name}): {contradiction.says}, but "
                f"{' and '.join(in_words(premise) for premise in contradiction.premises)}. It follows from: {reasons}",
                "Correct one of these triples, or the claim it rests on",
                subject,
                contradiction.rule.name,
            )
        )
    return found


def _place(dataset: Dataset, leaves: list[Explanation], subject: str) -> tuple[str | None, int | None]:
    """Where to send the curator: the node at fault, else the first triple that leads to the contradiction."""
    for node in [subject, *(leaf.triple[0][1:-1] for leaf in leaves)]:
        file, line = dataset.place_of(node)
        if file is not None:
            return file, line
    return None, None


def _origin(dataset: Dataset, leaf: Explanation) -> str:
    for graph in leaf.graphs:
        path = dataset.source_of(graph)
        if path is not None:
            file, line = dataset.place_of(leaf.triple[0][1:-1])
            shown = path.as_posix() if dataset.content is None else dataset.content.display(path)
            return f"{file}:{line}" if file == shown else shown
    return ", ".join(leaf.graphs) or "no file"
