"""Records as a table: one row for each record and claim, for spreadsheets."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple

from pledgegraph.terms import PLEDGE, RDF_TYPE, RDFS, RDFS_LABEL, compact

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

_TYPE, _LABEL, _RECORD = RDF_TYPE, RDFS_LABEL, NamedNode(PLEDGE("Record"))
_ATTESTS, _SUBCLASS = NamedNode(PLEDGE("attests")), NamedNode(RDFS("subClassOf"))


def records(store: Store, among: Iterable[Triple] | None = None) -> bytes:
    """Write records and their claims as CSV (RFC 4180, UTF-8, with a header line).

    Args:
        store: The store of a release; roles are read with the closure, which knows actors, texts and venues.
        among: Triples whose subjects are written where they are records; all records by default.
    """
    reader = _Reader(store)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    found = {quad.subject for quad in store.quads_for_pattern(None, NamedNode(_TYPE), _RECORD, DEFAULT)}
    if among is not None:
        found &= {triple.subject for triple in among}
    for record in sorted((node for node in found if isinstance(node, NamedNode)), key=lambda node: node.value):
        row = reader.record(record)
        attesting = store.quads_for_pattern(None, _ATTESTS, record, DEFAULT)
        claims = [quad.subject for quad in attesting if isinstance(quad.subject, NamedNode)]
        for claim in sorted(claims, key=lambda node: node.value):
            writer.writerow(row + reader.claim(claim))
        if not claims:
            writer.writerow(row + [""] * (len(COLUMNS) - len(row)))
    return stream.getvalue().encode()


class _Reader:
    """Reads cells from a store, each node once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._nodes: dict[NamedNode, dict[str, list[NamedNode | Literal]]] = {}
        self._claims: dict[NamedNode, list[str]] = {}
        self._depths: dict[NamedNode, int] = {}

    def values(self, subject: NamedNode, property_: str) -> list[NamedNode | Literal]:
        """Values of a property."""
        node = self._nodes.get(subject)
        if node is None:
            node = self._nodes[subject] = defaultdict(list)
            for quad in self._store.quads_for_pattern(subject, None, None, DEFAULT):
                if isinstance(quad.object, NamedNode | Literal):
                    node[quad.predicate.value].append(quad.object)
        return node.get(property_, [])

    def record(self, record: NamedNode) -> list[str]:
        """Cells of a record."""
        roles = ("summary", "actor", "text", "venue", "theme", "earliest", "latest", "asOf")
        return [
            compact(record.value),
            self._class(record),
            self._label(record),
            *(self._cell(record, role) for role in roles),
        ]

    def claim(self, claim: NamedNode) -> list[str]:
        """Cells of a claim."""
        if claim not in self._claims:
            passages = self._things(claim, "cites")
            documents = {document for passage in passages for document in self._things(passage, "inDocument")}
            self._claims[claim] = [
                compact(claim.value),
                *(self._cell(claim, role) for role in ("status", "claimant", "reporter", "printedVerb")),
                "; ".join(sorted(compact(passage.value) for passage in passages)),
                "; ".join(sorted(self._cell(passage, "locator") for passage in passages)),
                "; ".join(sorted(map(self._label, documents))),
            ]
        return self._claims[claim]

    def _things(self, subject: NamedNode, role: str) -> list[NamedNode]:
        return [value for value in self.values(subject, PLEDGE(role)) if isinstance(value, NamedNode)]

    def _cell(self, subject: NamedNode, role: str) -> str:
        values = self.values(subject, PLEDGE(role))
        return "; ".join(sorted({self._label(v) if isinstance(v, NamedNode) else v.value for v in values}))

    def _label(self, node: NamedNode) -> str:
        labels = [label for label in self.values(node, _LABEL) if isinstance(label, Literal)]
        labels.sort(key=lambda label: (label.language != "en", label.value))
        return labels[0].value if labels else compact(node.value)

    def _class(self, record: NamedNode) -> str:
        """Label of the most specific class: the one with most classes above it."""
        classes = [class_ for class_ in self.values(record, _TYPE) if isinstance(class_, NamedNode)]
        return self._label(min(classes, key=lambda class_: (-self._depth(class_), class_.value)))

    def _depth(self, class_: NamedNode) -> int:
        if class_ not in self._depths:
            self._depths[class_] = sum(1 for _ in self._store.quads_for_pattern(class_, _SUBCLASS, None, DEFAULT))
        return self._depths[class_]
