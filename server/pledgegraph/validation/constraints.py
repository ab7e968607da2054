"""The constraint components of SHACL Core (https://www.w3.org/TR/shacl/#core-components), each as a check.

A check gets the focus node and its value nodes and gives the violations. It is built once for each use in the shapes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pyoxigraph import NamedNode

from pledgegraph.terms import SH
from pledgegraph.validation.data_graph import DataGraph, Node, literal, text_of
from pledgegraph.validation.literals import is_well_formed
from pledgegraph.validation.report import Term
from pledgegraph.validation.values import compare

if TYPE_CHECKING:
    from pledgegraph.validation.shapes import Shape, Shapes


class Violation(NamedTuple):
    """One violation of a check.

    Args:
        value: The value node, empty where the constraint is about all of them.
        path: The path, where it is another one than the shape's.
        messages: Messages, where they are others than the shape's.
    """

    value: Node = ""
    path: str | None = None
    messages: tuple[str, ...] | None = None


Check: TypeAlias = Callable[[DataGraph, Node, list[Node]], Iterable[Violation]]
Builder: TypeAlias = "Callable[[Shapes, Term, Term], Check]"
Test: TypeAlias = Callable[[DataGraph, Node], bool]


def _each(test: Test) -> Check:
    """A check that each value node passes a test."""
    return lambda graph, _focus, values: [Violation(value) for value in values if not test(graph, value)]


def _number(term: Term) -> int:
    return int(term.value)


def _is_true(term: Term | None) -> bool:
    return term is not None and term.value in ("true", "1")


# ---- value type


def _class(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    class_ = str(parameter)
    return _each(lambda graph, value: value in graph.instances(class_))


def _datatype(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    def test(_graph: DataGraph, value: Node) -> bool:
        parts = literal(value)
        return parts is not None and parts[1] == parameter.value and is_well_formed(parts[0], parts[1])

    return _each(test)


_KINDS = {
    "IRI": "<",
    "BlankNode": "_",
    "Literal": '"',
    "BlankNodeOrIRI": "_<",
    "BlankNodeOrLiteral": '_"',
    "IRIOrLiteral": '<"',
}


def _node_kind(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    allowed = _KINDS[parameter.value.removeprefix(SH)]
    return _each(lambda _graph, value: value[0] in allowed)


# ---- cardinality


def _min_count(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    least = _number(parameter)
    return lambda _graph, _focus, values: [] if len(values) >= least else [Violation()]


def _max_count(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    most = _number(parameter)
    return lambda _graph, _focus, values: [] if len(values) <= most else [Violation()]


# ---- value range


def _range(allowed: tuple[int, ...]) -> Builder:
    def build(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
        bound = str(parameter)
        return _each(lambda _graph, value: compare(value, bound) in allowed)

    return build


# ---- strings


def _length(*, least: bool) -> Builder:
    def build(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
        bound = _number(parameter)

        def test(_graph: DataGraph, value: Node) -> bool:
            if value[0] == "_":
                return False
            length = len(text_of(value))
            return length >= bound if least else length <= bound

        return _each(test)

    return build


def _pattern(shapes: Shapes, shape: Term, parameter: Term) -> Check:
    flags = shapes.graph.value(shape, SH("flags"))
    known = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}
    text = parameter.value
    compiled = re.NOFLAG
    for flag in flags.value if flags else "":
        if flag == "q":
            text = re.escape(text)
        compiled |= known.get(flag, re.NOFLAG)
    expression = re.compile(text, compiled)
    return _each(lambda _graph, value: value[0] != "_" and expression.search(text_of(value)) is not None)


def _language_in(shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    ranges = [member.value.lower() for member in shapes.graph.members(parameter)]

    def test(_graph: DataGraph, value: Node) -> bool:
        parts = literal(value)
        language = parts[2] if parts else ""
        return bool(language) and any(language == tag or language.startswith(f"{tag}-") for tag in ranges)

    return _each(test)


def _unique_lang(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    def check(_graph: DataGraph, _focus: Node, values: list[Node]) -> Iterable[Violation]:
        languages = Counter(parts[2] for parts in map(literal, values) if parts and parts[2])
        return [Violation() for count in languages.values() if count > 1]

    return check if parameter.value == "true" else _nothing


def _nothing(_graph: DataGraph, _focus: Node, _values: list[Node]) -> Iterable[Violation]:
    return ()


# ---- property pairs


def _equals(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    predicate = str(parameter)

    def check(graph: DataGraph, focus: Node, values: list[Node]) -> Iterator[Violation]:
        others = graph.objects(focus, predicate)
        yield from (Violation(value) for value in values if value not in others)
        yield from (Violation(other) for other in others if other not in values)

    return check


def _disjoint(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    predicate = str(parameter)

    def check(graph: DataGraph, focus: Node, values: list[Node]) -> Iterable[Violation]:
        others = graph.objects(focus, predicate)
        return [Violation(value) for value in values if value in others]

    return check


def _less(allowed: tuple[int, ...]) -> Builder:
    def build(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
        predicate = str(parameter)

        def check(graph: DataGraph, focus: Node, values: list[Node]) -> Iterable[Violation]:
            others = graph.objects(focus, predicate)
            return [Violation(value) for value in values for other in others if compare(value, other) not in allowed]

        return check

    return build


# ---- logic and shapes


def _not(shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    inner = shapes.shape(parameter)
    return _each(lambda graph, value: not inner.conforms(graph, value))


def _counted(test: Callable[[int, int], bool]) -> Builder:
    """A check on how many shapes of a list a value node conforms to, out of how many."""

    def build(shapes: Shapes, _shape: Term, parameter: Term) -> Check:
        inner = [shapes.shape(member) for member in shapes.graph.members(parameter)]
        return _each(lambda graph, value: test(sum(shape.conforms(graph, value) for shape in inner), len(inner)))

    return build


def _or(shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    inner = [shapes.shape(member) for member in shapes.graph.members(parameter)]
    return _each(lambda graph, value: any(shape.conforms(graph, value) for shape in inner))


def _node(shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    inner = shapes.shape(parameter)
    return _each(inner.conforms)


def _qualified(*, least: bool) -> Builder:
    def build(shapes: Shapes, shape: Term, parameter: Term) -> Check:
        bound = _number(parameter)
        graph = shapes.graph
        inner = [shapes.shape(node) for node in graph.objects(shape, SH("qualifiedValueShape"))]
        siblings: list[Shape] = []
        if _is_true(graph.value(shape, SH("qualifiedValueShapesDisjoint"))):
            own = graph.objects(shape, SH("qualifiedValueShape"))
            beside = [
                node
                for parent in graph.subjects(SH("property"), shape)
                for child in graph.objects(parent, SH("property"))
                for node in graph.objects(child, SH("qualifiedValueShape"))
            ]
            siblings = [shapes.shape(node) for node in dict.fromkeys(beside) if node not in own]

        def check(data: DataGraph, _focus: Node, values: list[Node]) -> Iterable[Violation]:
            for one in inner:
                count = sum(
                    one.conforms(data, value) and not any(other.conforms(data, value) for other in siblings)
                    for value in values
                )
                if (count < bound) if least else (count > bound):
                    yield Violation()

        return check

    return build


# ---- other


def _closed(shapes: Shapes, shape: Term, parameter: Term) -> Check:
    graph = shapes.graph
    allowed = {str(member) for member in graph.members(graph.value(shape, SH("ignoredProperties")))}
    for property_shape in graph.objects(shape, SH("property")):
        path = graph.value(property_shape, SH("path"))
        if isinstance(path, NamedNode):
            allowed.add(str(path))

    def check(data: DataGraph, _focus: Node, values: list[Node]) -> Iterator[Violation]:
        for value in values:
            for predicate, objects in data.properties_of(value):
                if predicate not in allowed:
                    path = graph.path(NamedNode(predicate[1:-1]))
                    yield from (Violation(object_, path) for object_ in objects)

    return check if _is_true(parameter) else _nothing


def _has_value(_shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    wanted = str(parameter)
    return lambda _graph, _focus, values: [] if wanted in values else [Violation()]


def _in(shapes: Shapes, _shape: Term, parameter: Term) -> Check:
    allowed = {str(member) for member in shapes.graph.members(parameter)}
    return _each(lambda _graph, value: value in allowed)


BUILDERS: dict[str, tuple[str, Builder]] = {
    SH(name): (SH(f"{name[0].upper()}{name[1:]}ConstraintComponent"), builder)
    for name, builder in (
        ("class", _class),
        ("datatype", _datatype),
        ("nodeKind", _node_kind),
        ("minCount", _min_count),
        ("maxCount", _max_count),
        ("minExclusive", _range((1,))),
        ("minInclusive", _range((0, 1))),
        ("maxExclusive", _range((-1,))),
        ("maxInclusive", _range((-1, 0))),
        ("minLength", _length(least=True)),
        ("maxLength", _length(least=False)),
        ("pattern", _pattern),
        ("languageIn", _language_in),
        ("uniqueLang", _unique_lang),
        ("equals", _equals),
        ("disjoint", _disjoint),
        ("lessThan", _less((-1,))),
        ("lessThanOrEquals", _less((-1, 0))),
        ("not", _not),
        ("and", _counted(lambda count, of: count == of)),
        ("or", _or),
        ("xone", _counted(lambda count, _of: count == 1)),
        ("node", _node),
        ("qualifiedMinCount", _qualified(least=True)),
        ("qualifiedMaxCount", _qualified(least=False)),
        ("closed", _closed),
        ("hasValue", _has_value),
        ("in", _in),
    )
}
"""Parameter to its component and what builds its check. sh:property is no check: its results are results of its own."""
