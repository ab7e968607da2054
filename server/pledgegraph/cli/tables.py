"""Answers as tables for people: compact IRIs with labels, aligned columns, or a block for each row."""

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, QuerySolutions, Store, Triple

from pledgegraph.terms import ID, PLEDGE, RDFS_LABEL, XSD, compact

DEFAULT = DefaultGraph()
LABEL_CHARACTERS = 60
"""Longest label that stands beside an IRI; a longer one would drown it."""
NARROWEST = 12
"""Columns are not squeezed below this width; a wider answer is written as blocks."""
GAP = "  "
_NUMBERS = {XSD(name) for name in ("integer", "decimal", "double", "float")}
_LABEL = NamedNode(RDFS_LABEL)

Term = NamedNode | BlankNode | Literal | Triple | None


def render(store: Store, solutions: QuerySolutions, width: int | None) -> str:
    """Write the rows of a SELECT as text.

    A column `xLabel` is folded into the column `x`: `Japan (id:japan)`. Other IRIs of things get their label from the
    store.

    Args:
        store: Where labels are read.
        solutions: The rows.
        width: Columns of the terminal; None where lines may be of any length.

    Returns:
        Header, rows and their number, with a line end.
    """
    names = [variable.value for variable in solutions.variables]
    labels = {name: f"{name}Label" for name in names if f"{name}Label" in names}
    shown = [name for name in names if name not in labels.values()]
    namer = _Namer(store)
    rows: list[list[str]] = []
    numeric = dict.fromkeys(shown, True)
    for solution in solutions:
        row = []
        for name in shown:
            value = solution[name]
            numeric[name] &= value is None or (isinstance(value, Literal) and value.datatype.value in _NUMBERS)
            label = solution[labels[name]] if name in labels else None
            row.append(namer.cell(value, label))
        rows.append(row)
    count = "no rows" if not rows else f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    if not rows:
        return f"({count})\n"
    used = [i for i in range(len(shown)) if any(row[i] for row in rows)]
    heads = [shown[i].removesuffix("Label") for i in used]
    rows = [[row[i] for i in used] for row in rows]
    right = [numeric[shown[i]] for i in used]
    widths = _widths(heads, rows, width)
    body = _blocks(heads, rows, width) if widths is None else _grid(heads, rows, widths, right)
    return f"{body}\n({count})\n"


class _Namer:
    """Writes terms, with labels from a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._labels: dict[str, str] = {}

    def cell(self, value: Term, label: Term) -> str:
        """One cell: the term, and its label from the row or the store."""
        given = label.value if isinstance(label, Literal) else ""
        if not isinstance(value, NamedNode):
            return given or _literal(value)
        name = compact(value.value)
        if not given and value.value.startswith((ID, PLEDGE)):
            given = self._label(value)
        return f"{given} ({name})" if given and len(given) <= LABEL_CHARACTERS else name

    def _label(self, node: NamedNode) -> str:
        if node.value not in self._labels:
            quads = self._store.quads_for_pattern(node, _LABEL, None, DEFAULT)
            found = [quad.object for quad in quads if isinstance(quad.object, Literal)]
            found.sort(key=lambda literal: (literal.language != "en", literal.value))
            self._labels[node.value] = found[0].value if found else ""
        return self._labels[node.value]


def _literal(value: Term) -> str:
    if value is None:
        return ""
    if isinstance(value, Literal):
        # Control characters could steer the terminal.
        return "".join(c if c.isprintable() else " " for c in value.value)
    return str(value)


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _widths(heads: Sequence[str], rows: Iterable[Sequence[str]], width: int | None) -> list[int] | None:
    """Column widths that fit, the widest squeezed first; None if they cannot."""
    widths = [_width(head) for head in heads]
    for row in rows:
        widths = [max(known, _width(cell)) for known, cell in zip(widths, row, strict=True)]
    if width is None:
        return widths
    room = width - len(GAP) * (len(heads) - 1)
    if sum(min(wide, NARROWEST) for wide in widths) > room:
        return None
    while sum(widths) > room:
        widest = max(widths)
        next_widest = max([wide for wide in widths if wide < widest], default=0)
        among = [i for i, wide in enumerate(widths) if wide == widest]
        excess = sum(widths) - room
        step = max(1, min(widest - max(next_widest, NARROWEST), -(-excess // len(among))))
        for i in among:
            widths[i] -= step
    return widths


def _wrap(text: str, width: int) -> list[str]:
    """Break a text between words; names keep their hyphens, so that they can be copied."""
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * max(0, width - _width(text))
    return space + text if right else text + space


def _grid(heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int], right: Sequence[bool]) -> str:
    lines = [GAP.join(_pad(h, w, r) for h, w, r in zip(heads, widths, right, strict=True)).rstrip()]
    lines.append(GAP.join("-" * wide for wide in widths))
    for row in rows:
        cells = [_wrap(cell, wide) or [""] for cell, wide in zip(row, widths, strict=True)]
        for i in range(max(map(len, cells))):
            parts = [cell[i] if i < len(cell) else "" for cell in cells]
            lines.append(GAP.join(_pad(p, w, r) for p, w, r in zip(parts, widths, right, strict=True)).rstrip())
    return "\n".join(lines)


def _blocks(heads: Sequence[str], rows: Iterable[Sequence[str]], width: int | None) -> str:
    wide = max(_width(head) for head in heads)
    blocks = []
    for row in rows:
        lines = []
        for head, cell in zip(heads, row, strict=True):
            if cell:
                first = f"{_pad(head, wide, False)}{GAP}"
                parts = _wrap(cell, max(NARROWEST, width - len(first))) if width else [cell]
                lines += [first + parts[0], *(" " * len(first) + part for part in parts[1:])]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
