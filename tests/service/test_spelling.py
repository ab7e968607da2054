"""Literals whose spelling the store would rewrite, in files served as they are."""

from collections.abc import Iterator

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from serving import CSV, JSON, ask

from pledgegraph.service import Limits, Service
from pledgegraph.service.spelling import Spelling

XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = f"""
@prefix : <http://e/> . @prefix xsd: <{XSD}> .
:a :n "01"^^xsd:integer . :b :n 1 . :c :n "5"^^xsd:int . :d :n 2.50 . :e :n "1.0E6"^^xsd:double . :f :n "x" .
:g :d "2024-01-01+00:00"^^xsd:date . :h :d "2024-01-01Z"^^xsd:date . :i :d "2024-01-01"^^xsd:date .
:j :b "1"^^xsd:boolean . :k :b true .
"""


@pytest.fixture(scope="module")
def spelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path = tmp_path_factory.mktemp("spelled") / "data.ttl"
    path.write_text(DATA, encoding="utf-8")
    with Service.over_files([path], Limits()) as service:
        yield service


def rows(service: Service, query: str) -> list[str]:
    prologue = f"PREFIX : <http://e/> PREFIX xsd: <{XSD}> "
    lines = ask(service, prologue + query, CSV).body.decode().split("\r\n")
    return sorted(line.replace("http://e/", ":").replace(XSD, "xsd:") for line in lines[1:-1])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?v { ?s :n ?v }", ["01", "1", "1.0E6", "2.50", "5", "x"]),
        ("SELECT DISTINCT ?v { ?s :n ?v FILTER(?v = 1) }", ["01", "1"]),
        ('SELECT ?s { ?s :n "01"^^xsd:integer }', [":a"]),
        ("SELECT ?s { ?s :n 01 }", [":a"]),
        ("SELECT ?s { ?s :n 1 }", [":b"]),
        ("SELECT ?s { ?s :n 2.50 }", [":d"]),
        ("SELECT ?s { ?s :n 2.5 }", []),
        ("SELECT ?s { VALUES ?v { 01 2.50 } ?s :n ?v }", [":a", ":d"]),
        ("SELECT ?s { ?s :n ?v FILTER(STR(?v) = '01') }", [":a"]),
        ("SELECT ?t { :c :n ?v BIND(DATATYPE(?v) AS ?t) }", ["xsd:int"]),
        ("SELECT ?s { ?s :n ?v FILTER(DATATYPE(?v) = xsd:integer) }", [":a", ":b"]),
        ("SELECT (SUM(?v) AS ?sum) { VALUES ?s { :a :b :c } ?s :n ?v }", ["7"]),
        ("SELECT (COUNT(DISTINCT ?v) AS ?n) { VALUES ?s { :a :b } ?s :n ?v }", ["2"]),
        ("SELECT ?v (COUNT(*) AS ?n) { VALUES ?s { :a :b } ?s :n ?v } GROUP BY ?v", ["01,1", "1,1"]),
        ("SELECT ?s ?t { ?s :n ?v . ?t :n ?w FILTER(?v = ?w && ?s != ?t) }", [":a,:b", ":b,:a"]),
        ("SELECT ?s ?t { ?s :n ?v . ?t :n ?w FILTER(sameTerm(?v, ?w) && ?s != ?t) }", []),
        ("SELECT (?v + 1 AS ?w) { :a :n ?v }", ["2"]),
        ("SELECT (?v AS ?w) { :a :n ?v }", ["01"]),
        ("SELECT ?w { :d :n ?v BIND(?v AS ?w) FILTER(?w > 2.4 && ?w < 2.6) }", ["2.50"]),
        ("SELECT (IF(?v = 1, ?v, 0) * 3 AS ?w) { :a :n ?v }", ["3"]),
        ("SELECT ?s { ?s :d ?v FILTER(?v = '2024-01-01Z'^^xsd:date) }", [":g", ":h"]),
        ("SELECT ?v { ?s :d ?v }", ["2024-01-01", "2024-01-01+00:00", "2024-01-01Z"]),
        ("SELECT ?s { ?s :b ?v FILTER(?v) }", [":j", ":k"]),
        ("SELECT ?s { ?s :b TRUE }", [":k"]),
        ("SELECT ?s { ?s :n ?v FILTER NOT EXISTS { ?s :n 01 } FILTER EXISTS { ?t :n ?v FILTER(?v < 2) } }", [":b"]),
        ("SELECT ?v { { SELECT ?v { ?s :n ?v } } FILTER(?v > 5) }", ["1.0E6"]),
    ],
)
def test_spelling_is_kept_and_values_count(spelled: Service, query: str, expected: list[str]) -> None:
    assert rows(spelled, query) == sorted(expected)


def test_order_is_by_value(spelled: Service) -> None:
    query = "SELECT ?v { ?s <http://e/n> ?v FILTER(isNumeric(?v)) } ORDER BY DESC(?v) ?s"
    assert ask(spelled, query, CSV).body.decode().split()[1:] == ["1.0E6", "5", "2.50", "01", "1"]
    query = "SELECT ?v { ?s <http://e/n> ?v FILTER(isNumeric(?v)) } ORDER BY ?v ?s"
    assert ask(spelled, query, CSV).body.decode().split()[1:] == ["01", "1", "2.50", "5", "1.0E6"]


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples", "application/rdf+xml", JSON])
def test_answers_show_the_datatypes_that_were_given(spelled: Service, media_type: str) -> None:
    query = "SELECT * { <http://e/c> ?p ?o }" if media_type == JSON else "DESCRIBE <http://e/c>"
    body = ask(spelled, query, media_type).body
    assert f"{XSD}int".encode() in body
    assert b"tag:" not in body
    if media_type == "application/n-triples":
        (triple,) = parse(body, RdfFormat.N_TRIPLES)
        assert triple.object == Literal("5", datatype=NamedNode(f"{XSD}int"))


def test_plain_data_are_served_without_it() -> None:
    spelling = Spelling()
    data = f'<a:a> <a:b> 1, 2.5, "2024-01-01"^^<{XSD}date>, "x"@en, "y", true, "q"^^<a:d> .'
    quads = list(parse(data.encode(), RdfFormat.TURTLE))
    assert list(spelling.stored(quads)) == quads
    assert not spelling.used
