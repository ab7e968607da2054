"""What an import of General Assembly records reads and gives, and the two nodes that carry its evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, Triple

from pledgegraph.errors import Finding, Severity
from pledgegraph.importers.akoma_ntoso import ResolutionFile
from pledgegraph.importers.committee_votes import RollCall
from pledgegraph.importers.members import Members
from pledgegraph.importers.names import Names
from pledgegraph.importers.nodes import Given, node, term, thing, with_properties
from pledgegraph.importers.session_records import SessionRecord

ASSEMBLY = "un-general-assembly"
UNITED_NATIONS = "united-nations"


@dataclass(frozen=True)
class Sources:
    """What an import reads, and what the graph knows already.

    Args:
        names: Names of states.
        members: Members of the United Nations by day.
        states: ISO 3166-1 alpha-3 code to the IRI of the state, for tables that give codes.
        curated: Slug of a text or document to the English label and title that the graph has; an import keeps them.
        files: Files in Akoma Ntoso.
        sessions: Session file to its records by symbol.
        committee: Table of committee votes and its roll calls, or None.
        digest: File and element to the SHA-256, in hexadecimal, of the record passage, as verification takes it.
    """

    names: Names
    members: Members
    states: Mapping[str, str]
    curated: Mapping[str, Mapping[str, Literal]]
    files: Sequence[ResolutionFile]
    sessions: Mapping[Path, Mapping[str, SessionRecord]]
    committee: tuple[Path, Sequence[RollCall]] | None
    digest: Callable[[Path, str], str]

    def kept(self, name: str) -> Mapping[str, Literal]:
        """The English label and the title that the graph has for a thing."""
        return self.curated.get(name, {})

    @staticmethod
    def measure(path: Path) -> tuple[int, str]:
        """Characters and SHA-256 of a text file."""
        data = path.read_bytes()
        return len(data.decode("utf-8")), hashlib.sha256(data).hexdigest()


@dataclass
class Import:
    """What an import gives.

    Args:
        files: Path under `graph/`, without suffix, to its triples.
        findings: Names that did not resolve, differences between sources, entries that were set aside.
    """

    files: dict[str, list[Triple]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, path: str, triples: Iterable[Triple]) -> None:
        """Add triples to a file of the graph."""
        self.files.setdefault(path, []).extend(triples)

    def report(
        self, severity: Severity, message: str, path: Path, line: int | None = None, hint: str | None = None
    ) -> None:
        """Report something about an input file."""
        self.findings.append(Finding(path.as_posix(), line, severity, message, hint))


def passage(name: str, document: str, element: str, locator: str, digest: str) -> list[Triple]:
    """A record passage."""
    return node(name, "RecordPassage", inDocument=thing(document), element=element, locator=locator, digest=digest)


def claim(
    name: str, claimant: str, cites: Iterable[str], *, note: str | None = None, **properties: Given
) -> list[Triple]:
    """An asserted claim, accepted unless the properties say otherwise."""
    given: dict[str, Given] = {"status": term("accepted"), "modality": term("asserted"), **properties}
    cited = [thing(one) for one in cites]
    return node(name, "Claim", note=note, claimant=thing(claimant), cites=cited) + with_properties(name, given)
