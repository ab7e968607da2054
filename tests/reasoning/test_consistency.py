"""HermiT, a reasoner for all of OWL 2 DL, finds the ontology consistent and its classes satisfiable."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, Triple, serialize

from pledgegraph import content, turtle
from pledgegraph.terms import OWL, PLEDGE, XSD

owlready2 = pytest.importorskip("owlready2", reason="owlready2, which carries HermiT, is not installed")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs Java, and there is no java on PATH")

DATE = XSD("date")


def without_dates(triples: Iterable[Triple]) -> list[Triple]:
    """Triples without xsd:date, which OWL 2 has not in its datatype map, so that HermiT refuses it."""
    return [
        triple
        for triple in triples
        if getattr(triple.object, "value", None) != DATE
        and not (isinstance(triple.object, Literal) and triple.object.datatype.value == DATE)
    ]


def inconsistent_classes(triples: Iterable[Triple], path: Path) -> list[str]:
    """Names of unsatisfiable classes by HermiT; raises OwlReadyInconsistentOntologyError for an inconsistent whole."""
    path.write_bytes(serialize(without_dates(triples), format=RdfFormat.N_TRIPLES) or b"")
    world = owlready2.World()
    loaded = world.get_ontology(path.as_uri()).load()
    with loaded:
        owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
    return [class_.iri for class_ in world.inconsistent_classes() if class_.iri != OWL("Nothing")]


@pytest.fixture(scope="module")
def ontology() -> list[Triple]:
    """The ontology of the repository."""
    return [triple for path in content.find().ontology_files() for triple in turtle.parse(path)]


def test_the_ontology_is_consistent(ontology: list[Triple], tmp_path: Path) -> None:
    assert inconsistent_classes(ontology, tmp_path / "o.nt") == []


def test_a_contradiction_is_noticed(ontology: list[Triple], tmp_path: Path) -> None:
    """So that the test above can fail."""
    path = tmp_path / "bad.ttl"
    path.write_text(
        f"@prefix pledge: <{PLEDGE}> .\n<urn:x> a pledge:Instrument , pledge:ProposedInstrument .\n", encoding="utf-8"
    )
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        inconsistent_classes([*ontology, *turtle.parse(path)], tmp_path / "o.nt")
