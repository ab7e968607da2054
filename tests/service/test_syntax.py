"""Where a query stops being SPARQL: places and what is expected, and agreement with the engine on what is SPARQL."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings, strategies as st
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store

from pledgegraph import sparql
from pledgegraph.service import rules, syntax

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
    assert rules.explain(query) is None


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
        rules.explain(text)
        return
    except (RuntimeError, ValueError):
        pass
    assert rules.explain(text) is None


BROKEN = [
    ("SELECT (1 AS ?s) { ?s ?p ?o }", 14, "SELECT assigns ?s"),
    ("SELECT (1 AS ?x) (2 AS ?x) {}", 24, "SELECT assigns ?x"),
    ("SELECT ?a ?a { ?a ?b ?c }", 11, "SELECT names ?a twice"),
    ("SELECT * { ?s ?p ?o BIND(1 AS ?o) }", 31, "BIND assigns ?o"),
    ("SELECT * { { SELECT * { ?s ?p ?x } } BIND(1 AS ?x) }", 48, "BIND assigns ?x"),
    ("SELECT * { GRAPH ?g { ?s ?p ?x } BIND(1 AS ?g) }", 44, "BIND assigns ?g"),
    ("SELECT * { VALUES (?a ?b) { (1) } }", 29, "1 value for 2 variables"),
    ("SELECT * {} VALUES (?a ?b) { (1 2) () }", 36, "no values for 2 variables"),
    ("SELECT * { VALUES (?a ?a) { (1 2) } }", 23, "VALUES names ?a twice"),
    ("SELECT * { _:a ?p ?o . OPTIONAL { _:a ?q ?r } }", 35, "The blank node _:a"),
    ("SELECT * { { _:a ?p ?o } UNION { _:a ?q ?r } }", 34, "The blank node _:a"),
    ("ASK { FILTER(SUBSTR('a')) }", 14, "SUBSTR takes 2 or 3 arguments; here it has 1."),
    ("ASK { FILTER(STRLEN()) }", 14, "STRLEN takes 1 argument; here it has none."),
    ("ASK { FILTER(COALESCE(NOW(1), 2)) }", 23, "NOW takes no arguments"),
    ("ASK { FILTER(SUM(1) > 1) }", 14, "The aggregate SUM stands in a pattern."),
    (r"ASK { ?s ?p 'a\q' }", 15, r"the escape \q"),
    (r"ASK { ?s ?p 'a\uD800' }", 15, r"the escape \uD800"),
    ("ASK { ?s ?p <http://[> }", 13, "<http://[> is no well-formed IRI"),
    ("ASK { ?s ?p 'a'@enenenenen }", 16, "no language tag"),
    ("SELECT ?s ?s2 { ?s ?p ?o } GROUP BY ?p", 8, "?s is selected"),
    ("SELECT (COUNT(*) AS ?n) (STR(?s) AS ?t) { ?s ?p ?o }", 30, "?s is selected"),
    ("SELECT (SUM(?o) AS ?n) (?n / 2 AS ?h) { ?s ?p ?o }", 25, "?n is computed from groups"),
    ("SELECT * { ?s ?p ?o } GROUP BY ?s", 8, "SELECT * does not go with GROUP BY"),
    ("SELECT * {} LIMIT 99999999999999999999999", 19, "LIMIT has a number larger"),
    ("SELECT * {} LIMIT 1 OFFSET 18446744073709551616", 28, "OFFSET has a number larger"),
    ("SELECT * {} LIMIT 1.5", 19, "LIMIT takes a whole number"),
    ("ASK FROM {}", 10, "Found {"),
]


@pytest.mark.parametrize(("query", "column", "words"), BROKEN)
def test_rules_beside_the_grammar_have_a_place_and_a_remedy(query: str, column: int, words: str) -> None:
    with pytest.raises(SyntaxError):  # the engine agrees
        Store().query(query)
    fault = rules.explain(f"# first\n{query}")
    assert fault is not None
    assert (fault.line, fault.column) == (2, column)
    assert words in fault.detail
    assert fault.hint or "should stand" in fault.detail


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { FILTER(?x > 1) BIND(1 AS ?x) }",
        "SELECT * { { SELECT ?s { ?s ?p ?x } } MINUS { ?s ?p ?x } BIND(1 AS ?x) }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { BIND(1 AS ?o) } }",
        "SELECT (COUNT(?s) AS ?s) { ?s ?p ?o }",
        "SELECT * { _:a ?p ?o . FILTER(true) BIND(1 AS ?x) VALUES ?y { 1 } _:a ?q ?r }",
        "CONSTRUCT { _:a ?p ?o } { _:a ?p ?o }",
        "SELECT ?x (SUM(?o) AS ?n) { ?s ?p ?o } GROUP BY (STR(?s) AS ?x) HAVING (SUM(?o) > 1) ORDER BY COUNT(?p)",
        "SELECT ?s (EXISTS { ?s ?p ?q } AS ?e) { ?s ?p ?o } GROUP BY ?s",
        "SELECT ?s { ?s ?p ?o FILTER EXISTS { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } } HAVING (true)",
        "ASK { FILTER(CONCAT() = COALESCE(BNODE(), 1)) } OFFSET 0 LIMIT 18446744073709551615",
        r"ASK { ?s ?p '\\q\t\u00e9' }",
    ],
)
def test_what_comes_near_a_rule_is_no_fault(query: str) -> None:
    Store().query(query)
    assert rules.explain(query) is None


def test_the_function_that_a_message_names_is_found() -> None:
    query = "PREFIX f: <http://f/>\nSELECT (f:a(1) AS ?a) (1 + f:b(1, 2) AS ?b) {}"
    fault = rules.explain_function(query, "The custom function <http://f/b> is not supported")
    assert fault is not None
    assert (fault.line, fault.column, fault.detail) == (2, 28, "The function <http://f/b> is not known here.")
    fault = rules.explain_function(query, "<http://f/b> requires between 1 and 1 arguments")
    assert fault is not None and "cannot be called with 2 arguments" in fault.detail
    assert rules.explain_function(query, "The custom function <http://f/c> is not supported") is None


def test_named_questions_are_without_fault() -> None:
    queries = sorted((Path(__file__).parents[2] / "queries").glob("*.rq"))
    assert queries
    for path in queries:
        text = path.read_text(encoding="utf-8")
        bound = sparql.bind(text, dict.fromkeys(sparql.parameters(text), NamedNode("http://e/x")))
        assert syntax.explain(text) is None and rules.explain(bound) is None, path.name


SUITES = Path(os.environ.get("PLEDGEGRAPH_SUITES") or "none", "sparql")


@pytest.mark.skipif(not SUITES.is_dir(), reason="PLEDGEGRAPH_SUITES is not set")
def test_no_fault_is_found_in_the_w3c_suites_queries_and_most_faults_of_others_have_a_place() -> None:
    manifests = Store()
    for path in SUITES.glob("sparql1[01]/*/manifest.ttl"):
        manifests.load(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri())
    tests = """PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
        PREFIX qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#>
        SELECT DISTINCT ?kind ?query { ?test a ?kind ; mf:action ?action OPTIONAL { ?action qt:query ?named }
          BIND(COALESCE(?named, ?action) AS ?query) FILTER(STRENDS(STR(?query), ".rq")) }"""
    rows = manifests.query(tests)
    assert isinstance(rows, QuerySolutions)
    judged = {True: 0, False: 0}
    for kind, query in rows:
        assert isinstance(kind, NamedNode) and isinstance(query, NamedNode)
        text = Path(unquote(urlsplit(query.value).path)).read_text(encoding="utf-8")
        if "SERVICE" in text:
            continue  # refused in any case
        fault = rules.explain(text)
        valid = "Negative" not in kind.value
        assert not (valid and fault), f"{query}: {fault}"
        judged[valid] += bool(valid or fault)
    assert judged[True] > 700
    assert judged[False] > 80
