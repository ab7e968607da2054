"""Each term of the ontology serves a question or the program; a shape alone is no use of a term."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from pledgegraph.content import Content
from pledgegraph.terms import PLEDGE

from .conftest import ROOT

OWL = "http://www.w3.org/2002/07/owl#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
KINDS = [OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")]


def load(paths: Iterable[Path]) -> ox.Store:
    store = ox.Store()
    for path in paths:
        store.load(path=path, format=ox.RdfFormat.TURTLE)
    return store


def local(term: object) -> str:
    return term.value.removeprefix(PLEDGE("")) if isinstance(term, ox.NamedNode) else ""


def pairs(store: ox.Store, predicate: str) -> set[tuple[str, str]]:
    return {(local(q.subject), local(q.object)) for q in store.quads_for_pattern(None, ox.NamedNode(predicate), None)}


def named_in(paths: Iterable[Path]) -> set[str]:
    """Local names written with the prefix in these files."""
    return {name for path in paths for name in re.findall(r"pledge:(\w+)", path.read_text(encoding="utf-8"))}


def unserved(store: ox.Store, asked: set[str]) -> set[str]:
    """Terms that are not asked for, neither themselves nor by a term above them or the inverse, nor read generically.

    Plain statements are read through `pledge:property`, and relations of texts and statements through
    `pledge:relation`, by questions that give each property's label.
    """
    rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    typed = [q for kind in KINDS for q in store.quads_for_pattern(None, rdf_type, ox.NamedNode(kind))]
    declared = {local(quad.subject) for quad in typed if str(quad.subject).startswith(f"<{PLEDGE('')}")}
    above = pairs(store, RDFS + "subClassOf") | pairs(store, RDFS + "subPropertyOf") | pairs(store, OWL + "inverseOf")
    above |= {(two, one) for one, two in pairs(store, OWL + "inverseOf")}
    served = declared & asked
    if {"property", "relation"} <= asked:
        generic = ("byClaim", "byBuild")
        served |= {term for term, writer in pairs(store, PLEDGE("writtenBy")) if writer in generic}
    while more := {low for low, high in above if high in served and low in declared} - served:
        served |= more
    return declared - served


def asked() -> set[str]:
    content, server = Content(ROOT), ROOT / "server" / "pledgegraph"
    rules = [*server.glob("reasoning/*.rq"), *server.glob("web/pages/queries/*.rq")]
    program = [path for path in server.rglob("*.py") if "importers" not in path.parts]
    code = {word for path in program for word in re.findall(r"\"(?:pledge:)?(\w+)\"", path.read_text(encoding="utf-8"))}
    return named_in([*content.query_files(), *rules]) | code


def test_each_term_serves_a_question_or_the_program() -> None:
    store = load(Content(ROOT).ontology_files())
    assert unserved(store, asked()) == set(), "ask for it in a question, or take the term out"


def test_a_term_that_nothing_asks_for_is_found() -> None:
    store = load(Content(ROOT).ontology_files())
    needed = asked()
    for term in ("stance", "dueAt", "copyCompleteness"):
        assert term in unserved(store, needed - {term})


def test_no_question_names_a_term_that_does_not_exist() -> None:
    content = Content(ROOT)
    store = load([*content.ontology_files(), *content.scheme_files()])
    known = {local(quad.subject) for quad in store.quads_for_pattern(None, None, None)}
    assert named_in(content.query_files()) <= known
