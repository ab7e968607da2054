"""Lists with plain filters: what a list page shows, whatever it lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlencode

from pledgegraph.web.pages.graph import Value, short_name
from pledgegraph.web.pages.response import page_number, parameter
from pledgegraph.web.problems import Problem

PAGE = 100
"""Rows on one page of a list."""

Cell = Value | str | int | Sequence[Value]
"""One cell of a list: a thing, text, a number, or several things."""


@dataclass(frozen=True)
class Item:
    """One row of a list.

    Args:
        cells: its cells, the thing itself first.
        facets: name of a filter to the values under which the row is found, each with its label.
        note: a line under the first cell, or empty.
        order: what rows are sorted by.
    """

    cells: tuple[Cell, ...]
    facets: dict[str, list[Value]] = field(default_factory=dict)
    note: str = ""
    order: tuple[object, ...] = ()


@dataclass(frozen=True)
class Option:
    """One value of a filter: how addresses spell it, its label, how many rows have it, whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """A filter: its name in the address, its label, and what can be chosen."""

    name: str
    label: str
    options: tuple[Option, ...]
    chosen: str


@dataclass(frozen=True)
class Listing:
    """A list as a page shows it.

    Args:
        title: the heading.
        lede: what the list is.
        columns: headings of the columns.
        filters: the filters with their values.
        items: the rows on this page.
        total: rows that pass the filters.
        everything: rows in all.
        words: words that labels must contain, or empty.
        number: number of this page, from 1.
        last: number of the last page.
        query: the filters as the address carries them, without the page.
        empty: what to say where no row passes.
    """

    title: str
    lede: str
    columns: tuple[str, ...]
    filters: tuple[Filter, ...]
    items: list[Item]
    total: int
    everything: int
    words: str
    number: int
    last: int
    query: str
    empty: str

    @property
    def chosen(self) -> str:
        """The filters in words, for the title of the page."""
        parts = [f"“{self.words}”"] if self.words else []
        parts += [option.label for each in self.filters for option in each.options if option.chosen]
        return f": {', '.join(parts)}" if parts else ""

    def address(self, path: str, number: int) -> str:
        """The address of another page of the list."""
        parts = [part for part in (self.query, f"page={number}" if number > 1 else "") if part]
        return f"{path}?{'&'.join(parts)}" if parts else path


def make(
    title: str,
    lede: str,
    columns: tuple[str, ...],
    items: Iterable[Item],
    filters: Sequence[tuple[str, str]] = (),
    empty: str = "Nothing in this release fits.",
    size: int = PAGE,
    searchable: bool = True,
) -> Listing:
    """Choose what a list shows from the address of the request.

    Args:
        title: the heading.
        lede: what the list is.
        columns: headings of the columns.
        items: all rows.
        filters: names of facets with their labels.
        empty: what to say where no row passes.
        size: rows on a page.
        searchable: whether rows are also found by words of their first cell.

    Raises:
        Problem: a filter or the number of the page has a value that cannot be.
    """
    rows = sorted(items, key=lambda item: item.order)
    words = parameter("q") if searchable else ""
    chosen = {name: parameter(name) for name, _ in filters}
    made = []
    for name, label in filters:
        others = [item for item in rows if _passes(item, {**chosen, name: ""}, words)]
        made.append(_filter(name, label, others, chosen[name], rows))
    passing = [item for item in rows if _passes(item, chosen, words)]
    number, last = page_number(), max(1, ceil(len(passing) / size))
    if number > last:
        raise Problem("not-found", f"The list has {last} page{'s' if last > 1 else ''}, and no page {number}.")
    query = urlencode([(name, value) for name, value in [("q", words), *chosen.items()] if value])
    part = passing[(number - 1) * size : number * size]
    return Listing(title, lede, columns, tuple(made), part, len(passing), len(rows), words, number, last, query, empty)


def _filter(name: str, label: str, items: Sequence[Item], chosen: str, everything: Sequence[Item]) -> Filter:
    labels = {spell(value): value.text for item in everything for value in item.facets.get(name, ())}
    counts = Counter(spelled for item in items for spelled in {spell(value) for value in item.facets.get(name, ())})
    if chosen and chosen not in labels:
        hint = f"Known are {', '.join(sorted(labels)[:30])}."
        raise Problem("bad-request", f"Nothing here has the {label.lower()} {chosen[:60]!r}.", hint=hint)
    options = [Option(value, labels[value], counts[value], value == chosen) for value in labels]
    return Filter(name, label, tuple(sorted(options, key=lambda option: option.label.lower())), chosen)


def _passes(item: Item, chosen: dict[str, str], words: str) -> bool:
    if words:
        first = item.cells[0]
        text = f"{first.text} {short_name(first.value)}" if isinstance(first, Value) else str(first)
        if words.lower() not in f"{text} {item.note}".lower():
            return False
    return all(not value or value in map(spell, item.facets.get(name, ())) for name, value in chosen.items())


def spell(value: Value) -> str:
    """How an address spells a value of a filter."""
    return short_name(value.value) if value.is_iri else value.value
