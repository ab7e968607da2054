"""Where in a document each fact is proved: the address of a passage, and its verification against a local copy."""

from .normalise import NormalisedText, normalise
from .passage import PassageAddress, address, digest, enclosing_sentence, find

__all__ = ["NormalisedText", "PassageAddress", "address", "digest", "enclosing_sentence", "find", "normalise"]
