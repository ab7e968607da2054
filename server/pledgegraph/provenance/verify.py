"""Verification of passages: each is found exactly once in the copy of its document, and its digest is right."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, QuerySolutions

from pledgegraph.dataset import Dataset
from pledgegraph.errors import Finding, InputError, Severity
from pledgegraph.provenance.copies import Copies, Copy
from pledgegraph.provenance.normalise import normalise
from pledgegraph.provenance.passage import WORDS, PassageAddress, find, places
from pledgegraph.terms import compact

_FIELDS = ("firstWords", "lastWords", "wordsBefore", "wordsAfter", "digest", "element")
_PASSAGES = f"""
SELECT ?passage ?document ?copy {" ".join(f"?{name}" for name in _FIELDS)} {{
  ?passage pledge:inDocument ?document .
  OPTIONAL {{ ?document pledge:copyDigest ?copy }}
  {" ".join(f"OPTIONAL {{ ?passage pledge:{name} ?{name} }}" for name in _FIELDS)}
}} ORDER BY ?document ?passage"""
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class WrittenPassage:
    """A passage as a Turtle file has it.

    Args:
        iri: The passage.
        document: Its document.
        copy: SHA-256 of the document's copy, where the document gives it.
        address: Its words and digest; empty strings where it has none.
        element: Identifier of the record that it is, for a record passage.
    """

    iri: str
    document: str
    copy: str
    address: PassageAddress
    element: str


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Args:
        findings: What is wrong, by file and line of the Turtle.
        counts: Passages by outcome: verified, missing, ambiguous, wrong digest, no digest, no copy, unreadable copy.
        documents: Documents that have passages.
    """

    findings: list[Finding]
    counts: Counter[str]
    documents: int

    def __str__(self) -> str:
        total = self.counts.total()
        parts = [f"{self.counts['verified']} verified"]
        parts += [f"{count} {outcome}" for outcome, count in sorted(self.counts.items()) if outcome != "verified"]
        return f"{total} passages in {self.documents} documents: {', '.join(parts)}"


def passages(dataset: Dataset) -> list[WrittenPassage]:
    """Passages of the default graph, by document. Of a value given twice, one is taken; the shapes report the other."""
    rows = dataset.query(_PASSAGES)
    assert isinstance(rows, QuerySolutions)
    found: dict[str, WrittenPassage] = {}
    for row in rows:
        value = {name: row[name].value if isinstance(row[name], Literal) else "" for name in (*_FIELDS, "copy")}
        iri = row["passage"].value
        address = PassageAddress(
            value["firstWords"], value["lastWords"], value["wordsBefore"], value["wordsAfter"], value["digest"]
        )
        found.setdefault(iri, WrittenPassage(iri, row["document"].value, value["copy"], address, value["element"]))
    return list(found.values())


def verify(dataset: Dataset, texts: Path) -> Verification:
    """Look every passage up in the copy of its document.

    Args:
        dataset: The dataset with passages and documents.
        texts: Folder with the copies.

    Raises:
        RunError: The folder is not there or holds no copies.
    """
    copies = Copies(texts)
    findings: list[Finding] = []
    counts: Counter[str] = Counter()
    documents = set()
    without_copy = set()
    for passage in passages(dataset):
        documents.add(passage.document)
        copy = copies.find(passage.copy)
        if copy is None:
            counts["no copy"] += 1
            if passage.document not in without_copy:
                without_copy.add(passage.document)
                findings.append(_no_copy(dataset, passage, texts))
            continue
        outcome, message, hint = _outcome(copy, passage)
        counts[outcome] += 1
        if message:
            file, line = dataset.place_of(passage.iri)
            said = f"{compact(passage.iri)}: {message}"
            findings.append(Finding(file, line, "violation", said, hint, passage.iri, "passage"))
    return Verification(sorted(findings, key=_place), counts, len(documents))


def _no_copy(dataset: Dataset, passage: WrittenPassage, texts: Path) -> Finding:
    file, line = dataset.place_of(passage.document, "copyDigest")
    if passage.copy:
        message = f"{compact(passage.document)}: no file under {texts.as_posix()} has the digest {passage.copy[:12]}…"
        hint = "Put the copy that was read there, or correct pledge:copyDigest"
    else:
        message = f"{compact(passage.document)}: the document has passages and no pledge:copyDigest"
        hint = "Give the SHA-256 of the copy that was read"
    return Finding(file, line, "violation", message, hint, passage.document, "copy")


