"""What the pages know of things: their statements, read from the service and held as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pledgegraph.terms import ID, PLEDGE, RDF_TYPE, RDFS_LABEL, SKOS, SLUG, compact
from pledgegraph.web.pages.asking import Cell, cells, rows
from pledgegraph.web.site import Site


class Value(NamedTuple):
    """One value of a property.

    Args:
        value: the IRI, or the characters of a literal.
        is_iri: whether it is a thing rather than a literal.
        label: how to call a thing.
        language: of a literal, or empty.
        datatype: IRI of a literal's datatype, or empty.
    """

    value: str
    is_iri: bool = True
    label: str = ""
    language: str = ""
    datatype: str = ""

    @property
    def text(self) -> str:
        """The label of a thing, or the literal itself."""
        return (self.label or short_name(self.value)) if self.is_iri else self.value


@dataclass
class Thing:
    """A node with what is said of it.

    Args:
        iri: what names it.
        properties: property IRI to its values.
    """

    iri: str
    properties: dict[str, list[Value]] = field(default_factory=dict)

    def all(self, *names: str) -> list[Value]:
        """Values of properties of the vocabulary by their local names, or of others by their IRIs; each once."""
        found: dict[str, Value] = {}
        for name in names:
            for value in self.properties.get(name if ":" in name else PLEDGE(name), ()):
                found.setdefault(value.value, value)
        return list(found.values())

    def one(self, name: str) -> Value | None:
        """The first value of a property, in the order of their text."""
        return min(self.all(name), key=lambda value: value.text, default=None)

    def text(self, name: str) -> str:
        """The text of the first value of a property; empty where there is none."""
        value = self.one(name)
        return value.text if value else ""

    @property
    def label(self) -> str:
        """What to call it: its English label, another, or its name."""
        labels = self.properties.get(RDFS_LABEL, [])
        labels = sorted(labels, key=lambda value: (value.language != "en", value.value))
        return labels[0].value if labels else short_name(self.iri)

    @property
    def types(self) -> set[str]:
        """IRIs of its classes, inferred ones included."""
        return {value.value for value in self.properties.get(RDF_TYPE, ())}

    def is_a(self, name: str) -> bool:
        """Whether it is of a class of the vocabulary."""
        return PLEDGE(name) in self.types

    @property
    def slug(self) -> str:
        """The last part of its address; empty for what has no page of its own."""
        return slug_of(self.iri)


def slug_of(iri: str) -> str:
    """The slug of a thing of the graph, or the empty string."""
    slug = iri.removeprefix(ID)
    return slug if slug != iri and SLUG.match(slug) else ""


def short_name(iri: str) -> str:
    """An IRI as people read it: `id:japan`, `pledge:Claim`, or in full."""
    return compact(iri).strip("<>")


class Graph:
    """Things that have been read so far, so that each is asked for once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._things: dict[str, Thing] = {}
        self._brief: dict[str, Thing] = {}

    def read(self, iris: Iterable[str], *, brief: bool = False) -> list[Thing]:
        """The things with these IRIs, in that order, those that nothing is said of left out.

        Args:
            iris: which things.
            brief: read only what a line shows of records, claims, passages and documents.
        """
        wanted = list(dict.fromkeys(iris))
        known = self._brief if brief else self._things
        missing = [iri for iri in wanted if iri not in known and not (brief and iri in self._things)]
        known.update((iri, Thing(iri)) for iri in missing)
        for row in cells(self.site, "brief" if brief else "describe", nodes=missing):
            add(known[row["node"]["value"]], row["property"]["value"], row["value"], row.get("label"))
        return [thing for thing in map(self.get, wanted) if thing.properties]

    def get(self, iri: str) -> Thing:
        """A thing that was read before, or an empty one."""
        return self._things.get(iri) or self._brief.get(iri) or Thing(iri)


def add(thing: Thing, name: str, cell: Cell, label: Cell | None = None) -> None:
    """Put one statement of a query's answer to a thing. A value with labels in two languages keeps the English one."""
    values = thing.properties.setdefault(name, [])
    found = Value(
        cell["value"],
        cell["type"] == "uri",
        label["value"] if label else "",
        cell.get("xml:lang", ""),
        cell.get("datatype", ""),
    )
    for number, known in enumerate(values):
        if (known.value, known.is_iri, known.language) == (found.value, found.is_iri, found.language):
            if label and label.get("xml:lang") == "en":
                values[number] = found
            return
    values.append(found)


@dataclass
class Term:
    """A class, property or concept of the vocabulary.

    Args:
        label: what it is called.
        definition: its definition, or empty.
        broader: classes or properties directly or indirectly above it.
        inverse: the property that reads it the other way, or empty.
        schemes: schemes of a concept.
    """

    label: str
    definition: str = ""
    broader: set[str] = field(default_factory=set)
    inverse: str = ""
    schemes: set[str] = field(default_factory=set)


class Vocabulary:
    """The terms of the ontology by IRI, read once for each release."""

    def __init__(self, terms: dict[str, Term]) -> None:
        self.terms = terms

    @classmethod
    def of(cls, site: Site) -> Vocabulary:
        """The vocabulary of what is served."""
        return site.snapshot.once("pages.vocabulary", lambda: cls(dict(cls._read(site))))

    @staticmethod
    def _read(site: Site) -> Iterator[tuple[str, Term]]:
        terms: dict[str, Term] = {}
        for row in rows(site, "vocabulary"):
            term = terms.setdefault(row["term"], Term(row["label"], row.get("definition", "")))
            if "broader" in row and row["broader"] != row["term"]:
                term.broader.add(row["broader"])
            if "scheme" in row:
                term.schemes.add(row["scheme"])
            term.inverse = row.get("inverse", term.inverse)
        return iter(terms.items())

    def label(self, iri: str) -> str:
        """What a term is called; well-known terms of other vocabularies too."""
        if iri in self.terms:
            return self.terms[iri].label
        return _FOREIGN.get(iri) or short_name(iri)

    def narrowest(self, classes: Iterable[str]) -> list[str]:
        """Those of some classes that have no other of them below, in the order of their labels."""
        present = {iri for iri in classes if iri in self.terms}
        above = {broader for iri in present for broader in self.above(iri)}
        return sorted(present - above, key=self.label)

    def above(self, iri: str) -> set[str]:
        """All terms above a term."""
        found: set[str] = set()
        waiting = [iri]
        while waiting:
            term = self.terms.get(waiting.pop())
            new = (term.broader if term else set()) - found - {iri}
            found |= new
            waiting += new
        return found


_FOREIGN = {
    RDF_TYPE: "kind",
    RDFS_LABEL: "label",
    SKOS("altLabel"): "also called",
    SKOS("editorialNote"): "note",
    SKOS("broader"): "broader theme",
    SKOS("narrower"): "narrower theme",
    SKOS("inScheme"): "scheme",
    SKOS("definition"): "definition",
    SKOS("example"): "example",
    SKOS("scopeNote"): "scope",
    SKOS("exactMatch"): "same as",
    SKOS("closeMatch"): "close to",
    "https://schema.org/sameAs": "public page",
    "http://purl.org/dc/terms/isReplacedBy": "replaced by",
}
