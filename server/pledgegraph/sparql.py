"""Reads a SPARQL query's tokens without evaluating it: its form, its dataset clause, its variables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

QueryForm = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
FORMS: tuple[QueryForm, ...] = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

# Terminals of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar), as far as telling them apart needs it.
_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_PREFIX = r"[^\W\d_](?:[\w.\-·]*[\w\-·])?"
_LOCAL = rf"(?:[\w:]|{_ESCAPE})(?:(?:[\w:.\-·]|{_ESCAPE})*(?:[\w:\-·]|{_ESCAPE}))?"
_LONG = r"\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\"|\'\'\'(?:\'{0,2}(?:[^\'\\]|\\.))*\'\'\'"
_SHORT = r"\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*'"
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<comment>#[^\r\n]*)|(?P<iri><[^\x00-\x20<>\"{}|^`]*>)"
    rf"|(?P<string>{_LONG}|{_SHORT})|(?P<variable>[?$]\w+)|(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)"
    rf"|(?P<name>_:\w(?:[\w.\-·]*[\w\-·])?|(?:{_PREFIX})?:(?:{_LOCAL})?)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<mark>\^\^|\|\||&&|!=|<=|>=|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a query.

    Args:
        kind: "iri", "string", "variable", "language", "name" (prefixed or blank node), "number", "word" or "mark".
        text: The token as written.
        start: Offset of its first character in the query.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words


def tokens(query: str) -> Iterator[Token]:
    """The tokens of a query in order, without white space and comments; never raises."""
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup or "mark"
        if kind not in ("space", "comment"):
            yield Token(kind, match.group(), match.start())


@dataclass(frozen=True)
class Outline:
    """What stands before the pattern of a query.

    Args:
        form: The query form; None for an update or a text that is no query.
        prefixes: Prefix to namespace, as declared.
        base: The base IRI declared last before the form, else the one given.
        default_graphs: IRIs after FROM.
        named_graphs: IRIs after FROM NAMED.
        star: The `*` of `SELECT *`, if that is what is selected.
    """

    form: QueryForm | None
    prefixes: dict[str, str]
    base: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    star: Token | None


def outline(query: str, base: str | None = None) -> Outline:
    """Read prologue, form and dataset clause of a query.

    Args:
        query: A SPARQL 1.1 query; text that is none gives an outline with form None.
        base: Base IRI against which relative IRIs are resolved.
    """
    prefixes: dict[str, str] = {}
    form: QueryForm | None = None
    graphs: dict[bool, list[str]] = {False: [], True: []}
    star: Token | None = None
    stream = tokens(query)
    for token in stream:
        if token.is_word("PREFIX") and form is None:
            name, iri = next(stream, None), next(stream, None)
            if name is not None and iri is not None:
                prefixes[name.text.removesuffix(":")] = _resolve(iri.text[1:-1], base)
        elif token.is_word("BASE") and form is None:
            iri = next(stream, None)
            base = base if iri is None else _resolve(iri.text[1:-1], base)
        elif form is None:
            form = next((word for word in FORMS if token.is_word(word)), None)
            if form is None:
                break
        elif token.is_word("FROM"):
            graph = next(stream, None)
            named = graph is not None and graph.is_word("NAMED")
            graph = next(stream, None) if named else graph
            if graph is not None:
                graphs[named].append(_iri(graph, prefixes, base))
        elif token.text == "*" and star is None and form == "SELECT":
            star = token
        elif token.text == "{" or token.is_word("WHERE"):
            break
    return Outline(form, prefixes, base, tuple(graphs[False]), tuple(graphs[True]), star)


def kind(query: str) -> QueryForm | None:
    """The form of a query, or None for an update or a text that is no query."""
    return outline(query).form


def variables(query: str) -> list[str]:
    """Names of the variables in a query, each once, in order of first appearance."""
    return list(dict.fromkeys(token.text[1:] for token in tokens(query) if token.kind == "variable"))


def _resolve(iri: str, base: str | None) -> str:
    return iri if base is None else urljoin(base, iri)


def _iri(token: Token, prefixes: dict[str, str], base: str | None) -> str:
    if token.kind == "iri":
        return _resolve(token.text[1:-1], base)
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, f"{prefix}:") + re.sub(r"\\(.)", r"\1", local)
