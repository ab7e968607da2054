"""The data graph as the core validator reads it: terms as N-Triples spells them, indexed by property both ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeAlias

from pledgegraph.terms import RDF, RDFS, XSD

Node: TypeAlias = str
"""A term as N-Triples spells it."""
SpelledTriple: TypeAlias = tuple[Node, Node, Node]

TYPE, SUBCLASS = f"<{RDF('type')}>", f"<{RDFS('subClassOf')}>"
_LITERAL = re.compile(
    r'"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<language>[A-Za-z0-9-]+)|\^\^<(?P<datatype>[^>]*)>)?', re.DOTALL
)
_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_EMPTY: dict[Node, list[Node]] = {}


class DataGraph:
    """Triples by property, then by subject and by object.

    Args:
        triples: The triples, each once.
    """

    def __init__(self, triples: Iterable[SpelledTriple]) -> None:
        self.by_subject: dict[Node, dict[Node, list[Node]]] = {}
        self.by_object: dict[Node, dict[Node, list[Node]]] = {}
        for subject, predicate, object_ in triples:
            self.by_subject.setdefault(predicate, {}).setdefault(subject, []).append(object_)
            self.by_object.setdefault(predicate, {}).setdefault(object_, []).append(subject)
        self._classes: dict[Node, frozenset[Node]] = {}
        self._instances: dict[Node, frozenset[Node]] = {}

    def objects(self, subject: Node, predicate: Node) -> list[Node]:
        """Values of a property of a node."""
        return self.by_subject.get(predicate, _EMPTY).get(subject, [])

    def subjects(self, predicate: Node, object_: Node) -> list[Node]:
        """Nodes with that value of a property."""
        return self.by_object.get(predicate, _EMPTY).get(object_, [])

    def properties_of(self, subject: Node) -> Iterator[tuple[Node, list[Node]]]:
        """Properties that a node has, each with its values."""
        for predicate, objects in self.by_subject.items():
            if subject in objects:
                yield predicate, objects[subject]

    def instances(self, class_: Node) -> frozenset[Node]:
        """SHACL instances of a class: of it or of a subclass at any depth, as far as the data graph says so."""
        found = self._instances.get(class_)
        if found is None:
            nodes: set[Node] = set()
            for subclass in self._subclasses(class_):
                nodes.update(self.subjects(TYPE, subclass))
            found = self._instances[class_] = frozenset(nodes)
        return found

    def forget_instances(self) -> None:
        """Read instances anew the next time, after a change of `rdf:type` or `rdfs:subClassOf`."""
        self._instances.clear()

    def _subclasses(self, class_: Node) -> frozenset[Node]:
        found = {class_}
        open_ = [class_]
        while open_:
            for subclass in self.subjects(SUBCLASS, open_.pop()):
                if subclass not in found:
                    found.add(subclass)
                    open_.append(subclass)
        return frozenset(found)


@cache
def literal(node: Node) -> tuple[str, str, str] | None:
    """Lexical form, datatype IRI and language tag (in lower case) of a literal; None for another term."""
    match = _LITERAL.fullmatch(node)
    if match is None:
        return None
    text, language, datatype = match.groups()
    if "\\" in text:
        text = _ESCAPE.sub(_unescape, text)
    if language:
        return text, RDF("langString"), language.lower()
    return text, datatype or XSD("string"), ""


def _unescape(match: re.Match[str]) -> str:
    short, long, letter = match.groups()
    return chr(int(short or long, 16)) if short or long else _ESCAPES.get(letter, letter)


def text_of(node: Node) -> str:
    """What STR() of SPARQL gives; empty for a blank node."""
    parts = literal(node)
    return parts[0] if parts else node[1:-1] if node.startswith("<") else ""
