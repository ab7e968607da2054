"""The profile check: a construct without a rule is refused, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pledgegraph import content
from pledgegraph.errors import Finding
from pledgegraph.reasoning import profile
from pledgegraph.terms import OWL, RDF, RDFS

PREFIXES = f"""@prefix : <urn:> .
@prefix owl: <{OWL}> .
@prefix rdf: <{RDF}> .
@prefix rdfs: <{RDFS}> .

"""


def findings(path: Path, text: str) -> list[Finding]:
    """Findings on a snippet, written from line 6 on."""
    (path / "o.ttl").write_text(PREFIXES + text, encoding="utf-8")
    return profile.check_file(path / "o.ttl", "ontology/o.ttl")


def test_the_ontology_of_the_repository_is_covered_by_the_rules() -> None:
    assert profile.check(content.find()) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (":p a owl:ObjectProperty ,\n    owl:FunctionalProperty .", 7, "owl:FunctionalProperty has no rule"),
        (":p a owl:InverseFunctionalProperty .", 6, "owl:InverseFunctionalProperty has no rule"),
        (":p a owl:ReflexiveProperty .", 6, "owl:ReflexiveProperty has no rule"),
        (":x a owl:Class .\n:x owl:sameAs :y .", 7, "owl:sameAs has no rule"),
        (":C owl:hasKey ( :p ) .", 6, "owl:hasKey has no rule"),
        (
            ":C rdfs:subClassOf [\n  owl:onProperty :p ;\n  owl:maxCardinality 1 ] .",
            8,
            "owl:maxCardinality has no rule",
        ),
        (":C owl:unionOf ( :A :B ) .", 6, "owl:unionOf has no rule"),
        (":p owl:propertyChainAxiom ( :a :b :c :d ) .", 6, "a property chain of 4 links has no rule"),
        (":p owl:propertyChainAxiom ( :a ) .", 6, "a property chain of 1 links has no rule"),
        (":p rdfs:subPropertyOf rdfs:label .", 6, "rdfs:subPropertyOf speaks of rdfs:label"),
        (":p rdfs:subPropertyOf rdf:type .", 6, "speaks of rdf:type"),
        ("owl:Thing rdfs:subClassOf :A .", 6, "speaks of owl:Thing"),
        (":C rdfs:subClassOf <http://www.w3.org/2001/XMLSchema#date> .", 6, "speaks of xsd:date"),
    ],
)
def test_what_no_rule_covers_is_refused_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    found = findings(tmp_path, text)
    assert [(finding.file, finding.line) for finding in found] == [("ontology/o.ttl", line)]
    assert message in found[0].message
    assert found[0].hint


@pytest.mark.parametrize(
    "text",
    [
        ":C a owl:Class ; rdfs:subClassOf :B , owl:Thing ; rdfs:label 'c' ; rdfs:comment 'c' ; owl:disjointWith :D .",
        ":p rdfs:range <http://www.w3.org/2001/XMLSchema#date> ; rdfs:domain :C ; a owl:DatatypeProperty .",
        ":p owl:propertyChainAxiom ( :a :b ) , ( :a :b :c ) ; owl:inverseOf :q ; a owl:SymmetricProperty .",
        ":C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :v ] ; owl:deprecated true .",
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B ) .",
        "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetValue 1 .",
    ],
)
def test_what_rules_cover_is_let_through(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, text) == []
