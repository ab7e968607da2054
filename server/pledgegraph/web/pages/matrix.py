"""`/matrix`: themes by texts, each cell with the force of the statements and a link to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response

from pledgegraph.web.pages import citation
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.graph import Value, short_name
from pledgegraph.web.pages.lists import Theme, theme_tree
from pledgegraph.web.pages.response import blueprint, page, parameter, site
from pledgegraph.web.problems import Problem

TEXTS = 12
"""Texts that the matrix shows at once; a page of the list has the others."""


@dataclass
class Cell:
    """What one text says on one theme.

    Args:
        statements: statements with their force; those on narrower themes included.
        search: the search that found nothing, or empty.
    """

    statements: dict[str, tuple[str, str]] = field(default_factory=dict)
    search: str = ""

    @property
    def forces(self) -> list[tuple[str, int]]:
        """Words for the force, each with the number of statements that have it."""
        words = sorted({force for _, force in self.statements.values()})
        return [(word, sum(force == word for _, force in self.statements.values())) for word in words]

    @property
    def only(self) -> str:
        """The statement, where there is one alone."""
        return next(iter(self.statements)) if len(self.statements) == 1 else ""


@blueprint.get("/matrix")
def matrix() -> Response:
    """Themes by texts."""
    table: dict[tuple[str, str], Cell] = {}
    texts: dict[str, Value] = {}
    totals: dict[str, set[str]] = {}
    for row in rows(site(), "matrix"):
        texts[row["text"]] = Value(row["text"], True, row["textLabel"])
        totals.setdefault(row["text"], set()).add(row["statement"])
        cell = table.setdefault((row["theme"], row["text"]), Cell())
        cell.statements[row["statement"]] = (row["label"], row["force"])
    for row in rows(site(), "sought"):
        table.setdefault((row["theme"], row["text"]), Cell()).search = row["record"]
    ordered = sorted(texts.values(), key=lambda value: (-len(totals[value.value]), value.text))
    chosen = _chosen(ordered)
    found, above = theme_tree()
    lines = [line for iri, theme in found.items() if iri not in above for line in _descend(theme, 0)]
    title = "Themes by texts"
    return page(
        "matrix.html",
        title=title,
        texts=chosen,
        others=[value for value in ordered if value not in chosen],
        every=sorted(ordered, key=lambda value: value.text),
        lines=lines,
        table=table,
        short=short_name,
        citation=citation.of(site(), title, "matrix"),
    )


def _chosen(texts: list[Value]) -> list[Value]:
    """The texts to show: those named in the address, else those with most statements."""
    named = [name for name in parameter("texts").replace(",", " ").split() if name]
    if not named:
        return texts[:TEXTS]
    by_name = {short_name(value.value): value for value in texts} | {
        short_name(value.value).removeprefix("id:"): value for value in texts
    }
    missing = [name for name in named if name not in by_name]
    if missing:
        hint = f"Known are {', '.join(sorted(short_name(value.value) for value in texts))}."
        raise Problem("bad-request", f"No statement of {missing[0][:60]!r} is in the graph.", hint=hint)
    return list(dict.fromkeys(by_name[name] for name in named))[: 2 * TEXTS]


def _descend(theme: Theme, depth: int) -> list[tuple[Theme, int]]:
    return [(theme, depth), *(line for below in theme.below for line in _descend(below, depth + 1))]
