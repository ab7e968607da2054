"""Queries to measure with: the named questions with varied parameters taken from the graph, and single look-ups."""

import random
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, Store

from pledgegraph import content, queries
from pledgegraph.dataset import open_release

_VALUES = {"date": "2025-01-01", "integer": "100", "boolean": "true", "string": "weapon"}
_DRAWS = 20
LOOK_UP = "SELECT ?p ?o {{ {thing} ?p ?o }}"


def things(store: Store, class_iri: str | None, at_most: int = 200) -> list[str]:
    """IRIs of a class's instances, or of anything that is a subject."""
    pattern = f"?s a <{class_iri}>" if class_iri else "?s ?p ?o"
    found = store.query(f"SELECT DISTINCT ?s {{ {pattern} FILTER(isIRI(?s)) }} LIMIT {at_most}")
    assert isinstance(found, QuerySolutions)
    return sorted(row["s"].value for row in found)


def questions(store: Store, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Name and text of each named question, with a choice of its parameters.

    A parameter that may be left out is given half of the time. A choice whose answer is empty is drawn again, since to
    find nothing is often less work than to find something; the last of `_DRAWS` is taken as it is.
    """
    chance = random.Random(seed)  # noqa: S311
    for name, question in queries.load(content.find()).items():
        for _ in range(_DRAWS):
            text = question.bind(_choice(question, store, chance))
            if _finds(store, text):
                break
        yield name, text


def _choice(question: queries.NamedQuery, store: Store, chance: random.Random) -> dict[str, object]:
    values: dict[str, object] = {}
    for parameter in question.parameters:
        if not parameter.required and chance.random() < 0.5:
            continue
        if parameter.type == "iri":
            values[parameter.name] = NamedNode(chance.choice(things(store, parameter.range) or things(store, None)))
        else:
            values[parameter.name] = parameter.default or _VALUES[parameter.type]
    return values


def _finds(store: Store, query: str) -> bool:
    found = store.query(query)
    return bool(found) if isinstance(found, QueryBoolean) else next(iter(found), None) is not None


def look_ups(store: Store, count: int = 100, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Look-ups of all triples of one thing."""
    chance = random.Random(seed)  # noqa: S311
    found = things(store, None, 5000)
    for _ in range(count):
        yield "look-up", LOOK_UP.format(thing=f"<{chance.choice(found)}>")


def store_of(release: Path) -> Store:
    """A release in memory, in this process."""
    return open_release(release, memory=True)
