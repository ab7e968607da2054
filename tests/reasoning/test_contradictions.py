"""Contradictions: each rule on a fixture of its own, and findings that lead to the files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import RdfFormat, parse

from pledgegraph.dataset import Dataset
from pledgegraph.errors import Finding
from pledgegraph.reasoning import contradictions, facts
from pledgegraph.reasoning.closure import Closure, materialise
from pledgegraph.reasoning.rules import rules
from pledgegraph.terms import OWL, RDF, RDFS

Build = Callable[..., Dataset]
PREFIXES = f"@prefix : <urn:> . @prefix owl: <{OWL}> . @prefix rdf: <{RDF}> . @prefix rdfs: <{RDFS}> .\n"


def close(text: str) -> Closure:
    """The closure of a Turtle snippet."""
    quads = parse(PREFIXES + text, RdfFormat.TURTLE)
    return Closure((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads)


# rule: a contradiction, and the same without one
FIXTURES: dict[str, tuple[str, str]] = {
    "cax-dw": (":A owl:disjointWith :B . :C rdfs:subClassOf :B . :x a :A , :C .", ":A owl:disjointWith :B . :x a :A ."),
    "cax-adc": (
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :x a :A , :C .",
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :x a :A . :y a :B .",
    ),
    "cls-nothing2": (":p rdfs:domain owl:Nothing . :x :p 1 .", ":p rdfs:domain owl:Nothing . :x :q 1 ."),
    "cls-com": (":A owl:complementOf :B . :x a :A , :B .", ":A owl:complementOf :B . :x a :A ."),
    "prp-irp": (":p a owl:IrreflexiveProperty . :x :p :x .", ":p a owl:IrreflexiveProperty . :x :p :y ."),
    "prp-asyp": (
        ":p a owl:AsymmetricProperty . :x :p :y . :y :p :x .",
        ":p a owl:AsymmetricProperty . :x :p :y . :y :p :z .",
    ),
    "prp-pdw": (
        ":p owl:propertyDisjointWith :q . :x :p :y ; :q :y .",
        ":p owl:propertyDisjointWith :q . :x :p :y ; :q :z .",
    ),
    "prp-adp": (
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q ) . :x :p 'a' ; :q 'a' .",
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q ) . :x :p 'a' ; :q 'b' .",
    ),
    "prp-npa1": (
        "[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :y . "
        ":q owl:inverseOf :p . :y :q :x .",
        "[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :y . :x :p :z .",
    ),
    "prp-npa2": (
        "[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetValue 1 . :x :p 1 .",
        "[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetValue 1 . :x :p 2 .",
    ),
}


def test_every_rule_that_contradicts_has_a_fixture() -> None:
    assert {rule.name for rule in rules() if rule.is_contradiction} == set(FIXTURES)


@pytest.mark.parametrize("rule", FIXTURES)
def test_a_rule_finds_its_contradiction_once_and_no_other(rule: str) -> None:
    bad, good = FIXTURES[rule]
    (found,) = contradictions.find(close(bad))
    assert found.rule.name == rule
    assert not list(contradictions.find(close(good)))


def run(dataset: Dataset) -> list[Finding]:
    """Findings after facts step and closure."""
    facts.apply(dataset)
    return contradictions.findings(dataset, materialise(dataset))


def test_a_finding_names_the_rule_the_triples_and_their_files(build: Build) -> None:
    dataset = build(
        "id:potential-treaty a pledge:ProposedInstrument .\n",
        "id:japan a pledge:State .\nid:e a pledge:Endorsement ; pledge:endorser id:japan ;\n"
        "  pledge:endorsedText id:potential-treaty .\n"
        "id:c a pledge:Claim ; pledge:attests id:e ; pledge:status pledge:accepted .\n",
    )
    (finding,) = run(dataset)
    assert (finding.rule, finding.severity) == ("cax-dw", "violation")
    assert (finding.file, finding.line) == ("graph/part0.ttl", 7)
    assert "nothing is both a pledge:Instrument and a pledge:ProposedInstrument" in finding.message
    assert "id:e pledge:endorsedText id:potential-treaty (graph/part1.ttl:8)" in finding.message
    assert "id:potential-treaty rdf:type pledge:ProposedInstrument (graph/part0.ttl:7)" in finding.message


def test_a_text_that_is_a_version_of_itself_is_a_contradiction(build: Build) -> None:
    dataset = build(
        "id:t a pledge:Instrument .\nid:c a pledge:Claim ; pledge:status pledge:accepted ;\n"
        "  pledge:modality pledge:asserted ; pledge:subject id:t ; pledge:object id:t ;\n"
        "  pledge:property pledge:versionOf .\n"
    )
    (finding,) = run(dataset)
    assert finding.rule == "prp-irp"
    assert "id:c pledge:status pledge:accepted (graph/part0.ttl:8)" in finding.message


def test_a_rejected_claim_contradicts_nothing(build: Build) -> None:
    dataset = build(
        "id:potential-treaty a pledge:ProposedInstrument .\nid:japan a pledge:State .\n"
        "id:e a pledge:Endorsement ; pledge:endorser id:japan ; pledge:endorsedText id:potential-treaty .\n"
        "id:c a pledge:Claim ; pledge:attests id:e ; pledge:status pledge:rejected .\n"
    )
    assert run(dataset) == []
