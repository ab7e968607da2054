"""Links in SSSOM tables (https://mapping-commons.github.io/sssom/): read, checked offline, turned into triples.

A table is tab-separated, after a head of lines that begin with `#` and give, among other things, the prefixes. Only
`skos:exactMatch`, `skos:closeMatch` and, from a text to a web page on it, `schema:sameAs` are taken: identity between
things of two graphs would merge what their sources say of them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.errors import Finding, InputError, RunError
from pledgegraph.terms import GRAPH, ID, SCHEMA, SKOS, compact

SUFFIX = ".sssom.tsv"
REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification", "confidence", "mapping_source")
PAGE = SCHEMA("sameAs")
PREDICATES = (SKOS("exactMatch"), SKOS("closeMatch"), PAGE)
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+\Z")
PATTERNS = {
    "http://www.wikidata.org/entity/": re.compile(r"Q[1-9][0-9]*\Z"),
    "http://publications.europa.eu/resource/authority/country/": re.compile(r"[A-Z0-9]{3,}\Z"),
    "http://data.un.org/codes/sdg/geoArea/": re.compile(r"[0-9]{3}\Z"),
    "http://metadata.un.org/thesaurus/": re.compile(r"[0-9]+\Z"),
}
"""Namespace of a target to the form of its identifiers."""


@dataclass(frozen=True)
class Link:
    """One row of a table.

    Args:
        subject: IRI of the thing in this graph.
        predicate: IRI of the relation.
        target: IRI of the thing elsewhere.
        confidence: How sure the match is, from 0 to 1.
        source: Where the identifier was seen.
        justification: How the match was made.
        line: Line in the table, counted from 1.
    """

    subject: str
    predicate: str
    target: str
    confidence: float
    source: str
    justification: str
    line: int


def files(content: Content) -> list[Path]:
    """The tables of a content root, sorted."""
    folder = content.graph / "links"
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def graph_iri(content: Content, path: Path) -> str:
    """IRI of the named graph for a table: its path from the root without suffixes."""
    return GRAPH(content.display(path).removesuffix(SUFFIX))


def read(path: Path, name: str | None = None) -> list[Link]:
    """Read a table.

    Args:
        path: The table.
        name: How messages call it; the path by default.

    Raises:
        InputError: A column is missing, a row is of another length, a prefix is unknown, or a confidence is no number
            from 0 to 1; with the line.
        RunError: The file cannot be read.
    """
    shown = name or path.as_posix()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=shown) from error
    except UnicodeDecodeError as error:
        raise InputError(f"no UTF-8 at byte {error.start}", file=shown) from error
    head = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    prefixes = dict(_prefixes(lines[:head]))
    # QUOTE_NONE: a quotation mark is a character of a label, and no cell holds a tab or a line break
    table = csv.reader([line for line in lines[head:] if line], delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = next(table, [])
    if missing := [column for column in REQUIRED if column not in columns]:
        raise InputError(f"no column {', '.join(missing)}", file=shown, line=head + 1)
    links = []
    for number, cells in enumerate(table, start=head + 2):
        if len(cells) != len(columns):
            raise InputError(f"{len(cells)} cells in place of {len(columns)}", file=shown, line=number)
        links.append(_link(dict(zip(columns, cells, strict=True)), prefixes, shown, number))
    return links


def _prefixes(head: Iterable[str]) -> Iterator[tuple[str, str]]:
    inside = False
    for line in head:
        if line.startswith("#curie_map:"):
            inside = True
        elif inside and (found := re.fullmatch(r"#  ([\w.-]+): (\S+)", line)):
            yield found[1], found[2]
        else:
            inside = False


def _link(row: Mapping[str, str], prefixes: Mapping[str, str], shown: str, number: int) -> Link:
    def full(column: str) -> str:
        prefix, colon, local = row[column].partition(":")
        if not colon or prefix not in prefixes or not local:
            raise InputError(
                f"{column} {row[column]!r} has no prefix of the head",
                file=shown,
                line=number,
                hint="Add it to curie_map",
            )
        return prefixes[prefix] + local

    try:
        confidence = float(row["confidence"])
    except ValueError:
        confidence = -1.0
    if not 0 <= confidence <= 1:
        raise InputError(f"confidence {row['confidence']!r} is no number from 0 to 1", file=shown, line=number)
    return Link(
        full("subject_id"),
        full("predicate_id"),
        full("object_id"),
        confidence,
        row["mapping_source"].strip(),
        full("mapping_justification"),
        number,
    )


def check(content: Content, dataset: Dataset) -> list[Finding]:
    """Check every table offline: form, known subjects, allowed relations, one exact match each way.

    Args:
        content: Whose tables.
        dataset: The facts, of which the subjects must be part.
    """
    findings: list[Finding] = []
    for path in files(content):
        shown = content.display(path)
        try:
            links = read(path, shown)
        except InputError as error:
            findings.append(Finding(shown, error.line, "violation", error.message, error.hint, None, "link"))
            continue
        findings += [
            Finding(shown, link.line, "violation", message, hint, link.subject, "link")
            for link, message, hint in _faults(links, dataset)
        ]
    return findings


def _faults(links: list[Link], dataset: Dataset) -> Iterator[tuple[Link, str, str | None]]:
    exact: dict[tuple[str, str], Link] = {}
    seen: set[tuple[str, str, str]] = set()
    for link in links:
        if link.predicate not in PREDICATES:
            yield (
                link,
                f"{compact(link.predicate)} is no relation of links",
                "Use skos:exactMatch, skos:closeMatch or schema:sameAs",
            )
        if not link.subject.startswith(ID) or not any(dataset.matching(f"<{link.subject}>", None, None)):
            yield link, f"{compact(link.subject)} is not in the graph", "Correct the identifier, or add the thing"
        if not link.source:
            yield link, "no mapping_source", "Say where the identifier was seen"
        if not _ADDRESS.match(link.target):
            yield link, f"{link.target} is no web address", None
        for namespace, form in PATTERNS.items():
            if link.target.startswith(namespace) and not form.match(link.target.removeprefix(namespace)):
                yield link, f"{link.target} has not the form of an identifier there", None
        if (row := (link.subject, link.predicate, link.target)) in seen:
            yield link, "the row stands twice", "Delete one"
        seen.add(row)
        if link.predicate == SKOS("exactMatch"):
            for key in (("subject", link.subject), ("target", link.target)):
                other = exact.setdefault(key, link)
                if other is not link and (other.subject, other.target) != (link.subject, link.target):
                    yield link, f"{key[1]} has an exact match in line {other.line} already", "One of them is closeMatch"


def triples(links: Iterable[Link]) -> list[Triple]:
    """The links as triples."""
    return [Triple(NamedNode(link.subject), NamedNode(link.predicate), NamedNode(link.target)) for link in links]


def add_to(dataset: Dataset, content: Content) -> int:
    """Add the links of a content root to a dataset, one named graph a table; how many there are.

    Raises:
        InputError: A table is wrong.
    """
    count = 0
    for path in files(content):
        found = triples(read(path, content.display(path)))
        dataset.add(found, graph_iri(content, path))
        count += len(found)
    return count
