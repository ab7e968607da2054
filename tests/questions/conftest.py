"""The whole content with facts and closure, in the default graph of a store in memory; and a way to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import pytest

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import closure, facts
from pledgegraph.terms import ID, PREFIXES

ROOT = Path(__file__).resolve().parents[2]
HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
Changed: TypeAlias = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def whole() -> Dataset:
    """The closed graph of the repository's content."""
    dataset = Dataset.from_content(Content(ROOT))
    facts.apply(dataset)
    closure.materialise(dataset)
    return dataset


@pytest.fixture
def changed(whole: Dataset) -> Changed:
    """Take all that is said of a thing away, or add Turtle, for as long as a block runs."""

    @contextmanager
    def change(remove: str, add: str) -> Iterator[None]:
        store, default = whole.store, ox.DefaultGraph()
        node = ox.NamedNode(ID(remove)) if remove else None
        gone = set(store.quads_for_pattern(node, None, None, default)) if node else set()
        gone |= set(store.quads_for_pattern(None, None, node, default)) if node else set()
        assert gone or not remove, f"{remove} is not in the graph"
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

    return change
