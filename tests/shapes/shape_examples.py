"""The passing and failing examples beside this file, and what of the shapes can fire.

`<Shape>/valid-*.ttl` breaks nothing, `<Shape>/invalid-*.ttl` breaks what its nodes name in `test:fires`: the local name
of the source shape, a blank, and the constraint parameter ("Endorsement-endorser minCount"). All examples stand on the
things of `context.ttl`; their own slugs are kept apart by file, so that one run validates all of them at once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from pledgegraph import content, turtle, validation
from pledgegraph.terms import ID, OWL, PLEDGE, RDF, RDFS, SH, SHAPE, SKOS
from pledgegraph.validation.report import Graph, Term

EXAMPLES = Path(__file__).resolve().parent
CONTEXT = EXAMPLES / "context.ttl"
FIRES = "https://w3id.org/pledgegraph/tests#fires"
CONTENT = content.find()

TARGETS = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")
PARAMETERS = (
    *("class", "datatype", "nodeKind", "minCount", "maxCount", "minExclusive", "minInclusive", "maxExclusive"),
    *("maxInclusive", "minLength", "maxLength", "pattern", "languageIn", "uniqueLang", "equals", "disjoint"),
    *("lessThan", "lessThanOrEquals", "not", "and", "or", "xone", "node", "qualifiedMinCount", "qualifiedMaxCount"),
    *("closed", "hasValue", "in", "sparql"),
)
"""Parameters of https://www.w3.org/TR/shacl/#core-components, each of which gives a component its results name."""

READ_FROM_ONTOLOGY = {
    *(RDF("type"), RDFS("subClassOf"), SKOS("inScheme"), PLEDGE("writtenBy")),
    *(PLEDGE("severalValues"), SKOS("memberList"), RDF("first"), RDF("rest")),
    *(RDFS("label"), SKOS("definition"), OWL("inverseOf")),
}
"""What the examples need of the ontology."""

Fired = tuple[str, str]
"""Local name of a source shape and a constraint parameter."""


@dataclass
class Examples:
    """All examples as one data graph.

    Args:
        data: Ontology, context and examples.
        declared: Focus node to what its file says must fire.
        owner: Node to the example file that describes it.
        files: The example files, sorted.
    """

    data: list[Triple] = field(default_factory=list)
    declared: dict[str, set[Fired]] = field(default_factory=lambda: defaultdict(set))
    owner: dict[str, Path] = field(default_factory=dict)
    files: list[Path] = field(default_factory=lambda: sorted(EXAMPLES.glob("*/*valid-*.ttl")))


def load() -> Examples:
    """Read all examples, on the whole ontology."""
    return _load(Examples().files, _ontology())


def load_failing(part: int, parts: int) -> Examples:
    """Read some failing examples, on what shapes read of the ontology.

    Args:
        part: Which part of them, from 0.
        parts: Into how many parts they are dealt out.
    """
    files = [path for path in Examples().files if path.name.startswith("invalid-")]
    return _load(files[part::parts], [triple for triple in _ontology() if triple.predicate.value in READ_FROM_ONTOLOGY])


def _ontology() -> list[Triple]:
    return [triple for path in CONTENT.ontology_files() for triple in turtle.parse(path)]


def _load(files: list[Path], ontology: list[Triple]) -> Examples:
    examples = Examples(files=files)
    kept = {str(triple.subject) for triple in [*ontology, *turtle.parse(CONTEXT)]}
    examples.data = [*ontology, *turtle.parse(CONTEXT)]
    for path in examples.files:
        prefix = f"{path.parent.name}-{path.stem}".lower()
        for triple in turtle.parse(path):
            subject = _own(triple.subject, prefix, kept)
            assert isinstance(subject, NamedNode)
            examples.owner[str(subject)] = path
            if triple.predicate.value == FIRES:
                assert isinstance(triple.object, Literal)
                shape, parameter = triple.object.value.split()
                examples.declared[str(subject)].add((shape, parameter))
            else:
                examples.data.append(Triple(subject, triple.predicate, _own(triple.object, prefix, kept)))
    return examples


def _own(term: NamedNode | BlankNode | Literal | Triple, prefix: str, kept: set[str]) -> NamedNode | Literal:
    """The term, with a slug of its own for each file where the context and the ontology do not describe it."""
    assert isinstance(term, NamedNode | Literal), term
    if isinstance(term, Literal) or not term.value.startswith(ID) or str(term) in kept:
        return term
    return NamedNode(ID(f"{prefix}-{term.value.removeprefix(ID)}"))


def fired(result: validation.Result) -> Fired:
    """What a result comes from."""
    component = result.component.removeprefix(SH).removesuffix("ConstraintComponent")
    parameter = "sparql" if component == "SPARQL" else component[0].lower() + component[1:]
    return result.shape.removeprefix(SHAPE), parameter


def by_focus(results: list[validation.Result]) -> dict[str, set[Fired]]:
    """Focus node to what fired on it."""
    found: dict[str, set[Fired]] = defaultdict(set)
    for result in results:
        found[result.focus].add(fired(result))
    return found


def targeted(shapes: Graph) -> set[NamedNode]:
    """Shapes with targets of their own."""
    return {node for name in TARGETS for node, _ in shapes.pairs(SH(name)) if isinstance(node, NamedNode)}


def reportable(shapes: Graph) -> dict[str, set[Fired]]:
    """Targeted shape to all that can stand in a result through it: its own constraints and its property shapes'.

    What only stands inside sh:node, sh:or, sh:and or sh:not is a condition and is never a source shape.
    """
    found: dict[str, set[Fired]] = {}
    for owner in targeted(shapes):
        open_: list[Term] = [owner]
        fired_here: set[Fired] = set()
        while open_:
            shape = open_.pop()
            fired_here |= {
                (shape.value.removeprefix(SHAPE), parameter)
                for parameter in PARAMETERS
                if shapes.objects(shape, SH(parameter))
            }
            open_ += shapes.objects(shape, SH("property"))
        found[owner.value.removeprefix(SHAPE)] = fired_here
    return found
