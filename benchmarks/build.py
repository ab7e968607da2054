"""The checks and the closure of a build beside plain rdflib, pyshacl and owlrl on the same files, in one run.

    python benchmarks/build.py [FILE...] [--whole]

Ours: read the files, check the shapes, run the facts step, close under the rules. Plain: parse with rdflib, validate
with pyshacl, run the same facts step (its result is handed over, at no cost to plain), close with owlrl. Each runs in a
process of its own, one after the other, and prints seconds for each step and its peak memory. By default the files are
the ontology and the graph files of the five first documents; `--whole` takes every file, and plain then takes minutes
to an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pledgegraph import content, validation
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset

DOCUMENTS = (
    *("arms-control-today-2024-10", "customs-manager-article", "resolution-495", "unric-article"),
    "us-political-declaration-2023-11",
)
"""The graph files of the five first documents."""


def _files(root: Content, given: list[Path], *, whole: bool) -> list[Path]:
    chosen = given or [path for path in root.graph_files() if whole or path.stem in DOCUMENTS]
    return [*root.ontology_files(), *chosen]


def _timed(steps: dict[str, float], name: str, step: Callable[[], object]) -> object:
    start = time.perf_counter()
    result = step()
    steps[name] = time.perf_counter() - start
    return result


def ours(root: Content, files: list[Path]) -> dict[str, float]:
    """Seconds of each step as a build takes it."""
    from pledgegraph.reasoning import closure, facts

    steps: dict[str, float] = {}
    dataset = Dataset(content=root)
    _timed(steps, "read", lambda: [dataset.add_file(path) for path in files])
    _timed(steps, "shapes", lambda: validation.validate(dataset, root))
    _timed(steps, "facts", lambda: facts.apply(dataset))
    _timed(steps, "closure", lambda: closure.materialise(dataset))
    return steps


def plain(root: Content, files: list[Path]) -> dict[str, float]:
    """Seconds of each step with rdflib, pyshacl and owlrl."""
    import logging

    import owlrl
    import pyshacl
    import rdflib

    from pledgegraph.reasoning import facts

    logging.disable(logging.CRITICAL)
    steps: dict[str, float] = {}
    graph, shapes = rdflib.Graph(), rdflib.Graph()
    _timed(steps, "read", lambda: [graph.parse(path, format="turtle") for path in files])
    for path in root.shape_files():
        shapes.parse(path, format="turtle")
    _timed(steps, "shapes", lambda: pyshacl.validate(graph, shacl_graph=shapes, inference="none"))
    dataset = Dataset(content=root)
    for path in files:
        dataset.add_file(path)
    facts.apply(dataset)
    gated = rdflib.Graph()
    gated.parse(data="".join(f"{' '.join(triple)} .\n" for triple in dataset.spelled()), format="nt")
    _timed(steps, "closure", lambda: owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(gated))
    return steps


def _child(side: str, files: list[Path]) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).resolve()), "--side", side, *map(str, files)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main() -> int:
    """Run both sides and print a table; 1 where ours is less than ten times as fast."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="graph files (default: the five documents)")
    parser.add_argument("--whole", action="store_true", help="take every file of the graph")
    parser.add_argument("--side", choices=("ours", "plain"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    root = content.find()
    if args.side:
        steps = {"ours": ours, "plain": plain}[args.side](root, args.files)
        steps["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(steps))
        return 0
    files = _files(root, args.files, whole=args.whole)
    triples = Dataset(content=root)
    for path in files:
        triples.add_file(path)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, {platform.system()}")
    print(f"{len(files)} files, {len(triples.spelled()):,} triples")
    sides = {side: _child(side, files) for side in ("ours", "plain")}
    print(f"{'':10}{'ours':>10}{'plain':>10}{'ratio':>8}")
    totals = {
        side: sum(seconds for name, seconds in steps.items() if name != "memory") for side, steps in sides.items()
    }
    for name in ("read", "shapes", "facts", "closure"):
        one, other = sides["ours"][name], sides["plain"].get(name)
        beside = f"{other:>10.2f}{other / one:>8.1f}" if other else f"{'-':>10}"
        print(f"{name:10}{one:>10.2f}{beside}")
    ratio = totals["plain"] / totals["ours"]
    print(f"{'seconds':10}{totals['ours']:>10.2f}{totals['plain']:>10.2f}{ratio:>8.1f}")
    print(f"{'MiB':10}{sides['ours']['memory']:>10.0f}{sides['plain']['memory']:>10.0f}")
    return 0 if ratio >= 10 else 1


if __name__ == "__main__":
    sys.exit(main())
