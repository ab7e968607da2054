"""What a validation gives: the results of the SHACL validation report, comparable between engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from pledgegraph.errors import InputError
from pledgegraph.terms import RDF, SH, compact

Term = NamedNode | BlankNode | Literal

_REPORTED = {
    SH("Violation"): "violation",
    SH("Warning"): "warning",
    SH("Info"): "info",
}


_PATHS = (
    ("inversePath", "^", ""),
    ("zeroOrMorePath", "(", ")*"),
    ("oneOrMorePath", "(", ")+"),
    ("zeroOrOnePath", "(", ")?"),
)


class ShapesError(InputError):
    """Shapes that cannot be used.

    Args:
        shape: The shape at fault.
        message: What is wrong with it.
    """

    def __init__(self, shape: Term, message: str) -> None:
        self.shape = shape.value if isinstance(shape, NamedNode) else None
        name = compact(self.shape) if self.shape else "an anonymous shape"
        super().__init__(f"{name} {message}", file="shapes")


@dataclass(frozen=True, order=True)
class Result:
    """One result of a validation report (https://www.w3.org/TR/shacl/#results-validation-result).

    Args:
        focus: The focus node, as N-Triples spells it; `_:` for every blank node, whose labels differ by engine.
        path: The path as SPARQL spells it, with prefixed names; empty where the constraint has none.
        value: The value node, as N-Triples spells it; empty where there is none.
        component: IRI of the constraint component.
        severity: "violation", "warning" or "info".
        shape: IRI of the source shape; empty for an anonymous one.
        messages: Messages of the result, as the engine gives them; they do not count in comparisons.
    """

    focus: str
    path: str
    value: str
    component: str
    severity: str
    shape: str
    messages: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What two engines must agree on."""
        return self.focus, self.path, self.value, self.component, self.severity, self.shape


class Graph:
    """Triples of a report or of shapes, read by subject and property."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[tuple[Term, str], list[Term]] = {}
        self._subjects: dict[tuple[str, Term], list[Term]] = {}
        for triple in triples:
            predicate = triple.predicate.value
            self._objects.setdefault((triple.subject, predicate), []).append(triple.object)  # type: ignore[arg-type]
            self._subjects.setdefault((predicate, triple.object), []).append(triple.subject)  # type: ignore[arg-type]

    def objects(self, subject: Term, predicate: str) -> list[Term]:
        """Objects of a property of a node."""
        return self._objects.get((subject, predicate), [])

    def value(self, subject: Term, predicate: str) -> Term | None:
        """An object of a property of a node."""
        return next(iter(self.objects(subject, predicate)), None)

    def subjects(self, predicate: str, object_: Term) -> list[Term]:
        """Nodes with that value of a property."""
        return self._subjects.get((predicate, object_), [])

    def pairs(self, predicate: str) -> list[tuple[Term, Term]]:
        """Subjects and objects of a property."""
        return [(s, o) for (s, p), os in self._objects.items() if p == predicate for o in os]

    def members(self, head: Term | None) -> list[Term]:
        """Members of an RDF list."""
        found = []
        seen = set()
        while head is not None and head not in seen:
            seen.add(head)
            first = self.value(head, RDF("first"))
            if first is None:
                break
            found.append(first)
            head = self.value(head, RDF("rest"))
        return found

    def path(self, node: Term | None, spell: Callable[[str], str] = compact) -> str:
        """A property path (https://www.w3.org/TR/shacl/#property-paths) as SPARQL spells it; empty for none.

        Args:
            node: The path.
            spell: How IRIs are written; with prefixes by default.
        """
        if node is None:
            return ""
        if isinstance(node, NamedNode):
            return spell(node.value)
        if self.value(node, RDF("first")) is not None:
            return f"({'/'.join(self.path(member, spell) for member in self.members(node))})"
        alternatives = self.value(node, SH("alternativePath"))
        if alternatives is not None:
            return f"({'|'.join(self.path(member, spell) for member in self.members(alternatives))})"
        for name, before, after in _PATHS:
            inner = self.value(node, SH(name))
            if inner is not None:
                return f"{before}{self.path(inner, spell)}{after}"
        return ""

    def results(self, report: Term | None = None) -> list[Result]:
        """Results of a validation report, or of the one there is; details within results are left out."""
        found = []
        nodes = [node for owner, node in self.pairs(SH("result")) if report in (None, owner)]
        for node in nodes:
            severity = self.value(node, SH("resultSeverity"))
            component = self.value(node, SH("sourceConstraintComponent"))
            shape = self.value(node, SH("sourceShape"))
            found.append(
                Result(
                    spelled(self.value(node, SH("focusNode"))),
                    self.path(self.value(node, SH("resultPath"))),
                    spelled(self.value(node, SH("value"))),
                    component.value if component else "",
                    severity_name(severity),
                    shape.value if isinstance(shape, NamedNode) else "",
                    tuple(sorted(message.value for message in self.objects(node, SH("resultMessage")))),
                )
            )
        return sorted(found)


def spelled(term: Term | None) -> str:
    """A term as N-Triples spells it, every blank node alike; empty for none."""
    if term is None:
        return ""
    return "_:" if isinstance(term, BlankNode) else str(term)


def severity_name(term: Term | None) -> str:
    """The severity of a shape or result: "violation" (also by default), "warning", "info", or an IRI of its own."""
    return "violation" if term is None else _REPORTED.get(term.value, term.value)
