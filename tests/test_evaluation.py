"""Answers over named graphs and the merged default graph, and what is mended in them."""

import json
from xml.etree import ElementTree

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store, Triple

from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError, QuerySyntaxError, UnsupportedFormatError
from pledgegraph.evaluation import answer, evaluate, serialise_graph
from pledgegraph.terms import ID

JSON = "application/sparql-results+json"
COUNT = "SELECT (COUNT(*) AS ?n) "
A, B, P = (NamedNode(ID(name)) for name in "abp")
ONE, TWO = "https://example.org/one", "https://example.org/two"


@pytest.fixture
def store() -> Store:
    """The same triple in the default graph and in two named graphs."""
    dataset = Dataset()
    dataset.add([Triple(A, P, B)], ONE)
    dataset.add([Triple(A, P, B)], TWO)
    return dataset.store


def count(store: Store, query: str, **options: list[str] | str) -> int:
    data = json.loads(answer(store, query, JSON, **options))  # type: ignore[arg-type]
    return int(data["results"]["bindings"][0]["n"]["value"])


def test_a_triple_of_two_files_counts_once(store: Store) -> None:
    assert count(store, COUNT + "{ ?s ?p ?o }") == 1
    assert count(store, COUNT + "{ GRAPH ?g { ?s ?p ?o } }") == 2


def test_several_default_graphs_are_merged(store: Store) -> None:
    assert count(store, COUNT + f"FROM <{ONE}> FROM <{TWO}> {{ ?s ?p ?o }}") == 1
    assert count(store, COUNT + "{ ?s ?p ?o }", default_graphs=[ONE, TWO]) == 1
    assert count(store, COUNT + "{ GRAPH ?g { ?s ?p ?o } }", default_graphs=[ONE], named_graphs=[TWO]) == 1
    assert count(store, COUNT + "{ GRAPH ?g { ?s ?p ?o } }", default_graphs=[ONE]) == 0


@pytest.mark.parametrize(
    "clause",
    [
        "FROM <http://e/g#>",
        "FROM <http://e/\\u0067#>",
        "FROM <../g#>",
        "BASE <http://other/> PREFIX e: <//e/> FROM e:g\\#",
        "PREFIX e: <../g> FROM e:\\#",
    ],
)
def test_graphs_are_named_as_the_engine_reads_iris(clause: str) -> None:
    dataset = Dataset()
    dataset.add([Triple(A, P, B)], "http://e/g#")
    head, _, named = clause.partition("FROM")
    query = f"{head} {COUNT} FROM {named} {{ ?s ?p ?o }}"
    assert count(dataset.store, query, base="http://e/a/b") == 1


@pytest.mark.parametrize("query", ["ASK FROM <x> {}", "ASK FROM <http://[> {}"])
def test_what_names_no_graph_is_an_error_of_the_query(store: Store, query: str) -> None:
    with pytest.raises(InputError):
        answer(store, query, JSON)
    with pytest.raises(InputError, match="names no graph"):
        answer(store, "ASK {}", JSON, default_graphs=["x"])
    with pytest.raises(InputError, match="names no graph"):
        answer(store, "ASK {}", JSON, default_graphs=[ONE, "a b"], named_graphs=[TWO])


def test_prefixes_may_be_known_without_declaration(store: Store) -> None:
    found = evaluate(store, "SELECT ?o FROM e:one { ?s ?p ?o }", prefixes={"e": "https://example.org/"})
    assert isinstance(found, QuerySolutions)
    assert len(list(found)) == 1
    with pytest.raises(QuerySyntaxError) as caught:
        evaluate(store, "SELECT ?o { e:s }", prefixes={"e": "https://example.org/"})
    assert caught.value.line == 1


def test_the_protocol_overrides_from(store: Store) -> None:
    query = COUNT + f"FROM <{ONE}> {{ ?s ?p ?o }}"
    assert count(store, query, default_graphs=["https://example.org/none"]) == 0


def test_star_gives_columns_by_first_appearance(store: Store) -> None:
    data = json.loads(answer(store, "SELECT * { ?z ?b ?a }", JSON))
    assert data["head"]["vars"] == ["z", "b", "a"]


def test_a_constructed_triple_comes_once(store: Store) -> None:
    query = "CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } }"
    assert answer(store, query, "application/n-triples") == f"{A} {P} {B} .\n".encode()


def test_syntax_errors_say_where(store: Store) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        answer(store, "SELECT * {\n ?s a }", JSON)
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_an_unknown_function_is_an_error_of_the_query(store: Store) -> None:
    with pytest.raises(InputError, match="not supported"):
        answer(store, "SELECT (<http://e/f>(1) AS ?x) {}", JSON)


@pytest.mark.parametrize(
    ("query", "media_type"), [("ASK {}", "text/turtle"), ("DESCRIBE <a:b>", JSON), ("ASK {}", "x/y")]
)
def test_a_media_type_that_cannot_carry_the_answer(store: Store, query: str, media_type: str) -> None:
    with pytest.raises(UnsupportedFormatError):
        answer(store, query, media_type)


XML = ("SELECT ?x {{ BIND({} AS ?x) }}", "application/sparql-results+xml")
RDF_XML = ("CONSTRUCT {{ <x:s> <http://e/p> ?x }} {{ BIND({} AS ?x) }}", "application/rdf+xml")


@pytest.mark.parametrize(("query", "media_type"), [XML, RDF_XML])
def test_what_xml_has_no_character_for_is_no_answer_in_it(store: Store, query: str, media_type: str) -> None:
    for character in ("\\u0000", "\\u0001", "\\u001F", "\\uFFFE", "\\uFFFF"):
        with pytest.raises(InputError, match="XML cannot carry"):
            answer(store, query.format(f"'a{character}b'"), media_type)
    for filling in range(8180, 8200):  # wherever the writer cuts
        with pytest.raises(InputError, match="XML cannot carry"):
            answer(store, query.format(f"'{'x' * filling}\\uFFFEb'"), media_type)
    found = ElementTree.fromstring(answer(store, query.format(r"'a\r\n\té\uFFFD'"), media_type))  # noqa: S314
    assert "a\r\n\té\ufffd" in [element.text for element in found.iter()]


def test_what_xml_has_no_character_for_is_no_graph_in_it() -> None:
    with pytest.raises(InputError, match="XML cannot carry"):
        serialise_graph([Triple(A, P, Literal("\x01"))], "application/rdf+xml")
    with pytest.raises(UnsupportedFormatError):
        serialise_graph([Triple(A, P, B)], JSON)
