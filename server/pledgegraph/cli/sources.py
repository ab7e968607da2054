"""`pledgegraph sources`: verify passages against local copies of the documents, and address new ones."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pledgegraph import content, provenance
from pledgegraph.cli.options import Subparsers, add_command
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError, RunError
from pledgegraph.terms import ID, PLEDGE, compact, expand

if TYPE_CHECKING:
    from pledgegraph.provenance import Copies, Copy


EPILOG = """\
examples:
  pledgegraph sources verify --texts ~/sources
  pledgegraph sources address resolution-495.txt --start "Affirming the need" --end "capabilities;" --texts ~/sources
  pledgegraph sources seal graph/documents/resolution-495.ttl --texts ~/sources
"""


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

    seal = actions.add_parser("seal", help="fill in the digests of a Turtle file's passages from their words")
    seal.add_argument("file", metavar="FILE", type=Path)
    seal.add_argument("--again", action="store_true", help="take every digest anew, not only those that are missing")

    for action in (verify, address, seal):
        action.add_argument("--texts", required=True, metavar="DIR", type=Path, help="folder with the copies")
        action.add_argument("--content", metavar="DIR", type=Path, help="folder with ontology/, graph/ and shapes/")


def run(args: argparse.Namespace) -> int:
    """Run the action asked for; 0 when all is well, 1 with findings."""
    dataset = Dataset.from_content(content.find(args.content))
    if args.action == "verify":
        return _verify(dataset, args.texts, as_json=args.json)
    if args.action == "address":
        return _address(dataset, args)
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
    document, copy = _document(dataset, copies, args.document)
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


def _document(dataset: Dataset, copies: Copies, name: str) -> tuple[str, Copy]:
    """The document that a name means, with its copy."""
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
