"""`pledgegraph sources`: verify passages against local copies of the documents, and address new ones."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pledgegraph import content, provenance, turtle
from pledgegraph.cli.options import Subparsers, add_command
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError, RunError
from pledgegraph.importers import nodes, sheet
from pledgegraph.terms import ID, PLEDGE, compact, expand

if TYPE_CHECKING:
    from pledgegraph.provenance import Copies, Copy


EPILOG = """\
examples:
  pledgegraph sources verify --texts ~/sources
  pledgegraph sources address resolution-495.txt --start "Affirming the need" --end "capabilities;" --texts ~/sources
  pledgegraph sources describe resolution-495.txt --text id:resolution-495 --author id:nato-pa --texts ~/sources
  pledgegraph sources sheet resolution-495.txt --texts ~/sources > resolution-495.csv
  pledgegraph sources seal graph/documents/resolution-495.ttl --texts ~/sources
"""


_GIVEN = (
    ("text", "IRI", "the instrument whose text it carries"),
    ("author", "IRI", "who wrote it"),
    ("publisher", "IRI", "who published it; the author by default"),
    ("title", "WORDS", "its printed title"),
    ("language", "TAG", "its language, such as en"),
    ("address", "URL", "where it is or was published"),
    ("type", "NAME", "its source type, such as officialRecord-source (ontology/schemes/source-type.ttl)"),
    ("completeness", "NAME", "completeCopy or partialCopy"),
)
_MEDIA_TYPES = {".txt": "text/plain", ".html": "text/html", ".md": "text/markdown", ".pdf": "application/pdf"}


def add_parser(subparsers: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(subparsers, "sources", "verify passages against local copies of the documents", EPILOG)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    verify = actions.add_parser("verify", help="find each passage once in the copy of its document, with its digest")
    verify.add_argument("--json", action="store_true", help="print findings and counts as JSON")

    address = actions.add_parser("address", help="print the Turtle block of a passage")
    address.add_argument("document", metavar="DOC", help="a document (id:document-…), or the file name of its copy")
    address.add_argument("--start", metavar="WORDS", help="how the passage begins, as printed")
    address.add_argument("--end", metavar="WORDS", help="how it ends")
    address.add_argument(
        "--element", metavar="ID", help="identifier of a record, instead of words: a value, or a=b;c=d"
    )
    address.add_argument("--locator", metavar="TEXT", help='its printed number or place, such as "13.f"')

    describe = actions.add_parser("describe", help="print the Turtle of a document: a copy with what is known of it")
    describe.add_argument("document", metavar="FILE", help="the file name of the copy; it names the document too")
    for name, metavar, text in _GIVEN:
        describe.add_argument(f"--{name}", metavar=metavar, help=text)

    table = actions.add_parser("sheet", help="print a coding sheet (CSV): a row for each sentence, for `import sheet`")
    table.add_argument("document", metavar="DOC", help="a document (id:document-…), or the file name of its copy")

    seal = actions.add_parser("seal", help="fill in the digests of a Turtle file's passages from their words")
    seal.add_argument("file", metavar="FILE", type=Path)
    seal.add_argument("--again", action="store_true", help="take every digest anew, not only those that are missing")

    for action in (verify, address, describe, table, seal):
        action.add_argument("--texts", required=True, metavar="DIR", type=Path, help="folder with the copies")
        action.add_argument("--content", metavar="DIR", type=Path, help="folder with ontology/, graph/ and shapes/")


def run(args: argparse.Namespace) -> int:
    """Run the action asked for; 0 when all is well, 1 with findings."""
    dataset = Dataset.from_content(content.find(args.content))
    if args.action == "verify":
        return _verify(dataset, args.texts, as_json=args.json)
    if args.action == "address":
        return _address(dataset, args)
    if args.action == "describe":
        return _describe(dataset, args)
    if args.action == "sheet":
        return _sheet(find_document(dataset, provenance.Copies(args.texts), args.document)[1])
    sealed = provenance.seal(args.file, dataset, args.texts, again=args.again)
    print(f"{sealed} digests written to {args.file}")
    return 0


def _verify(dataset: Dataset, texts: Path, *, as_json: bool) -> int:
    verification = provenance.verify(dataset, texts)
    if as_json:
        findings = [asdict(finding) for finding in verification.findings]
        print(json.dumps({"findings": findings, "counts": dict(verification.counts)}, indent=2, ensure_ascii=False))
    else:
        for finding in verification.findings:
            print(finding)
        print(verification)
    return 1 if verification.findings else 0


def _address(dataset: Dataset, args: argparse.Namespace) -> int:
    copies = provenance.Copies(args.texts)
    document, copy = find_document(dataset, copies, args.document)
    if args.element:
        record = provenance.PassageAddress("", "", digest=provenance.resolve(copy, element=args.element))
        print(provenance.block(document, record, args.locator, args.element), end="")
        return 0
    if not (args.start and args.end):
        raise RunError("a passage needs --start and --end, or --element")
    text = copy.text.text
    starts = _spans(text, args.start, copy)
    if len(starts) > 1:
        raise InputError(f"{args.start!r} stands {len(starts)} times in {copy.path.name}", hint="Give more words")
    start = starts[0][0]
    end = next((stop for begin, stop in _spans(text, args.end, copy) if begin >= start), None)
    if end is None:
        raise InputError(f"{args.end!r} stands only before {args.start!r} in {copy.path.name}")
    print(provenance.block(document, provenance.address(text, start, end), args.locator), end="")
    return 0


def _describe(dataset: Dataset, args: argparse.Namespace) -> int:
    document, copy = find_document(dataset, provenance.Copies(args.texts), args.document)
    things = {"carriesTextOf": args.text, "author": args.author, "publisher": args.publisher or args.author}
    terms = {"sourceType": args.type, "copyCompleteness": args.completeness, "reviewState": "readOnce"}
    words = {
        "title": args.title,
        "language": args.language,
        "publicAddress": args.address,
        "mediaType": _MEDIA_TYPES.get(copy.path.suffix),
        "copyDigest": provenance.file_digest(copy.path),
    }
    name = document.removeprefix(ID)
    values = {key: nodes.thing(expand(value)) for key, value in things.items() if value}
    values |= {key: nodes.term(value.removeprefix("pledge:")) for key, value in terms.items() if value}
    triples = nodes.node(name, "Document", label=[nodes.text(args.title, "en")] if args.title else [])
    triples += nodes.with_properties(name, {**values, **words})
    measured = {"characters": nodes.number(len(copy.raw)), "reviewedOn": nodes.day(datetime.now(UTC).date())}
    print(turtle.canonical(triples + nodes.with_properties(name, measured)), end="")
    return 0


def _sheet(copy: Copy) -> int:
    rows = csv.DictWriter(sys.stdout, sheet.COLUMNS, lineterminator="\n")
    rows.writeheader()
    text = copy.raw
    for key, (start, end) in provenance.outline(text).items():
        words = text[start:end].split()
        rows.writerow({"passage": key, "begins": " ".join(words[:6]), "ends": " ".join(words[-4:])})
    return 0


def find_document(dataset: Dataset, copies: Copies, name: str) -> tuple[str, Copy]:
    """The document that a name means, with its copy.

    Raises:
        InputError: Nothing has the name, or the document has no copy.
    """
    documents = {
        subject[1:-1]: value[1:-1] for subject, _, value in dataset.matching(None, f"<{PLEDGE('copyDigest')}>", None)
    }
    for copy in copies.named(Path(name).name):
        digest = provenance.file_digest(copy.path)
        found = next((document for document, value in documents.items() if value == digest), None)
        return found or ID(f"document-{copy.path.name.split('.')[0].replace('_', '-').lower()}"), copy
    try:
        iri = expand(name) if ":" in name else ID(name)
    except ValueError as error:
        raise InputError(str(error)) from None
    if iri not in documents:
        raise InputError(
            f"{name} is neither a document with a pledge:copyDigest nor a file under {copies.folder.as_posix()}"
        )
    found_copy = copies.find(documents[iri])
    if found_copy is None:
        raise InputError(f"no file under {copies.folder.as_posix()} is the copy of {compact(iri)}")
    return iri, found_copy


def _spans(text: str, words: str, copy: Copy) -> list[tuple[int, int]]:
    """Places of words in a text, at least one."""
    spans = provenance.places(text, provenance.normalise(words), "", "")
    if not spans:
        raise InputError(f"{words!r} does not stand in {copy.path.name}", hint="Copy the words as they are printed")
    return spans
