"""Generated labels and summaries."""

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset, open_release
from pledgegraph.reasoning import closure, facts
from pledgegraph.release.labels import TEMPLATES, add_labels
from pledgegraph.terms import GRAPH_LABELS, ID, PLEDGE, RDFS_LABEL

PREFIXES = """@prefix id: <https://w3id.org/pledgegraph/id/> .
@prefix pledge: <https://w3id.org/pledgegraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def text(store: Store, name: str, property_: str = RDFS_LABEL) -> str:
    (quad,) = store.quads_for_pattern(NamedNode(ID(name)), NamedNode(property_), None, NamedNode(GRAPH_LABELS))
    assert isinstance(quad.object, Literal)
    assert quad.object.language == "en"
    return quad.object.value


def test_labels_are_nouns_made_of_roles(mini_release: Path) -> None:
    store = open_release(mini_release)
    assert text(store, "endorsement-ruritania") == "Endorsement of Harbour Accord by Ruritania"
    assert text(store, "passage-gazette-1") == "Harbour Gazette of 1 May 2020, paragraph 1"
    assert text(store, "claim-gazette-1") == (
        "Claim of Harbour Gazette: Endorsement of Harbour Accord by Arcadia and "
        "Endorsement of Harbour Accord by Ruritania"
    )


def test_summaries_bound_the_date_and_replace_none(mini_release: Path) -> None:
    store = open_release(mini_release)
    assert text(store, "endorsement-ruritania", PLEDGE("summary")) == (
        "Endorsement of Harbour Accord by Ruritania (no later than 2020-05-01)."
    )
    written = NamedNode(ID("endorsement-arcadia"))
    assert not list(store.quads_for_pattern(written, NamedNode(PLEDGE("summary")), None, NamedNode(GRAPH_LABELS)))


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ("", ""),
        ('; pledge:earliest "2020-01-01"^^xsd:date', " (no earlier than 2020-01-01)"),
        ('; pledge:earliest "2020-01-01"^^xsd:date ; pledge:latest "2020-01-01"^^xsd:date', " (on 2020-01-01)"),
        (
            '; pledge:earliest "2020-01-01"^^xsd:date ; pledge:latest "2020-02-01"^^xsd:date',
            " (between 2020-01-01 and 2020-02-01)",
        ),
        ('; pledge:asOf "2020-01-01"^^xsd:date', " (as of 2020-01-01)"),
    ],
)
def test_dates_in_words(mini_copy: Content, dates: str, words: str) -> None:
    more = f"id:v a pledge:VoteCast ; pledge:voter id:arcadia ; pledge:choice pledge:yes {dates} ."
    (mini_copy.graph / "more.ttl").write_text(PREFIXES + more)
    store = labelled(mini_copy).store
    assert text(store, "v", PLEDGE("summary")) == f"Vote of Arcadia: yes{words}."


def labelled(content: Content) -> Dataset:
    dataset = Dataset.from_content(content)
    facts.apply(dataset)
    closure.materialise(dataset)
    add_labels(dataset)
    return dataset


def test_long_lists_are_counted_and_loops_end(mini_copy: Content) -> None:
    states = "".join(f'id:s{n} a pledge:State ; rdfs:label "S{n}"@en .\n' for n in range(9))
    many = ", ".join(f"id:s{n}" for n in range(9))
    more = f"id:e a pledge:Endorsement ; pledge:endorser {many} ; pledge:endorsedText id:e ."
    (mini_copy.graph / "more.ttl").write_text(PREFIXES + states + more)
    assert text(labelled(mini_copy).store, "e") == "Endorsement of e by S0, S1 and 7 others"


def test_a_class_without_template_is_named_with_its_actor(mini_copy: Content) -> None:
    assert "Act" not in TEMPLATES
    (mini_copy.graph / "more.ttl").write_text(PREFIXES + "id:x a pledge:Act ; pledge:actor id:arcadia .")
    assert text(labelled(mini_copy).store, "x") == "Act: Arcadia"


@pytest.mark.full
def test_every_thing_of_the_graph_has_a_label(full_release: Path) -> None:
    store = open_release(full_release)
    unlabelled = store.query(
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT DISTINCT ?s "
        f"{{ ?s a ?type FILTER(STRSTARTS(STR(?s), '{ID}')) FILTER NOT EXISTS {{ ?s rdfs:label ?label }} }}"
    )
    assert [str(row) for row in unlabelled] == []  # type: ignore[union-attr]
