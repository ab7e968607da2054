"""`pledgegraph query`: runs a SPARQL file or a named question on a release."""

import argparse
import json
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pledgegraph.cli.options import Subparsers, add_command, add_release, release_directory
from pledgegraph.errors import InputError, RunError

if TYPE_CHECKING:
    from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

    from pledgegraph.queries import NamedQuery, Parameter

RESULT_FORMATS = {
    "table": "",
    "json": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xml": "application/sparql-results+xml",
}
GRAPH_FORMATS = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "nquads": "application/n-quads",
    "trig": "application/trig",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}

EPILOG = """\
A parameter of a named question is given as key=value: text=id:political-declaration asOf=2024-11-25. An entity is
written id:japan, japan, or as a full IRI. Prefixes such as pledge:, id:, rdfs: and skos: need no declaration.

SELECT and ASK are written as table (the default), json, csv, tsv or xml; CONSTRUCT and DESCRIBE as turtle (the
default), ntriples, nquads, trig, rdfxml or jsonld.

exit codes: 0 answered, 1 the query, a name or a value is wrong, 2 could not run

examples:
  pledgegraph query --list
  pledgegraph query endorsers text=id:political-declaration
  pledgegraph query question.rq --format csv > answer.csv
  echo 'SELECT ?actor { ?actor pledge:everEndorsed id:reaim-blueprint }' | pledgegraph query -
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "query", "run a SPARQL file or a named question", EPILOG)
    parser.add_argument(
        "what", nargs="?", metavar="FILE.rq|NAME|-", help="a file, a named question, or - for the input"
    )
    parser.add_argument("values", nargs="*", metavar="key=value", help="values for the parameters")
    parser.add_argument("--list", action="store_true", help="list the named questions and their parameters")
    parser.add_argument("--show", action="store_true", help="print the SPARQL with its values instead of running it")
    parser.add_argument("--format", choices=[*RESULT_FORMATS, *GRAPH_FORMATS], help="how the answer is written")
    add_release(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer; see the exit codes above."""
    if arguments.list:
        return _list(arguments)
    if arguments.what is None:
        raise RunError("no query is given", hint="Name a file or a question, or list these with --list")
    from pledgegraph.dataset import open_release

    directory = release_directory(arguments)
    store = open_release(directory)
    text = _query_text(arguments, directory, store)
    if arguments.show:
        print(text.rstrip())
        return 0
    _write(_evaluate(store, text), store, arguments.format)
    return 0


def _query_text(arguments: argparse.Namespace, directory: Path, store: "Store") -> str:
    """The SPARQL to run, with values bound."""
    from pledgegraph import queries
    from pledgegraph.content import Content

    if arguments.what == "-" or _is_path(arguments.what):
        shown = "input" if arguments.what == "-" else arguments.what
        try:
            text = sys.stdin.read() if arguments.what == "-" else Path(arguments.what).read_text(encoding="utf-8")
        except OSError as error:
            raise RunError(f"cannot be read: {error.strerror}", file=shown) from error
        except UnicodeDecodeError:
            raise InputError("is not UTF-8", file=shown) from None
        if "# param:" not in text:
            if arguments.values:
                raise InputError(
                    f"declares no parameters and is given {arguments.values[0]}",
                    file=shown,
                    hint='Declare them in its header: # param: NAME TYPE required "what it means"',
                )
            return text
        question = queries.parse(text, Path(shown).stem, shown)
    else:
        question = queries.find(Content(directory), arguments.what)
    values = dict(_key_value(pair) for pair in arguments.values)
    terms = question.terms(values)
    for parameter in question.parameters:
        if parameter.name in values and parameter.type == "iri":
            _check_entity(store, parameter, terms[parameter.name].value)
    return question.bind(values)


def _is_path(what: str) -> bool:
    return what.endswith((".rq", ".sparql")) or "/" in what


def _key_value(pair: str) -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not equals or not key:
        raise InputError(
            f"{pair!r} is no value for a parameter", hint="Write key=value, such as text=id:resolution-495"
        )
    return key, value


