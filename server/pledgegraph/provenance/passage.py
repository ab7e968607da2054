"""The address of a passage in a text: its first and last four words, and its digest.

A passage is named by words rather than by character offsets, so that the name holds for every copy of the document
and can be found by a reader. Words before the first and after the last are added only where the address would
otherwise name two places. The digest is SHA-256 over the normalised passage with both ends.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from pledgegraph.provenance.normalise import NormalisedText, normalise

WORDS = 4


@dataclass(frozen=True)
class PassageAddress:
    """Where a passage stands in a document. `digest` is 64 hexadecimal digits; it is empty where none was taken."""

    first_words: str
    last_words: str
    words_before: str = ""
    words_after: str = ""
    digest: str = ""


@lru_cache(maxsize=64)
def _normalised(text: str) -> NormalisedText:
    return NormalisedText(text)


def digest(words: str) -> str:
    """SHA-256 of `words` after normalisation, in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(normalise(words).encode()).hexdigest()


def places(text: str, words: str, before: str, after: str) -> list[tuple[int, int]]:
    """Spans of `words` in the normalised `text` as whole words, where `before` and `after` stand next to them."""
    pattern = "".join(
        [
            r"(?<!\w)" if re.match(r"\w", before or words) else "",
            re.escape(before) + " ?" if before else "",
            f"(?P<words>{re.escape(words)})",
            " ?" + re.escape(after) if after else "",
            r"(?!\w)" if re.search(r"\w$", after or words) else "",
        ]
    )
    # the look-ahead lets places overlap, so that none hides another
    return [match.span("words") for match in re.finditer(f"(?={pattern})", text)] if words else []


def find(text: str, address: PassageAddress) -> list[tuple[int, int]]:
    """Every span of the normalised `text` that `address` names: each place its first words stand at (after
    `words_before`), up to the nearest place after it where its last words stand (before `words_after`).

    One span means that the address is good; none, that the words are missing; more, that it is ambiguous.
    """
    ends = places(text, address.last_words, "", address.words_after)
    spans = []
    for start, stop in places(text, address.first_words, address.words_before, ""):
        end = next((e for s, e in ends if s >= start and e >= stop), None)
        if end is not None:
            spans.append((start, end))
    return spans


def address(text: str, start: int, end: int) -> PassageAddress:
    """The address of the passage from character `start` up to `end` of the raw `text`, as the file reads in UTF-8.

    Blanks and Markdown marks at either end are left out. As few words before and after are added as make the address
    unique in `text`. Raises ValueError where the offsets lie outside the text, hold no words or cut through a word.
    """
    whole = _normalised(text)
    first, last = whole.span(start, end)
    normal = whole.text
    for edge in (first, last):
        if re.match(r"\w\w", normal[edge - 1 : edge + 1] if edge else ""):
            raise ValueError(
                f"offsets {start} to {end} cut through a word at {normal[max(0, edge - 20) : edge + 20]!r}"
            )
    words = normal[first:last].split(" ")
    before, after = normal[:first].split(), normal[last:].split()
    seal = hashlib.sha256(normal[first:last].encode()).hexdigest()
    for extra in range(len(before) + len(after) + len(words) + 1):
        for ahead in range(min(extra, len(before)), -1, -1):
            behind = extra - ahead
            if behind > len(after):
                continue
            candidate = PassageAddress(
                " ".join(words[:WORDS]),
                " ".join(words[-WORDS:]),
                " ".join(before[len(before) - ahead :]),
                " ".join(after[:behind]),
                seal,
            )
            if find(normal, candidate) == [(first, last)]:
                return candidate
    # Only words that come again and again are left. With all that stands before and after, so many of the first words
    # tell the passage as reach beyond where its last words could end early: at most all of them.
    for count in range(WORDS + 1, len(words)):
        candidate = PassageAddress(
            " ".join(words[:count]), " ".join(words[-WORDS:]), " ".join(before), " ".join(after), seal
        )
        if find(normal, candidate) == [(first, last)]:
            return candidate
    return PassageAddress(" ".join(words), " ".join(words[-WORDS:]), " ".join(before), " ".join(after), seal)


# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Ltd|Inc|Co|No|Nos|Art|Arts|para|paras|cf|vs|ca|approx|e\.g|i\.e|U\.S|U\.K|U\.N"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|p|pp|[A-Z])|^\s*[*\d]+)\.$"
)
_STOP = re.compile(r"[.!?][\"”’'»)\]*]*(?=\s+[\"“‘'«(\[*]*[A-Z0-9])")
_LIST_MARK = re.compile(r"\s*(?:[-–•·]\s+)?(?:(?:\d+|[a-zA-Z]|[ivxIVX]+)\.\s+|\((?:\d+|[a-z]|[ivx]+)\)\s+)?")


def enclosing_sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Raw offsets of the whole sentences, list items or numbered clauses that characters `start` up to `end` lie in.

    A line is taken for a paragraph or list item; its printed mark ("11.", "- a.", "•") stays outside the passage.
    It is a proposal for a curator: abbreviations and headings can mislead it.
    """
    lines = text.rfind("\n", 0, start) + 1, text.find("\n", max(start, end - 1))
    low, high = lines[0], lines[1] if lines[1] >= 0 else len(text)
    mark = _LIST_MARK.match(text, low, high)
    if mark and mark.end() <= start:
        low = mark.end()
    for stop in _STOP.finditer(text, low, high):
        if _ABBREVIATION.search(text[max(low, stop.start() - 12) : stop.start() + 1]):
            continue
        if stop.end() <= start:
            low = stop.end()
        elif stop.end() >= end:
            high = stop.end()
            break
    span = text[low:high]
    return low + len(span) - len(span.lstrip()), high - len(span) + len(span.rstrip())


def outline(text: str) -> dict[str, tuple[int, int]]:
    """Raw offsets of every sentence, by the number of its line and its own: "p3", or "p3.s2" where a line has several.

    Blank lines are not counted. Lists and abbreviations are told as by `enclosing_sentence`.
    """
    found: dict[str, tuple[int, int]] = {}
    lines = [match for match in re.finditer(r"[^\n]+", text) if match[0].strip()]
    for number, line in enumerate(lines, 1):
        mark = _LIST_MARK.match(text, line.start(), line.end())
        start, spans = mark.end() if mark else line.start(), []
        while rest := text[start : line.end()].lstrip():
            start = line.end() - len(rest)
            spans.append((start, max(enclosing_sentence(text, start, start + 1)[1], start + 1)))
            start = spans[-1][1]
        for place, span in enumerate(spans, 1):
            found[f"p{number}" if len(spans) == 1 else f"p{number}.s{place}"] = span
    return found
