"""Recorded votes of a Main Committee, paragraph by paragraph, from a table of its report.

One row a vote: draft, part (empty for the draft as a whole), the three counts that the report prints, the state's
ISO 3166-1 alpha-3 code, and Y, N or A.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pledgegraph.errors import InputError, RunError

CHOICES = {"Y": "yes", "N": "no", "A": "abstain"}
COLUMNS = ("draft", "part", "tally_yes", "tally_no", "tally_abstain", "iso3", "vote")
_ORDINALS = [
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
    "twentieth",
]
_PREAMBULAR = re.compile(r"(?:the\s+)?(\w+(?:-\w+)?) preambular paragraph\Z", re.IGNORECASE)
_OPERATIVE = re.compile(r"operative paragraph (\d+)\Z", re.IGNORECASE)


@dataclass
class RollCall:
    """One recorded vote of a committee.

    Args:
        draft: Symbol of the draft.
        part: Paragraph as the report names it; empty for the draft as a whole.
        tallies: Choice to the printed count.
        votes: ISO 3166-1 alpha-3 code to choice.
    """

    draft: str
    part: str
    tallies: Mapping[str, int]
    votes: dict[str, str] = field(default_factory=dict)

    @property
    def paragraph(self) -> str:
        """The paragraph in short: `PP 9`, `OP 7`; as printed where it is neither; empty for the whole draft."""
        if found := _OPERATIVE.match(self.part):
            return f"OP {found[1]}"
        if (found := _PREAMBULAR.match(self.part)) and found[1].lower() in _ORDINALS:
            return f"PP {_ORDINALS.index(found[1].lower()) + 1}"
        return self.part


def read(path: Path, drafts: Iterable[str]) -> list[RollCall]:
    """Read the roll calls on some drafts.

    Args:
        path: A CSV file, also gzipped.
        drafts: Symbols of the drafts; rows on others are passed over.

    Raises:
        InputError: The columns differ, a vote is none of Y, N, A, a count is no number, or a state votes twice.
        RunError: The file cannot be read.
    """
    wanted = set(drafts)
    calls: dict[tuple[str, str], RollCall] = {}
    rows = csv.DictReader(io.StringIO(_text(path), newline=""))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise InputError(
            f"the columns are {', '.join(rows.fieldnames or ()) or 'missing'}",
            file=path.as_posix(),
            line=1,
            hint=f"Expected: {', '.join(COLUMNS)}",
        )
    for number, row in enumerate(rows, start=2):
        if row["draft"] not in wanted:
            continue
        counts = [row[column] or "" for column in COLUMNS[2:5]]
        if row["vote"] not in CHOICES or not all(count.isdecimal() for count in counts) or not row["iso3"]:
            raise InputError(
                "no vote: Y, N or A, a state's code and three counts are expected", file=path.as_posix(), line=number
            )
        tallies = dict(zip(CHOICES.values(), map(int, counts), strict=True))
        call = calls.setdefault((row["draft"], row["part"]), RollCall(row["draft"], row["part"], tallies))
        if row["iso3"] in call.votes:
            raise InputError(
                f"{row['iso3']} votes twice on {row['draft']} {row['part']}", file=path.as_posix(), line=number
            )
        call.votes[row["iso3"]] = CHOICES[row["vote"]]
    return list(calls.values())


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        return data.decode("utf-8")
    except (OSError, EOFError, zlib.error) as error:
        raise RunError(f"cannot be read: {error}", file=path.as_posix()) from error
    except UnicodeDecodeError as error:
        raise InputError(f"no UTF-8 at byte {error.start}", file=path.as_posix()) from error
