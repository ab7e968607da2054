"""Which actor a printed name means: every spelling that the graph gives a state, compared by its letters alone.

The names are data: `rdfs:label`, `skos:altLabel` (a name that sources use) and `skos:hiddenLabel` (a misprint that
sources hold) of states in `graph/actors/`. A name that is in none of them is reported and never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from pledgegraph import turtle
from pledgegraph.content import Content
from pledgegraph.errors import InputError
from pledgegraph.terms import PLEDGE, RDF_TYPE, RDFS_LABEL, SKOS, compact

_NAMES = {RDFS_LABEL, SKOS("altLabel"), SKOS("hiddenLabel")}
_NAMED_CLASSES = {PLEDGE("State")}
_SEPARATOR = re.compile(r"(\s*,\s*and\s+|\s*[,;]\s*|\s+and\s+)", re.IGNORECASE)
_ON_BEHALF = re.compile(r"\bon behalf of\b|\bin its capacity\b", re.IGNORECASE)
_FORMULA = re.compile(
    r"\b(?:submitted|introduced|representative of|on the basis of|annex|rejected|chair|rapporteur"
    r"|informal consultations)\b",
    re.IGNORECASE,
)


def key(name: str) -> str:
    """The letters and digits of a name, without case, marks, blanks and punctuation.

    >>> key("CÔTE D’IVOIRE") == key("Cote d'Ivoire")
    True
    >>> key("Guinea-Bissau"), key("GE RMANY")
    ('guineabissau', 'germany')
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if char.isalnum())


@dataclass(frozen=True)
class Sponsors:
    """What a sponsor field names.

    Args:
        states: IRIs of the states that it names, in its order, each once.
        on_behalf: Entries by which one state speaks for a group; no sponsorship of the group's members follows.
        formulas: Entries that name no sponsor, such as "submitted by the President of the General Assembly".
        unresolved: Entries that no name in the graph matches.
    """

    states: tuple[str, ...] = ()
    on_behalf: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()


class Names:
    """The names of states, for looking up what a source prints.

    Args:
        triples: Triples with types and labels of states.

    Raises:
        InputError: One name means two states.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        known = list(triples)
        states = {
            triple.subject.value
            for triple in known
            if isinstance(triple.subject, NamedNode)
            and triple.predicate.value == RDF_TYPE
            and isinstance(triple.object, NamedNode)
            and triple.object.value in _NAMED_CLASSES
        }
        self._states: dict[str, str] = {}
        for triple in known:
            if not isinstance(triple.subject, NamedNode) or not isinstance(triple.object, Literal):
                continue
            state = triple.subject.value
            if state not in states or triple.predicate.value not in _NAMES:
                continue
            other = self._states.setdefault(key(triple.object.value), state)
            if other != state:
                raise InputError(
                    f"{triple.object.value!r} names {compact(other)} and {compact(state)}",
                    hint="Take the name from one of them",
                )
        self.states = frozenset(states)

    @classmethod
    def from_content(cls, content: Content) -> Names:
        """Names of the states in `graph/actors/`."""
        files = [path for path in content.graph_files() if path.parent == content.graph / "actors"]
        return cls(triple for path in files for triple in turtle.parse(path, name=content.display(path)))

    def resolve(self, printed: str) -> str | None:
        """IRI of the state that a printed name means; None where no name of the graph matches it.

        An article before the name or in brackets after it is no part of it ("the Comoros", "Bahamas (the)").
        """
        letters = key(printed)
        if not letters:
            return None
        forms = (letters, letters.removeprefix("the"), letters.removesuffix("the"))
        return next((self._states[form] for form in forms if form in self._states), None)

    def sponsors(self, entries: Iterable[str]) -> Sponsors:
        """Read sponsor entries: lists run together are taken apart, groups and formulas are set aside.

        Args:
            entries: The entries of a sponsor field, each a name, a list in one string, or a formula.
        """
        states: dict[str, None] = {}
        found: dict[str, list[str]] = {"on_behalf": [], "formulas": [], "unresolved": []}
        for entry in entries:
            text = " ".join(entry.split())
            if not text:
                continue
            for part in _outside_brackets(text):
                if state := self.resolve(part):
                    states.setdefault(state)
                elif _ON_BEHALF.search(part):
                    found["on_behalf"].append(part)
                elif _FORMULA.search(part):
                    found["formulas"].append(part)
                else:
                    for piece, known in self._pieces(part):
                        if known:
                            states.setdefault(known)
                        else:
                            found["unresolved"].append(piece)
        return Sponsors(tuple(states), tuple(found["on_behalf"]), tuple(found["formulas"]), tuple(found["unresolved"]))

    def _pieces(self, text: str) -> Iterator[tuple[str, str | None]]:
        """Take a list apart, the longest known name first, since names hold "and" and commas themselves."""
        atoms = _SEPARATOR.split(text)  # name, separator, name, ...
        start = 0
        while start < len(atoms):
            for end in range(len(atoms), start, -2):
                piece = re.sub(r"^and\s+", "", "".join(atoms[start:end]).strip(" ."), flags=re.IGNORECASE)
                state = self.resolve(piece)
                if state or end == start + 1:
                    if piece:
                        yield piece, state
                    start = end + 1
                    break


def _outside_brackets(text: str) -> Iterator[str]:
    """A list in one string without the entries by which a state speaks for a group, and each of these entries."""
    rest, start = "", 0
    for bracket in re.finditer(r"\(on behalf of(?:[^()]|\([^()]*\))*\)", text, re.IGNORECASE):
        before = text[start : bracket.start()]
        cut = max((match.end() for match in re.finditer(r", and |, | and ", before)), default=0)
        rest += before[:cut]
        yield before[cut:] + bracket[0]
        start = bracket.end()
    rest += text[start:]
    if rest.strip(" ,").removeprefix("and ").strip():
        yield re.sub(r"^\s*(?:,|and\b)\s*|\s+and\s*$", "", rest.strip(" ,")).strip(" ,")
