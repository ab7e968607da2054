"""`pledgegraph publish`: loads a release into an existing SPARQL 1.1 engine."""

import argparse
import sys

from pledgegraph.cli.options import Subparsers, add_command, add_release, release_directory
from pledgegraph.errors import RunError

EPILOG = """\
The engine's default graph becomes the release's merged set; its named graphs are kept apart by origin. A run that broke
off is picked up by the same command. At the end all graphs are read back and compared by counts and digests; then
`pledgegraph serve --engine URL` fronts the engine.

exit codes: 0 loaded and found right, 1 findings in the content, 2 could not run

examples:
  pledgegraph publish http://127.0.0.1:3030/pledgegraph
  pledgegraph publish http://127.0.0.1:7878
  pledgegraph publish http://user:secret@db.example/sparql --update-url http://user:secret@db.example/update
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "publish", "load a release into an existing SPARQL 1.1 engine", EPILOG)
    add_release(parser)
    parser.add_argument("url", metavar="URL", help="the engine's data set, or its query endpoint with --update-url")
    parser.add_argument("--update-url", metavar="URL", help="the engine's SPARQL Update endpoint")
    parser.add_argument("--store-url", metavar="URL", help="the engine's Graph Store Protocol endpoint")
    parser.add_argument("--piece", type=int, default=10_000, metavar="TRIPLES", help="triples in a request (10000)")
    parser.add_argument("--replace", action="store_true", help="overwrite a default graph that holds other data")


def run(arguments: argparse.Namespace) -> int:
    """Load and compare; see the exit codes above."""
    from pledgegraph.service.publish import publish
    from pledgegraph.service.target import Target

    if arguments.piece < 1:
        raise RunError(f"--piece {arguments.piece} is no number of triples", hint="Give 1 or more")
    named = arguments.update_url or arguments.store_url
    target = Target(arguments.url, arguments.update_url, arguments.store_url) if named else Target.find(arguments.url)
    directory = release_directory(arguments)
    shown = _Line()
    outcome = publish(directory, target, replace=arguments.replace, piece=arguments.piece, progress=shown.tell)
    shown.end()
    resumed = f", {outcome.resumed} pieces by an earlier run" if outcome.resumed else ""
    print(
        f"published {outcome.release} to {target.shown}: {sum(outcome.triples.values()):,} triples in "
        f"{len(outcome.triples)} graphs, all as sent ({outcome.seconds:.1f} s, {outcome.sent} pieces{resumed})"
    )
    return 0


class _Line:
    """One line on a terminal that is written over; a line for every tenth step elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._tenth = -1

    def tell(self, done: int, all_pieces: int, what: str) -> None:
        text = f"{done:,} of {all_pieces:,}: {what}"
        if self._terminal:
            print(f"\r\x1b[K{text[:100]}", end="", file=sys.stderr, flush=True)
        elif (tenth := done * 10 // max(all_pieces, 1)) != self._tenth:
            print(text, file=sys.stderr)
            self._tenth = tenth

    def end(self) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr)
