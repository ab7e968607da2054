"""`pledgegraph build`: builds a release and says where it is."""

import argparse
import sys
from pathlib import Path

from pledgegraph import content
from pledgegraph.cli.options import Subparsers, add_command, add_content
from pledgegraph.release.build import build

EPILOG = """\
A release lies in <cache>/releases/<hash>, named by a hash of inputs, program and engines; the same inputs are built
once. <cache> is $PLEDGEGRAPH_CACHE, else $XDG_CACHE_HOME/pledgegraph, else ~/.cache/pledgegraph.

exit codes: 0 built or found, 1 findings (printed by file and line), 2 could not run

examples:
  pledgegraph build
  pledgegraph build --out /srv/pledgegraph --texts ~/sources
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "build", "build a release: parse, check, derive, store", EPILOG)
    add_content(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="directory for releases/ and current (default: the cache)"
    )
    parser.add_argument("--texts", type=Path, metavar="DIR", help="local copies of the documents, to verify passages")


def run(arguments: argparse.Namespace) -> int:
    """Build; see the exit codes above."""
    built = build(content.find(arguments.content), cache=arguments.out, texts=arguments.texts)
    for finding in built.findings:
        print(finding, file=sys.stderr)
    state = "built" if built.fresh else "found"
    graphs = len(built.manifest.graphs)
    print(f"{state} {built.path}")
    print(f"{built.manifest.triples:,} triples in the default graph, {graphs} named graphs")
    return 0
