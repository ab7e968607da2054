"""`pledgegraph links`: check links to other graphs, offline and by asking their targets."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from pledgegraph import content, links
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError
from pledgegraph.links import sssom
from pledgegraph.release import manifest


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "links",
        help="check foreign identifiers against their targets",
        epilog="example: pledgegraph links check --offline",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check",
        help="check the tables, then ask each target whether it is there",
        description="Answers are remembered in the cache directory; a run goes on where another was broken off.",
    )
    check.add_argument("--offline", action="store_true", help="check the tables alone")
    check.add_argument("--pause", type=float, default=1.0, metavar="SECONDS", help="between requests to a host (1)")
    check.add_argument("--timeout", type=float, default=20.0, metavar="SECONDS", help="for an answer (20)")
    check.add_argument("--limit", type=int, metavar="N", help="ask at most N targets")
    check.add_argument("--fresh-days", type=int, default=30, metavar="DAYS", help="trust answers for so long (30)")
    check.add_argument(
        "--address", action="append", default=[], metavar="START=ADDRESS", help="ask ADDRESS for IRIs that begin so"
    )
    check.add_argument("--memory", type=Path, metavar="FILE", help="where answers are remembered")
    check.add_argument("--content", metavar="DIR", type=Path, help="folder with ontology/, graph/ and shapes/")


def run(args: argparse.Namespace) -> int:
    """Check; 0 when all is well, 1 with findings or targets that are gone."""
    found = content.find(args.content)
    findings = links.check(found, Dataset.from_content(found))
    for finding in findings:
        print(finding)
    tables = {} if findings else {path: links.read(path, found.display(path)) for path in sssom.files(found)}
    if findings or args.offline:
        print(f"{len(sssom.files(found))} tables, {len(findings)} findings")
        return 1 if findings else 0
    addresses = {}
    for given in args.address:
        start, equals, address = given.partition("=")
        if not equals or not start or not address:
            raise InputError(f"--address {given!r} is not START=ADDRESS")
        addresses[start] = address
    policy = links.Policy(args.pause, args.timeout, fresh_days=args.fresh_days, addresses=addresses, limit=args.limit)
    wanted = [link.target for table in tables.values() for link in table]
    memory = args.memory or manifest.cache_dir(None) / "links-checked.jsonl"
    answers = links.check_targets(
        wanted, memory, policy, today=datetime.now(UTC).date(), said=lambda one: print(_line(one), flush=True)
    )
    counts = Counter(answer.outcome for answer in answers)
    left = len(set(wanted)) - len(answers)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    print(f"{len(set(wanted))} targets: {told or 'none asked'}" + (f", {left} left for another run" if left else ""))
    return 1 if counts["gone"] else 0


def _line(answer: links.Answer) -> str:
    return f"{answer.outcome}: {answer.target} ({answer.detail})"
