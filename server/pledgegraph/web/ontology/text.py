"""What the page about the ontology says, as blocks that are written once and rendered as HTML and as Markdown.

Within a text, `code`, **bold** and [a link](address) are marked as in Markdown; addresses are paths of the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pledgegraph import queries
from pledgegraph.terms import ID, OWL, PLEDGE, RDFS, SKOS, XSD
from pledgegraph.web.ontology.model import Scheme, Term, Vocabulary, examples, short


@dataclass(frozen=True)
class Heading:
    """A heading of a level from 2 to 4, with the name by which addresses find it."""

    level: int
    text: str
    name: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of points."""

    points: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A block of code; a query leads to the editor."""

    text: str
    language: str


@dataclass(frozen=True)
class Table:
    """A table: its caption, its columns, its rows; the first cell of a row is its heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """The picture of the model, with the same told in words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class TermBlock:
    """A class or property with all that is said of it."""

    term: Term
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SchemeBlock:
    """A scheme with its concepts."""

    scheme: Scheme


Block = Heading | Paragraph | Bullets | Code | Table | Picture | TermBlock | SchemeBlock


def blocks(vocabulary: Vocabulary) -> Iterator[Block]:
    """The whole text."""
    yield from _introduction(vocabulary)
    yield from _asking()
    yield from _queries()
    yield from _classes(vocabulary)
    yield from _terms(vocabulary)
    yield from _scheme_blocks(vocabulary)


def _introduction(vocabulary: Vocabulary) -> Iterator[Block]:
    yield Paragraph(
        "Pledgegraph says who has committed to what about military AI, who says so, and where. This page is all that "
        "is needed to ask it in SPARQL. Up to the classes it takes about ten minutes; the rest is for looking up."
    )
    yield Heading(2, "Record, claim, passage", "three-things")
    yield Paragraph(
        "A **record** is one thing that is so: an endorsement, a statement of a text, a position, a vote, a count. It "
        "is written once, however many sources attest it, and has typed roles: an `pledge:Endorsement` has an "
        "`pledge:endorser` and an `pledge:endorsedText`. Its `pledge:summary` says it in one sentence."
    )
    yield Paragraph(
        "A **claim** is one voice that says so. It has a `pledge:claimant` (who asserts it), at most one "
        "`pledge:reporter` (who passes that on), the `pledge:printedVerb`, a `pledge:status`, and it `pledge:attests` "
        "records. Some claims state one plain triple instead (`pledge:subject`, `pledge:property`, `pledge:object` or "
        "`pledge:value`), and some are only described by a `pledge:summary`."
    )
    yield Paragraph(
        "A **passage** is an address: a sentence, list item or clause of a document, given by its locator, its first "
        "and last words and a digest. A claim `pledge:cites` passages; a passage is `pledge:inDocument` a document. A "
        "document is a file that was read, and is not the text that it may carry."
    )
    yield Picture(
        (
            "An actor, a text, a venue and a theme have roles in a record.",
            "A claim attests the record; the record is attestedBy the claim where the claim is accepted.",
            "A claim has a claimant and may have a reporter, who are actors.",
            "A claim cites a passage; the passage is inDocument a document.",
            "Inferred from these: an actor is committedTo a commitment, and has endorsedExactly a text.",
        )
    )
    if vocabulary.example:
        yield Paragraph("Here is a record with its claims and passages, as their files have them:")
        yield Code(vocabulary.example, "turtle")
    yield Heading(2, "Namespaces", "namespaces")
    rows = [
        ("pledge:", PLEDGE, "classes, properties and controlled values"),
        ("id:", ID, "things: `id:japan`, `id:reaim-blueprint`; each has a page under its name"),
        ("rdfs:", RDFS, "`rdfs:label` on every thing; states and UN texts have labels in several languages"),
        ("skos:", SKOS, "schemes and themes: `skos:broader`, `skos:inScheme`, `skos:altLabel`"),
        ("owl:", OWL, "the ontology itself"),
        ("xsd:", XSD, "days are `xsd:date`; no other type of date is used"),
    ]
    yield Table(
        "Prefixes", ("Prefix", "Namespace", "What is in it"), tuple((f"`{p}`", f"`{n}`", text) for p, n, text in rows)
    )


def _asking() -> Iterator[Block]:
    yield Heading(2, "How to ask", "how-to-ask")
    yield Bullets(
        (
            "**Start from a record.** Choose its class below, use its own roles: `?e a pledge:Endorsement ; "
            "pledge:endorser ?actor ; pledge:endorsedText ?text`. The query endpoint answers from one graph that holds "
            "what is stated and what is inferred, each triple once.",
            "**General roles are for reading everything.** `pledge:actor`, `pledge:text`, `pledge:venue` and "
            "`pledge:about` stand above the specific roles: `?record pledge:actor id:china` finds all that China did, "
            "said or is said to hold.",
            "**Follow the evidence.** `?record pledge:attestedBy ?claim . ?claim pledge:cites ?passage . ?passage "
            "pledge:inDocument ?document`. A record has as many rows as claims: count records with `COUNT(DISTINCT "
            "?record)`.",
            "**Accepted or not.** `attestedBy` leads to accepted claims alone. Records that no accepted claim attests "
            "are withheld, in a graph of their own. To see contested or rejected claims, start from `?claim "
            "pledge:status pledge:rejected`.",
            "**Yes, no, unknown.** Yes is an act (`pledge:Endorsement`). No is an act too (`pledge:NonEndorsement`, a "
            "source says expressly that it was not done). Unknown is nothing; where someone searched, a "
            "`pledge:Absence` says for what, where, by which terms and when.",
            "**Exact texts and works.** Records point at the exact text. `?text pledge:versionOf ?work` leads to the "
            "work; write `pledge:endorsedText/pledge:versionOf? id:political-declaration` for any version. "
            "`pledge:endorsedExactly` and `pledge:everEndorsed` are inferred shortcuts from actor to text.",
            "**Whose words.** A statement of a text may come from a source that only tells of the text. The text's own "
            "words have `?claim pledge:textBasis pledge:textItself`, or `pledge:translation` where only that was read. "
            "Show `pledge:condition` and `pledge:exception` beside the summary: without them a statement is stronger "
            "than its text.",
            "**From text to text.** A `pledge:StatementRelation` goes from the later statement (`pledge:relationFrom`) "
            "by its `pledge:relation` (repeats, widens, narrows, strengthens, weakens) to the earlier one "
            "(`pledge:relationTo`); what is dropped is related from the later text itself. Resolutions of one series, "
            "the rolling texts and the versions of the Declaration are compared whole: a later statement without a "
            "relation to the earlier text is new. A `pledge:TextRelation` says "
            "that one text recalls, welcomes or revises another one.",
            "**What terms mean.** A `pledge:Definition` is `pledge:definedIn` a text and has the printed "
            "`pledge:definedTerm`. Terms differ, so ask for the thing that it `pledge:defines`: `VALUES ?thing { "
            "id:matter-aws id:matter-laws }`. That a text has no definition or no statement is sure only if a copy was "
            "read whole: `?document pledge:carriesTextOf ?text ; pledge:copyCompleteness pledge:completeCopy`.",
            "**Days are bounds.** `pledge:earliest` and `pledge:latest` are the first and last possible day; a missing "
            "one is unknown. `pledge:asOf` is the day for which a state of affairs is stated. "
            "`?record pledge:dueBy ?day` finds the mandates, requests and calls that have a last day; a mandate can be "
            "due at a session instead (`pledge:dueAt`), whose days the sources may not print. `pledge:fulfilledBy` is "
            "there only where a source says so.",
            "**Votes have stages.** The plenary stage decides on the resolution, committee stages and votes on single "
            "paragraphs decide on its draft, a version of it: `?stage pledge:decisionOn/pledge:versionOf? "
            "id:resolution-79-62`, and `pledge:stageKind` tells them apart. A vote is a `pledge:VoteCast` with "
            "`pledge:voter` and `pledge:choice`; a member in none of the lists is a `pledge:NonParticipation` with "
            "`pledge:nonParticipant`. A text adopted without a vote has a stage and no votes. Sponsors, too, sponsor "
            "the draft, `pledge:asTabled` or as `pledge:additionalSponsor`.",
            "**Lists and members have a day.** A `pledge:Roster` lists names for one text or venue as of a day and "
            "says whether it claims to be complete; a name that is missing is a no only from a list that does. A "
            "`pledge:Membership` says who was `pledge:memberOf` what, as member or observer, on the day of its "
            "`pledge:asOf`. Actors that a source counts but does not name are one `pledge:Group`.",
            "**People and events.** A `pledge:Role` says which office or function a person holds; that someone took "
            "part or spoke is a record of its own. `?venue pledge:within? id:reaim-2024` takes an event with its "
            "parts.",
            "**Fast questions.** Use the specific roles (`pledge:voter`, not `pledge:actor`) where many records match. "
            "Put `OPTIONAL` last, after the labels. For what did not happen write `MINUS { ... }` with the whole "
            "pattern: it is read once, the pattern of `FILTER NOT EXISTS` once for each row.",
            "**Commitments follow from endorsements.** `?actor pledge:committedTo ?commitment` is inferred from "
            "endorsements of the exact text and from commitments made directly. A recommendation or a call commits "
            "nobody, and so do a draft (`pledge:form pledge:draft`) and a text that was adopted and not endorsed: its "
            "commitments have a `pledge:speaker`, and no actor is committed.",
            "**Themes are a hierarchy.** `pledge:theme` is what was coded, `pledge:aboutTheme` holds for all broader "
            "themes too.",
            "**Other graphs.** `skos:exactMatch` and `skos:closeMatch` lead to the same or nearly the same thing in "
            "Wikidata, the EU's country table, UN M49 and UNBIS, `schema:sameAs` from a text to its public page.",
            "**Labels and words.** `rdfs:label` has one value per language and always an English one: add `FILTER "
            '(LANG(?label) = "en")`, or rows repeat. To find a thing or a subject that is no theme, search labels and '
            'summaries: `FILTER (CONTAINS(LCASE(?summary), "nuclear"))`; summaries are Pledgegraph\'s words.',
        )
    )


def _queries() -> Iterator[Block]:
    yield Heading(2, "Ten queries that run", "examples")
    for path in examples():
        question = queries.read(path)
        yield Heading(3, question.title, f"example-{path.stem}")
        yield Paragraph(question.description)
        yield Code(question.text.rstrip(), "sparql")


def _classes(vocabulary: Vocabulary) -> Iterator[Block]:
    yield Heading(2, "The classes and their roles", "classes")
    yield Paragraph(
        "Every class with the properties that are written of its members. A member of a class has the roles of the "
        "classes above it too; each name leads to its definition."
    )
    for module, (_, description) in vocabulary.modules.items():
        rows = []
        for term in vocabulary.of(module, "class"):
            above = ", ".join(_link(iri) for iri in term.above if iri.startswith(PLEDGE))
            roles = "; ".join(f"{_link(role.iri)} → {_ranges(role)}" for role in vocabulary.roles(term.iri))
            rows.append((_link(term.iri), above, term.definition, roles or "–"))
        if rows:
            yield Heading(3, module.capitalize(), f"classes-{module}")
            if description:
                yield Paragraph(description)
            yield Table(f"Classes of {module}", ("Class", "Is a kind of", "What it is", "Roles"), tuple(rows))
    loose = [
        t for t in vocabulary.terms.values() if t.kind == "property" and not t.domains and t.writers != ["closure"]
    ]
    yield Paragraph(
        "Properties that things of several classes have: "
        + ", ".join(_link(term.iri) for term in sorted(loose, key=lambda term: term.name.lower()))
        + "."
    )
    derived = [term for term in vocabulary.terms.values() if term.kind == "property" and "closure" in term.writers]
    yield Heading(3, "What is inferred", "inferred-properties")
    yield Paragraph("The closure alone writes these, from what is stated; each page of a thing explains its own.")
    yield Table(
        "Inferred properties",
        ("Property", "What it says", "From"),
        tuple(
            (_link(term.iri), term.definition, _derivation(term, vocabulary) or "–")
            for term in sorted(derived, key=lambda term: term.name.lower())
        ),
    )


def _derivation(term: Term, vocabulary: Vocabulary) -> str:
    """What a property is inferred from."""
    found = [", then ".join(map(_link, chain)) for chain in term.chains]
    below = [each.iri for each in vocabulary.terms.values() if term.iri in each.above and each.kind == "property"]
    if below:
        found.append(f"any of {', '.join(map(_link, sorted(below)))}")
    inverses = {term.inverse} | {each.iri for each in vocabulary.terms.values() if each.inverse == term.iri}
    found += [f"{_link(iri)} read the other way" for iri in sorted(inverses - {""})]
    if term.transitive:
        found.append("itself, carried on along its own line")
    return "; or ".join(found)


def _terms(vocabulary: Vocabulary) -> Iterator[Block]:
    yield Heading(2, "All terms", "terms")
    yield Paragraph("Each with its definition, an example, the reason for it, and who may write it.")
    for module in vocabulary.modules:
        for kind, plural in (("class", "classes"), ("property", "properties"), ("annotation", "annotations")):
            terms = vocabulary.of(module, kind)
            if terms:
                yield Heading(3, f"{module.capitalize()}: {plural}", f"{module}-{plural}")
                for term in terms:
                    yield TermBlock(term, tuple(_facts(term)))


def _facts(term: Term) -> Iterator[tuple[str, str]]:
    if term.above:
        yield "a kind of", ", ".join(_link(iri) for iri in term.above)
    if term.domains:
        yield "of", ", ".join(_link(iri) for iri in term.domains)
    if term.ranges:
        yield "values", _ranges(term)
    if term.inverse:
        yield "the other way", _link(term.inverse)
    for chain in term.chains:
        yield "follows from", ", then ".join(map(_link, chain))
    if term.examples:
        yield "example", "; ".join(f"`{example}`" if " " not in example else example for example in term.examples)
    if term.reasons:
        yield "why", " ".join(term.reasons)
    if term.writers:
        words = {"hand": "a curator", "claim": "an accepted claim", "build": "the build", "closure": "the closure"}
        yield "written by", ", ".join(words.get(writer, writer) for writer in term.writers)
    if term.sources:
        yield "after", ", ".join(term.sources)
    if term.aligned:
        yield "aligned with", ", ".join(f"`{short(iri)}`" for iri in term.aligned)


def _scheme_blocks(vocabulary: Vocabulary) -> Iterator[Block]:
    yield Heading(2, "Schemes", "schemes")
    yield Paragraph(
        "Controlled values, as SKOS concepts. Compare with the concept: `?statement pledge:force pledge:recommended`."
    )
    for scheme in vocabulary.schemes:
        yield SchemeBlock(scheme)


def _ranges(term: Term) -> str:
    return ", ".join(_link(iri) if iri else "a string" for iri in term.ranges) or "anything"


def _link(iri: str) -> str:
    return f"[{iri.removeprefix(PLEDGE)}](#{iri.removeprefix(PLEDGE)})" if iri.startswith(PLEDGE) else f"`{short(iri)}`"
