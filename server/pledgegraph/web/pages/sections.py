"""What records say of a thing, in sections by the role that it has in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from pledgegraph.terms import PLEDGE
from pledgegraph.web.pages import dates, lines
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.graph import Graph, Thing
from pledgegraph.web.pages.lines import Group


@dataclass(frozen=True)
class Heading:
    """A section: its name in addresses, its heading, the roles that it shows, and how many records at first."""

    name: str
    heading: str
    roles: tuple[str, ...]
    shown: int = 10


HEADINGS = (
    Heading(
        "origin",
        "How it came about",
        ("adoptedText", "launchedText", "publishedText", "revisedText", "established", "launchedSeries"),
    ),
    Heading("decisions", "Decisions and votes", ("decisionOn", "inStage", "decidedBy"), 250),
    Heading(
        "endorsers",
        "Who endorsed, signed or joined it",
        ("endorsedText", "signedText", "bindingText", "sponsoredText"),
        250,
    ),
    Heading("non-endorsers", "Who did not endorse it", ("declinedText",), 250),
    Heading("removals", "Taken out or undone", ("removedFrom", "removedStatement", "undoes")),
    Heading("statements", "What it says", ("inText",), 15),
    Heading("commitments", "Commitments made directly", ("committer",)),
    Heading("endorsements", "Endorsed, signed or joined", ("endorser", "signatory", "consenter", "sponsor")),
    Heading("declined", "Did not endorse", ("decliner", "withdrawer")),
    Heading("votes", "Votes", ("voter", "nonParticipant")),
    Heading("positions", "Positions", ("holder",)),
    Heading("said", "Statements and speeches", ("speaker",)),
    Heading("acts", "Other acts", ("adopter", "launcher", "publicationBy", "mandator", "establisher", "submitter")),
    Heading("events", "What happened here", ("adoptionVenue", "launchVenue", "discussedAt", "expressedAt")),
    Heading("participants", "Who took part or was announced", ("attended", "announcedAt"), 40),
    Heading("participation", "Took part or was announced", ("participant", "announcedParticipant")),
    Heading("offices", "Offices, functions and memberships", ("roleHolder", "member")),
    Heading("members", "Members, office-holders and functions", ("memberOf", "roleAt", "office"), 250),
    Heading("themed", "What is coded with this theme", ("theme",)),
    Heading("asked", "What is asked of it", ("addressee", "mandated")),
    Heading("positions-towards", "Positions towards it", ("towards",)),
    Heading("calls", "Who calls for it", ("callsFor",)),
    Heading("mandates", "Mandates and submissions", ("mandatingText", "submittedTo")),
    Heading("relations", "Relations to other texts and statements", ("relationFrom", "relationTo")),
    Heading("lists", "Lists of names", ("listOf", "listed")),
    Heading("counts", "Stated counts", ("countOf", "ofRoster")),
    Heading("definitions", "Definitions", ("definedIn", "defines")),
    Heading("mentions", "Also named in", ("regards", "topic", "about")),
    Heading("differ", "Where the sources differ", ("between",)),
    Heading(
        "unknown",
        "What the sources do not say",
        ("soughtActor", "soughtText", "soughtVenue", "soughtTheme", "searched"),
    ),
)
"""All sections in the order of a page. A role that none of them names is shown under "Also named in"."""

NAMES = {heading.name: heading for heading in HEADINGS}

_BY_ROLE = {PLEDGE(role): heading for heading in HEADINGS for role in heading.roles}
_ABOUT = PLEDGE("about")

WHOLE = 500
"""Up to this many records of a section are put in order by date and label; more keep the order of their addresses."""


@dataclass(frozen=True)
class Section:
    """One section of a page.

    Args:
        heading: what it is called, and its roles.
        total: how many records it has.
        groups: those shown.
        shown: how many are shown.
    """

    heading: Heading
    total: int
    groups: list[Group] = field(default_factory=list)
    shown: int = 0


def of(graph: Graph, thing: str, only: str = "", start: int = 0, count: int = 0) -> list[Section]:
    """The sections of a thing.

    Args:
        graph: what has been read; the records are added to it.
        thing: IRI of the thing.
        only: name of the one section wanted; all by default.
        start: records to pass over in each section.
        count: records to show of each section; by default what its heading says.
    """
    found = _records(graph, thing, only)
    graph.read((record for records in found.values() if len(records) <= WHOLE for record in records), brief=True)
    chosen: dict[Heading, list[str]] = {}
    for heading, records in found.items():
        key = _ORDERS.get(heading.name, _by_date)
        ordered = sorted(records) if len(records) > WHOLE else sorted(records, key=lambda iri: key(graph.get(iri)))
        chosen[heading] = ordered[start : start + (count or heading.shown)]
    shown = [record for records in chosen.values() for record in records]
    made = {line.iri: line for line in lines.read(graph, shown, thing)}
    return [
        Section(heading, len(found[heading]), groups, sum(len(group.lines) for group in groups))
        for heading in HEADINGS
        if heading in chosen
        for groups in [lines.grouped([made[record] for record in chosen[heading] if record in made])]
    ]


def _records(graph: Graph, thing: str, only: str) -> dict[Heading, list[str]]:
    """Records by section. `about` counts only for records that name the thing in no role of their own."""
    node = NamedNode(thing)
    if only:
        roles = [PLEDGE(role) for role in NAMES[only].roles]
        if only in ("mentions", "differ"):
            roles = [row["role"] for row in rows(graph.site, "roles", thing=node)]
        pairs = [
            {"role": role, **row}
            for role in roles
            for row in rows(graph.site, "pointing", thing=node, role=NamedNode(role))
        ]
    else:
        pairs = rows(graph.site, "pointing", thing=node)
    special = {row["record"] for row in pairs if row["role"] != _ABOUT}
    loose = [row["record"] for row in pairs if row["record"] not in special]
    differing = {each.iri for each in graph.read(loose, brief=True) if each.is_a("Discrepancy")}
    found: dict[Heading, dict[str, None]] = {}
    for row in pairs:
        if row["role"] != _ABOUT or row["record"] not in special:
            heading = NAMES["differ"] if row["record"] in differing else _BY_ROLE.get(row["role"], NAMES["mentions"])
            if not only or heading.name == only:
                found.setdefault(heading, {})[row["record"]] = None
    return {heading: list(records) for heading, records in found.items()}


def _by_date(record: Thing) -> tuple[object, ...]:
    return (dates.sort_key(record), natural(record.label))


def by_locator(record: Thing) -> tuple[object, ...]:
    """By the printed number; statements without one come after, what binds or commits first."""
    rank = next((number for number, kind in enumerate(_KINDS) if record.is_a(kind)), len(_KINDS))
    locator = record.text("locator")
    return (not locator, natural(locator), rank, record.label)


_KINDS = ("Requirement", "Commitment", "Decision", "Request", "Recommendation", "Call", "Affirmation", "Aim")


def _by_text(record: Thing) -> tuple[object, ...]:
    return (record.text("inText") or record.text("speaker") or "~", *by_locator(record))


_ORDERS: dict[str, Callable[[Thing], tuple[object, ...]]] = {
    "statements": by_locator,
    "themed": _by_text,
    "asked": _by_text,
}


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that puts "9" before "13.f" and "13.f" before "13.g".

    >>> sorted(["13.f", "9", "13"], key=natural)
    ['9', '13', '13.f']
    """
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[^\d.\s]+", text))
