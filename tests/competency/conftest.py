"""The part of the graph that rests on the five documents and the text of the Political Declaration, and its closure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import pytest

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import closure, facts

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    "customs-manager-article",
    "resolution-495",
    "arms-control-today-2024-10",
    "dilema-roundtable-page",
    "unric-article",
    "us-political-declaration-2023-02",
    "us-political-declaration-2023-11",
}
ATTESTS = "https://w3id.org/pledgegraph/ontology#attests"
Quads: TypeAlias = list[ox.Quad]
Answering: TypeAlias = Callable[[Iterable[ox.Quad]], Dataset]


def subjects(path: Path) -> set[str]:
    """Slugs that a Turtle file describes: what stands at column 0."""
    return set(re.findall(r"^id:([a-z0-9-]+) ", path.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(scope="session")
def hand_written() -> Quads:
    """Ontology, actors, venues and the records that the documents attest, as curators wrote them."""
    content = Content(ROOT)
    read = [p for p in content.graph_files() if p.parent.name == "documents" and p.stem in DOCUMENTS]
    assert len(read) == len(DOCUMENTS)
    store = ox.Store()
    others = [p for p in content.graph_files() if p.parent.name not in ("documents", "records")]
    for path in [*content.ontology_files(), *others, *read]:
        store.load(path=path, format=ox.RdfFormat.TURTLE)
    attested = {
        q.object.value.rsplit("/", 1)[1]
        for q in store.quads_for_pattern(None, ox.NamedNode(ATTESTS), None)
        if isinstance(q.object, ox.NamedNode)
    }
    for path in content.graph_files():
        searches = re.search(r"a pledge:(?:Absence|Discrepancy) ;", path.read_text(encoding="utf-8"))
        if path.parent.name != "records":
            continue
        known = subjects(path)
        if known & attested or not any(s.startswith(("endorsement-", "vote-", "membership-")) for s in known):
            outside = not known & attested and not searches and "Instrument" not in path.read_text(encoding="utf-8")
            if not outside and not re.match(r"resolution-[78]|draft-|votes-|un-membership", path.stem):
                store.load(path=path, format=ox.RdfFormat.TURTLE)
    return list(store)


@pytest.fixture(scope="session")
def answering() -> Answering:
    """From hand-written triples to a dataset with facts and closure."""

    def derive(quads: Iterable[ox.Quad]) -> Dataset:
        dataset = Dataset()
        dataset.add_quads(quads)
        facts.apply(dataset)
        closure.materialise(dataset)
        return dataset

    return derive


@pytest.fixture(scope="session")
def graph(hand_written: Quads, answering: Answering) -> Dataset:
    """The five documents' part of the graph, closed."""
    return answering(hand_written)
