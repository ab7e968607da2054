"""Match a checklist of atomic facts to the graph: each through an overlapping passage, the right class and its roles.

    python tests/coverage/match_facts.py ../shared

The checklist (facts/document_facts.jsonl) and the documents (sources/) lie outside the project. A fact is matched when
a claim cites a passage that overlaps it and attests a record of a class its kind allows, with the key roles of that
class filled, or states a plain triple of a property its kind allows. Only facts of kind "claim" may rest on a claim
that is nothing but described. Prints one line for each fact that is not matched, then the counts; exit 1 where one is
neither matched nor listed in left_out.csv with a reason.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from pledgegraph.content import find as find_content
from pledgegraph.provenance import NormalisedText, PassageAddress, find

PLEDGE = "https://w3id.org/pledgegraph/ontology#"
HERE = Path(__file__).resolve().parent
STATEMENT = ["force", "theme"]
# Class → roles that must be filled; "a|b" means one of them.
ROLES: dict[str, list[str]] = {
    "Endorsement": ["endorser", "endorsedText", "latest|undated"],
    "NonEndorsement": ["decliner", "declinedText", "latest"],
    "Role": ["roleHolder", "roleTitle|office", "asOf|began|ended|undated"],
    "Membership": ["member", "memberOf", "asOf|began|ended|undated"],
    "StatedCount": ["count", "unit", "asOf|undated"],
    "Roster": ["listOf", "listed", "asOf"],
    "Participation": ["participant", "attended"],
    "AnnouncedParticipation": ["announcedParticipant", "announcedAt"],
    "Definition": ["definedTerm", "meaning"],
    "TextRelation": ["relationFrom", "relation", "relationTo"],
    "Position": ["holder", "stance", "towards"],
    "Discussion": ["discussedAt", "topic"],
    "Utterance": ["speaker", "addressee|expressedAt"],
    "Submission": ["submitter", "submittedTo"],
    "Mandate": ["mandated"],
    "Adoption": ["adoptedText"],
    "Launch": ["launchedText|launchedSeries"],
    "Publication": ["publishedText"],
    "Revision": ["revisedText"],
    "Removal": ["removedStatement", "removedFrom"],
    "Establishment": ["established"],
} | dict.fromkeys(
    (
        "Commitment",
        "Requirement",
        "Recommendation",
        "Call",
        "Request",
        "Decision",
        "Affirmation",
        "Aim",
        "Recital",
        "Opinion",
    ),
    STATEMENT,
)
STATEMENTS = [name for name, roles in ROLES.items() if roles is STATEMENT]
ACTS = [
    "Participation",
    "Discussion",
    "Utterance",
    "Submission",
    "Mandate",
    "Adoption",
    "Launch",
    "Publication",
    "Revision",
    "Removal",
    "Establishment",
]
DATES = ["earliest", "latest", "scheduledEarliest", "scheduledLatest", "targetDate"]
# Kind of fact → classes of record, and properties of plain triples, that may stand for it.
KINDS: dict[str, tuple[list[str], list[str]]] = {
    "endorsement": (["Endorsement", "NonEndorsement"], []),
    "role": (["Role", "Participation", "AnnouncedParticipation", "Establishment", "Launch"], ["organiser"]),
    "quantity": (["StatedCount", "Roster"], ["ordinal"]),
    "event": (
        [*ACTS, "AnnouncedParticipation", *STATEMENTS],
        [
            "title",
            "organiser",
            "place",
            "partOfEvent",
            "sessionOf",
            "inSeries",
            "eventStatus",
            "presentedBy",
            "outcomeOf",
            *DATES,
        ],
    ),
    "venue": ([], ["place", "sessionOf", "inSeries"]),
    "date": (["Roster", "Role", "Mandate", *ACTS, *STATEMENTS], DATES),
    "definition": (["Definition", *STATEMENTS], ["title"]),
    "membership": (["Membership", "Submission"], ["bodyOf", "forumOf"]),
    "commitment": (STATEMENTS, []),
    "position": ([*STATEMENTS, "Position"], []),
    "relation": (
        ["TextRelation", "StatementRelation", "Roster", "Endorsement", "Discussion", *ACTS, *STATEMENTS],
        ["versionOf", "outcomeOf", "sessionOf", "bodyOf", "forumOf", "inSeries", "issuedBy", "fundedBy", *DATES],
    ),
    "instrument": (
        ["Adoption", "Publication", "Launch", "TextRelation", "Definition", *STATEMENTS],
        ["title", "issuedBy", "outcomeOf", "versionOf", "legalStatus"],
    ),
    "actor": (["Membership", "Role", "Definition"], ["bodyOf", "organisationKind", "title"]),
}
# What metadata of a document or a thing, written by hand, also stands for: (kind, property of the document).
DOCUMENT_METADATA = {"definition": ["title"], "date": ["earliest", "datePrinted"], "role": ["author"]}


@dataclass
class Graph:
    """The hand-written graph, indexed for matching."""

    store: ox.Store
    claims: dict[str, list[str]] = field(default_factory=dict)  # passage → claims

    def values(self, subject: str, *properties: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]:
        return [
            q.object
            for p in properties
            for q in self.store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(PLEDGE + p), None)
        ]

    def types(self, subject: str) -> set[str]:
        rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        quads = self.store.quads_for_pattern(ox.NamedNode(subject), rdf_type, None)
        return {q.object.value.removeprefix(PLEDGE) for q in quads if isinstance(q.object, ox.NamedNode)}

    def filled(self, record: str, roles: Iterable[str]) -> bool:
        return all(self.values(record, *role.split("|")) for role in roles)


def load() -> Graph:
    store = ox.Store()
    for path in find_content().graph_files():
        store.load(path=path, format=ox.RdfFormat.TURTLE)
    graph = Graph(store)
    for name in ("cites", "context"):
        for quad in store.quads_for_pattern(None, ox.NamedNode(PLEDGE + name), None):
            assert isinstance(quad.object, ox.NamedNode) and isinstance(quad.subject, ox.NamedNode)
            graph.claims.setdefault(quad.object.value, []).append(quad.subject.value)
    return graph


def passages(graph: Graph, texts: Path) -> dict[str, tuple[str, NormalisedText, list[tuple[str, int, int]]]]:
    """File name → document IRI, its text, and its passages with their offsets in the normalised text."""
    copies = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in sorted((texts / "sources").glob("*.txt"))}
    found = {}
    for quad in graph.store.quads_for_pattern(None, ox.NamedNode(PLEDGE + "copyDigest"), None):
        assert isinstance(quad.object, ox.Literal) and isinstance(quad.subject, ox.NamedNode)
        path = copies.get(quad.object.value)
        if path is None:
            continue
        raw = path.read_text(encoding="utf-8")
        spans = []
        for inner in graph.store.quads_for_pattern(None, ox.NamedNode(PLEDGE + "inDocument"), quad.subject):
            assert isinstance(inner.subject, ox.NamedNode)
            subject = inner.subject.value
            words = [
                next((v.value for v in graph.values(subject, name) if isinstance(v, ox.Literal)), "")
                for name in ("firstWords", "lastWords", "wordsBefore", "wordsAfter", "digest")
            ]
            spans += [(subject, a, b) for a, b in find(NormalisedText(raw).text, PassageAddress(*words))[:1]]
        found[path.name] = (quad.subject.value, NormalisedText(raw), spans)
    return found


def match(graph: Graph, kind: str, document: str, cited: Iterable[str]) -> bool:
    """Whether one of the passages `cited` leads to something that may stand for a fact of this kind."""
    classes, properties = KINDS.get(kind, ([], []))
    for passage in cited:
        for claim in graph.claims.get(passage, []):
            records = [r.value for r in graph.values(claim, "attests") if isinstance(r, ox.NamedNode)]
            plain = [
                p.value.removeprefix(PLEDGE) for p in graph.values(claim, "property") if isinstance(p, ox.NamedNode)
            ]
            if kind == "claim" and (records or plain or graph.values(claim, "claimKind")):
                return True
            if any(p in properties for p in plain):
                return True
            for record in records:
                if any(c in classes and graph.filled(record, ROLES.get(c, [])) for c in graph.types(record)):
                    return True
    return bool(
        graph.values(document, *DOCUMENT_METADATA.get(kind, [])) and kind in DOCUMENT_METADATA and not list(cited)
    )


def unmatched(texts: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Core facts that are not matched, each with the reason it is left out, or an empty reason."""
    graph = load()
    places = passages(graph, texts)
    with (HERE / "left_out.csv").open(encoding="utf-8", newline="") as handle:
        left_out = {row["fact"]: row["reason"] for row in csv.DictReader(handle)}
    for line in (texts / "facts" / "document_facts.jsonl").read_text(encoding="utf-8").splitlines():
        fact = json.loads(line)
        if fact["relevance"] != "core":
            continue
        document, text, spans = places.get(fact["doc"], ("", NormalisedText(""), []))
        if document:
            start, end = text.span(fact["start"], fact["end"])
            if match(graph, fact["kind"], document, [p for p, a, b in spans if max(a, start) < min(b, end)]):
                continue
        yield fact, left_out.get(fact["id"], "")


def main(arguments: list[str]) -> int:
    texts = Path(arguments[0])
    missing = list(unmatched(texts))
    for fact, reason in missing:
        print(
            f"{fact['id']} {fact['kind']}: {fact['subject']} {fact['predicate']} {fact['object']}"
            + (f" [left out: {reason}]" if reason else "")
        )
    lines = (texts / "facts" / "document_facts.jsonl").read_text(encoding="utf-8").splitlines()
    core = Counter(json.loads(line)["relevance"] for line in lines)["core"]
    unexplained = [fact for fact, reason in missing if not reason]
    matched, explained = core - len(missing), len(missing) - len(unexplained)
    print(f"{matched} of {core} core facts matched, {explained} left out with a reason, {len(unexplained)} missing")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
