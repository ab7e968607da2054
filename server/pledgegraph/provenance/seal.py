"""Help for curators: passages written as Turtle, and digests filled in from the words."""

from __future__ import annotations

import re
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from pledgegraph import turtle
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError, RunError
from pledgegraph.provenance.copies import Copies
from pledgegraph.provenance.passage import PassageAddress
from pledgegraph.provenance.verify import passages, resolve
from pledgegraph.terms import ID, PLEDGE, RDF_TYPE, compact

_PROPERTIES = {
    "firstWords": "first_words",
    "lastWords": "last_words",
    "wordsBefore": "words_before",
    "wordsAfter": "words_after",
    "digest": "digest",
}


def block(document: str, found: PassageAddress, locator: str | None = None, element: str | None = None) -> str:
    """A passage as a Turtle block, ready for the file of its document.

    Args:
        document: IRI of the document.
        found: The address of the passage; for a record only its digest.
        locator: Its printed number or place, such as "13.f"; the slug of the passage ends in it.
        element: Identifier of the record, for a record passage.

    Returns:
        The block without prefix declarations. Without a locator or element the slug ends in the start of the digest.
    """
    slug = document.removeprefix(ID).removeprefix("document-")
    ending = re.sub(r"[^a-z0-9]+", "-", (locator or element or found.digest[:8]).lower()).strip("-")
    passage = NamedNode(ID(f"passage-{slug}-{ending}"))
    triples = [
        Triple(passage, NamedNode(RDF_TYPE), NamedNode(PLEDGE("RecordPassage" if element else "Passage"))),
        Triple(passage, NamedNode(PLEDGE("inDocument")), NamedNode(document)),
    ]
    values = {"locator": locator, "element": element}
    values |= {name: getattr(found, field) for name, field in _PROPERTIES.items()}
    for name, value in values.items():
        if value:
            triples.append(Triple(passage, NamedNode(PLEDGE(name)), Literal(value)))
    lines = turtle.canonical(triples).split("\n")
    return "\n".join(line for line in lines if not line.startswith("@prefix")).strip() + "\n"


def seal(path: Path, dataset: Dataset, texts: Path, *, again: bool = False) -> int:
    """Fill in the digests of a Turtle file's passages from their words.

    Args:
        path: The file; it is written in the canonical form.
        dataset: The dataset the file belongs to, which knows the documents' copies.
        texts: Folder with the copies.
        again: Take the digests of all passages anew, not only of those that have none.

    Returns:
        How many digests were written.

    Raises:
        InputError: The words of a passage name no place or several, or its document has no copy; with file and line.
        RunError: The file cannot be read or written.
    """
    triples = turtle.parse(path, name=dataset.display(path))
    own = {triple.subject.value for triple in triples if isinstance(triple.subject, NamedNode)}
    copies = Copies(texts)
    digests: dict[str, str] = {}
    for passage in passages(dataset):
        if passage.iri not in own or (passage.address.digest and not again):
            continue
        line = turtle.line_of(path, passage.iri)
        copy = copies.find(passage.copy)
        if copy is None:
            message = f"{compact(passage.iri)}: no file under {texts.as_posix()} is the copy of its document"
            raise InputError(message, file=dataset.display(path), line=line)
        try:
            digests[passage.iri] = resolve(copy, passage.address, passage.element)
        except InputError as error:
            message = f"{compact(passage.iri)}: {error.message}"
            raise InputError(message, file=dataset.display(path), line=line) from error
    if not digests:
        return 0
    property_ = NamedNode(PLEDGE("digest"))
    kept = [
        triple
        for triple in triples
        if triple.predicate != property_ or getattr(triple.subject, "value", None) not in digests
    ]
    kept += [Triple(NamedNode(iri), property_, Literal(value)) for iri, value in digests.items()]
    try:
        path.write_text(turtle.canonical(kept), encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror}", file=dataset.display(path)) from error
    return len(digests)
