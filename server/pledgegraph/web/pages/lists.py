"""The lists: instruments, themes, actors, venues, documents, claims, what is not known, where sources differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from flask import Response
from pyoxigraph import Literal, NamedNode

from pledgegraph.terms import ID, PLEDGE, SLUG, expand
from pledgegraph.web.pages import citation, dates, documents, lines, listing
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.graph import Graph, Thing, Value, Vocabulary
from pledgegraph.web.pages.listing import Item, Listing
from pledgegraph.web.pages.response import blueprint, page, page_number, parameter, site
from pledgegraph.web.pages.things import sides
from pledgegraph.web.problems import Problem

CLAIMS = 50
"""Claims on one page."""


def _page(template: str, path: str, made: Listing, **values: Any) -> Response:
    return page(template, listing=made, path_=path, citation=citation.of(site(), made.title, path), **values)


@blueprint.get("/instruments")
def instruments() -> Response:
    """All texts, those that are only called for among them."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    days: dict[str, str] = {}
    for row in rows(site(), "text-counts"):
        role = row["role"].removeprefix(PLEDGE)
        counts[row["text"]][role] = int(row["records"])
        if role in ("adoptedText", "launchedText", "publishedText") and "day" in row:
            days[row["text"]] = min(days.get(row["text"], "9999"), row["day"])
    items = []
    for iri, group in _grouped(rows(site(), "instruments"), "text").items():
        first, count = group[0], counts[iri]
        proposed = first["proposed"] == "true"
        forms = [Value(row["form"], True, row["formLabel"]) for row in group if "form" in row]
        state = Value("proposed" if proposed else "existing", False)
        work = [Value(row["work"], True, row["workLabel"]) for row in group if "work" in row]
        items.append(
            Item(
                (
                    Value(iri, True, first["label"]),
                    ", ".join(sorted({form.text for form in forms})) or ("proposed text" if proposed else ""),
                    dates.day(days.get(iri, "")),
                    count.get("endorsedText", 0),
                    count.get("declinedText", 0),
                    count.get("callsFor" if proposed else "inText", 0),
                ),
                {"form": forms, "state": [state], "work": work},
                f"a version of {work[0].text}" if work else "",
                (proposed, first["label"].lower()),
            )
        )
    made = listing.make(
        "Instruments",
        "Texts that a body, group or author adopted, issued or published, and texts that are only called for. "
        "A version is listed beside the work that it is a version of.",
        ("Text", "Form", "First dated act", "Endorsements", "Recorded as not endorsing", "Statements or calls"),
        items,
        (("form", "Form"), ("state", "Existing or proposed"), ("work", "Version of")),
    )
    return _page("list.html", "instruments", made)


@blueprint.get("/actors")
def actors() -> Response:
    """All actors."""
    counts = {row["actor"]: int(row["records"]) for row in rows(site(), "actor-counts")}
    vocabulary = Vocabulary.of(site())
    items = []
    for iri, group in _grouped(rows(site(), "actors"), "actor").items():
        kinds = [Value(kind, True, vocabulary.label(kind)) for kind in sorted({row["kind"] for row in group})]
        label = group[0]["label"]
        cells = (Value(iri, True, label), ", ".join(kind.text for kind in kinds), counts.get(iri, 0))
        items.append(Item(cells, {"kind": kinds}, order=(label.lower(),)))
    made = listing.make(
        "Actors",
        "States, organisations, bodies, groups, offices, people and unnamed authors, as the sources name them. "
        "The kind says how sources treat a name and nothing about recognition.",
        ("Actor", "Kind", "Records with a role"),
        items,
        (("kind", "Kind"),),
    )
    return _page("list.html", "actors", made)


