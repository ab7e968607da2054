"""What is said of a thing itself: its attributes, each with the claims that state it, and what is inferred."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from pledgegraph.terms import DCTERMS, PLEDGE, RDF_TYPE, RDFS_LABEL, SCHEMA, SKOS
from pledgegraph.web.pages import evidence
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.evidence import Evidence
from pledgegraph.web.pages.graph import Graph, Thing, Value, Vocabulary

# Shown at the head of a page, or in a section of their own.
_ELSEWHERE = {
    RDF_TYPE,
    RDFS_LABEL,
    SKOS("altLabel"),
    SKOS("editorialNote"),
    DCTERMS("isReplacedBy"),
    PLEDGE("summary"),
    PLEDGE("attestedBy"),
    *(
        PLEDGE(name)
        for name in (
            "annexOf", "buildsOn", "drops", "implements", "mandatedBy", "narrows", "reaffirms", "recalls", "repeats",
            "revises", "strengthens", "weakens", "welcomes", "widens",
        )
    ),
}  # fmt: skip

_LINKS = {SKOS("exactMatch"), SKOS("closeMatch"), SCHEMA("sameAs")}

MANY = 12
"""Values of one property that a page shows; it counts the others."""


@dataclass
class Attribute:
    """One value of an attribute.

    Args:
        value: the value.
        evidence: the claims that state it.
        coded: whether a curator wrote it without a claim, as the codebook lets them.
        linked: whether it leads to another graph or page, and comes from a table of links.
    """

    value: Value
    evidence: list[Evidence] = field(default_factory=list)
    coded: bool = False
    linked: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is in the graph as a fact: coded, linked, or stated by an accepted claim that asserts it."""
        return self.coded or self.linked or any(each.accepted and each.asserted for each in self.evidence)


@dataclass
class Row:
    """An attribute with its values.

    Args:
        label: what the property is called.
        property: IRI of the property.
        values: its values.
        inverse: whether the thing is the object and the values are the subjects.
    """

    label: str
    property: str
    values: list[Attribute] = field(default_factory=list)
    inverse: bool = False


@dataclass(frozen=True)
class Inferred:
    """What the closure adds under one property: its label, IRI, values shown, and how many there are."""

    label: str
    property: str
    values: tuple[Value, ...]
    total: int


@dataclass(frozen=True)
class About:
    """Everything about a thing itself: attributes, claims that only speak of it, and what is inferred."""

    rows: list[Row]
    remarks: list[Evidence]
    inferred: list[Inferred]


def of(graph: Graph, thing: Thing) -> About:
    """What is said of a thing itself."""
    vocabulary = Vocabulary.of(graph.site)
    node = NamedNode(thing.iri)
    derived = {(row["property"], row["value"]) for row in rows(graph.site, "inferred", thing=node)}
    claims = rows(graph.site, "claims-on", thing=node)
    graph.read(row["claim"] for row in claims)
    found = evidence.read(graph, (row["claim"] for row in claims))
    by_key: dict[tuple[str, bool], Row] = {}
    stated: set[tuple[str, str]] = set()
    remarks: dict[str, Evidence] = {}
    for row in claims:
        claim, proof = graph.get(row["claim"]), found.get(row["claim"])
        name = claim.one("property")
        if proof is None:
            continue
        if name is None:
            remarks[claim.iri] = proof
            continue
        inverse = row["how"] == "object"
        values = claim.all("subject") if inverse else claim.all("object", "value")
        if row["how"] == "about":
            continue
        for value in values:
            stated.add((name.value, value.value))
            _attribute(by_key, vocabulary, name.value, value, inverse).evidence.append(proof)
    for name_, values in thing.properties.items():
        if name_ in _ELSEWHERE:
            continue
        for value in values:
            if (name_, value.value) not in derived | stated:
                attribute = _attribute(by_key, vocabulary, name_, value, False)
                attribute.linked = name_ in _LINKS
                attribute.coded = not attribute.linked
    for made in by_key.values():
        made.values.sort(key=lambda attribute: (not attribute.holds, attribute.value.text))
    ordered = sorted(by_key.values(), key=lambda made: (made.inverse, made.label))
    return About(ordered, sorted(remarks.values(), key=lambda e: e.order), _inferred(vocabulary, thing, derived))


def own(graph: Graph, thing: Thing, leave_out: Iterable[str] = ()) -> list[Row]:
    """The roles and other properties of a record, claim or passage, as written; its evidence stands apart."""
    vocabulary = Vocabulary.of(graph.site)
    derived = {(row["property"], row["value"]) for row in rows(graph.site, "inferred", thing=NamedNode(thing.iri))}
    left_out = _ELSEWHERE | {PLEDGE(name) for name in leave_out}
    found: list[Row] = []
    for name, values in thing.properties.items():
        kept = [value for value in values if (name, value.value) not in derived]
        if name not in left_out and kept:
            attributes = [Attribute(value, coded=True) for value in sorted(kept, key=lambda value: value.text)]
            found.append(Row(vocabulary.label(name), name, attributes))
    return sorted(found, key=lambda row: row.label)


def inferred(graph: Graph, thing: Thing) -> list[Inferred]:
    """What the closure adds about a thing."""
    derived = {(row["property"], row["value"]) for row in rows(graph.site, "inferred", thing=NamedNode(thing.iri))}
    return _inferred(Vocabulary.of(graph.site), thing, derived)


def _inferred(vocabulary: Vocabulary, thing: Thing, derived: set[tuple[str, str]]) -> list[Inferred]:
    found = []
    for name, values in thing.properties.items():
        kept = sorted((value for value in values if (name, value.value) in derived), key=lambda value: value.text)
        if kept:
            found.append(Inferred(vocabulary.label(name), name, tuple(kept[:MANY]), len(kept)))
    return sorted(found, key=lambda each: each.label)


def _attribute(
    by_key: dict[tuple[str, bool], Row], vocabulary: Vocabulary, name: str, value: Value, inverse: bool
) -> Attribute:
    """The place of a value among the rows, made where there is none."""
    label = vocabulary.label(name)
    if inverse:
        term = vocabulary.terms.get(name)
        label = vocabulary.label(term.inverse) if term and term.inverse else f"named as “{label}” of"
    row = by_key.setdefault((name, inverse), Row(label, name, inverse=inverse))
    for known in row.values:
        if (known.value.value, known.value.is_iri) == (value.value, value.is_iri):
            return known
    row.values.append(Attribute(value))
    return row.values[-1]
