"""Chooses what an export holds: the whole graph, one document's graph, or one entity with what belongs to it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple

from pledgegraph import turtle
from pledgegraph.errors import InputError
from pledgegraph.terms import (
    GRAPH,
    GRAPH_CLOSURE,
    GRAPH_WITHHELD,
    ID,
    PLEDGE,
    RDF_TYPE,
    RDFS_LABEL,
    SLUG,
    compact,
    expand,
)

DEFAULT = DefaultGraph()
_CLOSURE = NamedNode(GRAPH_CLOSURE)
_TYPE, _LABEL = NamedNode(RDF_TYPE), NamedNode(RDFS_LABEL)
_RECORD, _CLAIM = NamedNode(PLEDGE("Record")), NamedNode(PLEDGE("Claim"))
_ATTESTS, _CITES, _CONTEXT = (NamedNode(PLEDGE(name)) for name in ("attests", "cites", "context"))
_IN_DOCUMENT, _IN_STAGE = NamedNode(PLEDGE("inDocument")), NamedNode(PLEDGE("inStage"))
_ABOUT = [NamedNode(PLEDGE(name)) for name in ("subject", "object", "about")]


@dataclass(frozen=True)
class Selection:
    """What an export of a part holds.

    Args:
        triples: The triples, each once, sorted by their N-Triples spelling.
        root: IRI of the document or entity it is about; None for a named graph.
    """

    triples: list[Triple]
    root: str | None = None


def whole(store: Store, *, inferred: bool) -> list[str]:
    """The merged set as canonical N-Triples lines: all files, the facts step and the labels; with the closure if
    `inferred`."""
    return turtle.canonical_lines("\n".join(_merged(store, inferred)))


def quads(store: Store, *, inferred: bool) -> list[str]:
    """The dataset as canonical N-Quads lines: the merged set in the default graph, and the same by origin in named
    graphs.

    Without the closure neither its graph nor its triples are there.
    """
    lines = _merged(store, inferred)
    for graph in store.named_graphs():
        if inferred or graph != _CLOSURE:
            triples = _lines(store, graph)
            lines.update(f"{line.removesuffix(' .')} {graph} ." for line in triples)
    return turtle.canonical_lines("\n".join(lines))


def _merged(store: Store, inferred: bool) -> set[str]:
    """Lines of the default graph, with or without the closure, with the labels that blank nodes have in the store."""
    lines = _lines(store, DEFAULT)
    return lines if inferred else lines - _lines(store, _CLOSURE)


def _lines(store: Store, graph: NamedNode | BlankNode | DefaultGraph) -> set[str]:
    text = (store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b"").decode()
    return set(text.split("\n")) - {""}


def select(store: Store, name: str, *, inferred: bool) -> Selection:
    """What a name means: a named graph by its path, or an entity with what belongs to it.

    An entity comes with the records that name it in a role, the claims that attest those or speak of it, the passages
    these cite, the documents of the passages, and the label and class of whatever else is mentioned. A document comes
    with its passages, the claims that cite them and the records they attest.

    Args:
        store: The store of a release.
        name: `documents/resolution-495` or another graph's path or IRI; `id:japan`, `japan` or an entity's IRI.
        inferred: Whether triples of the closure come with it.

    Raises:
        InputError: Nothing has this name.
    """
    for path in (name, f"graph/{name}"):
        iri = path if path.startswith(GRAPH) else GRAPH(path.removeprefix("graph:"))
        if "/" in path and _names_graph(store, iri):
            return _graph(store, iri, inferred)
    entity = find_entity(store, name)
    return _neighbourhood(store, entity, inferred)


class _Reader:
    """Reads the default graph, with or without the closure."""

    def __init__(self, store: Store, inferred: bool) -> None:
        self.store = store
        self._closure = None if inferred else _CLOSURE

    def of(self, subject: NamedNode) -> list[Triple]:
        """Triples of a subject."""
        found = [quad.triple for quad in self.store.quads_for_pattern(subject, None, None, DEFAULT)]
        if self._closure is None:
            return found
        closure = {quad.triple for quad in self.store.quads_for_pattern(subject, None, None, self._closure)}
        return [triple for triple in found if triple not in closure]

    def subjects(self, predicate: NamedNode | None, value: NamedNode) -> list[NamedNode]:
        """Subjects that lead to a value, by the closure too if it is read."""
        found = self.store.quads_for_pattern(None, predicate, value, DEFAULT)
        closure = self._closure
        return [
            quad.subject
            for quad in found
            if isinstance(quad.subject, NamedNode)
            and (closure is None or Quad(quad.subject, quad.predicate, quad.object, closure) not in self.store)
        ]

    def objects(self, subject: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Things that a subject leads to."""
        found = self.store.quads_for_pattern(subject, predicate, None, DEFAULT)
        return [quad.object for quad in found if isinstance(quad.object, NamedNode)]

    def is_a(self, subject: NamedNode, class_: NamedNode) -> bool:
        """Whether a subject is of a class, also if only the closure says so."""
        return Quad(subject, _TYPE, class_, DEFAULT) in self.store


