"""Each anomaly of the five documents is modelled as `anomalies.toml` says, and a damaged graph is found out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import closure, facts
from pledgegraph.terms import ID, PREFIXES

HERE = Path(__file__).resolve().parent
ANOMALIES: dict[str, dict[str, Any]] = tomllib.loads((HERE / "anomalies.toml").read_text(encoding="utf-8"))
HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """The whole content with its facts and closure, in the default graph of a store in memory."""
    dataset = Dataset.from_content(Content(HERE.parents[1]))
    facts.apply(dataset)
    closure.materialise(dataset)
    store = ox.Store()
    default = ox.DefaultGraph()
    store.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, default)
        for quad in dataset.store.quads_for_pattern(None, None, None, None)
        if quad.graph_name == default
    )
    return store


def has(store: ox.Store, pattern: str) -> bool:
    return bool(store.query(f"{HEAD}ASK {{ {pattern} }}"))


def fails(store: ox.Store, anomaly: dict[str, Any]) -> list[str]:
    """The patterns of an anomaly that are not as they should be."""
    return [p for p in anomaly["holds"] if not has(store, p)] + [p for p in anomaly.get("never", ()) if has(store, p)]


@contextmanager
def damaged(store: ox.Store, remove: str = "", add: str = "") -> Iterator[None]:
    """The store without all that is said of the things in `remove`, or with the Turtle of `add`; put right after."""
    nodes = [ox.NamedNode(ID(slug)) for slug in remove.split(",") if slug]
    gone = {q for node in nodes for q in store.quads_for_pattern(node, None, None)}
    gone |= {q for node in nodes for q in store.quads_for_pattern(None, None, node)}
    more = {q for q in ox.parse(HEAD + add, ox.RdfFormat.TURTLE) if q not in store} if add else set()
    for quad in gone:
        store.remove(quad)
    store.extend(more)
    try:
        yield
    finally:
        store.extend(gone)
        for quad in more:
            store.remove(quad)


def test_there_is_an_entry_for_each_of_the_thirty() -> None:
    assert list(ANOMALIES) == [f"A{number:02}" for number in range(1, 31)]


@pytest.mark.parametrize("name", ANOMALIES)
def test_the_graph_models_it(name: str, store: ox.Store) -> None:
    assert fails(store, ANOMALIES[name]) == [], ANOMALIES[name]["what"]


@pytest.mark.parametrize(("name", "slug"), [(n, slug) for n, a in ANOMALIES.items() for slug in a["remove"]])
def test_a_graph_without_a_part_of_it_is_found_out(name: str, slug: str, store: ox.Store) -> None:
    with damaged(store, remove=slug):
        assert fails(store, ANOMALIES[name]), f"nothing misses {slug}"


@pytest.mark.parametrize("name", [name for name, anomaly in ANOMALIES.items() if "add" in anomaly])
def test_what_must_never_be_said_is_found_out(name: str, store: ox.Store) -> None:
    with damaged(store, add=ANOMALIES[name]["add"]):
        assert fails(store, ANOMALIES[name])
