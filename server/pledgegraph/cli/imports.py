"""`pledgegraph import`: public records and coding sheets into canonical Turtle under `graph/`."""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter, defaultdict
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from pledgegraph import content, turtle
from pledgegraph.cli import sheets
from pledgegraph.cli.options import Subparsers, add_command
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError
from pledgegraph.importers import akoma_ntoso, committee_votes, session_records, unga
from pledgegraph.importers.members import Members
from pledgegraph.importers.names import Names
from pledgegraph.importers.sources import Import, Sources
from pledgegraph.provenance.copies import Copy
from pledgegraph.terms import ID, PLEDGE, RDFS_LABEL

EPILOG = """\
examples:
  pledgegraph import unga records/A-RES-79-62.xml records/session-79.jsonl
  pledgegraph import unga records/*.csv.gz --out drafts
  pledgegraph import sheet pact.csv --document id:document-pact --text id:pact --speaker id:body --texts ~/sources
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(subparsers, "import", "turn public records and coding sheets into Turtle", EPILOG)
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    records = kinds.add_parser(
        "unga",
        help="General Assembly resolutions",
        description="Resolutions in Akoma Ntoso (.xml), session records (.jsonl) and committee votes (.csv, .csv.gz).",
    )
    records.add_argument("files", metavar="FILE", nargs="+", type=Path, help=".xml, .jsonl, .csv or .csv.gz")
    records.add_argument("--out", metavar="DIR", type=Path, help="write under DIR in place of graph/")
    records.add_argument("--content", metavar="DIR", type=Path, help="folder with ontology/, graph/ and shapes/")
    sheets.add_parser(kinds)


def run(args: argparse.Namespace) -> int:
    """Import; 0 when everything went in, 1 with findings, of which a violation keeps everything unwritten."""
    if args.kind == "sheet":
        return sheets.run(args)
    found = content.find(args.content)
    result = unga.run(read_sources(found, args.files))
    for finding in sorted(result.findings, key=lambda one: (one.file or "", one.line or 0, one.message)):
        print(finding)
    severities = Counter(finding.severity for finding in result.findings)
    if severities["violation"]:
        print(f"nothing written: {severities['violation']} violations")
        return 1
    written = write(result, args.out or found.graph)
    print(f"{written} files written, {sum(map(len, result.files.values())):,} triples")
    return 1 if severities["warning"] else 0


def read_sources(found: Content, files: list[Path]) -> Sources:
    """Read the files to import and what the graph knows of states, members and titles.

    Raises:
        InputError: A file is of no known kind, or is wrong.
        RunError: A file cannot be read.
    """
    by_kind: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        kind = ".csv" if path.name.endswith((".csv", ".csv.gz")) else path.suffix
        if kind not in (".xml", ".jsonl", ".csv"):
            raise InputError("no kind of file that is imported", file=path.as_posix(), hint="Give .xml, .jsonl or .csv")
        by_kind[kind].append(path)
    if not by_kind[".xml"]:
        raise InputError("no resolution among the files", hint="Give its Akoma Ntoso file (.xml) too")
    if len(by_kind[".csv"]) > 1:
        raise InputError("two tables of committee votes", file=by_kind[".csv"][1].as_posix(), hint="Give one")
    resolutions = [akoma_ntoso.read(path) for path in by_kind[".xml"]]
    drafts = [step.symbol for file in resolutions if (step := file.step("draftResolution"))]
    committee = [(path, committee_votes.read(path, drafts)) for path in by_kind[".csv"]]
    dataset = Dataset.from_content(found)
    return Sources(
        Names.from_content(found),
        Members.from_dataset(dataset),
        _states(dataset),
        _curated(dataset),
        resolutions,
        {path: session_records.read(path) for path in by_kind[".jsonl"]},
        committee[0] if committee else None,
        _Digests(),
    )


def write(result: Import, folder: Path) -> int:
    """Write the files of an import in canonical Turtle; how many there are."""
    for name, triples in result.files.items():
        path = folder / f"{name}.ttl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(turtle.canonical(triples), encoding="utf-8")
    return len(result.files)


class _Digests:
    """Digests of record passages; each file is read once."""

    def __init__(self) -> None:
        self._copies: dict[Path, Copy] = {}

    def __call__(self, path: Path, element: str) -> str:
        records = self._copies.setdefault(path, Copy(path)).record(element)
        if len(records) != 1:
            raise InputError(f"{len(records)} records are {element!r}; one is needed", file=path.as_posix())
        return hashlib.sha256(records[0].encode()).hexdigest()


def _states(dataset: Dataset) -> dict[str, str]:
    return {code.value: state.value for state, _, code in _values(dataset, PLEDGE("iso3"))}


def _curated(dataset: Dataset) -> dict[str, dict[str, Literal]]:
    found: dict[str, dict[str, Literal]] = defaultdict(dict)
    for subject, _, value in _values(dataset, RDFS_LABEL):
        if value.language == "en":
            found[subject.value.removeprefix(ID)]["label"] = value
    for subject, _, value in _values(dataset, PLEDGE("title")):
        found[subject.value.removeprefix(ID)]["title"] = value
    return found


def _values(dataset: Dataset, predicate: str) -> list[tuple[NamedNode, NamedNode, Literal]]:
    return [
        (triple.subject, triple.predicate, triple.object)
        for triple in dataset.triples()
        if triple.predicate.value == predicate
        and isinstance(triple.subject, NamedNode)
        and isinstance(triple.object, Literal)
    ]
