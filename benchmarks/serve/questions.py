"""Queries to measure with: the named questions with varied parameters taken from the graph, and single look-ups."""

import random
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode, QuerySolutions, Store

from pledgegraph import content, queries
from pledgegraph.dataset import open_release

_VALUES = {"date": "2025-01-01", "integer": "100", "boolean": "true", "string": "weapon"}
LOOK_UP = "SELECT ?p ?o {{ {thing} ?p ?o }}"


def things(store: Store, class_iri: str | None, at_most: int = 200) -> list[str]:
    """IRIs of a class's instances, or of anything that is a subject."""
    pattern = f"?s a <{class_iri}>" if class_iri else "?s ?p ?o"
    found = store.query(f"SELECT DISTINCT ?s {{ {pattern} FILTER(isIRI(?s)) }} LIMIT {at_most}")
    assert isinstance(found, QuerySolutions)
    return sorted(row["s"].value for row in found)


def questions(store: Store, varieties: int = 5, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Name and text of each named question, with `varieties` choices of its parameters, all of them given."""
    chance = random.Random(seed)  # noqa: S311
    for name, question in queries.load(content.find()).items():
        for _ in range(varieties if question.parameters else 1):
            values: dict[str, object] = {}
            for parameter in question.parameters:
                if parameter.type == "iri":
                    values[parameter.name] = NamedNode(
                        chance.choice(things(store, parameter.range) or things(store, None))
                    )
                else:
                    values[parameter.name] = parameter.default or _VALUES[parameter.type]
            yield name, question.bind(values)


def look_ups(store: Store, count: int = 100, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Look-ups of all triples of one thing."""
    chance = random.Random(seed)  # noqa: S311
    found = things(store, None, 5000)
    for _ in range(count):
        yield "look-up", LOOK_UP.format(thing=f"<{chance.choice(found)}>")


def store_of(release: Path) -> Store:
    """A release in memory, in this process."""
    return open_release(release, memory=True)
