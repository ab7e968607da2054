"""The General Assembly's session records: one JSON object a resolution, as UNxml extracts them.

Rows of one symbol are merged, since a later row of the same resolution usually adds its later sponsors. Dates come in
three spellings. Fields may be missing or empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from pledgegraph.errors import InputError, RunError

CHOICES = {"MS_in_favour": "yes", "MS_against": "no", "MS_abstaining": "abstain"}
OUTCOMES = {
    "By a recorded vote": "adoptedByVote",
    "adoptedRecordedVote": "adoptedByVote",
    "Without a vote": "adoptedWithoutVote",
    "adoptedWithoutVote": "adoptedWithoutVote",
}


@dataclass(frozen=True)
class SessionRecord:
    """What a session file says of one resolution.

    Args:
        path: The file.
        lines: Lines of the rows that were merged, counted from 1.
        symbol: Symbol of the resolution.
        title: Title as printed; empty where the row has none.
        adopted: Day of adoption; None where the row gives none.
        outcome: How it was adopted; None where the row does not say.
        tallies: Choice to the count that the row states.
        voters: Choice to the names as printed, each once.
        sponsors: Entries of the sponsor field as printed.
        additional_sponsors: Entries of the field for sponsors who joined later.
        meeting_record: Symbol of the record of the meeting.
    """

    path: Path
    lines: tuple[int, ...]
    symbol: str
    title: str
    adopted: date | None
    outcome: str | None
    tallies: Mapping[str, int]
    voters: Mapping[str, tuple[str, ...]]
    sponsors: tuple[str, ...]
    additional_sponsors: tuple[str, ...]
    meeting_record: str

    def merged(self, later: SessionRecord) -> SessionRecord:
        """This record with what a later row of the same symbol adds; its own values stay."""
        return replace(
            self,
            lines=self.lines + later.lines,
            title=self.title or later.title,
            adopted=self.adopted or later.adopted,
            outcome=self.outcome or later.outcome,
            tallies=self.tallies or later.tallies,
            voters=self.voters if any(self.voters.values()) else later.voters,
            sponsors=_union(self.sponsors, later.sponsors),
            additional_sponsors=_union(self.additional_sponsors, later.additional_sponsors),
            meeting_record=self.meeting_record or later.meeting_record,
        )


def read(path: Path) -> dict[str, SessionRecord]:
    """Read a session file.

    Returns:
        Symbol to its record, rows of one symbol merged.

    Raises:
        InputError: A line is no JSON object, or has no symbol or a date that is none; with its line.
        RunError: The file cannot be read.
    """
    records: dict[str, SessionRecord] = {}
    for number, row in _rows(path):
        record = _record(path, number, row)
        known = records.get(record.symbol)
        records[record.symbol] = known.merged(record) if known else record
    return records


def day(text: str) -> date | None:
    """A date in any of the spellings of the files: ISO with or without a time, or `2 December 2024`.

    Raises:
        ValueError: It is none.

    >>> day("2\\xa0December 2024")
    datetime.date(2024, 12, 2)
    """
    plain = " ".join(text.split())
    if not plain:
        return None
    if re.match(r"\d{4}-\d{2}-\d{2}", plain):
        return date.fromisoformat(plain[:10])
    return datetime.strptime(plain, "%d %B %Y").date()  # noqa: DTZ007 - a day has no time zone


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=path.as_posix()) from error
    except UnicodeDecodeError as error:
        raise InputError(f"no UTF-8 at byte {error.start}", file=path.as_posix()) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"no JSON: {error}", file=path.as_posix(), line=number) from error
        if not isinstance(row, dict) or not isinstance(row.get("symbol"), str) or not row["symbol"]:
            raise InputError(
                "no record of a resolution: a JSON object with a symbol is expected", file=path.as_posix(), line=number
            )
        yield number, row


def _record(path: Path, number: int, row: Mapping[str, object]) -> SessionRecord:
    try:
        adopted = day(_string(row, "adoption_date"))
    except ValueError as error:
        raise InputError(f"adoption_date is no date: {error}", file=path.as_posix(), line=number) from None
    voters = {choice: tuple(dict.fromkeys(_names(row, field))) for field, choice in CHOICES.items()}
    counts = {choice: _string(row, f"{field}_count") for field, choice in CHOICES.items()}
    outcome = OUTCOMES.get(_string(row, "adoption_type")) or OUTCOMES.get(_string(row, "voting_type"))
    recorded = outcome != "adoptedWithoutVote"
    return SessionRecord(
        path,
        (number,),
        _string(row, "symbol"),
        _string(row, "title"),
        adopted,
        outcome,
        {choice: int(value) for choice, value in counts.items() if value.isdecimal()} if recorded else {},
        voters if recorded else {},
        tuple(_names(row, "sponsors")),
        tuple(_names(row, "additional_sponsors")),
        _string(row, "pv"),
    )


def _string(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    return " ".join(str(value).split()) if value is not None else ""


def _names(row: Mapping[str, object], field: str) -> list[str]:
    value = row.get(field)
    return [" ".join(str(name).split()) for name in value if str(name).strip()] if isinstance(value, list) else []


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
