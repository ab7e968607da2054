"""Normalised text: what a passage's words and digest are taken from.

Two copies of a document differ in line breaks, no-break spaces, composed accents and Markdown marks; their words do
not. `normalise` takes those differences away and nothing else: quotation marks, dashes, bullets and printed list
numbers stay, since they belong to what is printed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

# The White_Space property of Unicode (PropList.txt), spelled out: Python's str.isspace also counts U+001C to U+001F.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# CommonMark's emphasis and code marks anywhere, heading and quotation marks where a line begins.
# An underscore inside a word (an address, a symbol) is a letter of it; list marks are what is printed.
MARKDOWN = re.compile(r"[*`]|(?<![^\W_])_+(?=\S)|(?<=\S)_+(?![^\W_])|^[^\S\n]*(?:#{1,6}(?=\s)|>(?=\s))", re.MULTILINE)
_BLANK = re.compile(f"[{WHITE_SPACE}]+")


@dataclass(frozen=True)
class NormalisedText:
    """A text after normalisation, with the way from the raw text's character offsets to its own."""

    raw: str

    @cached_property
    def _kept(self) -> tuple[str, list[int]]:
        """Characters that stay, before composition, and the raw offset of each."""
        dropped = [match.span() for match in MARKDOWN.finditer(self.raw)]
        kept: list[str] = []
        offsets: list[int] = []
        at = 0
        for begin, end in [*dropped, (len(self.raw), len(self.raw))]:
            for offset in range(at, begin):
                character = self.raw[offset]
                if _BLANK.match(character):
                    if not kept or kept[-1] == " ":
                        continue
                    character = " "
                kept.append(character)
                offsets.append(offset)
            at = end
        if kept and kept[-1] == " ":
            kept.pop()
            offsets.pop()
        return "".join(kept), offsets

    @cached_property
    def text(self) -> str:
        """The normalised text."""
        return unicodedata.normalize("NFC", self._kept[0])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in `text` of the raw characters from `start` up to `end`, without the blanks at either end.

        Raises ValueError where the span lies outside the raw text or holds nothing but blanks and marks.
        """
        if not 0 <= start < end <= len(self.raw):
            raise ValueError(f"offsets {start} to {end} lie outside a text of {len(self.raw)} characters")
        kept, offsets = self._kept
        first, last = bisect_left(offsets, start), bisect_left(offsets, end)
        while first < last and kept[first] == " ":
            first += 1
        while last > first and kept[last - 1] == " ":
            last -= 1
        if first == last:
            raise ValueError(f"offsets {start} to {end} hold no words")
        if self.text == kept:  # nothing was composed, so offsets agree
            return first, last
        return len(unicodedata.normalize("NFC", kept[:first])), len(unicodedata.normalize("NFC", kept[:last]))


def normalise(text: str) -> str:
    """`text` in NFC, without Markdown marks, each run of Unicode white space as one blank, none at the ends."""
    return NormalisedText(text).text
