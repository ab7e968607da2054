"""`pledgegraph diff`: lists what changed between two releases."""

import argparse
import json
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from pledgegraph.cli.options import Subparsers, add_command
from pledgegraph.errors import RunError
from pledgegraph.release import diff, manifest
from pledgegraph.terms import XSD, compact

EPILOG = """\
A release is named by its directory, by a directory that `build --out` wrote, or by its hash in the cache.

exit codes: 0 compared (whether or not anything changed), 2 could not run

examples:
  pledgegraph diff 8ef7b2920d30c8c1 d6f4a72d3fbb35e8
  pledgegraph diff old/ new/ --inferred --json
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "diff", "list the triples added and removed between two releases", EPILOG)
    parser.add_argument("old", metavar="OLD", help="the earlier release")
    parser.add_argument("new", metavar="NEW", help="the later release")
    parser.add_argument("--inferred", action="store_true", help="count inferred triples and generated labels too")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(arguments: argparse.Namespace) -> int:
    """Compare; see the exit codes above."""
    old, new = _release(arguments.old), _release(arguments.new)
    changes = diff.compare(old, new, inferred=arguments.inferred)
    if arguments.json:
        print(json.dumps({subject: _json(change) for subject, change in changes.items()}, indent=1, ensure_ascii=False))
        return 0
    for subject, change in changes.items():
        print(_spell_subject(subject))
        for sign, triples in (("-", change.removed), ("+", change.added)):
            for triple in triples:
                print(f"  {sign} {_spell(triple.predicate)} {_spell(triple.object)}")
    removed = sum(len(change.removed) for change in changes.values())
    added = sum(len(change.added) for change in changes.values())
    print(f"({removed:,} removed, {added:,} added, {len(changes):,} subjects)")
    return 0


def _release(name: str) -> Path:
    cached = manifest.release_path(manifest.cache_dir(), name)
    if "/" not in name and not Path(name).exists() and manifest.is_whole(cached):
        return cached
    if not Path(name).exists():
        raise RunError("is neither a directory nor a release in the cache", file=name)
    return manifest.resolve(Path(name))


def _spell_subject(subject: str) -> str:
    return compact(subject[1:-1]) if subject.startswith("<") else subject


def _spell(term: object) -> str:
    if isinstance(term, NamedNode):
        return compact(term.value)
    if isinstance(term, Literal) and not term.language and term.datatype.value != XSD("string"):
        return f"{json.dumps(term.value, ensure_ascii=False)}^^{compact(term.datatype.value)}"
    return str(term)


def _json(change: diff.SubjectChange) -> dict[str, list[list[str]]]:
    return {
        "removed": [[str(triple.predicate), str(triple.object)] for triple in change.removed],
        "added": [[str(triple.predicate), str(triple.object)] for triple in change.added],
    }
