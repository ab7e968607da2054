"""Reads `rules.rq` (the rules of OWL 2 RL that the ontology needs) and `facts.rq` (the facts step): SPARQL queries.

The grammar read here is the small part of SPARQL that they use: basic graph patterns, one inner group for what the
ontology says, `rdf:rest*/rdf:first` for the members of a list, `FILTER ( ?a != ?b )`, and `FILTER NOT EXISTS` in the
facts step, which only the engine evaluates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypeAlias

from pledgegraph.errors import InputError
from pledgegraph.terms import RDF, compact

Pattern: TypeAlias = tuple[str, str, str]
"""Subject, predicate and object, each a variable (`?x`) or a term as N-Triples spells it."""

MEMBER = "rdf:rest*/rdf:first"
TYPE = f"<{RDF('type')}>"
_PREFIX = re.compile(r"PREFIX\s+([\w-]*):\s*<([^>]*)>")
_RULE = re.compile(r"^# rule: (?P<name>\S+)\n# says: (?P<says>.+)\n(?P<query>(?:[^#\n].*\n|\n)+)", re.MULTILINE)
_QUERY = re.compile(
    r"(?:CONSTRUCT \{ (?P<head>[^{}]+) \}|SELECT \*) WHERE \{\s*(?:\{(?P<schema>[^{}]*)\})?(?P<data>[^{}]*)\}\s*\Z"
)
_FILTER = re.compile(r"FILTER \( (\?\w+) != (\?\w+) \)")
_NOT_EXISTS = re.compile(r"FILTER NOT EXISTS \{(?:[^{}]|\{[^{}]*\})*\}")


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        name: Its name in the specification; several rules may share one (chains of two and of three links).
        says: The rule in words, with `{variable}` for what stands there.
        head: What it derives; None for a contradiction.
        schema: Patterns that the ontology meets.
        data: Patterns that the graph meets.
        different: Pairs of variables that must stand for different terms.
        query: The rule as a SPARQL query that can be run by itself.
    """

    name: str
    says: str
    head: Pattern | None
    schema: tuple[Pattern, ...]
    data: tuple[Pattern, ...]
    different: tuple[tuple[str, str], ...]
    query: str

    @property
    def is_contradiction(self) -> bool:
        """Whether a match is a contradiction rather than a reason to derive something."""
        return self.head is None

    def in_words(self, binding: Mapping[str, str]) -> str:
        """`says` with the terms that its variables stand for, as prefixed names."""
        return re.sub(r"\{(\w+)\}", lambda found: show(binding[f"?{found[1]}"]), self.says)


def show(term: str) -> str:
    """A term that N-Triples spells, as people read it: a prefixed name for an IRI, a literal as it is."""
    return compact(term[1:-1]) if term.startswith("<") else term


def _patterns(text: str, prefixes: Mapping[str, str]) -> tuple[Pattern, ...]:
    """Triple patterns of a basic graph pattern without `;` and `,`."""

    def term(token: str) -> str:
        if token.startswith("?") or token == MEMBER:
            return token
        if token == "a":  # noqa: S105 - SPARQL's word for rdf:type, no password
            return TYPE
        prefix, _, local = token.partition(":")
        return f"<{prefixes[prefix]}{local}>"

    found = []
    for statement in re.split(r"\s\.(?:\s|$)", text):
        tokens = statement.split()
        if tokens:
            subject, predicate, object_ = (term(token) for token in tokens)
            found.append((subject, predicate, object_))
    return tuple(found)


def read(text: str, name: str) -> tuple[Rule, ...]:
    """Rules of a document in the form of `rules.rq`.

    Args:
        text: The document.
        name: How messages call it.

    Raises:
        InputError: A query is not in the part of SPARQL that rules use; with its line.
    """
    prefixes = dict(_PREFIX.findall(text))
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes.items())
    rules = []
    for block in _RULE.finditer(text):
        query = _QUERY.match(_NOT_EXISTS.sub("", block["query"]).strip())
        if query is None:
            line = text.count("\n", 0, block.start()) + 1
            raise InputError(f"the rule {block['name']} is not in the form rules have", file=name, line=line)
        schema = query["schema"] or ""
        head = _patterns(query["head"], prefixes)[0] if query["head"] else None
        rules.append(
            Rule(
                block["name"],
                block["says"],
                head,
                _patterns(_FILTER.sub("", schema), prefixes),
                _patterns(query["data"], prefixes),
                tuple(_FILTER.findall(schema)),
                prologue + block["query"].strip(),
            )
        )
    return tuple(rules)


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of the release, in the order of the file."""
    return _packaged("rules.rq")


@cache
def fact_rules() -> tuple[Rule, ...]:
    """The steps of the facts step, in the order they are run."""
    return _packaged("facts.rq")


def _packaged(name: str) -> tuple[Rule, ...]:
    return read((resources.files(__package__) / name).read_text(encoding="utf-8"), name)
