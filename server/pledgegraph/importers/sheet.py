"""A coding sheet: the statements of one text as rows of a table, turned into records, claims and passages.

A sheet is what `pledgegraph sources sheet` prints: a row for each sentence of a document, with empty columns for its
kind, force, themes and the other findings of `docs/codebook.md`. Rows without a kind are passed over.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Triple

from pledgegraph.errors import Finding, InputError, RunError
from pledgegraph.importers.nodes import node, slug, term, text, thing, with_properties

COLUMNS = (
    "passage", "begins", "ends", "locator", "kind", "force", "theme", "part", "verb", "label", "summary",
    "addressee", "condition", "exception", "calls_for", "context", "note",
)  # fmt: skip
"""The header of a sheet. `passage` and `context` name rows of the outline, `theme` and `addressee` take several."""

REQUIRED = ("locator", "theme", "label", "summary", "verb")
"""Columns that a row with a kind must fill."""

FORCES: dict[str, tuple[str, ...]] = {
    "Requirement": ("binding",),
    "Commitment": ("committed",),
    "Decision": ("decided",),
    "Request": ("requested",),
    "Recommendation": ("recommended",),
    "Call": ("calledFor", "encouraged"),
    "Affirmation": ("affirmed",),
    "Aim": ("aimed",),
    "Recital": ("recited",),
    "Opinion": ("opined",),
}
"""Forces that a kind may have (docs/codebook.md, Kind and force); the first is taken where a row names none."""

SHARED_WORDS = 9
"""A summary shares fewer words in a row with its passage than this; it is our sentence, not the source's."""


@dataclass(frozen=True)
class Target:
    """What the rows of a sheet belong to.

    Args:
        document: IRI of the document whose passages are cited.
        instrument: IRI of the text that speaks.
        speaker: IRI of the body or person whose text it is; also the claimant.
        form: whether it is the text itself or a translation, a local name such as "textItself".
    """

    document: str
    instrument: str
    speaker: str
    form: str = "textItself"


@dataclass(frozen=True)
class Known:
    """Slugs that the graph knows: themes, and all things."""

    themes: frozenset[str]
    things: frozenset[str]


@dataclass(frozen=True)
class Cited:
    """A passage of the document: its words, and the properties that address it by their local names."""

    words: str
    address: Mapping[str, str]


@dataclass(frozen=True)
class Coded:
    """What came of a sheet: triples of the records, triples of the document's file, findings, rows with a kind."""

    records: list[Triple]
    document: list[Triple]
    findings: list[Finding]
    rows: int


def read(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows that have a kind, each with its line.

    Raises:
        InputError: The file is no table of this kind.
        RunError: It cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = sorted({"passage", "kind", *REQUIRED} - set(reader.fieldnames or ()))
            if missing:
                hint = "`pledgegraph sources sheet` prints a sheet with all columns"
                raise InputError(f"no column {', '.join(missing)}", file=path.as_posix(), line=1, hint=hint)
            found = [
                (reader.line_num, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)})
                for row in reader
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"is no CSV in UTF-8: {error}", file=path.as_posix()) from error
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=path.as_posix()) from error
    return [(line, row) for line, row in found if row["kind"]]


def statements(path: Path, target: Target, known: Known, passage: Callable[[str], Cited | None]) -> Coded:
    """Records, claims and passages of a sheet.

    Args:
        path: the sheet.
        target: what the rows belong to.
        known: what rows may name.
        passage: gives the passage that an outline's key names, or nothing.

    Returns:
        The triples, with a violation for each row that cannot be taken; such a row has no triples.
    """
    records: list[Triple] = []
    cited: dict[str, list[Triple]] = {}
    claims: list[Triple] = []
    findings: list[Finding] = []
    used: Counter[str] = Counter()
    rows = read(path)
    for line, row in rows:
        wrong = list(_wrong(row, known, passage))
        findings += [Finding(path.as_posix(), line, "violation", message, hint, None, None) for message, hint in wrong]
        if wrong:
            continue
        keys = [key for key in (row["passage"], row.get("context", "")) if key]
        for key in keys:
            found = passage(key)
            assert found is not None  # _wrong has looked
            locator = row["locator"] if key == row["passage"] else ""
            if key not in cited or locator:
                cited[key] = _passage(target, key, found, locator)
        name = _unique(f"statement-{_slug(target.instrument)}-{slug(row['locator'])}", used)
        records += _record(name, row, target)
        claims += _claim(_unique(f"claim-{_bare(target)}-{slug(row['passage'])}", used, always=True), name, row, target)
    passages = [triple for block in cited.values() for triple in block]
    return Coded(records, passages + claims, findings, len(rows))


