"""`pledgegraph format`: writes Turtle in its canonical form, or shows what would change."""

import argparse
import sys
from pathlib import Path

from pledgegraph import content, turtle
from pledgegraph.cli.options import Subparsers, add_command, add_content
from pledgegraph.errors import InputError, RunError

EPILOG = """\
The canonical form is rdflib's Turtle with subjects sorted by IRI, so that a changed fact changes few lines. Comments
would be lost: a file that holds one is refused; say it as skos:editorialNote.

exit codes: 0 in form (or rewritten), 1 not in form or not readable as Turtle, 2 could not run

examples:
  pledgegraph format
  pledgegraph format --check graph/documents/resolution-495.ttl
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "format", "write Turtle files in their canonical form", EPILOG)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files (default: all of the content)")
    parser.add_argument("--check", action="store_true", help="change nothing; print what would change")
    add_content(parser)


def run(arguments: argparse.Namespace) -> int:
    """Format or check every file; see the exit codes above."""
    root = content.find(arguments.content) if not arguments.files else None
    files = arguments.files if root is None else root.turtle_files()
    worst = 0
    for path in files:
        name = path.as_posix() if root is None else root.display(path)
        try:
            if arguments.check:
                difference = turtle.check_file(path, name=name)
                if difference:
                    print(difference, end="")
                    worst = max(worst, 1)
            elif turtle.format_file(path, name=name):
                print(f"formatted {name}")
        except (InputError, RunError) as error:
            print(error, file=sys.stderr)
            worst = max(worst, error.exit_code)
    if worst == 1 and arguments.check:
        print("pledgegraph: not in canonical form; run: pledgegraph format", file=sys.stderr)
    return worst
