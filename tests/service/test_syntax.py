"""Where a query stops being SPARQL: places and what is expected, and agreement with the engine on what is SPARQL."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from pyoxigraph import NamedNode, Store

from pledgegraph.service import syntax

QUERIES = [
    "ASK {}",
    "SELECT * WHERE { ?s ?p ?o . } LIMIT 5 OFFSET 2",
    "PREFIX e: <http://e/> SELECT DISTINCT ?s (COUNT(*) AS ?n) { ?s e:p/^e:q*|!(e:r|^a) [ e:p ( 1 ?x ) ] } GROUP BY ?s",
    "SELECT (SUM(DISTINCT ?x) / 2 AS ?y) { VALUES (?x ?z) { (1 UNDEF) (-2 'a'@en) } } HAVING (COUNT(?z) > 1)",
    "CONSTRUCT WHERE { ?s ?p 'x'^^<http://e/d> }",
    "CONSTRUCT { ?s ?p [] } FROM <http://g/> WHERE { ?s ?p ?o FILTER NOT EXISTS { ?o a ?t } MINUS { ?s ?q 1e0 } }",
    "DESCRIBE ?s <e:a> FROM NAMED <e:g> { GRAPH ?g { ?s ?p true } OPTIONAL { ?s ?q 'a' } } ORDER BY DESC(?s) ?g",
    "SELECT ?x { { SELECT ?x { BIND(IF(?a IN (1, 2), CONCAT('a', STR(-?b)), 'c') AS ?x) } } UNION { ?x ?y +3 } }",
    "SELECT (GROUP_CONCAT(?x; SEPARATOR=', ') AS ?y) { ?x a ?z . FILTER(!BOUND(?z) && ?x IN () || <http://e/f>(?x)) }",
    "BASE <http://e/> ASK { ?s <p>+ ?o ; <q>? ?r, ?t ; . ?a ?b ?c } VALUES ?s { <x> }",
]


@pytest.mark.parametrize("query", QUERIES)
def test_no_fault_is_found_in_sparql(query: str) -> None:
    Store().query(query, custom_functions={NamedNode("http://e/f"): lambda term: term})  # the engine agrees
    assert syntax.explain(query) is None


@pytest.mark.parametrize(
    ("query", "line", "column", "words"),
    [
        ("SELECT * { ?s ?p }", 1, 18, "Found } where"),
        ("SELECT *\n{ ?s ?p ?o\n  FILTR(?o) }", 3, 3, "Found FILTR"),
        ("SELECT * { ?s ?p ?o } LIMIT x", 1, 29, "a number should stand"),
        ("SELECT * { ?s ?p ?o OPTIONAL ?a ?b ?c }", 1, 30, "'{' should stand"),
        ("SELECT (COUNT(*)) { ?s ?p ?o }", 1, 17, "AS should stand"),
        ("SELECT * { ?s ?p ?o", 1, 20, "the end of the query"),
        ("", 1, 1, "the end of the query"),
        ("ASK {} ASK {}", 1, 8, "Found ASK"),
    ],
)
def test_the_place_and_what_could_stand_there(query: str, line: int, column: int, words: str) -> None:
    fault = syntax.explain(query)
    assert fault is not None
    assert (fault.line, fault.column) == (line, column)
    assert words in fault.detail


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(QUERIES), st.data())
def test_a_query_with_a_token_less_or_more_is_judged_as_the_engine_judges_it(query: str, data: st.DataObject) -> None:
    """What the engine takes is never called a fault; reading ends whatever comes."""
    words = query.split(" ")
    index = data.draw(st.integers(0, len(words) - 1))
    change = data.draw(st.sampled_from(["drop", "double", "swap"]))
    other = data.draw(st.sampled_from([*words, "}", "{", "(", ")", ".", ";", "?v", "a", "1"]))
    words[index : index + 1] = {"drop": [], "double": [words[index]] * 2, "swap": [other]}[change]
    text = " ".join(words)
    try:
        Store().query(text)
    except SyntaxError:
        syntax.explain(text)
        return
    except (RuntimeError, ValueError):
        pass
    assert syntax.explain(text) is None


def test_named_questions_are_without_fault() -> None:
    queries = sorted((Path(__file__).parents[2] / "queries").glob("*.rq"))
    assert queries
    for path in queries:
        assert syntax.explain(path.read_text(encoding="utf-8")) is None, path.name
