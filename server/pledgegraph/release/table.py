"""Records as a table: one row for each record and claim, for spreadsheets."""

import csv
import io
from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from pledgegraph.terms import PLEDGE, RDF_TYPE, RDFS_LABEL, compact

DEFAULT = DefaultGraph()

COLUMNS = (
    "record",
    "class",
    "label",
    "summary",
    "actors",
    "texts",
    "venues",
    "themes",
    "earliest",
    "latest",
    "as_of",
    "claim",
    "status",
    "claimant",
    "reporter",
    "printed_verb",
    "passage",
    "locator",
    "document",
)
"""Columns of the table; several values in a cell are separated by semicolon and blank."""

_TYPE, _RECORD = NamedNode(RDF_TYPE), NamedNode(PLEDGE("Record"))
_SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"


def records(store: Store, triples: Iterable[Triple]) -> bytes:
    """Write records and their claims as CSV (RFC 4180, UTF-8, with a header line).

    Args:
        store: The store of a release; roles are read with the closure, which knows actors, texts and venues.
        triples: The export's triples: its subjects that are records are written.
    """
    reader = _Reader(store)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    subjects = {triple.subject for triple in triples if isinstance(triple.subject, NamedNode)}
    for record in sorted(subjects, key=lambda node: node.value):
        if Quad(record, _TYPE, _RECORD, DEFAULT) in store:
            row = reader.record(record)
            attesting = store.quads_for_pattern(None, NamedNode(PLEDGE("attests")), record, DEFAULT)
            claims = [quad.subject for quad in attesting if isinstance(quad.subject, NamedNode)]
            for claim in sorted(claims, key=str):
                writer.writerow(row + reader.claim(claim))
            if not claims:
                writer.writerow(row + [""] * (len(COLUMNS) - len(row)))
    return stream.getvalue().encode()


class _Reader:
    """Reads cells from a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._labels: dict[str, str] = {}

    def record(self, record: NamedNode) -> list[str]:
        """Cells of a record."""
        roles = ("actor", "text", "venue", "theme", "earliest", "latest", "asOf")
        return [
            compact(record.value),
            self._class(record),
            self._label(record),
            self._cell(record, "summary"),
            *(self._cell(record, role) for role in roles),
        ]

    def claim(self, claim: NamedNode) -> list[str]:
        """Cells of a claim."""
        passages = self._values(claim, "cites")
        documents = [document for passage in passages for document in self._values(passage, "inDocument")]
        return [
            compact(claim.value),
            *(self._cell(claim, role) for role in ("status", "claimant", "reporter", "printedVerb")),
            "; ".join(sorted(compact(passage.value) for passage in passages)),
            "; ".join(sorted(self._cell(passage, "locator") for passage in passages)),
            "; ".join(sorted({self._label(document) for document in documents})),
        ]

    def _values(self, subject: NamedNode, role: str) -> list[NamedNode]:
        quads = self._store.quads_for_pattern(subject, NamedNode(PLEDGE(role)), None, DEFAULT)
        return [quad.object for quad in quads if isinstance(quad.object, NamedNode)]

    def _cell(self, subject: NamedNode, role: str) -> str:
        quads = self._store.quads_for_pattern(subject, NamedNode(PLEDGE(role)), None, DEFAULT)
        values = {
            self._label(quad.object) if isinstance(quad.object, NamedNode) else getattr(quad.object, "value", "")
            for quad in quads
        }
        return "; ".join(sorted(values))

    def _label(self, node: NamedNode) -> str:
        if node.value not in self._labels:
            quads = self._store.quads_for_pattern(node, NamedNode(RDFS_LABEL), None, DEFAULT)
            labels = [quad.object for quad in quads if isinstance(quad.object, Literal)]
            labels.sort(key=lambda label: (label.language != "en", label.value))
            self._labels[node.value] = labels[0].value if labels else compact(node.value)
        return self._labels[node.value]

    def _class(self, record: NamedNode) -> str:
        """Label of the most specific class: the one with most classes above it."""
        quads = self._store.quads_for_pattern(record, _TYPE, None, DEFAULT)
        classes = [quad.object for quad in quads if isinstance(quad.object, NamedNode)]

        def above(class_: NamedNode) -> tuple[int, str]:
            found = self._store.quads_for_pattern(class_, NamedNode(_SUBCLASS), None, DEFAULT)
            return -sum(1 for _ in found), class_.value

        return self._label(min(classes, key=above))
