"""General Assembly resolutions in Akoma Ntoso, as the UN's DGACM publishes them (github.com/UNxml/GAresolutions).

What these files get wrong is handled here: a placeholder date for sponsors who joined later, identifiers that are not
the printed numbers, and different numbers of paragraphs in different languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from pledgegraph.errors import InputError, RunError

LANGUAGES = {"ara": "ar", "zho": "zh", "eng": "en", "fra": "fr", "rus": "ru", "spa": "es"}
"""Language codes of the files (ISO 639-2) to tags of BCP 47."""

CHOICES = {"inFavour": "yes", "against": "no", "abstaining": "abstain"}
OUTCOMES = {"adoptedRecordedVote": "adoptedByVote", "adoptedWithoutVote": "adoptedWithoutVote"}
_SYMBOL = re.compile(r"//(?:undocs|docs\.un)\.org/(?:[a-z]{2}/)?([A-Z]/.+)\Z", re.IGNORECASE)
_PLACEHOLDER = "0001-01-01"
_MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Step:
    """A step of the way to adoption.

    Args:
        outcome: What happened, as the file codes it: draftResolution, recommendedForAdoption, adopted ...
        day: When; None where the file gives none or a placeholder.
        symbol: The document concerned: the draft, the committee's report, the meeting record.
        by: Who did it, as printed.
        paragraph: The paragraph of the report, where one is named.
    """

    outcome: str
    day: date | None
    symbol: str
    by: str
    paragraph: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph's identifier and printed number; its words stay in the file.

    Args:
        element: The `eId`, which aligns languages and is not the printed number.
        number: The number as printed, without its full stop; empty for preambular paragraphs.
        operative: Whether it stands in the body of the resolution itself.
        verb: How the file names a recital, such as Recalling; empty for operative paragraphs.
        links: Symbols of documents that it links to.
        opening: Its words before the first link, of which nothing is stored.
    """

    element: str
    number: str
    operative: bool
    verb: str = ""
    links: tuple[str, ...] = ()
    opening: str = ""


@dataclass(frozen=True)
class ResolutionFile:
    """One resolution in one language.

    Args:
        path: The file.
        symbol: Symbol of the resolution, such as A/RES/79/62.
        language: BCP 47 tag.
        title: Title as printed.
        adopted: Day of adoption.
        steps: Steps of the way to adoption, in the file's order.
        outcome: How the plenary ended (`OUTCOMES`); None where the file does not say.
        tallies: Choice to the count that the file states.
        voters: Choice to the names as printed.
        paragraphs: Paragraphs with an identifier, in order.
    """

    path: Path
    symbol: str
    language: str
    title: str
    adopted: date
    steps: tuple[Step, ...]
    outcome: str | None
    tallies: Mapping[str, int]
    voters: Mapping[str, tuple[str, ...]]
    paragraphs: tuple[Paragraph, ...]

    def step(self, outcome: str) -> Step | None:
        """The first step with an outcome."""
        return next((step for step in self.steps if step.outcome == outcome), None)


def read(path: Path) -> ResolutionFile:
    """Read a resolution.

    Raises:
        InputError: The file is no Akoma Ntoso resolution, or lacks what an import needs; the message says what.
        RunError: It cannot be read.
    """
    root = _root(path)
    uri = _attribute(root, ".//{*}FRBRWork/{*}FRBRuri", "value", path)
    numbers = re.search(r"/unga/(\d{4}-\d{2}-\d{2})/([\w.]+)-(\d+[a-z]?)/?\Z", uri, re.IGNORECASE)
    if not numbers:
        raise InputError(f"the work's IRI {uri!r} names no resolution of the General Assembly", file=path.as_posix())
    code = _attribute(root, ".//{*}FRBRExpression/{*}FRBRlanguage", "language", path)
    if code not in LANGUAGES:
        raise InputError(f"unknown language {code!r}", file=path.as_posix(), hint=f"Known: {', '.join(LANGUAGES)}")
    title = _text(root.find(".//{*}docTitle[@refersTo='#resolutionTitle']"))
    if not title:
        raise InputError("no docTitle of the resolution", file=path.as_posix())
    adopted = _day(_attribute(root, ".//{*}FRBRWork/{*}FRBRdate", "date", path), path)
    if adopted is None:
        raise InputError("no day of adoption", file=path.as_posix())
    voting = root.find(".//{*}voting")
    tallies, voters = _votes(voting, path)
    return ResolutionFile(
        path,
        f"A/RES/{numbers[2]}/{numbers[3]}",
        LANGUAGES[code],
        title,
        adopted,
        tuple(_step(element, path) for element in root.iterfind(".//{*}workflow/{*}step")),
        OUTCOMES.get(voting.get("outcome", "")) if voting is not None else None,
        tallies,
        voters,
        tuple(_paragraphs(root)),
    )


