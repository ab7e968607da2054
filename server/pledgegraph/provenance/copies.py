"""Local copies of documents, found by the SHA-256 of their bytes, and what can be addressed in them.

A copy is a text (`.txt`, `.md`, `.xml`), in which passages are runs of words, or holds records (`.jsonl`, `.csv`, also
gzipped, and the elements of `.xml`), in which passages are records with an identifier.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

from pledgegraph.errors import InputError, RunError
from pledgegraph.provenance.normalise import NormalisedText, normalise

TEXT_SUFFIXES = (".txt", ".md", ".xml")
RECORD_SUFFIXES = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".xml")
MAX_BYTES = 256 * 1024 * 1024
"""Largest file that is read, before and after unpacking; ten times the largest roll-call file of the United Nations."""

_INLINE = {"a", "abbr", "b", "del", "i", "img", "ins", "ref", "span", "sub", "sup", "term", "u"}
"""Elements of Akoma Ntoso and HTML that stand within a line; every other one begins and ends a paragraph."""
_ASIDE = {"meta", "authorialNote", "remark"}
"""Elements whose words stand elsewhere on the page, such as notes; they are addressed as elements."""


class Copy:
    """One local copy of a document.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.suffix = "".join(path.suffixes[-2:] if path.suffix == ".gz" else path.suffixes[-1:])

    @cached_property
    def raw(self) -> str:
        """The text of the copy, as passages by words are looked for in it.

        Raises:
            InputError: The file is no text in UTF-8, or no XML, or too large.
        """
        if self.suffix == ".xml":
            return re.sub(r"[ \t]*\n\s*", "\n", "".join(_words(self._tree)))
        return self._decoded

    @cached_property
    def text(self) -> NormalisedText:
        """The text after normalisation."""
        return NormalisedText(self.raw)

    def record(self, identifier: str) -> list[str]:
        """The spelling of each record with an identifier, over which a digest is taken.

        Args:
            identifier: For XML the id of an element (`eId`, `wId` or `id`), or, where an element has none, its name and
                attributes as `name;attribute=value`. For rows either the value of the first field, or `name=value`,
                several joined with `;`; after `rows;` they name all rows that have these values, as one record.

        Returns:
            Normalised text of elements with an id, canonical XML of those named by attributes; for rows their JSON with
            sorted names and no blanks between tokens. One means that the identifier is good, none that nothing has it,
            more that it is ambiguous.
        """
        if self.suffix == ".xml":
            if ";" in identifier:
                return [_canonical(element) for element in self._tree.iter() if _is_named(element, identifier)]
            return [
                normalise("".join(_words(element)))
                for element in self._tree.iter()
                if identifier in (element.get("eId"), element.get("wId"), element.get("id"))
            ]
        has = _row_test(identifier.removeprefix("rows;"))
        rows = [row for row in self._rows if has(row)]
        if identifier.startswith("rows;"):
            return [_spelled(rows)] if rows else []
        return [_spelled(row) for row in rows]

    @cached_property
    def _bytes(self) -> bytes:
        try:
            data = self.path.read_bytes()
            if self.suffix.endswith(".gz"):
                with gzip.open(io.BytesIO(data)) as unpacked:
                    data = unpacked.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"the copy cannot be read: {error}", file=self.path.as_posix()) from error
        if len(data) > MAX_BYTES:
            raise InputError(f"the copy has more than {MAX_BYTES:,} bytes", file=self.path.as_posix())
        return data

    @cached_property
    def _decoded(self) -> str:
        try:
            return self._bytes.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"the copy is not UTF-8 at byte {error.start}", file=self.path.as_posix()) from error

    @cached_property
    def _tree(self) -> ElementTree.Element:
        if b"<!ENTITY" in self._bytes:  # entities can unpack to any size, and no source here declares one
            raise InputError("the copy declares XML entities, which are not read", file=self.path.as_posix())
        try:
            return ElementTree.fromstring(self._bytes)  # noqa: S314 - without entities nothing unpacks
        except ElementTree.ParseError as error:
            raise InputError(f"the copy is not XML: {error}", file=self.path.as_posix()) from error

    @cached_property
    def _rows(self) -> list[Mapping[str, object]]:
        lines = self._decoded
        if self.suffix.startswith(".csv"):
            return list(csv.DictReader(io.StringIO(lines, newline="")))
        rows: list[Mapping[str, object]] = []
        for number, line in enumerate(lines.split("\n"), start=1):
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise InputError(f"no JSON: {error}", file=self.path.as_posix(), line=number) from error
                if not isinstance(row, dict):
                    raise InputError("the line is no JSON object", file=self.path.as_posix(), line=number)
                rows.append(row)
        return rows


