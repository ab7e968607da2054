"""Checks on terms, file by file: names defined nowhere, ill-formed literals, slugs, blank nodes in the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from pledgegraph import turtle
from pledgegraph.content import Content
from pledgegraph.errors import Finding
from pledgegraph.terms import BASE, ID, PLEDGE, PREFIXES, RDF_TYPE, SKOS, SLUG, compact
from pledgegraph.validation.literals import is_well_formed

_SKOS_TERMS = frozenset(
    SKOS(name)
    for name in (
        *("Collection", "Concept", "ConceptScheme", "OrderedCollection", "altLabel", "broadMatch", "broader"),
        *("broaderTransitive", "changeNote", "closeMatch", "definition", "editorialNote", "exactMatch", "example"),
        *("hasTopConcept", "hiddenLabel", "historyNote", "inScheme", "mappingRelation", "member", "memberList"),
        *("narrowMatch", "narrower", "narrowerTransitive", "notation", "note", "prefLabel", "related"),
        *("relatedMatch", "scopeNote", "semanticRelation", "topConceptOf"),
    )
)
"""Terms of https://www.w3.org/TR/skos-reference/#vocab, the foreign vocabulary that curators write most."""

_NAMESPACES = tuple(PREFIXES.values())
_MEND = "Correct the name, or define it"

_Problem = tuple[NamedNode | None, str, str, str | None]
"""Subject at fault, text to find its line by, message, hint."""


def check(content: Content, files: Iterable[Path] = ()) -> list[Finding]:
    """Check the terms of every Turtle file of a content root.

    Args:
        content: The content root.
        files: More graph files, that lie elsewhere.

    Returns:
        Findings by file and line.

    Raises:
        InputError: A file does not parse.
    """
    ontology = {path: turtle.parse(path, name=content.display(path)) for path in content.ontology_files()}
    graph = {path: turtle.parse(path, name=content.display(path)) for path in [*content.graph_files(), *files]}
    shapes = {path: turtle.parse(path, name=content.display(path)) for path in content.shape_files()}
    terms = _subjects(ontology)
    things = terms | _subjects(graph)
    findings = []
    for path, triples in [*ontology.items(), *graph.items(), *shapes.items()]:
        found = [*_undefined(triples, terms, things), *_ill_formed(triples)]
        if path in graph:
            found += _graph_form(triples)
        for subject, text, message, hint in dict.fromkeys(found):
            line = turtle.line_of(path, subject.value, text) if subject else None
            said = f"{compact(subject.value)}: {message}" if subject else message
            iri = subject.value if subject else None
            findings.append(Finding(content.display(path), line, "violation", said, hint, iri, "vocabulary"))
    return sorted(findings, key=lambda finding: (finding.file or "", finding.line or 0, finding.message))


def _subjects(files: dict[Path, list[Triple]]) -> set[str]:
    return {t.subject.value for triples in files.values() for t in triples if isinstance(t.subject, NamedNode)}


def _undefined(triples: list[Triple], terms: set[str], things: set[str]) -> Iterator[_Problem]:
    """Names of the ontology that it does not define, and things that nothing is said of."""
    predicates = {triple.predicate.value for triple in triples}
    named = [
        (triple.predicate.value, triple.object.value) for triple in triples if isinstance(triple.object, NamedNode)
    ]
    objects = {term for _, term in named}
    in_vocabulary = predicates | {term for predicate, term in named if predicate == RDF_TYPE}
    wrong: dict[str, tuple[str, str]] = {}
    for term in predicates | objects:
        if term.startswith(PLEDGE) and term not in terms:
            wrong[term] = f"{compact(term)} is not defined in the ontology", _MEND
        elif term.startswith(SKOS) and term not in _SKOS_TERMS:
            wrong[term] = f"{compact(term)} is not defined in SKOS", _MEND
        elif term.startswith(ID) and term not in things:
            wrong[term] = f"nothing is said of {compact(term)}", "Correct the slug, or describe it in graph/"
        elif term in in_vocabulary and not term.startswith(_NAMESPACES):
            wrong[term] = f"<{term}> is of no vocabulary in use", "Use a term of the ontology"
    for triple in triples if wrong else ():
        subject = triple.subject if isinstance(triple.subject, NamedNode) else None
        for used in (triple.predicate, triple.object):
            if isinstance(used, NamedNode) and used.value in wrong:
                yield subject, compact(used.value), *wrong[used.value]


def _ill_formed(triples: list[Triple]) -> Iterator[_Problem]:
    for triple in triples:
        literal = triple.object
        if isinstance(literal, Literal) and not is_well_formed(literal.value, literal.datatype.value):
            subject = triple.subject if isinstance(triple.subject, NamedNode) else None
            name = compact(literal.datatype.value)
            hint = "Write year-month-day, a day that there is" if name == "xsd:date" else None
            yield subject, compact(triple.predicate.value), f"{literal.value!r} is no {name}", hint


def _graph_form(triples: list[Triple]) -> Iterator[_Problem]:
    """What files of the graph hold by agreement: no blank nodes, slugs of lower-case letters, digits and hyphens."""
    inner = {triple.object for triple in triples if isinstance(triple.object, BlankNode)}
    for triple in triples:
        owner = triple.subject if isinstance(triple.subject, NamedNode) else None
        if (owner and triple.object in inner) or not (owner or triple.subject in inner):
            message = f"a blank node stands at {compact(triple.predicate.value)}"
            yield owner, compact(triple.predicate.value), message, "Give the node a slug of its own"
    for node in dict.fromkeys(triple.subject for triple in triples):
        if not isinstance(node, NamedNode):
            continue
        if not node.value.startswith(BASE):
            yield node, "", f"it lies outside {BASE}", "Things of the graph have IRIs under id:"
        elif node.value.startswith(ID) and not SLUG.match(node.value.removeprefix(ID)):
            yield node, "", "it has no good slug", "Slugs are lower-case letters, digits and single hyphens"