def _root(path: Path) -> ElementTree.Element:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"the file has more than {_MAX_BYTES:,} bytes", file=path.as_posix())
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=path.as_posix()) from error
    if b"<!ENTITY" in data:  # entities can unpack to any size, and no file of the source declares one
        raise InputError("the file declares XML entities, which are not read", file=path.as_posix())
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - without entities nothing unpacks
    except ElementTree.ParseError as error:
        raise InputError(f"no XML: {error}", file=path.as_posix(), line=error.position[0]) from error
    if root.tag.rpartition("}")[2] != "akomaNtoso":
        raise InputError("no Akoma Ntoso document", file=path.as_posix(), hint="Give resolutions of UNxml")
    return root


def _attribute(root: ElementTree.Element, query: str, name: str, path: Path) -> str:
    element = root.find(query)
    value = element.get(name) if element is not None else None
    if not value:
        raise InputError(f"{query.rpartition('}')[2]} has no {name}", file=path.as_posix())
    return value


def _text(element: ElementTree.Element | None) -> str:
    """The words of an element without its notes."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        if child.tag.rpartition("}")[2] != "authorialNote":
            parts.append(_text(child))
        parts.append(child.tail or "")
    return " ".join("".join(parts).split())


def _day(value: str, path: Path) -> date | None:
    if not value or value == _PLACEHOLDER:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise InputError(f"no date: {value!r}", file=path.as_posix()) from None


def _step(element: ElementTree.Element, path: Path) -> Step:
    return Step(
        element.get("outcome", ""),
        _day(element.get("date", ""), path),
        " ".join(element.get("as", "").split()),
        " ".join(element.get("by", "").split()),
        element.get("refersTo", ""),
    )


def _votes(voting: ElementTree.Element | None, path: Path) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    tallies: dict[str, int] = {}
    voters: dict[str, tuple[str, ...]] = {}
    for count in voting.iterfind("{*}count") if voting is not None else ():
        coded = count.get("refersTo", "").removeprefix("#")
        if coded not in CHOICES:
            raise InputError(f"unknown choice {coded!r} in voting", file=path.as_posix())
        value = count.get("value", "")
        if not value.isdecimal():
            raise InputError(f"the count of {coded} is no number: {value!r}", file=path.as_posix())
        tallies[CHOICES[coded]] = int(value)
        voters[CHOICES[coded]] = tuple(_text(voter) for voter in count.iterfind(".//{*}organization"))
    return tallies, voters


def _paragraphs(root: ElementTree.Element) -> list[Paragraph]:
    body = root.find(".//{*}mainBody")
    found = [
        Paragraph(
            element.get("eId", ""),
            "",
            operative=False,
            verb=element.get("name", ""),
            links=_links(element),
            opening=_opening(element),
        )
        for part in (root.find(".//{*}preamble"), body)  # one Arabic file has a recital inside the body
        if part is not None
        for element in part.iterfind("{*}container")
        if element.get("eId")
    ]
    for element in body.iterfind("{*}paragraph") if body is not None else ():
        number = _text(element.find("{*}num")).strip(" .-()（）")
        if element.get("eId") and number:
            found.append(Paragraph(element.get("eId", ""), number, operative=True, links=_links(element)))
    return found


def _links(element: ElementTree.Element) -> tuple[str, ...]:
    """Symbols in the addresses that the words of an element link to; those of its notes are left out."""
    noted = {id(link) for note in element.iterfind(".//{*}authorialNote") for link in note.iter()}
    addresses = (link.get("href", "") for link in element.iterfind(".//{*}a") if id(link) not in noted)
    return tuple(dict.fromkeys(found[1] for address in addresses if (found := _SYMBOL.search(address))))


def _opening(element: ElementTree.Element) -> str:
    """The words of an element before its first link; all of them where it has none."""
    words: list[str] = []

    def walk(node: ElementTree.Element) -> bool:
        if node.tag.rpartition("}")[2] == "a":
            return True
        words.append(node.text or "")
        for child in node:
            if child.tag.rpartition("}")[2] != "authorialNote" and walk(child):
                return True
            words.append(child.tail or "")
        return False

    walk(element)
    return " ".join("".join(words).split())
