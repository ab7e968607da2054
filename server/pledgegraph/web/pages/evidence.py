"""The line of evidence that stands under every fact: who says it, with which verb, where, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote, urldefrag, urlsplit

from pledgegraph import provenance
from pledgegraph.terms import PLEDGE
from pledgegraph.web.pages import dates
from pledgegraph.web.pages.graph import Graph, Thing, Value

ACCEPTED = PLEDGE("accepted")
ASSERTED = PLEDGE("asserted")


@dataclass(frozen=True)
class Place:
    """Where a passage stands.

    Args:
        passage: IRI of the passage.
        locator: its printed number or place.
        document: the document.
        published: when the document was published, in words, or empty.
        address: link to the place in the published document; empty where there is none.
    """

    passage: str
    locator: str
    document: Value
    published: str
    address: str


@dataclass(frozen=True)
class Evidence:
    """One claim, as the evidence for something.

    Args:
        claim: IRI of the claim.
        claimant: who asserts it.
        reporter: who passes it on, if anyone.
        verb: the printed verb, or empty.
        name: the name as printed, where it differs.
        status: word for whether the claim is accepted.
        status_iri: IRI of that status.
        modality: word for asserted, opined, planned, supposed.
        modality_iri: IRI of that modality.
        basis: word for the text itself, quotation, paraphrase; or empty.
        when: what is said of the time, in words; or empty.
        note: the curator's note, or empty.
        summary: what a claim that attests no record says, or empty.
        places: the passages that it cites.
    """

    claim: str
    claimant: Value | None
    reporter: Value | None
    verb: str
    name: str
    status: str
    status_iri: str
    modality: str
    modality_iri: str
    basis: str
    when: str
    note: str
    summary: str
    places: tuple[Place, ...]

    @property
    def accepted(self) -> bool:
        """Whether the claim is accepted."""
        return self.status_iri == ACCEPTED

    @property
    def asserted(self) -> bool:
        """Whether it is asserted rather than planned, opined or supposed."""
        return self.modality_iri == ASSERTED

    @property
    def order(self) -> tuple[bool, str, str]:
        """Accepted claims first, then by document and place."""
        place = self.places[0] if self.places else None
        return (not self.accepted, place.document.text if place else "", self.claim)


def read(graph: Graph, claims: Iterable[str]) -> dict[str, Evidence]:
    """Evidence by claim, with passages and documents."""
    things = graph.read(claims, brief=True)
    passages = graph.read((value.value for thing in things for value in thing.all("cites")), brief=True)
    graph.read((value.value for passage in passages for value in passage.all("inDocument")), brief=True)
    return {thing.iri: _evidence(graph, thing) for thing in things}


def _evidence(graph: Graph, claim: Thing) -> Evidence:
    status, modality = claim.one("status"), claim.one("modality")
    cited = sorted((graph.get(value.value) for value in claim.all("cites")), key=lambda passage: passage.iri)
    printed = claim.text("datePrinted")
    when = dates.when(claim)
    if printed:
        when = f"{when}, printed as “{printed}”" if when else f"printed as “{printed}”"
    note = claim.properties.get("http://www.w3.org/2004/02/skos/core#editorialNote")
    return Evidence(
        claim.iri,
        claim.one("claimant"),
        claim.one("reporter"),
        claim.text("printedVerb"),
        claim.text("printedName"),
        status.text if status else "",
        status.value if status else "",
        modality.text if modality else "",
        modality.value if modality else "",
        claim.text("textBasis"),
        when,
        note[0].value if note else "",
        claim.text("summary"),
        tuple(place(graph, passage) for passage in cited),
    )


def place(graph: Graph, passage: Thing) -> Place:
    """Where a passage stands; its document has been read."""
    name = passage.one("inDocument")
    document = graph.get(name.value) if name else Thing("")
    locator = passage.text("locator") or passage.text("element") or passage.label
    published = dates.span(document.text("earliest"), document.text("latest"))
    return Place(
        passage.iri, locator, name or Value("", True, "unknown document"), published, address(document, passage)
    )


def address(document: Thing, passage: Thing) -> str:
    """A link to the place of a passage in the published document, by its medium.

    HTML is linked by a text fragment (https://wicg.github.io/scroll-to-text-fragment/) made of the words at both ends,
    PDF by the page that the locator names (RFC 8118, section 3), anything else by its address alone.
    """
    base = document.text("publicAddress")
    if urlsplit(base).scheme not in ("http", "https"):
        return ""
    media_type = document.text("mediaType")
    if media_type == "text/html" and (fragment := _text_fragment(passage)):
        plain, old = urldefrag(base)
        return f"{plain}#{old}:~:text={fragment}"
    if media_type == "application/pdf":
        words = passage.text("locator").replace(",", " ").split()
        pages = [after for word, after in pairwise(words) if word in ("page", "p.")]
        if pages and pages[0].isdigit():
            return f"{urldefrag(base).url}#page={pages[0]}"
    return base


def _text_fragment(passage: Thing) -> str:
    first, last = passage.text("firstWords"), passage.text("lastWords")
    if not first:
        return ""
    words = _joined(first, last, passage.text("digest"))
    fragment = _escaped(words) if words else f"{_escaped(first)},{_escaped(last)}"
    before, after = passage.text("wordsBefore"), passage.text("wordsAfter")
    return f"{_escaped(before) + '-,' if before else ''}{fragment}{',-' + _escaped(after) if after else ''}"


def _joined(first: str, last: str, digest: str) -> str:
    """The whole passage where it is so short that its ends meet or overlap, else the empty string."""
    start, end = first.split(), last.split()
    for shared in range(min(len(start), len(end)), -1, -1):
        if start[len(start) - shared :] == end[:shared]:
            words = " ".join(start + end[shared:])
            if provenance.digest(words) == digest:
                return words
    return ""


def _escaped(words: str) -> str:
    # a hyphen that stands unescaped would mark words before or after
    return quote(words, safe="").replace("-", "%2D")


def group(pairs: Iterable[Mapping[str, str]], evidence: Mapping[str, Evidence]) -> dict[str, tuple[Evidence, ...]]:
    """Evidence by record, accepted claims first; from rows with `record` and `claim`."""
    found: dict[str, dict[str, Evidence]] = {}
    for pair in pairs:
        if pair["claim"] in evidence:
            found.setdefault(pair["record"], {})[pair["claim"]] = evidence[pair["claim"]]
    return {record: tuple(sorted(claims.values(), key=lambda e: e.order)) for record, claims in found.items()}
