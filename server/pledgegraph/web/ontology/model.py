"""The terms of the ontology, read from the graph: what the page and the document about it are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pledgegraph.terms import DCTERMS, GRAPH, OWL, PLEDGE, RDF_TYPE, RDFS, RDFS_LABEL, SKOS, compact

Ask = Callable[[str], list[dict[str, str]]]
"""Answers a SPARQL query with rows of plain values."""

_FOLDER = Path(__file__).parent

MODULES = ("core", "provenance", "claims", "instruments", "statements", "venues", "actors", "acts")
"""The modules in the order in which they are read best; others follow."""

KINDS = {
    OWL("Class"): "class",
    OWL("ObjectProperty"): "property",
    OWL("DatatypeProperty"): "property",
    OWL("AnnotationProperty"): "annotation",
}


@dataclass
class Term:
    """A class or property.

    Args:
        iri: its IRI.
        kind: class, property or annotation.
        module: the module that defines it.
        label: what it is called.
        definition: one sentence.
        examples: examples.
        reasons: why it is there.
        sources: where the idea comes from.
        above: classes or properties directly above it.
        domains: classes of what has the property.
        ranges: classes or datatypes of its values; empty text for plain strings.
        inverse: the property that reads it the other way.
        chains: properties that, one after the other, imply it.
        writers: who may write it.
        transitive: whether it carries on along its own line.
        aligned: terms of other vocabularies that the alignments lead to.
    """

    iri: str
    kind: str
    module: str
    label: str = ""
    definition: str = ""
    examples: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    inverse: str = ""
    chains: list[tuple[str, ...]] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    transitive: bool = False
    aligned: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its local name."""
        return self.iri.removeprefix(PLEDGE)


@dataclass
class Concept:
    """A concept of a scheme: IRI, label, definition, and the concept above it or the empty string."""

    iri: str
    label: str
    definition: str = ""
    broader: str = ""


@dataclass
class Scheme:
    """A scheme of controlled values with its concepts."""

    iri: str
    label: str
    definition: str = ""
    note: str = ""
    concepts: list[Concept] = field(default_factory=list)


@dataclass
class Vocabulary:
    """The whole ontology.

    Args:
        modules: name of a module to its label and description.
        terms: classes and properties by IRI.
        schemes: schemes by IRI.
        example: a record, its claims and passages as written, in Turtle.
    """

    modules: dict[str, tuple[str, str]]
    terms: dict[str, Term]
    schemes: list[Scheme]
    example: str

    def of(self, module: str, kind: str) -> list[Term]:
        """Terms of a module of a kind, in the order of their names."""
        found = [term for term in self.terms.values() if term.module == module and term.kind == kind]
        return sorted(found, key=lambda term: term.name.lower())

    def roles(self, class_iri: str) -> list[Term]:
        """Properties that are written of members of a class, inferred ones left out."""
        found = [
            term
            for term in self.terms.values()
            if class_iri in term.domains and term.kind == "property" and term.writers != ["closure"]
        ]
        return sorted(found, key=lambda term: term.name.lower())


def read(ask: Ask) -> Vocabulary:
    """Read the ontology from a graph that holds its modules in named graphs of their own."""
    properties: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    module_of: dict[str, str] = {}
    aligned: dict[str, list[str]] = defaultdict(list)
    for row in ask(_query("terms")):
        module = row["module"].removeprefix(GRAPH("ontology/"))
        if module.startswith("alignments/"):
            aligned[row["term"]].append(row["value"])
        else:
            properties[row["term"]][row["property"]].append(row["value"])
            module_of[row["term"]] = module
    chains: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in ask(_query("chains")):
        chains[row["term"]].append(tuple(row[name] for name in ("first", "second", "third") if name in row))
    terms = {}
    for iri, said in properties.items():
        kind = next((KINDS[type_] for type_ in said[RDF_TYPE] if type_ in KINDS), "")
        if kind and iri.startswith(PLEDGE):
            terms[iri] = _term(iri, kind, module_of[iri], said, sorted(chains[iri]))
            terms[iri].aligned = sorted(set(aligned[iri]))
    modules = {
        module_of[iri]: (said[RDFS_LABEL][0], " ".join(said.get(DCTERMS("description"), ())))
        for iri, said in properties.items()
        if OWL("Ontology") in said[RDF_TYPE] and "/" not in module_of[iri]
        if iri.endswith(module_of[iri])
    }
    modules = {term.module: ("", "") for term in terms.values()} | modules
    ordered = sorted(modules, key=lambda name: (MODULES.index(name) if name in MODULES else len(MODULES), name))
    return Vocabulary({name: modules[name] for name in ordered}, terms, _schemes(properties), _example(ask))


