"""The fast validator gives the reports of pyshacl."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from pledgegraph import content, turtle, validation
from pledgegraph.errors import InputError, RunError
from pledgegraph.terms import ID, PLEDGE, RDF_TYPE, SH, XSD
from pledgegraph.validation.report import Graph

TYPE = NamedNode(RDF_TYPE)


def keys(results: Iterable[validation.Result]) -> Counter[tuple[str, ...]]:
    """Results as two engines must agree on them."""
    return Counter(result.key for result in results)


def both(data: list[Triple], shapes: list[Triple]) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """What the fast validator and pyshacl report."""
    return keys(validation.report(data, shapes)), keys(validation.report(data, shapes, "reference"))


def triples(text: str) -> list[Triple]:
    """Triples of a Turtle snippet."""
    prefixes = f"@prefix : <urn:> . @prefix sh: <{SH}> . @prefix xsd: <{XSD}> . "
    return [quad.triple for quad in parse(prefixes + text, RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def shapes() -> list[Triple]:
    """The shapes of the repository."""
    return validation.read_shapes(content.find())


@pytest.fixture(scope="module")
def ontology() -> list[Triple]:
    """The ontology of the repository."""
    return [triple for path in content.find().ontology_files() for triple in turtle.parse(path)]


# pyshacl fails on values that sh:lessThan and its like cannot order; small graphs below cover these paths.
ORDERED = {PLEDGE(name) for name in ("earliest", "latest", "scheduledEarliest", "scheduledLatest", "began", "ended")}


def damaged(data: list[Triple], number: int, seed: int) -> list[Triple]:
    """A graph with that many damages: triples taken out, values replaced by things, numbers and wrong dates."""
    rng = random.Random(seed)
    found = list(dict.fromkeys(data))
    about_things = [
        index
        for index, triple in enumerate(found)
        if str(triple.subject).startswith(f"<{ID}") and triple.predicate.value not in ORDERED
    ]
    wrong: list[NamedNode | Literal] = [
        NamedNode(ID("japan")),
        NamedNode(PLEDGE("accepted")),
        Literal("text"),
        Literal("2024-02-30", datatype=NamedNode(XSD("date"))),
        Literal("-1", datatype=NamedNode(XSD("integer"))),
        Literal("été", language="fr"),
    ]
    for index in rng.sample(about_things, number):
        triple = found[index]
        if rng.random() < 0.4:
            found[index] = found[0]
        else:
            found[index] = Triple(triple.subject, triple.predicate, rng.choice(wrong))
    return list(dict.fromkeys(found))


@pytest.mark.full
def test_equal_on_the_real_graph_with_a_thousand_damages(shapes: list[Triple], ontology: list[Triple]) -> None:
    """On files drawn at random, roll calls left out: they repeat one form, and pyshacl takes minutes for all files."""
    files = [path for path in content.find().graph_files() if "pledge:VoteCast" not in path.read_text(encoding="utf-8")]
    random.Random(1).shuffle(files)
    data: list[Triple] = []
    for path in files:
        if len(data) < 12_000:
            data += turtle.parse(path)
    fast, reference = both(ontology + damaged(data, 1000, seed=1), shapes)
    assert fast == reference
    assert len(fast) > 500
    assert len({component for _, _, _, component, _, _ in fast}) >= 8


def test_equal_on_one_bad_instance_of_each_target(shapes: list[Triple], ontology: list[Triple]) -> None:
    """Each class that shapes aim at has an instance whose properties all hold a value of the wrong kind."""
    graph = Graph(shapes)
    classes = dict.fromkeys(class_ for _, class_ in graph.pairs(SH("targetClass")))
    every = [path for _, path in graph.pairs(SH("path")) if isinstance(path, NamedNode)]
    paths = [path for path in every if path.value not in ORDERED]
    rng = random.Random(2)
    data = list(ontology)
    for number, class_ in enumerate(classes):
        node = NamedNode(ID(f"bad-{number}"))
        data.append(Triple(node, TYPE, class_))
        for path in rng.sample(paths, 12):
            data += damaged([Triple(node, path, Literal("x"))], 1, seed=number)
    fast, reference = both(data, shapes)
    assert fast == reference
    assert len({shape for _, _, _, _, _, shape in fast}) > 150


SHAPES = """
:S a sh:NodeShape ; sh:targetClass :A ; sh:property :day , :back , :long , :unique , :closedness ;
  sh:not [ sh:property [ sh:path :bad ; sh:minCount 1 ] ] ; sh:message "no" .
:day sh:path :d ; sh:datatype xsd:date ; sh:lessThanOrEquals :e ; sh:maxInclusive "2024-06-01"^^xsd:date .
:back sh:path [ sh:inversePath :p ] ; sh:minCount 1 ; sh:severity sh:Warning .
:long sh:path ( [ sh:oneOrMorePath :p ] [ sh:alternativePath ( :q [ sh:zeroOrOnePath :r ] ) ] ) ; sh:class :B .
:unique sh:path :label ; sh:uniqueLang true ; sh:languageIn ( "en" "fr" ) ; sh:maxLength 5 ; sh:pattern "^[a-z]+$" .
:closedness sh:path :c ; sh:node [ a sh:NodeShape ; sh:closed true ; sh:property [ sh:path :in ; sh:in ( 1 "two" ) ] ] ;
  sh:qualifiedValueShape [ sh:class :B ] ; sh:qualifiedMaxCount 1 ; sh:xone ( [ sh:class :B ] [ sh:nodeKind sh:IRI ] ) .