def _outcome(copy: Copy, passage: WrittenPassage) -> tuple[str, str | None, str | None]:
    """Outcome for the counts, message and hint; no message where the passage is verified."""
    try:
        if passage.element:
            return _record_outcome(copy, passage)
        text = copy.text.text
    except InputError as error:
        return "in an unreadable copy", str(error), None
    address = passage.address
    spans = find(text, address)
    if not spans:
        return "missing", *_what_is_missing(text, address)
    if len(spans) > 1:
        message = f"the words name {len(spans)} places in {copy.path.name}"
        return "ambiguous", message, "Add pledge:wordsBefore or pledge:wordsAfter until they name one"
    if not address.digest:
        return "without a digest", "the passage has no digest", "Run: pledgegraph sources seal FILE --texts DIR"
    start, end = spans[0]
    if _digest(text[start:end]) == address.digest:
        return "verified", None, None
    ends = [stop for _, stop in places(text, address.last_words, "", "") if stop > end]
    if any(_digest(text[start:stop]) == address.digest for stop in ends):
        message = "the last words stand inside the passage too, so the words name a shorter one"
        return "ambiguous", message, "Add pledge:wordsAfter"
    message = f"the digest is wrong: the words name a passage with {_digest(text[start:end])[:12]}…"
    return "with a wrong digest", message, "Read the passage again; seal it anew if its words are the right ones"


def _record_outcome(copy: Copy, passage: WrittenPassage) -> tuple[str, str | None, str | None]:
    records = copy.record(passage.element)
    if not records:
        return "missing", f"no record or element {passage.element!r} in {copy.path.name}", None
    if len(records) > 1:
        message = f"{len(records)} records of {copy.path.name} have the identifier {passage.element!r}"
        return "ambiguous", message, "Name more fields: name=value;name=value"
    if not passage.address.digest:
        return "without a digest", "the passage has no digest", "Run: pledgegraph sources seal FILE --texts DIR"
    if _digest(records[0]) != passage.address.digest:
        message = f"the digest is wrong: the record has {_digest(records[0])[:12]}…"
        return "with a wrong digest", message, "Read the record again; seal it anew if it is the right one"
    return "verified", None, None


def _what_is_missing(text: str, address: PassageAddress) -> tuple[str, str]:
    for name, words, before, after in (
        ("first", address.first_words, address.words_before, ""),
        ("last", address.last_words, "", address.words_after),
    ):
        if not words:
            return f"the passage has no {name} words", f"Give its {name} four words"
        if not places(text, words, before, after):
            if (before or after) and places(text, words, "", ""):
                beside = f"before it {before!r}" if before else f"after it {after!r}"
                return f"{words!r} stands in the copy, but not with {beside}", "Correct the words beside it"
            return f"the {name} words {words!r} are not in the copy", "Copy them as they are printed"
    return "the last words stand only before the first words", "Correct one of them"


def _digest(text: str) -> str:
    """SHA-256 of text that is normalised already."""
    return hashlib.sha256(text.encode()).hexdigest()


def resolve(copy: Copy, address: PassageAddress | None = None, element: str = "") -> str:
    """The digest of the one passage of a copy that an identifier, or else words, name.

    Raises:
        InputError: They name none or several, or the copy cannot be read.
    """
    if element:
        found = copy.record(element)
    else:
        text = copy.text.text
        found = [text[start:end] for start, end in (find(text, address) if address else ())]
    if len(found) != 1:
        raise InputError(
            f"{len(found) or 'no'} places in {copy.path.name} have these words"
            if not element
            else f"{len(found) or 'no'} records in {copy.path.name} have the identifier {element!r}"
        )
    return _digest(found[0])


def check_form(dataset: Dataset) -> list[Finding]:
    """Check the form of passages without their texts: words normalised and few, digests well formed, records named."""
    findings = []
    for passage in passages(dataset):
        for severity, value, message, hint in _form(passage):
            file, line = dataset.place_of(passage.iri, value)
            said = f"{compact(passage.iri)}: {message}"
            findings.append(Finding(file, line, severity, said, hint, passage.iri, "passage"))
    return sorted(findings, key=_place)


def _form(passage: WrittenPassage) -> Iterator[tuple[Severity, str, str, str]]:
    address = passage.address
    words = {
        "pledge:firstWords": address.first_words,
        "pledge:lastWords": address.last_words,
        "pledge:wordsBefore": address.words_before,
        "pledge:wordsAfter": address.words_after,
    }
    for name, value in words.items():
        if value != normalise(value):
            hint = f"Write {normalise(value)!r}"
            yield "violation", name, f"{name} is not normalised: {value!r}", hint
    for name in ("pledge:firstWords", "pledge:lastWords"):
        if len(words[name].split()) > WORDS:
            hint = "Give fewer; words before and after make an address unique"
            yield "warning", name, f"{name} has more than {WORDS} words", hint
        if not words[name] and not passage.element:
            yield "violation", name, f"the passage has no {name}", "Give four words, or pledge:element for a record"
    if not _HEX.fullmatch(address.digest):
        message = f"pledge:digest is not a SHA-256 in 64 hexadecimal digits: {address.digest!r}"
        yield "violation", "digest", message, "Run: pledgegraph sources seal FILE --texts DIR"


def _place(finding: Finding) -> tuple[str, int, str]:
    return finding.file or "", finding.line or 0, finding.message
