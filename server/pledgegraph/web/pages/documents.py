"""Documents, their passages, and the claims that rest on them: what the pages of the three show."""

from __future__ import annotations

from math import ceil
from typing import Any

from pyoxigraph import NamedNode

from pledgegraph import provenance
from pledgegraph.errors import PledgegraphError
from pledgegraph.terms import PLEDGE
from pledgegraph.web.pages import evidence, facts, lines
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.evidence import Evidence
from pledgegraph.web.pages.graph import Graph, Thing, Value
from pledgegraph.web.pages.response import page_number
from pledgegraph.web.pages.sections import natural
from pledgegraph.web.problems import Problem

PASSAGES = 60
"""Passages on one page of a document."""

MAX_WORDS_CHARACTERS = 4000
"""Longest passage whose words are shown; passages are sentences."""


def claim(graph: Graph, subject: Thing) -> dict[str, Any]:
    """What the page of a claim shows: who says it where, what it attests or states, what contradicts it."""
    found = evidence.read(graph, [subject.iri])
    context = graph.read(value.value for value in subject.all("context"))
    graph.read(value.value for passage in context for value in passage.all("inDocument"))
    shown_apart = (
        "attests", "subject", "property", "object", "value", "cites", "context", "claimant", "reporter", "status",
        "modality", "printedVerb", "printedName", "textBasis",
    )  # fmt: skip
    return {
        "proof": found[subject.iri],
        "stated": (subject.one("subject"), subject.one("property"), subject.one("object") or subject.one("value")),
        "attested": lines.read(graph, (value.value for value in subject.all("attests"))),
        "unknown": _not_held(graph, subject),
        "context": [evidence.place(graph, passage) for passage in context],
        "rows": facts.own(graph, subject, shown_apart),
    }


def _not_held(graph: Graph, subject: Thing) -> list[Value]:
    """Attested records that are withheld: nothing is said of them in the default graph."""
    return [value for value in subject.all("attests") if not graph.get(value.value).properties]


def passage(graph: Graph, subject: Thing) -> dict[str, Any]:
    """What the page of a passage shows: its address, its place in the source, and the claims that cite it."""
    graph.read(value.value for value in subject.all("inDocument"))
    pairs = rows(graph.site, "citing", nodes=[subject.iri])
    cited = {pair["claim"] for pair in pairs if pair["how"] == PLEDGE("cites")}
    leading = {pair["claim"] for pair in pairs} - cited
    return {
        "place": evidence.place(graph, subject),
        "document": graph.get(subject.text("inDocument") and subject.all("inDocument")[0].value),
        "ends": [(name, subject.text(name)) for name in ("wordsBefore", "firstWords", "lastWords", "wordsAfter")],
        "digest": subject.text("digest"),
        "excluded": subject.text("exclusionReason") if subject.is_a("ExcludedPassage") else "",
        "words": _words(graph, subject),
        "claims": what_claims_say(graph, sorted(cited)),
        "leading": what_claims_say(graph, sorted(leading)),
    }


def what_claims_say(graph: Graph, claims: list[str]) -> list[tuple[Evidence, str, list[Value]]]:
    """Claims with what they say: a sentence of their own, or the records that they attest."""
    graph.read(claims)
    found = evidence.read(graph, claims)
    said = []
    for iri in claims:
        if iri not in found:
            continue
        thing = graph.get(iri)
        sentence = found[iri].summary
        name, value = thing.one("property"), thing.one("object") or thing.one("value")
        if name and value:
            sentence = f"{thing.text('subject')}, {name.text}: {value.text}"
        said.append((found[iri], sentence, thing.all("attests")))
    return sorted(said, key=lambda each: each[0].order)


def document(graph: Graph, subject: Thing) -> dict[str, Any]:
    """What the page of a document shows: what is known of it, and its passages with their claims."""
    number = page_number()
    found = rows(graph.site, "passages", thing=NamedNode(subject.iri))
    found.sort(key=lambda row: (natural(row.get("locator", "~")), row["passage"]))
    used = [row for row in found if "excluded" not in row]
    start = (number - 1) * PASSAGES
    part = used[start : start + PASSAGES]
    if number > 1 and not part:
        raise Problem("not-found", "The document has no such page of passages.")
    citing: dict[str, list[str]] = {}
    for pair in rows(graph.site, "citing", nodes=[row["passage"] for row in part]):
        if pair["how"] == PLEDGE("cites"):
            citing.setdefault(pair["passage"], []).append(pair["claim"])
    claims = what_claims_say(graph, [claim for each in citing.values() for claim in each])
    by_claim = {proof.claim: (proof, sentence, records) for proof, sentence, records in claims}
    things = {thing.iri: thing for thing in graph.read(row["passage"] for row in part)}
    return {
        "rows": facts.of(graph, subject).rows,
        "passages": [
            (
                evidence.place(graph, things[row["passage"]]),
                [by_claim[claim] for claim in sorted(citing.get(row["passage"], [])) if claim in by_claim],
            )
            for row in part
        ],
        "totals": {
            "passages": len(used),
            "excluded": len(found) - len(used),
            "claims": sum(int(row["claims"]) for row in used),
        },
        "excluded": [row for row in found if "excluded" in row],
        "number": number,
        "last": max(1, ceil(len(used) / PASSAGES)),
    }


def _words(graph: Graph, subject: Thing) -> str:
    """The words of a passage, where the server was given copies of the documents and the copy proves them."""
    copies = graph.site.copies
    source = next((graph.get(value.value) for value in subject.all("inDocument")), None)
    if copies is None or source is None:
        return ""
    copy = copies.find(source.text("copyDigest"))
    if copy is None:
        return ""
    address = provenance.PassageAddress(
        *(subject.text(name) for name in ("firstWords", "lastWords", "wordsBefore", "wordsAfter", "digest"))
    )
    try:
        text = copy.text.text
    except PledgegraphError:
        return ""
    spans = provenance.find(text, address)
    words = text[slice(*spans[0])] if len(spans) == 1 else ""
    return words if words and provenance.digest(words) == address.digest and len(words) <= MAX_WORDS_CHARACTERS else ""
