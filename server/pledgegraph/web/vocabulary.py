"""Builds small RDF graphs: descriptions of the service, the dataset and its files."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple

from pledgegraph.terms import RDF_TYPE, XSD, Namespace

VOID = Namespace("http://rdfs.org/ns/void#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
ENTAILMENT = Namespace("http://www.w3.org/ns/entailment/")
MEDIA_TYPES = Namespace("https://www.iana.org/assignments/media-types/")

CODE_LICENSE = "https://www.apache.org/licenses/LICENSE-2.0"
DATA_LICENSE = "https://creativecommons.org/licenses/by/4.0/"

Value = NamedNode | Literal


class Description:
    """A graph that is written down statement by statement; each statement is kept once, in order.

    Attributes:
        complete: False where something could not be found out now, so that the description is not kept.
    """

    def __init__(self) -> None:
        self.complete = True
        self._triples: dict[Triple, None] = {}

    def add(self, subject: str, predicate: str, *objects: str | Value | int) -> None:
        """State `predicate` of `subject`: text is an IRI, a whole number an xsd:integer, terms are themselves."""
        for value in objects:
            term: Value
            if isinstance(value, int):
                term = Literal(str(value), datatype=NamedNode(XSD("integer")))
            else:
                term = NamedNode(value) if isinstance(value, str) else value
            self._triples[Triple(NamedNode(subject), NamedNode(predicate), term)] = None

    def type(self, subject: str, *classes: str) -> None:
        """State the classes of `subject`."""
        self.add(subject, RDF_TYPE, *classes)

    def text(self, subject: str, predicate: str, text: str, language: str | None = None) -> None:
        """State a text of `subject`."""
        self.add(subject, predicate, Literal(text, language=language) if language else Literal(text))

    def triples(self) -> list[Triple]:
        """All statements, in the order made."""
        return list(self._triples)
