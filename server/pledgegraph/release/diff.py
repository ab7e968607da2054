"""What changed between two releases: triples added and removed, by subject."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from pledgegraph.dataset import DUMP_NAME
from pledgegraph.errors import RunError
from pledgegraph.release.manifest import is_whole
from pledgegraph.terms import GRAPH_CLOSURE, GRAPH_LABELS


@dataclass
class SubjectChange:
    """What changed about one subject.

    Args:
        removed: Triples of the old release alone, sorted.
        added: Triples of the new release alone, sorted.
    """

    removed: list[Triple] = field(default_factory=list)
    added: list[Triple] = field(default_factory=list)


def compare(old: Path, new: Path, *, inferred: bool = False) -> dict[str, SubjectChange]:
    """Compare the default graphs of two releases.

    Triples with blank nodes (class expressions of the ontology) are compared by their labels, which RDFC-1.0 gives to
    the whole dataset, so a change elsewhere can show them as removed and added.

    Args:
        old: A release directory.
        new: Another one.
        inferred: Whether triples of the closure and generated labels count too.

    Returns:
        Subject, as N-Triples spells it, to what changed, sorted.

    Raises:
        RunError: One of the two is no release.
    """
    before, after = _triples(old, inferred), _triples(new, inferred)
    changes: dict[str, SubjectChange] = defaultdict(SubjectChange)
    for triple in sorted(before - after, key=str):
        changes[str(triple.subject)].removed.append(triple)
    for triple in sorted(after - before, key=str):
        changes[str(triple.subject)].added.append(triple)
    return dict(sorted(changes.items()))


def _triples(release: Path, inferred: bool) -> set[Triple]:
    if not is_whole(release):
        raise RunError("is not a release", file=str(release), hint="Build one with: pledgegraph build")
    merged: set[Triple] = set()
    made: set[Triple] = set()
    for quad in parse(path=release / DUMP_NAME, format=RdfFormat.N_QUADS):
        name = getattr(quad.graph_name, "value", None)
        if name is None:
            merged.add(quad.triple)
        elif name in (GRAPH_CLOSURE, GRAPH_LABELS) and not inferred:
            made.add(quad.triple)
    return merged - made
