"""Named graphs, the merged default graph, and answers over them."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyoxigraph import NamedNode, Quad, Store, Triple

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset, answer, open_release
from pledgegraph.errors import FindingsError, InputError, QuerySyntaxError, RunError, UnsupportedFormatError
from pledgegraph.terms import GRAPH, ID

JSON = "application/sparql-results+json"
A, B, P = (NamedNode(ID(name)) for name in "abp")
ONE, TWO = "https://example.org/one", "https://example.org/two"


@pytest.fixture
def store() -> Store:
    """The same triple in the default graph and in two named graphs."""
    dataset = Dataset()
    dataset.add([Triple(A, P, B)], ONE)
    dataset.add([Triple(A, P, B)], TWO)
    return dataset.store


def count(store: Store, query: str, **options: list[str]) -> int:
    data = json.loads(answer(store, query, JSON, **options))  # type: ignore[arg-type]
    return int(data["results"]["bindings"][0]["n"]["value"])


COUNT = "SELECT (COUNT(*) AS ?n) "


def test_a_triple_of_two_files_counts_once(store: Store) -> None:
    assert count(store, COUNT + "{ ?s ?p ?o }") == 1
    assert count(store, COUNT + "{ GRAPH ?g { ?s ?p ?o } }") == 2


def test_several_default_graphs_are_merged(store: Store) -> None:
    assert count(store, COUNT + f"FROM <{ONE}> FROM <{TWO}> {{ ?s ?p ?o }}") == 1
    assert count(store, COUNT + "{ ?s ?p ?o }", default_graphs=[ONE, TWO]) == 1
    assert count(store, COUNT + "{ GRAPH ?g { ?s ?p ?o } }", default_graphs=[ONE], named_graphs=[TWO]) == 1
    assert count(store, COUNT + "{ GRAPH ?g { ?s ?p ?o } }", default_graphs=[ONE]) == 0


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


def test_alignments_stay_out_of_the_default_graph(mini: Content) -> None:
    dataset = Dataset.from_content(mini)
    prov = GRAPH("ontology/alignments/prov")
    assert prov in dataset.named_graphs()
    aligned = set(dataset.triples(prov))
    assert aligned
    assert not aligned & set(dataset.triples())


def test_all_broken_files_are_reported_at_once(mini_copy: Content) -> None:
    (mini_copy.graph / "a.ttl").write_text("broken")
    (mini_copy.graph / "b.ttl").write_text("")
    with pytest.raises(FindingsError) as caught:
        Dataset.from_content(mini_copy)
    assert [(finding.file, finding.line) for finding in caught.value.findings] == [
        ("graph/a.ttl", 1),
        ("graph/b.ttl", 1),
    ]


def test_place_of_a_subject(mini: Content) -> None:
    file, line = Dataset.from_content(mini).place_of(ID("arcadia"))
    assert file == "graph/actors/states.ttl"
    assert line is not None
    assert (mini.root / file).read_text().splitlines()[line - 1].startswith("id:arcadia")


def test_unmerged_triples_stay_in_their_graph(store: Store) -> None:
    dataset = Dataset(store)
    dataset.unmerge([Triple(A, P, B)])
    assert list(dataset.triples()) == []
    assert len(list(dataset.triples(ONE))) == 1


def test_files_of_any_syntax_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.nq").write_text(f"{A} {P} {B} <{ONE}> .\n")
    (tmp_path / "b.ttl").write_text("<c> <d> 'e' .")
    dataset = Dataset.from_files([tmp_path / "a.nq", tmp_path / "b.ttl"])
    assert dataset.named_graphs() == [ONE]
    assert [triple.object.value for triple in dataset.triples() if hasattr(triple.object, "value")] == ["e"]
    (tmp_path / "c.xyz").write_text("?")
    with pytest.raises(InputError, match="names no RDF syntax"):
        Dataset.from_files([tmp_path / "c.xyz"])


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


@pytest.mark.parametrize("memory", [True, False])
def test_a_release_opens_from_disk_and_into_memory(mini_release: Path, memory: bool) -> None:
    store = open_release(mini_release, memory=memory)
    assert Quad(NamedNode(ID("arcadia")), NamedNode(ID("no")), B) not in store
    assert count(store, COUNT + "{ id:arcadia ?p ?o }".replace("id:arcadia", f"<{ID('arcadia')}>")) > 0


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a whole release"):
        open_release(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "dataset.nq").write_text("")
    with pytest.raises(RunError, match="empty"):
        open_release(tmp_path, memory=True)
