"""`pledgegraph import sheet`: the filled coding sheet of a text into canonical Turtle under `graph/`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from pledgegraph import content, provenance, turtle
from pledgegraph.cli.options import Subparsers
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError, RunError
from pledgegraph.importers import sheet
from pledgegraph.terms import ID, compact, expand

if TYPE_CHECKING:
    from pledgegraph.provenance import Copy

_ADDRESS = {
    "firstWords": "first_words",
    "lastWords": "last_words",
    "wordsBefore": "words_before",
    "wordsAfter": "words_after",
    "digest": "digest",
}


def add_parser(kinds: Subparsers) -> None:
    """Add the kind of import to the command line."""
    parser = kinds.add_parser(
        "sheet",
        help="the coding sheet of a text",
        description="The statements of a text from a table that `pledgegraph sources sheet` printed and a curator "
        "filled in. Statements, claims and passages of the same names are replaced; the rest of both files stays.",
    )
    parser.add_argument("file", metavar="SHEET", type=Path, help="the table, as CSV")
    parser.add_argument("--document", required=True, metavar="IRI", help="the document that was read (id:document-…)")
    parser.add_argument("--text", required=True, metavar="IRI", help="the instrument that speaks in it")
    parser.add_argument("--speaker", required=True, metavar="IRI", help="whose text it is; also the claimant")
    parser.add_argument("--translation", action="store_true", help="the copy is a translation")
    parser.add_argument("--texts", required=True, metavar="DIR", type=Path, help="folder with the copies")
    parser.add_argument("--out", metavar="DIR", type=Path, help="write under DIR in place of graph/")
    parser.add_argument("--content", metavar="DIR", type=Path, help="folder with ontology/, graph/ and shapes/")


def run(args: argparse.Namespace) -> int:
    """Import; 0 when every row went in, 1 with findings, which keep everything unwritten."""
    found = content.find(args.content)
    dataset = Dataset.from_content(found)
    subjects = {t.subject.value for t in dataset.triples() if isinstance(t.subject, NamedNode)}
    things = frozenset(iri.removeprefix(ID) for iri in subjects if iri.startswith(ID))
    document, text, speaker = (_thing(name, things) for name in (args.document, args.text, args.speaker))
    copy = provenance.Copies(args.texts).find(_copy_digest(dataset, document))
    if copy is None:
        raise InputError(f"no file under {args.texts.as_posix()} is the copy of {compact(document)}")
    target = sheet.Target(document, text, speaker, "translation" if args.translation else "textItself")
    themes = frozenset(name.removeprefix("theme-") for name in things if name.startswith("theme-"))
    coded = sheet.statements(args.file, target, sheet.Known(themes, things), _Passages(copy))
    for finding in coded.findings:
        print(finding)
    if coded.findings:
        print(f"nothing written: {len(coded.findings)} findings")
        return 1
    folder = args.out or found.graph
    slug = document.removeprefix(ID).removeprefix("document-")
    _merge(found.graph, folder, f"documents/{slug}.ttl", coded.document)
    _merge(found.graph, folder, f"records/{text.removeprefix(ID)}-statements.ttl", coded.records)
    written = f"{coded.rows} statement{'' if coded.rows == 1 else 's'} written"
    print(f"{written}; now read each beside its passage, then run `pledgegraph check`")
    return 0


class _Passages:
    """Passages of a copy by the keys of its outline."""

    def __init__(self, copy: Copy) -> None:
        self._text = copy.raw
        self._outline = provenance.outline(self._text)

    def __call__(self, key: str) -> sheet.Cited | None:
        if key not in self._outline:
            return None
        start, end = self._outline[key]
        address = provenance.address(self._text, start, end)
        values = {name: getattr(address, field) for name, field in _ADDRESS.items()}
        return sheet.Cited(self._text[start:end], {name: value for name, value in values.items() if value})


def _thing(name: str, things: frozenset[str]) -> str:
    iri = expand(name if ":" in name else f"id:{name}")
    if iri.removeprefix(ID) not in things:
        raise InputError(f"nothing is named {name}", hint="Describe it first, in a file under graph/")
    return iri


def _copy_digest(dataset: Dataset, document: str) -> str:
    property_ = expand("pledge:copyDigest")
    found = next((value for _, _, value in dataset.matching(f"<{document}>", f"<{property_}>", None)), None)
    if found is None:
        hint = "Give it the SHA-256 of your copy (CONTRIBUTING.md, Add a document)"
        raise InputError(f"{compact(document)} has no pledge:copyDigest", hint=hint)
    return found[1:-1]


def _merge(before: Path, folder: Path, name: str, triples: list[Triple]) -> None:
    """Write triples into a file, in place of what it says of the same subjects."""
    known = before / name
    kept = turtle.parse(known) if known.exists() else []
    subjects = {triple.subject for triple in triples}
    path = folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(turtle.canonical([t for t in kept if t.subject not in subjects] + triples), encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror}", file=path.as_posix()) from error
