"""Passages of the graph against the copies that were read: words and records, whole and damaged."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest

from pledgegraph import content, provenance
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError
from pledgegraph.provenance.copies import Copy
from pledgegraph.provenance.verify import WrittenPassage
from pledgegraph.terms import PLEDGE

DATA = os.environ.get("PLEDGEGRAPH_DATA", "")
LARGEST = 4_000_000
"""Bytes of the largest copy that is damaged here; one of each kind of file is enough."""

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not DATA, reason="PLEDGEGRAPH_DATA is not set: no public records to verify against"),
]

Examples = dict[str, tuple[Copy, list[WrittenPassage]]]


def is_record(passage: WrittenPassage) -> bool:
    """Whether a passage is one record, and not words or several rows."""
    return bool(passage.element) and not passage.element.startswith("rows;")


@pytest.fixture(scope="module")
def examples() -> Examples:
    """For each kind of file, the smallest copy in which a passage is one record: the copy and all its passages."""
    dataset = Dataset.from_content(content.find())
    copies = provenance.Copies(Path(DATA))
    by_copy: dict[str, list[WrittenPassage]] = {}
    for passage in provenance.passages(dataset):
        by_copy.setdefault(passage.copy, []).append(passage)
    found: Examples = {}
    for digest, passages in by_copy.items():
        copy = copies.find(digest)
        if copy is None or not any(map(is_record, passages)):
            continue
        size = copy.path.stat().st_size
        if size < min(LARGEST, found[copy.suffix][0].path.stat().st_size if copy.suffix in found else LARGEST):
            found[copy.suffix] = copy, passages
    return found


def dataset_of(passages: list[WrittenPassage], copy: Path) -> Dataset:
    """These passages of one document, whose copy is this file."""
    dataset = Dataset()
    document = f"<{passages[0].document}>"
    triples = [(document, f"<{PLEDGE('copyDigest')}>", f'"{provenance.file_digest(copy)}"')]
    for passage in passages:
        values = {
            "firstWords": passage.address.first_words,
            "lastWords": passage.address.last_words,
            "wordsBefore": passage.address.words_before,
            "wordsAfter": passage.address.words_after,
            "digest": passage.address.digest,
            "element": passage.element,
        }
        node = f"<{passage.iri}>"
        triples.append((node, f"<{PLEDGE('inDocument')}>", document))
        for name, value in values.items():
            if value:
                spelled = value.replace("\\", "\\\\").replace('"', '\\"')
                triples.append((node, f"<{PLEDGE(name)}>", f'"{spelled}"'))
    dataset.add_spelled(triples, "urn:x-test:passages")
    return dataset


def test_records_of_several_kinds_of_file_are_verified(examples: Examples) -> None:
    assert len(examples) >= 2, examples.keys()
    for copy, passages in examples.values():
        verification = provenance.verify(dataset_of(passages, copy.path), copy.path.parent)
        assert verification.findings == []
        assert verification.counts["verified"] == len(passages)


def test_a_damaged_record_is_found_and_only_that(examples: Examples, tmp_path: Path) -> None:
    for suffix, (copy, passages) in examples.items():
        damaged = tmp_path / suffix.strip(".") / copy.path.name
        damaged.parent.mkdir()
        target = next(filter(is_record, passages))
        data = _damage(copy, target).encode()
        damaged.write_bytes(gzip.compress(data, mtime=0) if suffix.endswith(".gz") else data)
        changed = {p.iri for p in passages if _now(Copy(damaged), p) != _now(copy, p)}
        assert target.iri in changed
        verification = provenance.verify(dataset_of(passages, damaged), damaged.parent)
        assert {finding.subject for finding in verification.findings} == changed, suffix
        assert verification.counts["verified"] == len(passages) - len(changed)
        unchanged_digest = provenance.verify(dataset_of(passages, copy.path), damaged.parent)
        assert unchanged_digest.counts["no copy"] == len(passages)  # another file is never taken for the copy


def _now(copy: Copy, passage: WrittenPassage) -> object:
    """What a copy has for a passage, as far as it can be read at all."""
    try:
        return provenance.resolve(copy, passage.address, passage.element)
    except InputError:
        return None


def _damage(copy: Copy, passage: WrittenPassage) -> str:
    """The text of a copy with one letter of a record changed, one that stands in the record and nowhere in markup."""
    data = copy.path.read_bytes()
    text = (gzip.decompress(data) if copy.suffix.endswith(".gz") else data).decode()
    names = [part.rpartition("=")[2] for part in passage.element.split(";")]
    lines = text.splitlines(keepends=True)
    at = next((number for number, line in enumerate(lines) if all(name in line for name in names)), 0)
    begins = sum(len(line) for line in lines[:at])
    for found in re.compile(r"(?<![<\w])[^\W\d_]{2,}").finditer(text, begins):
        changed = text[: found.start()] + "Zz" + text[found.start() + 2 :]
        other = Copy(copy.path)  # the suffix decides how a copy is read
        other.__dict__["_bytes"] = changed.encode()
        if _now(other, passage) not in (None, passage.address.digest):
            return changed
    raise AssertionError(f"no letter of {passage.iri} can be changed")
