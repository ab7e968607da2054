"""Shapes, read from a shapes graph and made ready to run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from pledgegraph.terms import OWL, RDF, RDFS, SH
from pledgegraph.validation.constraints import BUILDERS, Check
from pledgegraph.validation.data_graph import DataGraph, Node
from pledgegraph.validation.paths import Path, compile_path
from pledgegraph.validation.report import Graph, Result, ShapesError, Term, severity_name

SparqlBuilder = Callable[[Graph, Term, Term], Check]
"""From the shapes graph, a shape and its `sh:sparql` to a check."""

_TARGETS = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")
_SPARQL_COMPONENT = SH("SPARQLConstraintComponent")


@dataclass
class Shape:
    """A shape.

    Args:
        iri: Its IRI; empty for an anonymous one.
        path: Its path, for a property shape.
        path_text: The path as SPARQL spells it, with prefixed names.
        severity: "violation", "warning" or "info".
        messages: Its messages.
        checks: Component and check of each of its constraints.
        properties: Its property shapes.
        deactivated: Whether everything conforms to it.
    """

    iri: str
    path: Path | None
    path_text: str
    severity: str
    messages: tuple[str, ...]
    deactivated: bool
    checks: list[tuple[str, Check]] = field(default_factory=list)
    properties: list[Shape] = field(default_factory=list)

    def results(self, graph: DataGraph, nodes: Iterable[Node]) -> Iterator[Result]:
        """Results of validating focus nodes; a node given twice is validated twice."""
        if self.deactivated:
            return
        reached: list[Node] = []
        for focus in nodes:
            values = [focus] if self.path is None else self.path(graph, focus)
            for component, check in self.checks:
                for value, path, messages in check(graph, focus, values):
                    yield Result(
                        _anonymous(focus),
                        self.path_text if path is None else path,
                        _anonymous(value),
                        component,
                        self.severity,
                        self.iri,
                        self.messages if messages is None else messages,
                    )
            if self.properties:
                reached += values
        for shape in self.properties:
            yield from shape.results(graph, reached)

    def conforms(self, graph: DataGraph, node: Node) -> bool:
        """Whether a node conforms."""
        return next(self.results(graph, (node,)), None) is None


def _anonymous(node: Node) -> Node:
    return "_:" if node.startswith("_:") else node


class Shapes:
    """The shapes of a shapes graph.

    Args:
        graph: The shapes graph.
        sparql: What makes checks of SPARQL constraints.

    Raises:
        ShapesError: A shape is ill-formed.
    """

    def __init__(self, graph: Graph, sparql: SparqlBuilder) -> None:
        self.graph = graph
        self._sparql = sparql
        self._shapes: dict[Term, Shape | None] = {}
        self.targeted = [(node, self.shape(node)) for node in self._with_targets()]

    def _with_targets(self) -> list[Term]:
        nodes = [node for name in _TARGETS for node, _ in self.graph.pairs(SH(name))]
        kinds = {NamedNode(SH("NodeShape")), NamedNode(SH("PropertyShape"))}
        for class_ in (RDFS("Class"), OWL("Class")):
            members = self.graph.subjects(RDF("type"), NamedNode(class_))
            nodes += [node for node in members if kinds & set(self.graph.objects(node, RDF("type")))]
        return sorted(dict.fromkeys(nodes), key=str)

    def shape(self, node: Term) -> Shape:
        """The shape that a node of the shapes graph describes.

        Raises:
            ShapesError: It is ill-formed, or refers to itself, which SHACL leaves undefined.
        """
        if node in self._shapes:
            found = self._shapes[node]
            if found is None:
                raise ShapesError(node, "refers to itself, which SHACL leaves undefined")
            return found
        self._shapes[node] = None
        try:
            shape = self._shapes[node] = self._read(node)
        except (KeyError, ValueError, re.error, RecursionError) as error:
            raise ShapesError(node, f"is ill-formed: {error}") from error
        return shape

    def _read(self, node: Term) -> Shape:
        graph = self.graph
        path = graph.value(node, SH("path"))
        deactivated = graph.value(node, SH("deactivated"))
        shape = Shape(
            node.value if isinstance(node, NamedNode) else "",
            None if path is None else compile_path(graph, path),
            graph.path(path),
            severity_name(graph.value(node, SH("severity"))),
            tuple(sorted(message.value for message in graph.objects(node, SH("message")))),
            deactivated is not None and deactivated.value in ("true", "1"),
        )
        for parameter, (component, builder) in BUILDERS.items():
            for value in graph.objects(node, parameter):
                shape.checks.append((component, builder(self, node, value)))
        for constraint in graph.objects(node, SH("sparql")):
            shape.checks.append((_SPARQL_COMPONENT, self._sparql(graph, node, constraint)))
        shape.properties = [self.shape(child) for child in graph.objects(node, SH("property"))]
        return shape

    def focus_nodes(self, data: DataGraph, node: Term) -> set[Node]:
        """Focus nodes of a shape: https://www.w3.org/TR/shacl/#targets."""
        found = {str(target) for target in self.graph.objects(node, SH("targetNode"))}
        for class_ in self.graph.objects(node, SH("targetClass")):
            found |= data.instances(str(class_))
        for predicate in self.graph.objects(node, SH("targetSubjectsOf")):
            found |= data.by_subject.get(str(predicate), {}).keys()
        for predicate in self.graph.objects(node, SH("targetObjectsOf")):
            found |= data.by_object.get(str(predicate), {}).keys()
        if {RDFS("Class"), OWL("Class")} & {type_.value for type_ in self.graph.objects(node, RDF("type"))}:
            found |= data.instances(str(node))
        return found


def results(shapes: Shapes, data: DataGraph) -> Iterator[Result]:
    """Results of validating a data graph against all shapes that have targets."""
    for node, shape in shapes.targeted:
        yield from shape.results(data, shapes.focus_nodes(data, node))
