"""`/page/<slug>`: a page for any thing, by its kind."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Response
from pyoxigraph import NamedNode

from pledgegraph.terms import DCTERMS, PLEDGE, RDFS_LABEL, SKOS
from pledgegraph.web import linked_data, signposts
from pledgegraph.web.pages import citation, documents, evidence, facts, lines, sections
from pledgegraph.web.pages.asking import cells, rows
from pledgegraph.web.pages.evidence import Evidence
from pledgegraph.web.pages.graph import Graph, Thing, Value, Vocabulary, add
from pledgegraph.web.pages.lines import Line
from pledgegraph.web.pages.response import blueprint, page, page_number, parameter, site, thing_of
from pledgegraph.web.problems import Problem

SECTION_PAGE = 100
"""Records on one page of a section."""

COMMITMENTS_SHOWN = 10
"""Commitments that the page of an actor shows."""


DIRECT = "commitments"
"""The section of commitments made directly, which the page of an actor shows among all its commitments."""


@dataclass(frozen=True)
class Head:
    """What stands at the head of a page.

    Args:
        thing: the thing.
        kinds: its most specific classes, label and IRI.
        also: other names.
        languages: the name in other languages, each with its language tag.
        note: the curator's note.
        old_release: the release that the address names where another one is served.
        release: the release that is served.
    """

    thing: Thing
    kinds: tuple[tuple[str, str], ...]
    also: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]
    note: str
    old_release: str
    release: str


def head(graph: Graph, thing: Thing) -> Head:
    """The head of the page of a thing."""
    vocabulary = Vocabulary.of(graph.site)
    kinds = tuple((vocabulary.label(iri), iri) for iri in vocabulary.narrowest(thing.types))
    also = tuple(sorted({value.value for value in thing.properties.get(SKOS("altLabel"), ())}))
    labels = thing.properties.get(RDFS_LABEL, ())
    languages = tuple(sorted((v.language, v.value) for v in labels if v.language not in ("en", "")))
    notes = thing.properties.get(SKOS("editorialNote"), [])
    named = parameter("release")
    old = named if named and named != graph.site.snapshot.release else ""
    return Head(thing, kinds, also, languages, notes[0].value if notes else "", old, graph.site.snapshot.release)


@blueprint.get("/page/<slug>")
def thing(slug: str) -> Response:
    """The page of a thing."""
    iri = thing_of(slug)
    graph = Graph(site())
    found = graph.read([iri])
    if not found:
        return _withheld(graph, iri)
    subject = found[0]
    about = head(graph, subject)
    types = [signposts.link(iri, "type") for iri in (signposts.ABOUT_PAGE, *(iri for _, iri in about.kinds))]
    links = {"Link": linked_data.signposting(graph.site, slug, *types)}
    common: dict[str, Any] = {
        "head": about,
        "citation": citation.of(graph.site, subject.label, f"page/{slug}", slug),
        "suffixes": linked_data.SUFFIXES,
    }
    successors = subject.properties.get(DCTERMS("isReplacedBy"))
    if successors:
        return page("tombstone.html", links, successor=successors[0], **common)
    if subject.is_a("Claim"):
        return page("claim.html", links, **documents.claim(graph, subject), **common)
    if subject.is_a("Passage"):
        return page("passage.html", links, **documents.passage(graph, subject), **common)
    if subject.is_a("Document"):
        return page("document.html", links, **documents.document(graph, subject), **common)
    if only := parameter("section"):
        return _section(graph, subject, only, links, common)
    if subject.is_a("Record"):
        return page("record.html", links, **_record(graph, subject), **common)
    return page("thing.html", links, **_thing(graph, subject), **common)


def _record(graph: Graph, record: Thing) -> dict[str, Any]:
    made = lines.read(graph, [record.iri])[0]
    between = [value.value for value in record.all("between")]
    return {
        "line": made,
        "rows": facts.own(graph, record, ("locator",) if record.is_a("Absence") else ()),
        "sides": sides(graph, between),
        "sections": sections.of(graph, record.iri),
        "inferred": facts.inferred(graph, record),
    }


def sides(graph: Graph, between: list[str]) -> list[tuple[Thing, tuple[Evidence, ...]]]:
    """The claims and records that differ, each with who says it."""
    things = graph.read(between)
    claims = evidence.read(graph, (thing.iri for thing in things if thing.is_a("Claim")))
    records = {line.iri: line.evidence for line in lines.read(graph, (t.iri for t in things if t.is_a("Record")))}
    return [
        (thing, records.get(thing.iri) or tuple(claims[iri] for iri in [thing.iri] if iri in claims))
        for thing in things
    ]


def _thing(graph: Graph, subject: Thing) -> dict[str, Any]:
    about = facts.of(graph, subject)
    is_actor, is_concept = subject.is_a("Actor"), SKOS("Concept") in subject.types
    node = NamedNode(subject.iri)
    return {
        "about": about,
        "sections": [section for section in sections.of(graph, subject.iri) if section.heading.name != DIRECT],
        "versions": _versions(graph, node) if subject.is_a("Instrument") else [],
        "commitments": _commitments(graph, subject) if is_actor else ([], 0),
        "voices": {row["role"]: int(row["claims"]) for row in rows(graph.site, "voices", thing=node)}
        if is_actor
        else {},
        "narrower": rows(graph.site, "narrower", thing=node) if is_concept else [],
        "is_actor": is_actor,
        "is_text": subject.is_a("Instrument"),
        "is_theme": is_concept,
    }


def _voices(graph: Graph, actor: NamedNode) -> dict[str, int]:
    """How many claims an actor makes and passes on, by the role."""
    return {row["role"]: int(row["claims"]) for row in rows(graph.site, "voices", thing=actor)}


def _versions(graph: Graph, work: NamedNode) -> list[tuple[Value, dict[str, int]]]:
    """Versions of a work with the number of records of each role."""
    found: dict[str, tuple[Value, dict[str, int]]] = {}
    for row in rows(graph.site, "versions", thing=work):
        version = found.setdefault(row["version"], (Value(row["version"], True, row["label"]), {}))
        if "role" in row:
            version[1][row["role"].removeprefix(PLEDGE)] = int(row["records"])
    return list(found.values())


def _commitments(graph: Graph, actor: Thing) -> tuple[list[tuple[Line, str]], int]:
    """What an actor is committed to, each with the text whose endorsement commits it, and how many there are.

    A commitment made directly has no such text.
    """
    iris = [value.value for value in actor.all("committedTo")]
    direct = {value.value for value in actor.all("committerOf")}
    things = sorted(graph.read(iris[:500]), key=lambda each: (each.text("commitmentOf"), sections.by_locator(each)))
    through = {each.iri: "" if each.iri in direct else each.text("commitmentOf") for each in things}
    shown = [each.iri for each in things[:COMMITMENTS_SHOWN]]
    return [(line, through[line.iri]) for line in lines.read(graph, shown, actor.iri)], len(iris)


def _section(graph: Graph, subject: Thing, only: str, links: dict[str, str], common: dict[str, Any]) -> Response:
    """One section of a thing's page, whole, in pages."""
    if only not in sections.NAMES:
        hint = f"Known are {', '.join(sections.NAMES)}."
        raise Problem("not-found", f"There is no section {only[:40]!r} of this page.", hint=hint)
    number = page_number()
    found = sections.of(graph, subject.iri, only, (number - 1) * SECTION_PAGE, SECTION_PAGE)
    if not found or (number > 1 and not found[0].groups):
        raise Problem("not-found", "This section of the page has nothing to show.")
    last = ceil(found[0].total / SECTION_PAGE)
    return page("section.html", links, section=found[0], number=number, last=last, **common)


def _withheld(graph: Graph, iri: str) -> Response:
    """A record that is written and has no consequences, or nothing at all."""
    subject = Thing(iri)
    for row in cells(graph.site, "withheld", thing=NamedNode(iri)):
        add(subject, row["property"]["value"], row["value"], row.get("label"))
    if not subject.properties:
        hint = f"Look for it at {graph.site.iri('')} or ask {graph.site.iri('sparql')}."
        raise Problem("not-found", f"Nothing is known of {subject.slug[:80]!r}.", hint=hint)
    pairs = rows(graph.site, "attesting", nodes=[iri])
    found = evidence.group(pairs, evidence.read(graph, (pair["claim"] for pair in pairs)))
    made = lines.line(subject, Vocabulary.of(graph.site), found)
    return page(
        "record.html",
        head=head(graph, subject),
        citation=citation.of(graph.site, subject.label, f"page/{subject.slug}", subject.slug),
        suffixes={},
        line=made,
        rows=facts.own(graph, subject),
        sides=[],
        sections=[],
        inferred=[],
        withheld=True,
    )
