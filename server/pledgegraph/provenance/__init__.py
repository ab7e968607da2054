"""Where in a document each fact is proved: the address of a passage, and its verification against a local copy."""

from pledgegraph.provenance.copies import Copies, Copy, file_digest
from pledgegraph.provenance.normalise import NormalisedText, normalise
from pledgegraph.provenance.passage import PassageAddress, address, digest, enclosing_sentence, find, outline, places
from pledgegraph.provenance.seal import block, seal
from pledgegraph.provenance.verify import Verification, WrittenPassage, check_form, passages, resolve, verify

__all__ = [
    "Copies",
    "Copy",
    "NormalisedText",
    "PassageAddress",
    "Verification",
    "WrittenPassage",
    "address",
    "block",
    "check_form",
    "digest",
    "enclosing_sentence",
    "file_digest",
    "find",
    "normalise",
    "outline",
    "passages",
    "places",
    "resolve",
    "seal",
    "verify",
]
