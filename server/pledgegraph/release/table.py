"""Tables out of the graph: a table is a class of things and a list of columns, a column is a path to its values.

Everything about a table is declared (`tables.py` holds those of a release); this module asks the graph for each column
and writes CSV. A cell holds what the default graph says; an empty one says that nothing is stated, never "no".
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal as OneOf

from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store

from pledgegraph.terms import PREFIXES, RDFS_LABEL

SEPARATOR = " | "
"""Between several values in a cell; a bar inside a value is written with a backslash before it."""

# What a spreadsheet could take for a formula. Apostrophes before it are matched too, so that taking one away from what
# matches always gives back the value.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PROLOGUE = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
_LABEL, _DEFAULT = NamedNode(RDFS_LABEL), DefaultGraph()

Shown = OneOf["iri", "label", "value"]
Datatype = OneOf["string", "anyURI", "date", "integer", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        name: Its name in the header line.
        path: SPARQL property path from the thing of a row to the values, or a pattern with `?row` and `?value`.
        says: What its cells say, in a sentence.
        shown: How a value is written: the IRI of a node, the label of a node, or the text of a literal.
        several: Whether a cell may hold more than one value.
        datatype: XSD datatype of each value.
    """

    name: str
    path: str
    says: str
    shown: Shown = "value"
    several: bool = False
    datatype: Datatype = "string"

    @property
    def pattern(self) -> str:
        """Graph pattern that binds `?value` for each `?row`."""
        return self.path if "?" in self.path else f"?row {self.path} ?value"


@dataclass(frozen=True)
class Table:
    """One table.

    Args:
        name: File name without suffix.
        title: What it holds, in a few words.
        of: Class of the things that have a row, as a prefixed name.
        columns: The columns after the first two, which hold IRI and label of the thing.
    """

    name: str
    title: str
    of: str
    columns: tuple[Column, ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """All columns: the IRI of the thing, named after it, its label, and the others."""
        thing = self.name.removesuffix("s")
        return (
            Column(thing, f"a {self.of}", f"IRI of the {thing}; each has one row", "iri", datatype="anyURI"),
            Column("label", "rdfs:label", f"Name of the {thing}, in English where it has one"),
            *self.columns,
        )


def node(name: str, path: str, says: str, *, several: bool = False) -> tuple[Column, Column]:
    """Two columns for things that have a page: their IRIs, and their labels in the same order."""
    label = f"Label of each value of {name}, in the same order"
    return (
        Column(name, path, says, "iri", several, "anyURI"),
        Column(f"{name}_label", path, label, "label", several),
    )


def term(name: str, path: str, says: str, *, several: bool = False) -> Column:
    """A column for terms of the ontology, written as their labels, which are unique within the column."""
    return Column(name, path, says, "label", several)


class Writer:
    """Writes tables of a store; what two tables have in common is asked once.

    Args:
        store: The store of a release, closed and labelled; its default graph is read.
        among: Things that have a row where they are of a table's class; all things by default.
    """

    def __init__(self, store: Store, among: Iterable[NamedNode] | None = None) -> None:
        self._store = store
        self._given = "" if among is None else f"VALUES ?row {{ {' '.join(sorted(map(str, set(among))))} }}"
        self._found: dict[str, dict[str, set[NamedNode | Literal]]] = {}
        self._cells: dict[tuple[str, Shown, bool], dict[str, str]] = {}
        self._labels: dict[NamedNode, str] = {}

    def write(self, table: Table) -> bytes:
        """A table as CSV (RFC 4180, UTF-8, with a header line), sorted by IRI; equal graphs give equal bytes."""
        rows = self._find(f"?row a {table.of} . BIND(?row AS ?value)")
        cells = [self._column(column) for column in table.columns]
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow([column.name for column in table.all_columns])
        for iri in sorted(rows):
            writer.writerow([iri, _safe(self._label(NamedNode(iri))), *(column.get(iri, "") for column in cells)])
        return stream.getvalue().encode()

    def _find(self, pattern: str) -> dict[str, set[NamedNode | Literal]]:
        """IRI of a thing to its values by a pattern."""
        if pattern not in self._found:
            solutions = self._store.query(f"{_PROLOGUE}SELECT ?row ?value WHERE {{ {self._given} {pattern} }}")
            assert isinstance(solutions, QuerySolutions)
            found: dict[str, set[NamedNode | Literal]] = defaultdict(set)
            for row, value in solutions:
                if isinstance(row, NamedNode) and isinstance(value, NamedNode | Literal):
                    found[row.value].add(value)
            self._found[pattern] = found
        return self._found[pattern]

    def _column(self, column: Column) -> dict[str, str]:
        """IRI of a thing to its cell; things without a value are left out."""
        key = (column.pattern, column.shown, column.several)
        if key not in self._cells:
            self._cells[key] = {row: self._cell(found, column) for row, found in self._find(column.pattern).items()}
        return self._cells[key]

    def _cell(self, values: set[NamedNode | Literal], column: Column) -> str:
        # By IRI even where labels are shown, so that labels stand in the order of their IRIs.
        found = sorted(values, key=lambda value: value.value) if len(values) > 1 else values
        as_label = column.shown == "label"
        texts = [self._label(v) if as_label and isinstance(v, NamedNode) else v.value for v in found]
        if column.shown == "value":
            texts = list(dict.fromkeys(texts))  # the same words in two languages
        if column.several:
            texts = [text.replace("|", r"\|") for text in texts]
        return _safe(SEPARATOR.join(texts))

    def _label(self, thing: NamedNode) -> str:
        if thing not in self._labels:
            found = (quad.object for quad in self._store.quads_for_pattern(thing, _LABEL, None, _DEFAULT))
            labels = [label for label in found if isinstance(label, Literal)]
            labels.sort(key=lambda label: (label.language != "en", label.value))
            self._labels[thing] = labels[0].value if labels else thing.value
        return self._labels[thing]


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: an apostrophe is put before what looks like one."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