:Off a sh:NodeShape ; sh:targetClass :A ; sh:deactivated true ; sh:minCount 3 ; sh:hasValue :none .
:Q a sh:NodeShape ; sh:targetSubjectsOf :p , :q ; sh:sparql [ sh:message "{$this} and {?other}" ; sh:select
  "SELECT $this ?other WHERE { $this <urn:p>|<urn:q> ?other . FILTER NOT EXISTS { ?other <urn:p> ?any } }" ] .
:Path a sh:PropertyShape ; sh:targetObjectsOf :p ; sh:path :q ; sh:sparql [ sh:select
  "SELECT $this ?value WHERE { { SELECT $this ?value { $this $PATH ?value } } FILTER (bound($this)) }" ] .
"""


@pytest.mark.parametrize(
    "data",
    [
        ':x a :A ; :d "2024-01-01"^^xsd:date , "2025-01-01"^^xsd:date ; :e "2023-01-01"^^xsd:date .',
        ':x a :A ; :d "2024-13-01"^^xsd:date , "2024-02-30"^^xsd:date .',
        ':x a :A ; :d "2024-07-01"^^xsd:date ; :e "2024-07-01"^^xsd:date , "text" .',
        ":x a :A ; :p :y . :y :p :z ; :q :w ; :r :v . :z :r :u . :v a :B . :o :p :x .",
        ':x a :A ; :label "abc"@en , "abd"@EN , "a b"@de , "abcdef"@fr-CA , "plain" , :iri .',
        ":x a :A ; :c :y , :z , [ :in 1 ] , 5 ; :bad 1 . :y a :B ; :in 1 , 2 . :z a :B ; :out 3 .",
        ":x a :A ; :p :x ; :q [ :p 1 ] , 'literal' .",
        ":x :p :y . :y :q 1 , :z .",
        ":x a :C .",
    ],
)
def test_equal_on_small_graphs(data: str) -> None:
    fast, reference = both(triples(data), triples(SHAPES))
    assert fast == reference
    assert bool(fast) is (":A" in data or ":p" in data)


def test_pyshacl_failing_on_values_without_an_order_is_said_plainly() -> None:
    data = triples(':x a :A ; :d "2024-13-01"^^xsd:date ; :e "2023-01-01"^^xsd:date .')
    assert len(validation.report(data, triples(SHAPES))) > 1
    with pytest.raises(RunError, match="pyshacl cannot validate"):
        validation.report(data, triples(SHAPES), "reference")


def test_messages_name_what_variables_stand_for() -> None:
    results = validation.report(triples(":x :p 'end' ."), triples(SHAPES))
    assert [result.messages for result in results] == [("<urn:x> and end",)]


def test_severities_and_shapes_are_those_of_the_shape() -> None:
    results = validation.report(triples(":x a :A ."), triples(SHAPES))
    assert [(result.severity, result.shape, result.path) for result in results] == [("warning", "urn:back", "^<urn:p>")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":S sh:targetClass :A ; sh:property [ sh:minCount 'many' ; sh:path :p ] .", "ill-formed: invalid literal"),
        (":S sh:targetClass :A ; sh:property [ sh:minCount 1 ; sh:path [ ] ] .", "ill-formed: it is no property path"),
        (":S sh:targetClass :A ; sh:pattern '(' .", "ill-formed"),
        (":S sh:targetClass :A ; sh:nodeKind :Kind .", "ill-formed"),
        (":S sh:targetClass :A ; sh:node :S .", "refers to itself"),
        (":S sh:targetClass :A ; sh:sparql [ ] .", "without sh:select"),
        (":S sh:targetClass :A ; sh:sparql [ sh:select 'SELECT $this { VALUES ?x { 1 } }' ] .", "uses VALUES"),
        (":S sh:targetClass :A ; sh:sparql [ sh:select 'SELECT $this { MINUS { ?x ?y 1 } }' ] .", "uses MINUS"),
        (":S sh:targetClass :A ; sh:sparql [ sh:select 'SELECT (1 AS ?this) { }' ] .", "assigns ?this"),
        (
            ":S sh:targetClass :A ; sh:sparql [ sh:select 'SELECT $this { { SELECT ?x { ?x ?y $this } } }' ] .",
            "subquery that does not give",
        ),
        (":S sh:targetClass :A ; sh:sparql [ sh:select 'SELECT $this { $shapesGraph ?x 1 }' ] .", "uses $shapesGraph"),
        (":S sh:targetClass :A ; sh:sparql [ sh:select 'SELECT $this { ' ] .", "cannot be evaluated"),
        (":S sh:targetClass :A ; sh:sparql [ sh:select 'ASK { $this ?x 1 }' ] .", "that is no SELECT query"),
    ],
)
def test_shapes_that_cannot_be_used_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        validation.report(triples(":x a :A ."), triples(text))