@blueprint.get("/venues")
def venues() -> Response:
    """All venues."""
    counts = {row["venue"]: int(row["records"]) for row in rows(site(), "venue-counts")}
    vocabulary = Vocabulary.of(site())
    items = []
    for iri, group in _grouped(rows(site(), "venues"), "venue").items():
        first = group[0]
        kinds = [Value(kind, True, vocabulary.label(kind)) for kind in sorted({row["kind"] for row in group})]
        places = list(
            {row["place"]: Value(row["place"], True, row["placeLabel"]) for row in group if "place" in row}.values()
        )
        when = dates.span(first.get("earliest", ""), first.get("latest", ""))
        planned = dates.span(first.get("scheduledEarliest", ""), first.get("scheduledLatest", ""))
        shown = when or (f"announced for: {planned}" if planned else "")
        cells = (
            Value(iri, True, first["label"]), ", ".join(kind.text for kind in kinds), shown, places, counts.get(iri, 0)
        )  # fmt: skip
        day = first.get("latest") or first.get("scheduledLatest") or "9999"
        items.append(Item(cells, {"kind": kinds, "place": places}, order=(day, first["label"].lower())))
    made = listing.make(
        "Venues",
        "Forums, series and events where texts are discussed, adopted or launched. A place is not a venue.",
        ("Venue", "Kind", "When", "Where", "Records"),
        items,
        (("kind", "Kind"), ("place", "Place")),
    )
    return _page("list.html", "venues", made)


@blueprint.get("/documents")
def documents_read() -> Response:
    """All documents that were read."""
    graph = Graph(site())
    counts = {row["document"]: row for row in rows(site(), "document-counts")}
    items = []
    for thing in graph.read(row["document"] for row in rows(site(), "documents")):
        count = counts.get(thing.iri, {})
        cells = (
            Value(thing.iri, True, thing.label),
            thing.text("sourceType"),
            thing.all("publisher"),
            dates.span(thing.text("earliest"), thing.text("latest")),
            thing.text("reviewState"),
            int(count.get("passages", 0)),
            int(count.get("claims", 0)),
        )
        facets = {
            "type": thing.all("sourceType"),
            "publisher": thing.all("publisher"),
            "review": thing.all("reviewState"),
        }
        items.append(Item(cells, facets, order=(thing.label.lower(),)))
    made = listing.make(
        "Documents",
        "Files and pages that were read as sources. A document is not the text that it may carry; both have pages.",
        ("Document", "Kind of source", "Publisher", "Published", "Review", "Passages cited", "Claims"),
        items,
        (("type", "Kind of source"), ("publisher", "Publisher"), ("review", "Review")),
    )
    return _page("list.html", "documents", made)


@dataclass
class Theme:
    """A theme with what is coded with it and the themes below it."""

    value: Value
    definition: str
    statements: int = 0
    texts: int = 0
    below: list[Theme] = field(default_factory=list)


@blueprint.get("/themes")
def themes() -> Response:
    """All themes, as a hierarchy."""
    found, above = theme_tree()
    top = [theme for iri, theme in found.items() if iri not in above]
    title = "Themes"
    return page("themes.html", top=top, total=len(found), title=title, citation=citation.of(site(), title, "themes"))


def theme_tree() -> tuple[dict[str, Theme], dict[str, str]]:
    """Themes by IRI in the order of their labels, and for each that has one the theme above it."""
    counts = {row["theme"]: row for row in rows(site(), "theme-counts")}
    found: dict[str, Theme] = {}
    above: dict[str, str] = {}
    for row in sorted(rows(site(), "themes"), key=lambda row: row["label"].lower()):
        count = counts.get(row["theme"], {})
        found[row["theme"]] = Theme(
            Value(row["theme"], True, row["label"]),
            row.get("definition", ""),
            int(count.get("statements", 0)),
            int(count.get("texts", 0)),
        )
        if "broader" in row:
            above[row["theme"]] = row["broader"]
    for iri, broader in above.items():
        if broader in found:
            found[broader].below.append(found[iri])
    return found, {iri: broader for iri, broader in above.items() if broader in found}


@blueprint.get("/unknown")
def unknown() -> Response:
    """What was searched for and not found."""
    graph = Graph(site())
    items = []
    for thing in graph.read(row["record"] for row in rows(site(), "absences")):
        sought = {name: thing.all(role) for name, role in _SOUGHT.items()}
        items.append(
            Item((Value(thing.iri, True, thing.label),), sought, thing.text("summary"), (thing.label.lower(),))
        )
    made = listing.make(
        "What the sources do not say",
        "Each entry is a search that found nothing: what was looked for, in which documents, by which terms and when. "
        "What is not listed here was not searched for, and the graph is silent on it.",
        (),
        items,
        (("text", "Text"), ("actor", "Actor"), ("theme", "Theme"), ("venue", "Venue")),
        size=LINES,
    )
    shown = lines.read(graph, (_iri(item) for item in made.items))
    return _page("unknown.html", "unknown", made, lines=shown)