def _check_entity(store: "Store", parameter: "Parameter", iri: str) -> None:
    """Refuse a name that the graph does not know; say so if it is of another class than the question expects."""
    from pyoxigraph import DefaultGraph, NamedNode, Quad

    from pledgegraph.release.selection import find_entity
    from pledgegraph.terms import RDF_TYPE, compact

    node = find_entity(store, f"<{iri}>")
    if parameter.range is None:
        return
    if Quad(node, NamedNode(RDF_TYPE), NamedNode(parameter.range), DefaultGraph()) not in store:
        print(f"note: {compact(iri)} is not of class {compact(parameter.range)}", file=sys.stderr)


def _evaluate(store: "Store", text: str) -> "QuerySolutions | QueryBoolean | QueryTriples":
    """Evaluate after the guard has seen the query: what it refuses could end this process without a word."""
    from pledgegraph.errors import QuerySyntaxError
    from pledgegraph.evaluation import evaluate
    from pledgegraph.service.errors import ServiceError
    from pledgegraph.service.guard import SYNTAX, check
    from pledgegraph.service.limits import Limits
    from pledgegraph.terms import PREFIXES

    try:
        checked = check(text, Limits(), PREFIXES)
    except ServiceError as error:
        if error.title == SYNTAX:
            detail = error.detail.removesuffix(".")
            raise QuerySyntaxError(detail, line=error.line, column=error.column, hint=error.hint) from None
        raise InputError(error.detail, file="query", line=error.line, hint=error.hint) from None
    # The engine does not return to Python while it evaluates, so Python's own handler would not run on Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return evaluate(store, checked.text, prefixes=PREFIXES)


def _write(results: "QuerySolutions | QueryBoolean | QueryTriples", store: "Store", asked: str | None) -> None:
    from pyoxigraph import QueryBoolean, QueryTriples

    from pledgegraph import evaluation

    known = GRAPH_FORMATS if isinstance(results, QueryTriples) else RESULT_FORMATS
    format_name = asked or next(iter(known))
    if format_name not in known:
        what = "a graph" if known is GRAPH_FORMATS else "rows"
        raise InputError(f"{format_name} cannot carry {what}", hint=f"Use --format {', '.join(known)}")
    if isinstance(results, QueryTriples):
        triples = sorted(set(results), key=str)
        if format_name == "jsonld":
            from pledgegraph.release import jsonld

            _write_bytes(jsonld.flat(triples))
        else:
            _write_bytes(evaluation.serialise_graph(triples, GRAPH_FORMATS[format_name]))
    elif format_name != "table":
        _write_bytes(evaluation.serialise_results(results, RESULT_FORMATS[format_name]))
    elif isinstance(results, QueryBoolean):
        print("true" if results else "false")
    else:
        from pledgegraph.cli import tables

        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        print(tables.render(store, results, width), end="")


def _write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")


def _list(arguments: argparse.Namespace) -> int:
    """List the named questions."""
    from pledgegraph import content, queries

    found = content.Content(release_directory(arguments)) if arguments.release else content.find(arguments.content)
    questions = queries.load(found).values()
    if arguments.format == "json":
        print(json.dumps([_described(question) for question in questions], indent=1, ensure_ascii=False))
        return 0
    for question in questions:
        print(f"{question.name}\n    {question.title}. {question.description}")
        for parameter in question.parameters:
            need = "required" if parameter.required else "optional"
            if parameter.default is not None:
                need = f"default {parameter.default}"
            print(f"    {parameter.name}=<{parameter.type}>  {parameter.description} ({need})")
        print()
    return 0


def _described(question: "NamedQuery") -> dict[str, object]:
    return {
        "name": question.name,
        "title": question.title,
        "description": question.description,
        "form": question.form,
        "parameters": [
            {
                "name": p.name,
                "type": p.type,
                "class": p.range,
                "required": p.required,
                "default": p.default,
                "description": p.description,
            }
            for p in question.parameters
        ],
    }