def _wrong(
    row: Mapping[str, str], known: Known, passage: Callable[[str], Cited | None]
) -> Iterator[tuple[str, str | None]]:
    """What keeps a row out, each with how to mend it."""
    kind, force = row["kind"], row.get("force", "")
    if kind not in FORCES:
        yield f"no kind {kind!r}", f"Kinds are {', '.join(FORCES)}"
    elif force and force not in FORCES[kind]:
        yield f"a {kind} is not {force!r}", f"Its force is {' or '.join(FORCES[kind])} (docs/codebook.md)"
    for column in REQUIRED:
        if not row[column]:
            yield f"no {column}", f"A row with a kind has {', '.join(REQUIRED)}"
    for theme in row["theme"].split():
        if theme not in known.themes:
            yield f"no theme {theme!r}", _near(theme, known.themes)
    for column in ("addressee", "calls_for"):
        for name in row.get(column, "").split():
            if name not in known.things:
                yield f"{column}: nothing is named id:{name}", _near(name, known.things)
    if row.get("part", "operative") not in ("", "operative", "preambular"):
        yield f"no part {row['part']!r}", "A part is operative or preambular"
    for column in ("passage", "context"):
        key = row.get(column, "")
        found = passage(key) if key else None
        if (key or column == "passage") and found is None:
            yield f"{column}: the document has no {key!r}", "Take the keys that `pledgegraph sources sheet` prints"
        elif found and column == "passage" and (shared := _shared(row["summary"], found.words)):
            yield f"the summary repeats the source: {shared!r}", "Say it in your own words"


def _record(name: str, row: Mapping[str, str], target: Target) -> list[Triple]:
    kind = row["kind"]
    return node(
        name,
        kind,
        label=[text(row["label"], "en")],
        note=row.get("note"),
        inText=thing(target.instrument),
        speaker=thing(target.speaker),
        commitmentOf=thing(target.instrument) if kind == "Commitment" else None,
        force=term(row.get("force") or FORCES[kind][0]),
        theme=[thing(f"theme-{each}") for each in row["theme"].split()],
        textPart=term(row.get("part") or "operative"),
        locator=row["locator"],
        summary=text(row["summary"], "en"),
        addressee=[thing(each) for each in row.get("addressee", "").split()],
        callsFor=[thing(each) for each in row.get("calls_for", "").split()],
        condition=text(row["condition"], "en") if row.get("condition") else None,
        exception=text(row["exception"], "en") if row.get("exception") else None,
    )


def _claim(name: str, record: str, row: Mapping[str, str], target: Target) -> list[Triple]:
    context = row.get("context", "")
    return node(
        name,
        "Claim",
        attests=thing(record),
        claimant=thing(target.speaker),
        cites=thing(_passage_slug(target, row["passage"])),
        context=thing(_passage_slug(target, context)) if context else None,
        printedVerb=row["verb"],
        modality=term("asserted"),
        status=term("accepted"),
        textBasis=term(target.form),
    )


def _passage(target: Target, key: str, found: Cited, locator: str) -> list[Triple]:
    place = locator or key.replace("p", "paragraph ").replace(".s", ", sentence ")
    name = _passage_slug(target, key)
    own = node(name, "Passage", inDocument=thing(target.document), locator=place)
    return own + with_properties(name, found.address)


def _passage_slug(target: Target, key: str) -> str:
    return f"passage-{_bare(target)}-{slug(key)}"


def _bare(target: Target) -> str:
    return _slug(target.document).removeprefix("document-")


def _slug(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]


def _unique(name: str, used: Counter[str], *, always: bool = False) -> str:
    """A name not given before: with "-2" for the second, or with a number from the first."""
    used[name] += 1
    return f"{name}-{used[name]}" if always or used[name] > 1 else name


def _near(name: str, known: frozenset[str]) -> str | None:
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return f"Near are {', '.join(near)}" if near else None


def _shared(ours: str, source: str) -> str:
    """The first words in a row, SHARED_WORDS of them, that stand in both; empty where none do."""
    one, other = (re.findall(r"\w+", each.lower()) for each in (ours, source))
    runs = {tuple(other[i : i + SHARED_WORDS]) for i in range(len(other) - SHARED_WORDS + 1)}
    places = range(len(one) - SHARED_WORDS + 1)
    return next((" ".join(one[i : i + SHARED_WORDS]) for i in places if tuple(one[i : i + SHARED_WORDS]) in runs), "")
