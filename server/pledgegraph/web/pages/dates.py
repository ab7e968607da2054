"""Days and bounds in words."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from pledgegraph.terms import PLEDGE
from pledgegraph.web.pages.graph import Thing

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def day(text: str) -> str:
    """A day of `xsd:date` as people write it; any other text as it is.

    >>> day("2024-09-10")
    '10 September 2024'
    """
    parsed = _parse(text)
    return f"{parsed.day} {MONTHS[parsed.month - 1]} {parsed.year}" if parsed else text


def span(earliest: str, latest: str) -> str:
    """What is known of when something happened, from the first and the last possible day; empty for an unknown bound.

    >>> span("2024-08-26", "2024-08-30")
    'between 26 and 30 August 2024'
    >>> span("2024-10-01", "2024-10-31")
    'in October 2024'
    >>> span("", "2023-11-13")
    'no later than 13 November 2023'
    """
    first, last = _parse(earliest), _parse(latest)
    if first is None or last is None:
        if first is not None:
            return f"not before {day(earliest)}"
        return f"no later than {day(latest)}" if last is not None else ""
    if first == last:
        return f"on {day(earliest)}"
    if first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        if (first.year, first.month) == (last.year, last.month):
            return f"in {MONTHS[first.month - 1]} {first.year}"
        if (first.month, last.month) == (1, 12):
            return f"in {first.year}" if first.year == last.year else f"between {first.year} and {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"between {first.day} and {day(latest)}"
    return f"between {day(earliest)} and {day(latest)}"


def when(thing: Thing) -> str:
    """What is known of the time of a record, document or claim, in words; empty where nothing is."""
    parts = [span(thing.text("earliest"), thing.text("latest"))]
    if began := thing.text("began"):
        parts.append(f"from {day(began)}")
    if ended := thing.text("ended"):
        parts.append(f"until {day(ended)}")
    if as_of := thing.text("asOf"):
        parts.append(f"as of {day(as_of)}")
    if due := thing.text("dueBy"):
        parts.append(f"due by {day(due)}")
    parts = [part for part in parts if part]
    if not parts and thing.text("undated") == "true":
        return "no source gives a date"
    if parts and any(value.value == PLEDGE("inferred") for value in thing.all("dateBasis")):
        parts[-1] += " (inferred from the context)"
    return ", ".join(parts)


def sort_key(thing: Thing) -> str:
    """The day by which things are put in order; those without one come last."""
    return thing.text("latest") or thing.text("asOf") or thing.text("earliest") or "9999"


def _parse(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
