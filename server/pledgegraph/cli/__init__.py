"""The command `pledgegraph`: imports the module of the command asked for, prints errors, gives exit codes."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from pledgegraph.errors import FindingsError, PledgegraphError

COMMANDS: dict[str, tuple[str, str]] = {
    "build": ("pledgegraph.cli.build", "build a release: parse, check, derive, store"),
    "check": ("pledgegraph.cli.check", "run all checks without writing anything"),
    "query": ("pledgegraph.cli.query", "run a SPARQL file or a named question"),
    "export": ("pledgegraph.cli.export", "write the graph, one document or one entity in an RDF syntax or CSV"),
    "serve": ("pledgegraph.cli.serve", "serve pages, SPARQL and files over HTTP"),
    "publish": ("pledgegraph.cli.publish", "load a release into an existing SPARQL 1.1 engine"),
    "sources": ("pledgegraph.cli.sources", "verify passages against local copies of the documents"),
    "links": ("pledgegraph.cli.links", "check foreign identifiers against their targets"),
    "import": ("pledgegraph.cli.imports", "turn public records into canonical Turtle"),
    "format": ("pledgegraph.cli.format", "write Turtle files in their canonical form"),
    "diff": ("pledgegraph.cli.diff", "list the triples added and removed between two releases"),
}
"""Command to its module and its line in the overview. A module has `add_parser(subparsers)` and `run(args) -> int`."""

EPILOG = """\
exit codes: 0 done, 1 findings in the input, 2 could not run

examples:
  pledgegraph build
  pledgegraph query --list
  pledgegraph query endorsers text=id:political-declaration
  pledgegraph export --format turtle --graph id:japan
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: What follows the program's name; `sys.argv` by default.

    Returns:
        0 done, 1 findings in the input, 2 could not run, 130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows ? and ends nothing
    try:
        return _dispatch(given)
    except FindingsError as error:
        for finding in error.findings:
            print(finding, file=sys.stderr)
        print(f"pledgegraph: {error.message}", file=sys.stderr)
        return error.exit_code
    except PledgegraphError as error:
        print(f"pledgegraph: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("pledgegraph: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of the output has left (`| head`): nothing is wrong, and nothing can be said to it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"pledgegraph: {where}{error.strerror or error}", file=sys.stderr)
        return 2


def _dispatch(given: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="pledgegraph",
        description="Who has committed to what about military AI, with the passage that proves it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version() if "--version" in given else "")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    asked = next((word for word in given if not word.startswith("-")), None)
    module = None
    for name, (path, summary) in COMMANDS.items():
        if name == asked:
            module = importlib.import_module(path)
            module.add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    arguments = parser.parse_args(given)
    assert module is not None  # argparse has refused everything else
    code: int = module.run(arguments)
    sys.stdout.flush()
    return code


def _version() -> str:
    from importlib.metadata import version

    return f"pledgegraph {version('pledgegraph')}"