def _term(iri: str, kind: str, module: str, said: dict[str, list[str]], chains: list[tuple[str, ...]]) -> Term:
    def first(name: str) -> str:
        return min(said.get(name, [""]))

    parents = RDFS("subClassOf") if kind == "class" else RDFS("subPropertyOf")
    ranges = sorted(said.get(RDFS("range"), ()))
    if not ranges and OWL("DatatypeProperty") in said[RDF_TYPE]:
        ranges = [""]
    writers = sorted(value.removeprefix(PLEDGE("by")).lower() for value in said.get(PLEDGE("writtenBy"), ()))
    return Term(
        iri,
        kind,
        module,
        first(RDFS_LABEL),
        first(SKOS("definition")),
        sorted(said.get(SKOS("example"), ())),
        sorted(said.get(SKOS("scopeNote"), ())),
        sorted(said.get(DCTERMS("source"), ())),
        sorted(said.get(parents, ())),
        sorted(said.get(RDFS("domain"), ())),
        ranges,
        first(OWL("inverseOf")),
        chains,
        writers,
        OWL("TransitiveProperty") in said[RDF_TYPE],
    )


def _schemes(properties: dict[str, dict[str, list[str]]]) -> list[Scheme]:
    found = {
        iri: Scheme(
            iri,
            min(said[RDFS_LABEL]),
            " ".join(said.get(SKOS("definition"), ())),
            " ".join(said.get(SKOS("scopeNote"), ())),
        )
        for iri, said in properties.items()
        if SKOS("ConceptScheme") in said[RDF_TYPE]
    }
    for iri, said in properties.items():
        for scheme in said.get(SKOS("inScheme"), ()):
            if scheme in found:
                broader = min(said.get(SKOS("broader"), [""]))
                label, definition = min(said[RDFS_LABEL]), min(said.get(SKOS("definition"), [""]))
                found[scheme].concepts.append(Concept(iri, label, definition, broader))
    for each in found.values():
        each.concepts.sort(key=lambda concept: concept.label.lower())
    return sorted(found.values(), key=lambda scheme: scheme.label.lower())


def _example(ask: Ask) -> str:
    """The record of the example with its claims and passages, as their files have them, shortened to what matters."""
    nodes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in ask(_query("worked")):
        nodes[row["node"]].append((row["property"], row["value"]))
    blocks = []
    for iri, said in sorted(nodes.items(), key=lambda item: (-_rank(item[1]), item[0])):
        types = sorted(short(value) for name, value in said if name == RDF_TYPE)
        lines = [f"{short(iri)} a {', '.join(types)}"]
        lines += [
            f"    {short(name)} {_spelled(value)}"
            for name, value in sorted(said, key=lambda pair: (short(pair[0]), pair[1]))
            if name not in (RDF_TYPE, SKOS("editorialNote"))
        ]
        blocks.append(" ;\n".join(lines) + " .")
    return "\n\n".join(blocks)


def _rank(said: list[tuple[str, str]]) -> int:
    """Records first, then claims, then passages."""
    types = {value for name, value in said if name == RDF_TYPE}
    return 0 if PLEDGE("Passage") in types else 1 if PLEDGE("Claim") in types else 2


def _spelled(value: str) -> str:
    if value.startswith(("http://", "https://")):
        return short(value)
    if len(value) == 10 and value[4] == value[7] == "-":
        return f'"{value}"^^xsd:date'
    shown = value if len(value) <= 40 else value[:12] + "…" if " " not in value else value
    return '"' + shown.replace('"', '\\"') + '"'


def short(iri: str) -> str:
    """An IRI with its prefix."""
    return compact(iri).strip("<>")


def examples() -> Iterable[Path]:
    """The files of the example queries, in order."""
    return sorted((_FOLDER / "examples").glob("*.rq"))


def _query(name: str) -> str:
    return (_FOLDER / f"{name}.rq").read_text(encoding="utf-8")
