"""Reading a query's tokens: form, dataset clause, variables; binding parameters as terms."""

import pytest
from hypothesis import given, strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from pledgegraph import sparql

TEXT = NamedNode("https://w3id.org/pledgegraph/id/reaim-blueprint")


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("# ASK\nPREFIX ask: <http://ask/> BASE <http://b/> select ?x {}", "SELECT"),
        ("PREFIX select: <http://e/>\nCONSTRUCT WHERE { ?s select:ask ?o }", "CONSTRUCT"),
        ("describe <http://e/>", "DESCRIBE"),
        ("ASK {}", "ASK"),
        ("INSERT DATA { <a:b> <a:b> 'SELECT' }", None),
        ("", None),
        ("hello", None),
    ],
)
def test_form(query: str, form: str | None) -> None:
    assert sparql.kind(query) == form


def test_dataset_clause_resolves_names_against_prologue() -> None:
    outline = sparql.outline("PREFIX g: <http://g/> BASE <http://b/x/> SELECT * FROM g:a FROM <c> FROM NAMED <../d> {}")
    assert outline.default_graphs == ("http://g/a", "http://b/x/c")
    assert outline.named_graphs == ("http://b/d",)
    assert outline.star is not None


@pytest.mark.parametrize(
    ("query", "star"),
    [
        ("SELECT * {}", True),
        ("SELECT DISTINCT * {}", True),
        ("SELECT (COUNT(*) AS ?n) (COUNT(?s) AS ?m) { ?s ?p ?o }", False),
        ("SELECT (COUNT(DISTINCT *) AS ?n) (COUNT(?s) AS ?m) { ?s ?p ?o }", False),
        ("SELECT (2 * 3 AS ?n) {}", False),
    ],
)
def test_star_is_that_of_select_alone(query: str, star: bool) -> None:
    assert (sparql.outline(query).star is not None) is star


def test_variables_leave_out_strings_iris_and_comments() -> None:
    query = """SELECT ?b ?a { ?b <http://x?no> "?no" . # ?no
      ?a ?b '''?no''' FILTER(?a<?c) }"""
    assert sparql.variables(query) == ["b", "a", "c"]


def solve(query: str, store: Store | None = None) -> QuerySolutions:
    results = (store or Store()).query(query)
    assert isinstance(results, QuerySolutions)
    return results


def bound(query: str, **terms: object) -> str:
    return " ".join(sparql.bind(query, terms).split())


def test_bind_reaches_every_scope_and_no_string() -> None:
    query = 'ASK { ?x ?p $t FILTER NOT EXISTS { $t ?q "$t" } { SELECT ?x { ?x ?y $t } } } # $t'
    assert bound(query, t=TEXT) == (
        f'ASK {{ ?x ?p {TEXT} FILTER NOT EXISTS {{ {TEXT} ?q "$t" }} {{ SELECT ?x {{ ?x ?y {TEXT} }} }} }} # $t'
    )


def test_bind_leaves_ordinary_variables_alone() -> None:
    assert bound("ASK { ?t ?p $t }", t=TEXT) == f"ASK {{ ?t ?p {TEXT} }}"


@pytest.mark.parametrize("value", [True, False])
def test_optional_parameter_is_tested_with_bound(value: bool) -> None:
    query = "SELECT ?x { VALUES ?x { 1 2 } FILTER(!BOUND($least) || ?x >= $least) }"
    terms = {"least": Literal(2)} if value else {}
    rows = [str(row[0].value) for row in solve(sparql.bind(query, terms))]
    assert rows == (["2"] if value else ["1", "2"])


def test_projected_parameter_becomes_a_column() -> None:
    store = Store()
    store.add(Quad(TEXT, TEXT, Literal("x")))
    query = "SELECT $t ?o { $t ?p ?o { SELECT DISTINCT $t ?p { $t ?p ?any } } }"
    results = solve(sparql.bind(query, {"t": TEXT}), store)
    assert [variable.value for variable in results.variables] == ["t", "o"]
    assert [(row["t"], row["o"]) for row in results] == [(TEXT, Literal("x"))]


def test_values_block_takes_a_term_or_undef() -> None:
    query = "SELECT ?t { VALUES ?t { $t } }"
    assert [row["t"] for row in solve(sparql.bind(query, {"t": TEXT}))] == [TEXT]
    assert [row["t"] for row in solve(sparql.bind(query, {}))] == [None]


@given(st.text())
def test_a_bound_string_is_that_string_whatever_it_holds(text: str) -> None:
    query = sparql.bind("SELECT (STR($v) AS ?out) {}", {"v": Literal(text)})
    (row,) = solve(query)
    assert row["out"] == Literal(text)


@given(st.text(alphabet="SELECT?$x{}()<>\"'#\\ \n.:;,ab1", max_size=60))
def test_tokens_never_raise_and_lose_nothing_but_space(query: str) -> None:
    end = 0
    for token in sparql.tokens(query):
        assert query[token.start : token.end] == token.text
        assert token.start >= end
        end = token.end


@pytest.mark.parametrize(
    ("query", "mended"),
    [
        ("ASK { ?s ?p ?o }", "ASK { ?s ?p ?o }"),
        ("ASK { ?s ?p TRUE, 'TRUE', False }", "ASK { ?s ?p true, 'TRUE', false }"),
        (
            "SELECT (GROUP_CONCAT(DISTINCT (?x); SEPARATOR = ')') AS ?y) {}",
            "SELECT (STR(GROUP_CONCAT(DISTINCT (?x); SEPARATOR = ')')) AS ?y) {}",
        ),
        ("SELECT ?group_concat { ?group_concat ?p ?o }", "SELECT ?group_concat { ?group_concat ?p ?o }"),
    ],
)
def test_what_is_mended(query: str, mended: str) -> None:
    assert sparql.mend(query) == mended
