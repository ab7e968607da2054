"""Triples of nodes, written with the short names of the ontology."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import overload

from pyoxigraph import Literal, NamedNode, Triple

from pledgegraph.terms import ID, PLEDGE, RDF_TYPE, RDFS_LABEL, SKOS, XSD

Value = NamedNode | Literal
Given = Value | str | Sequence[Value | str] | None
"""What a property is given: a term, a string for a plain literal, several of these, or nothing."""

_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """A slug for a symbol or name.

    >>> slug("A/C.1/79/L.77")
    'a-c-1-79-l-77'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_SLUG.sub("-", plain).strip("-")


def thing(name: str) -> NamedNode:
    """The thing with a slug or an IRI."""
    return NamedNode(name if name.startswith("http") else ID(name))


def term(name: str) -> NamedNode:
    """A class, property or value of the ontology by its local name."""
    return NamedNode(PLEDGE(name))


def text(value: str, language: str) -> Literal:
    """A string with a language tag."""
    return Literal(value, language=language)


@overload
def day(value: date) -> Literal: ...
@overload
def day(value: None) -> None: ...
@overload
def day(value: date | None) -> Literal | None: ...
def day(value: date | None) -> Literal | None:
    """A day as xsd:date; nothing for a day that is not known."""
    return None if value is None else Literal(value.isoformat(), datatype=NamedNode(XSD("date")))


def number(value: int) -> Literal:
    """A whole number as xsd:integer."""
    return Literal(str(value), datatype=NamedNode(XSD("integer")))


def node(
    name: str,
    kind: str,
    /,
    *,
    label: Iterable[Literal] = (),
    note: str | None = None,
    **properties: Given,
) -> list[Triple]:
    """Triples of one thing.

    Args:
        name: Its slug.
        kind: Local name of its class.
        label: Labels.
        note: An editorial note in English.
        properties: Local names of properties to a term, a string (a plain literal), or a list of these; None and empty
            lists leave the property out.
    """
    subject = thing(name)
    triples = [Triple(subject, NamedNode(RDF_TYPE), term(kind))]
    triples += [Triple(subject, NamedNode(RDFS_LABEL), value) for value in label]
    if note:
        triples.append(Triple(subject, NamedNode(SKOS("editorialNote")), text(note, "en")))
    return triples + with_properties(name, properties)


def with_properties(name: str, properties: Mapping[str, Given]) -> list[Triple]:
    """Triples of the properties of a thing, by their local names."""
    return [
        Triple(thing(name), term(key), Literal(value) if isinstance(value, str) else value)
        for key, given in properties.items()
        for value in ([given] if isinstance(given, str | NamedNode | Literal) else given or ())
    ]
