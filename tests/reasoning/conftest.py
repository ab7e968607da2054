"""The oracle of the closure: owlrl on the same triples, less what says nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import owlrl
import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from pledgegraph import content
from pledgegraph.dataset import Dataset
from pledgegraph.terms import ID, OWL, PLEDGE, RDF, RDFS, XSD

Triple: TypeAlias = tuple[str, str, str]

PREFIXES = f"""@prefix pledge: <{PLEDGE}> .
@prefix id: <{ID}> .
@prefix owl: <{OWL}> .
@prefix rdf: <{RDF}> .
@prefix rdfs: <{RDFS}> .
@prefix xsd: <{XSD}> .
"""
TYPE, THING = f"<{RDF('type')}>", f"<{OWL('Thing')}>"
REFLEXIVE = {
    f"<{iri}>"
    for iri in (
        OWL("sameAs"),  # eq-ref: each term is the same as itself
        RDFS("subClassOf"),  # scm-cls: each class is its own subclass
        OWL("equivalentClass"),  # scm-cls
        RDFS("subPropertyOf"),  # scm-op, scm-dp: each property is its own subproperty
        OWL("equivalentProperty"),  # scm-op, scm-dp
    )
}
BUILT_IN = tuple(f"<{namespace}" for namespace in (RDF, RDFS, OWL, XSD))


def is_noise(triple: Triple) -> bool:
    """Whether owlrl derives the triple from nothing that anybody said, so that the closure leaves it out."""
    subject, predicate, object_ = triple
    return (
        (predicate in REFLEXIVE and subject == object_)
        or subject.startswith(BUILT_IN)  # axioms on the vocabularies themselves (xsd:string a rdfs:Datatype)
        or object_ == THING  # scm-cls, cax-sco: each class is in owl:Thing, and so is each thing
    )


def closed_by_owlrl(triples: Iterable[Triple]) -> set[Triple]:
    """What owlrl derives from the triples beyond them, less the noise."""
    given = set(triples)
    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph()
    # blank nodes go in and out under IRIs, since rdflib would give them other labels
    lines = (" ".join(re.sub(r"^_:(\w+)$", r"<urn:blank:\1>", term) for term in triple) for triple in given)
    graph.parse(data="".join(f"{line} .\n" for line in lines), format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    for literal_subject in [triple for triple in graph if isinstance(triple[0], rdflib.Literal)]:
        graph.remove(literal_subject)  # N-Triples cannot say them; noise, as is_noise has it
    found = set()
    for quad in parse(graph.serialize(format="nt"), RdfFormat.N_TRIPLES):
        subject, predicate, object_ = (
            re.sub(r"^<urn:blank:(\w+)>$", r"_:\1", str(term)) for term in (quad.subject, quad.predicate, quad.object)
        )
        found.add((subject, predicate, object_))
    return {triple for triple in found - given if not is_noise(triple)}


@pytest.fixture(scope="session")
def oracle() -> Callable[[Iterable[Triple]], set[Triple]]:
    """owlrl as a function from triples to what follows from them."""
    return closed_by_owlrl


Build = Callable[..., Dataset]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A function from Turtle snippets to a dataset: the ontology of the repository, and one file for each snippet."""

    def dataset_of(*snippets: str, ontology: bool = True) -> Dataset:
        root = tmp_path / "content"
        for folder in content.FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
        if ontology:
            shutil.copytree(content.find().ontology, root / "ontology", dirs_exist_ok=True)
        for number, snippet in enumerate(snippets):
            (root / "graph" / f"part{number}.ttl").write_text(PREFIXES + snippet, encoding="utf-8")
        return Dataset.from_content(content.Content(root))

    return dataset_of