def _names_graph(store: Store, iri: str) -> bool:
    return store.contains_named_graph(NamedNode(iri)) if " " not in iri else False


def _graph(store: Store, iri: str, inferred: bool) -> Selection:
    """A named graph; with the closure also what follows about its subjects."""
    triples = {quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(iri))}
    if inferred and iri != GRAPH_WITHHELD:
        reader = _Reader(store, True)
        for subject in {triple.subject for triple in triples}:
            if isinstance(subject, NamedNode):
                triples.update(reader.of(subject))
    return Selection(_sorted(triples))


def find_entity(store: Store, name: str) -> NamedNode:
    """The entity that a name means: `id:japan`, `japan`, an IRI, or `<IRI>`.

    Raises:
        InputError: The graph knows nothing of this name; the message suggests names that are close.
    """
    try:
        iri = ID(name) if SLUG.match(name) else expand(name)
        node = NamedNode(iri)
    except ValueError:
        raise InputError(f"{name!r} names no graph and no entity", hint="Write id:japan or documents/…") from None
    described = store.quads_for_pattern(node, None, None, DEFAULT)
    mentioned = store.quads_for_pattern(None, None, node, DEFAULT)
    if next(iter(described), None) is None and next(iter(mentioned), None) is None:
        labelled = {
            compact(quad.subject.value)
            for quad in store.quads_for_pattern(None, _LABEL, None, DEFAULT)
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ID)
        }
        close = difflib.get_close_matches(compact(iri), sorted(labelled), n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "Names are listed by: pledgegraph query instruments"
        raise InputError(f"nothing is named {compact(iri)}", hint=hint)
    return node


def _neighbourhood(store: Store, entity: NamedNode, inferred: bool) -> Selection:
    reader = _Reader(store, inferred)
    is_claim = reader.is_a(entity, _CLAIM)
    pointing = reader.subjects(None, entity)
    records = {entity} | {subject for subject in pointing if reader.is_a(subject, _RECORD)}
    claims = {entity} if is_claim else set[NamedNode]()
    claims |= {claim for property_ in _ABOUT for claim in reader.subjects(property_, entity)}
    passages = {subject for subject in pointing if Quad(subject, _IN_DOCUMENT, entity, DEFAULT) in store}
    claims |= {claim for passage in [*passages, entity] for claim in reader.subjects(_CITES, passage)}
    if is_claim or passages or reader.objects(entity, _IN_DOCUMENT):
        # A claim, a document or a passage leads to the records that rest on it.
        records |= {record for claim in claims for record in reader.objects(claim, _ATTESTS)}
    records |= {stage for record in records for stage in reader.objects(record, _IN_STAGE)}
    claims |= {claim for record in records for claim in reader.subjects(_ATTESTS, record)}
    passages |= {passage for claim in claims for p in (_CITES, _CONTEXT) for passage in reader.objects(claim, p)}
    documents = {document for passage in passages for document in reader.objects(passage, _IN_DOCUMENT)}

    triples: set[Triple] = set()
    for subject in records | claims | passages | documents:
        triples.update(reader.of(subject))
    described = {triple.subject for triple in triples}
    # Terms of the ontology say what they are by their names; the other records of a list would drown the one asked for.
    mentioned = {t.object for t in triples if isinstance(t.object, NamedNode) and t.predicate != _ATTESTS}
    for node in mentioned - described:
        if not node.value.startswith(PLEDGE):
            triples.update(t for t in reader.of(node) if t.predicate in (_TYPE, _LABEL))
    return Selection(_sorted(triples), entity.value)


def _sorted(triples: Iterable[Triple]) -> list[Triple]:
    return sorted(triples, key=str)