class Copies:
    """The copies in a folder, at any depth.

    Args:
        folder: Where they lie.

    Raises:
        RunError: There is no such folder, or no file of a known suffix in it.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise RunError("there is no such folder of texts", file=folder.as_posix())
        self.folder = folder
        self.files = sorted(
            path
            for path in folder.rglob("*")
            if path.is_file() and path.name.endswith((*TEXT_SUFFIXES, *RECORD_SUFFIXES))
        )
        if not self.files:
            raise RunError(
                "the folder holds no copies of documents",
                file=folder.as_posix(),
                hint=f"Copies end in {', '.join(sorted({*TEXT_SUFFIXES, *RECORD_SUFFIXES}))}",
            )

    @cached_property
    def _by_digest(self) -> dict[str, Copy]:
        return {file_digest(path): Copy(path) for path in reversed(self.files)}

    def find(self, digest: str) -> Copy | None:
        """The copy whose bytes have this SHA-256, in hexadecimal."""
        return self._by_digest.get(digest.lower())

    def named(self, name: str) -> list[Copy]:
        """Copies by file name, with or without suffix."""
        return [copy for copy in self._by_digest.values() if name in (copy.path.name, copy.path.name.split(".")[0])]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        RunError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=path.as_posix()) from error


def _words(element: ElementTree.Element) -> Iterator[str]:
    """The words of an element in reading order, paragraphs apart, asides left out unless it is one itself."""
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "meta"
    block = name not in _INLINE
    yield "\n" if block else ""
    yield element.text or ""
    for child in element:
        child_name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "meta"
        if child_name not in _ASIDE:
            yield from _words(child)
        yield child.tail or ""
    yield "\n" if block else ""


def _is_named(element: ElementTree.Element, identifier: str) -> bool:
    """Whether an element has the name and the attributes that `name;attribute=value` gives."""
    name, *pairs = identifier.split(";")
    if not isinstance(element.tag, str) or element.tag.rpartition("}")[2] != name:
        return False
    return all(element.get(pair.partition("=")[0]) == pair.partition("=")[2] for pair in pairs)


def _canonical(element: ElementTree.Element) -> str:
    """Canonical XML of an element with its attributes, blanks normalised; what follows it is no part of it."""
    return normalise(ElementTree.canonicalize(ElementTree.tostring(element, "unicode").rpartition(">")[0] + ">"))


def _spelled(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _row_test(identifier: str) -> Callable[[Mapping[str, object]], bool]:
    """A test whether a row has an identifier: the value of its first field, or values of named fields."""
    pairs = [pair.partition("=") for pair in identifier.split(";")]
    if not all(equals for _, equals, _ in pairs):
        return lambda row: str(next(iter(row.values()), None)) == identifier
    wanted = [(name.strip(), value.strip()) for name, _, value in pairs]

    def test(row: Mapping[str, object]) -> bool:
        return all(str(row.get(name)) == value for name, value in wanted)

    # an identifier with an equals sign in it may still be the value of the first field
    return lambda row: test(row) or str(next(iter(row.values()), None)) == identifier
