"""Records as lines of a page: what is so, of what kind, when, with which evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from pledgegraph.terms import PLEDGE
from pledgegraph.web.pages import dates, evidence
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.evidence import Evidence
from pledgegraph.web.pages.graph import Graph, Thing, Value, Vocabulary

DETAILS = (
    "stance", "towards", "choice", "memberAs", "roleAt", "capacity", "addressee",
    "theme", "condition", "exception", "reason", "completeness",
)  # fmt: skip
"""Properties that a line names besides what its summary says, in this order."""

SHARED = 3
"""From this many records on, those that rest on the same claims are shown together, with their evidence once."""


@dataclass(frozen=True)
class Search:
    """A search that found nothing: documents searched, terms looked for, and the day."""

    documents: tuple[Value, ...]
    terms: tuple[str, ...]
    day: str


@dataclass(frozen=True)
class Line:
    """One record.

    Args:
        iri: what names it.
        title: its label.
        summary: its summary, empty where that only repeats the label.
        kind: what it is called.
        kind_iri: its class.
        force: the force of a statement, or empty.
        locator: the printed number of a statement, or empty.
        when: what is known of its time, in words.
        order: what lines are sorted by.
        parties: those in it other than the thing whose page it is on.
        details: label and values of further properties.
        note: the curator's note.
        evidence: the claims that attest it.
        search: the search behind an absence.
    """

    iri: str
    title: str
    summary: str
    kind: str
    kind_iri: str
    force: Value | None
    locator: str
    when: str
    order: tuple[str, ...]
    parties: tuple[Value, ...]
    details: tuple[tuple[str, tuple[Value, ...]], ...]
    note: str
    evidence: tuple[Evidence, ...]
    search: Search | None = None

    @property
    def shared_key(self) -> tuple[object, ...]:
        """What records have in common that can be shown together."""
        return (self.kind_iri, self.when, self.force, self.details, tuple(e.claim for e in self.evidence))


@dataclass
class Group:
    """Records that rest on the same claims and differ in one party alone, or one record by itself."""

    lines: list[Line] = field(default_factory=list)

    @property
    def compact(self) -> bool:
        """Whether names are enough to tell the records apart."""
        return len(self.lines) >= SHARED


def read(graph: Graph, records: Iterable[str], page_of: str = "") -> list[Line]:
    """Lines for records, with their claims, passages and documents.

    Args:
        graph: what has been read.
        records: IRIs of records.
        page_of: the thing whose page they stand on, which their parties leave out.
    """
    things = graph.read(records, brief=True)
    pairs = rows(graph.site, "attesting", nodes=[thing.iri for thing in things])
    claims = evidence.group(pairs, evidence.read(graph, (pair["claim"] for pair in pairs)))
    vocabulary = Vocabulary.of(graph.site)
    return [line(thing, vocabulary, claims, page_of) for thing in things]


def line(thing: Thing, vocabulary: Vocabulary, claims: Mapping[str, tuple[Evidence, ...]], page_of: str = "") -> Line:
    """The line of one record."""
    kind = next(iter(vocabulary.narrowest(thing.types)), PLEDGE("Record"))
    summary = thing.text("summary")
    note = thing.properties.get("http://www.w3.org/2004/02/skos/core#editorialNote")
    details = ((name, tuple(sorted(thing.all(name), key=lambda value: value.text))) for name in DETAILS)
    locator = thing.text("locator")
    return Line(
        thing.iri,
        thing.label,
        "" if _repeats(summary, thing.label) else summary,
        vocabulary.label(kind),
        kind,
        thing.one("force"),
        locator,
        dates.when(thing),
        (dates.sort_key(thing), thing.label),
        _parties(thing, page_of),
        tuple((vocabulary.label(PLEDGE(name)), values) for name, values in details if values),
        note[0].value if note else "",
        claims.get(thing.iri, ()),
        search(thing) if thing.is_a("Absence") else None,
    )


def search(thing: Thing) -> Search:
    """The search behind an absence."""
    terms = tuple(sorted(value.value for value in thing.all("searchTerm")))
    documents = tuple(sorted(thing.all("searched"), key=lambda value: value.text))
    return Search(documents, terms, dates.day(thing.text("searchedOn")))


def grouped(found: Iterable[Line]) -> list[Group]:
    """Lines in their order, those that share kind, time, details and claims together from `SHARED` of them on."""
    by_key: dict[tuple[object, ...], list[Line]] = {}
    for each in found:
        by_key.setdefault(each.shared_key, []).append(each)
    groups: list[Group] = []
    for lines in by_key.values():
        alike = len(lines) >= SHARED and all(len(each.parties) == 1 and each.evidence for each in lines)
        if alike:
            groups.append(Group(sorted(lines, key=lambda each: each.parties[0].text)))
        else:
            groups += [Group([each]) for each in lines]
    return sorted(groups, key=lambda group: (not group.compact, -len(group.lines) if group.compact else 0))


def _parties(thing: Thing, page_of: str) -> tuple[Value, ...]:
    """Who or what else is in the record: its actors, else its texts, else its venues."""
    for name in ("actor", "text", "venue"):
        found = [value for value in thing.all(name) if value.value != page_of]
        if found:
            return tuple(sorted(found, key=lambda value: value.text))
    return ()


def _repeats(summary: str, label: str) -> bool:
    return not summary or summary.rstrip(".") == label or summary.rstrip(".").startswith(f"{label},")


def node(iri: str) -> NamedNode:
    """An IRI as a term to bind."""
    return NamedNode(iri)
