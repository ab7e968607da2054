"""`pledgegraph export`: writes the graph, one document or one entity."""

import argparse
import sys
from pathlib import Path

from pledgegraph.cli.options import Subparsers, add_command, add_release, release_directory
from pledgegraph.errors import RunError
from pledgegraph.release.export import FORMATS, export

EPILOG = """\
Without --graph the whole graph is written; N-Quads and TriG then hold the named graphs too. An entity comes with the
records that name it, their claims and passages; a document with its passages, their claims and records. CSV has one row
for each record; more tables are made by build (docs/tables.md). Two runs give the same bytes.

examples:
  pledgegraph export --format turtle -o pledgegraph.ttl
  pledgegraph export --format jsonld --graph id:japan
  pledgegraph export --format trig --inferred -o all.trig
  pledgegraph export --format turtle --graph documents/resolution-495
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    summary = "write the graph, one document or one entity in an RDF syntax or CSV"
    parser = add_command(subparsers, "export", summary, EPILOG)
    parser.add_argument("--format", choices=list(FORMATS), required=True, help="the syntax")
    parser.add_argument("--graph", metavar="NAME", help="documents/resolution-495, id:japan, or an IRI (default: all)")
    parser.add_argument("--inferred", action="store_true", help="with what follows by the rules (the closure)")
    parser.add_argument("-o", "--output", type=Path, metavar="PATH", help="file to write (default: standard output)")
    add_release(parser)


def run(arguments: argparse.Namespace) -> int:
    """Export; 0 written, 1 nothing has this name, 2 could not run."""
    from pledgegraph.dataset import open_release

    store = open_release(release_directory(arguments))
    data = export(store, arguments.format, name=arguments.graph, inferred=arguments.inferred)
    if arguments.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return 0
    beside = arguments.output.with_name(f".{arguments.output.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(arguments.output)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RunError(f"cannot be written: {error.strerror}", file=str(arguments.output)) from error
    return 0
