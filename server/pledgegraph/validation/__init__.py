"""What must hold: the shapes checked against the graph as its files give it, with results as findings by file and line.

The shapes see what curators wrote, before the facts step adds to it or withholds from it; so a shape can tell what was
written by the wrong hand, and the form of rejected records is checked too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from pyoxigraph import Triple

from pledgegraph import turtle
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.errors import Finding, InputError, Severity
from pledgegraph.terms import SH, compact
from pledgegraph.validation import engine as fast
from pledgegraph.validation.report import Graph, Result, ShapesError

__all__ = ["Engine", "Result", "findings", "read_shapes", "report", "validate"]

Engine = Literal["fast", "reference"]
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)


def read_shapes(content: Content) -> list[Triple]:
    """All shapes of a content root.

    Raises:
        InputError: A file does not parse.
    """
    return [triple for path in content.shape_files() for triple in turtle.parse(path, name=content.display(path))]


def report(data: Iterable[Triple], shapes: Iterable[Triple], engine: Engine = "fast") -> list[Result]:
    """Validate a data graph against a shapes graph.

    Args:
        data: The data graph, as it is spelled (a store may spell numbers otherwise).
        shapes: The shapes graph.
        engine: "fast", or "reference" for pyshacl; both give the same results.

    Raises:
        InputError: The shapes are ill-formed.
    """
    if engine == "reference":
        from pledgegraph.validation import reference

        return reference.validate(data, shapes)
    triples = list(dict.fromkeys(data))

    def dataset() -> Dataset:
        made = Dataset()
        made.add(triples, "urn:x-pledgegraph:data")
        return made

    spelled = ((str(triple.subject), str(triple.predicate), str(triple.object)) for triple in triples)
    return fast.validate(spelled, shapes, dataset)


def validate(dataset: Dataset, content: Content, engine: Engine = "fast") -> list[Finding]:
    """Check a dataset, as its files give it, against the shapes of a content root.

    Args:
        dataset: The dataset before the facts step.
        content: Where the shapes are.
        engine: "fast", or "reference" for pyshacl, which takes minutes.

    Raises:
        InputError: The shapes do not parse or are ill-formed.
    """
    shapes = read_shapes(content)
    try:
        if engine == "reference":
            results = report(dataset.triples(), shapes, engine)
        else:
            results = fast.validate(dataset.spelled(), shapes, lambda: dataset)
    except ShapesError as error:
        for path in content.shape_files():
            line = turtle.line_of(path, error.shape) if error.shape else None
            if line is not None:
                raise InputError(error.message, file=content.display(path), line=line) from error
        raise
    return findings(dataset, results, shapes)


def findings(dataset: Dataset, results: Iterable[Result], shapes: Iterable[Triple]) -> list[Finding]:
    """Results of a validation as findings, each with the file and line of its focus node.

    Args:
        dataset: Where the focus nodes come from.
        results: What a validator gave.
        shapes: The shapes, for their messages.
    """
    messages = _messages(shapes)
    found = set()
    for result in results:
        subject = result.focus[1:-1] if result.focus.startswith("<") else None
        file, line = dataset.place_of(subject, result.path or None) if subject else (None, None)
        said = messages.get(result.shape) or " ".join(result.messages) or f"breaks {compact(result.component)}"
        if result.component == SH("SPARQLConstraintComponent"):
            said = " ".join(result.messages) or said
        value = _shown(result.value) if result.value != result.focus else ""
        text = f"{_shown(result.focus)}: {said}" + (f" Here: {value}" if value else "")
        severity: Severity = next((name for name in _SEVERITIES if name == result.severity), "violation")
        hint = f"At {result.path}" if result.path and result.path not in said else None
        found.add(Finding(file, line, severity, text, hint, subject, result.shape or result.component))
    return sorted(found, key=lambda finding: (finding.file or "", finding.line or 0, finding.message))


def _messages(shapes: Iterable[Triple]) -> dict[str, str]:
    """Shape to its message; the English one where there are several."""
    graph = Graph(shapes)
    found: dict[str, str] = {}
    for shape, message in graph.pairs(SH("message")):
        if getattr(message, "language", None) in (None, "en") or shape.value not in found:
            found[shape.value] = message.value
    return found


def _shown(spelled: str) -> str:
    """A term for people; empty for a blank node, which has no name."""
    if spelled.startswith("<"):
        return compact(spelled[1:-1])
    return "" if spelled == "_:" else spelled