_SOUGHT = {"text": "soughtText", "actor": "soughtActor", "theme": "soughtTheme", "venue": "soughtVenue"}


@blueprint.get("/disagreements")
def disagreements() -> Response:
    """Where sources differ, and claims that are not accepted."""
    graph = Graph(site())
    items = [
        Item((Value(t.iri, True, t.label),), {"about": t.all("about")}, t.text("summary"), (t.label.lower(),))
        for t in graph.read(row["record"] for row in rows(site(), "discrepancies"))
    ]
    made = listing.make(
        "Where the sources differ",
        "Each entry shows both sides with who says it and does not decide between them.",
        (),
        items,
        (("about", "About"),),
        empty="No difference between sources is recorded here.",
        size=LINES,
    )
    both = [
        (line, sides(graph, [value.value for value in graph.get(line.iri).all("between")]))
        for line in lines.read(graph, (_iri(item) for item in made.items))
    ]
    refused = documents.what_claims_say(graph, [row["claim"] for row in rows(site(), "not-accepted")][:CLAIMS])
    return _page("disagreements.html", "disagreements", made, both=both, refused=refused)


LINES = 40
"""Searches or differences on one page."""


@blueprint.get("/claims")
def claims() -> Response:
    """Claims, by who makes them or passes them on, by status, or by document."""
    chosen = {name: _chosen(name) for name in ("claimant", "reporter", "status", "document")}
    bound = {name: NamedNode(value.value) for name, value in chosen.items() if value}
    found = [row["claim"] for row in rows(site(), "reported-claims" if "reporter" in bound else "claims", bound)]
    number, last = page_number(), max(1, ceil(len(found) / CLAIMS))
    if number > last:
        raise Problem("not-found", f"The list has {last} page{'s' if last > 1 else ''}, and no page {number}.")
    graph = Graph(site())
    named = {
        name: graph.read([value.value])[0] for name, value in chosen.items() if value and graph.read([value.value])
    }
    part = found[(number - 1) * CLAIMS : number * CLAIMS]
    statuses = [
        Value(iri, True, term.label) for iri, term in Vocabulary.of(site()).terms.items() if _STATUS in term.schemes
    ]
    return page(
        "claims.html",
        title="Claims",
        named=named,
        statuses=statuses,
        total=len(found),
        number=number,
        last=last,
        said=documents.what_claims_say(graph, part),
        citation=citation.of(site(), "Claims", "claims"),
    )


_STATUS = PLEDGE("scheme-status")


@blueprint.get("/find")
def find() -> Response:
    """Things by words of their names."""
    words = parameter("q")
    graph = Graph(site())
    found = rows(site(), "find", words=Literal(words)) if words else []
    vocabulary = Vocabulary.of(site())
    things = sorted(graph.read(row["thing"] for row in found), key=lambda thing: _closeness(thing, words))
    kinds = {thing.iri: ", ".join(map(vocabulary.label, vocabulary.narrowest(thing.types))) for thing in things}
    return page("find.html", words=words, things=things[:LISTED], total=len(things), kinds=kinds)


LISTED = 100
"""Things that a search shows."""


def _closeness(thing: Thing, words: str) -> tuple[int, bool, str]:
    """Names that are the words come first, then those that begin with them; things before records about them."""
    label, sought = thing.label.lower(), words.lower()
    rank = 0 if label == sought else 1 if label.startswith(sought) else 2
    return (rank, thing.is_a("Record"), label)


def _chosen(name: str) -> Value | None:
    text = parameter(name)
    if not text:
        return None
    try:
        return Value(ID(text) if SLUG.match(text) else str(NamedNode(expand(text)).value))
    except ValueError:
        raise Problem("bad-request", f"{text[:60]!r} names no {name}.", hint="Write id:… or a full IRI.") from None


def _iri(item: Item) -> str:
    first = item.cells[0]
    assert isinstance(first, Value)  # every list here puts the thing first
    return first.value


def _grouped(found: list[dict[str, str]], name: str) -> dict[str, list[dict[str, str]]]:
    """Rows by the value of one variable, in the order in which they came."""
    groups: dict[str, list[dict[str, str]]] = {}
    for row in found:
        groups.setdefault(row[name], []).append(row)
    return groups
