"""The profile check: what the ontology says must have a rule, else the closure would pass over it in silence.

What is allowed is read from the rules themselves: the terms that their patterns name, the declarations of classes and
properties, and annotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from pledgegraph import turtle
from pledgegraph.content import Content
from pledgegraph.errors import Finding
from pledgegraph.reasoning.closure import Triple
from pledgegraph.reasoning.rules import MEMBER, TYPE, rules, show
from pledgegraph.terms import OWL, RDF, RDFS, XSD

_DECLARATIONS = {
    f"<{OWL(name)}>"
    for name in (
        *("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Ontology"),
        *("NamedIndividual", "Restriction", "NegativePropertyAssertion"),
    )
}
_ANNOTATIONS = {
    TYPE,
    *(f"<{RDFS(name)}>" for name in ("label", "comment", "seeAlso", "isDefinedBy")),
    *(f"<{OWL(name)}>" for name in ("versionInfo", "versionIRI", "priorVersion", "imports", "deprecated")),
}
_BUILT_IN = (f"<{RDF}", f"<{RDFS}", f"<{OWL}")
_RESERVED = (*_BUILT_IN, f"<{XSD}")
_ENDS = {f"<{iri}>" for iri in (OWL("Thing"), OWL("Nothing"), RDFS("Literal"), RDFS("Resource"), RDF("langString"))}
"""Built-in terms that a class or range may be compared with."""
_AXIOMS = {f"<{RDFS(name)}>" for name in ("subClassOf", "subPropertyOf", "domain", "range")} | {
    f"<{OWL(name)}>" for name in ("equivalentClass", "equivalentProperty", "inverseOf", "disjointWith")
}
_RANGE, _REST, _NIL = f"<{RDFS('range')}>", f"<{RDF('rest')}>", f"<{RDF('nil')}>"
CHAIN_LENGTHS = (2, 3)
"""Lengths of property chains that `rules.rq` has a rule for."""


@cache
def _covered() -> tuple[frozenset[str], frozenset[str]]:
    """Properties and classes of OWL that some rule reads or that need none, as N-Triples spells them."""
    properties, classes = set(_ANNOTATIONS), set(_DECLARATIONS)
    for rule in rules():
        for _, predicate, object_ in rule.schema:
            if predicate == TYPE:
                classes.add(object_)
            elif predicate == MEMBER:
                properties |= {f"<{RDF('first')}>", _REST}
            else:
                properties.add(predicate)
    return frozenset(properties), frozenset(classes)


def check(content: Content, files: Iterable[Path] = ()) -> list[Finding]:
    """Find what ontology and graph say in OWL that no rule covers.

    Args:
        content: The content root.
        files: More Turtle files, that lie elsewhere.

    Returns:
        Findings with file and line; each construct once in a file and subject.

    Raises:
        InputError: A file does not parse.
    """
    findings = []
    for path in [*content.ontology_files(), *content.graph_files(), *files]:
        findings += check_file(path, content.display(path))
    return findings


def check_file(path: Path, name: str) -> list[Finding]:
    """The profile check for one Turtle file; `name` is how messages call it."""
    triples = [
        (str(triple.subject), str(triple.predicate), str(triple.object)) for triple in turtle.parse(path, name=name)
    ]
    parents = {object_: subject for subject, _, object_ in triples if object_.startswith("_:")}
    found: dict[Finding, None] = {}
    for triple, message, hint in _problems(triples):
        subject, predicate, object_ = triple
        for _ in range(len(parents)):  # from a blank node to the node in whose block it is written
            subject = parents.get(subject, subject)
        iri = subject[1:-1] if subject.startswith("<") else None
        line = None if iri is None else turtle.line_of(path, iri, show(object_ if predicate == TYPE else predicate))
        said = f"{show(subject) if iri else 'a blank node'}: {message}"
        found[Finding(name, line, "violation", said, hint, iri, "profile")] = None
    return sorted(found, key=lambda finding: (finding.line or 0, finding.message))


def _problems(triples: list[Triple]) -> Iterator[tuple[Triple, str, str]]:
    properties, classes = _covered()
    rests = {subject: object_ for subject, predicate, object_ in triples if predicate == _REST}
    for triple in triples:
        subject, predicate, object_ = triple
        construct = object_ if predicate == TYPE else predicate
        if construct.startswith(_BUILT_IN) and construct not in (classes if predicate == TYPE else properties):
            message = f"{show(construct)} has no rule, so nothing would follow from it"
            yield triple, message, "Say it in a shape, or add the rule to rules.rq with its fixture"
        elif predicate in _AXIOMS:
            reserved = [subject] if subject.startswith(_RESERVED) else []
            datatype = predicate == _RANGE and object_.startswith(f"<{XSD}")
            if object_.startswith(_RESERVED) and object_ not in _ENDS and not datatype:
                reserved.append(object_)
            for term in reserved:
                message = f"{show(predicate)} speaks of {show(term)}, a term of the language itself"
                yield triple, message, "Give the ontology a term of its own"
        if predicate == f"<{OWL('propertyChainAxiom')}>":
            links, node = 1, object_
            while rests.get(node, _NIL) != _NIL and links <= len(rests):
                links, node = links + 1, rests[node]
            if links not in CHAIN_LENGTHS:
                message = f"a property chain of {links} links has no rule; there are rules for 2 and 3"
                yield triple, message, "Split it with a property between"
