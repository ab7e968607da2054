"""SHACL property paths, evaluated on a data graph: https://www.w3.org/TR/shacl/#property-paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pyoxigraph import NamedNode

from pledgegraph.terms import RDF, SH
from pledgegraph.validation.data_graph import DataGraph, Node
from pledgegraph.validation.report import Graph, Term

Path: TypeAlias = Callable[[DataGraph, Node], list[Node]]
"""From a data graph and a node to the nodes that the path leads to, each once."""


def compile_path(shapes: Graph, node: Term, *, inverse: bool = False) -> Path:
    """The path that a node of the shapes graph describes.

    Args:
        shapes: The shapes graph.
        node: The path: a property, or a blank node.
        inverse: Walk it the other way.

    Raises:
        ValueError: The node is no path.
    """
    if isinstance(node, NamedNode):
        return _property(str(node), inverse=inverse)
    if shapes.value(node, RDF("first")) is not None:
        steps = [compile_path(shapes, member, inverse=inverse) for member in shapes.members(node)]
        return _sequence(steps[::-1] if inverse else steps)
    for name in ("alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"):
        inner = shapes.value(node, SH(name))
        if inner is None:
            continue
        if name == "alternativePath":
            return _alternative([compile_path(shapes, member, inverse=inverse) for member in shapes.members(inner)])
        if name == "inversePath":
            return compile_path(shapes, inner, inverse=not inverse)
        step = compile_path(shapes, inner, inverse=inverse)
        return _repeated(step, at_least=0 if name.startswith("zero") else 1, once=name == "zeroOrOnePath")
    raise ValueError("it is no property path")


def _property(predicate: Node, *, inverse: bool) -> Path:
    if inverse:
        return lambda graph, node: graph.subjects(predicate, node)
    return lambda graph, node: graph.objects(node, predicate)


def _sequence(steps: list[Path]) -> Path:
    def walk(graph: DataGraph, node: Node) -> list[Node]:
        reached = [node]
        for step in steps:
            reached = list(dict.fromkeys(end for start in reached for end in step(graph, start)))
        return reached

    return walk


def _alternative(paths: list[Path]) -> Path:
    return lambda graph, node: list(dict.fromkeys(end for path in paths for end in path(graph, node)))


def _repeated(step: Path, *, at_least: int, once: bool) -> Path:
    def walk(graph: DataGraph, node: Node) -> list[Node]:
        reached = {} if at_least else {node: None}
        open_ = [node]
        while open_:
            for end in step(graph, open_.pop()):
                if end not in reached:
                    reached[end] = None
                    if not once:
                        open_.append(end)
        return list(reached)

    return walk
