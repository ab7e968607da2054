"""Reads a SPARQL query's tokens without evaluating it: its form, its dataset clause, its variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from pyoxigraph import NamedNode, Store

QueryForm = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
FORMS: tuple[QueryForm, ...] = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


def _set(others: str) -> str:
    """A set of ASCII letters, these others, and all beyond ASCII; told by what it lacks, which compiles much faster."""
    lacks = [code for code in range(128) if not chr(code).isalpha() and chr(code) not in others]
    return "[^" + "".join(f"\\x{code:02x}" for code in lacks) + "]"


# Terminals of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar). Names take any character beyond ASCII:
# what is no name there is an error in every engine, so taking it hides nothing from the guard. `<` starts an IRI where
# an IRI can be read, as the longest match of the grammar has it. Any text is read in linear time: a prefix has a
# longest length, and reading ends at a quotation mark that nothing closes.
_LETTER, _WORD_START, _NAME_CHARACTER, _IN_PREFIX = _set(""), _set("_"), _set("0123456789_"), _set("0123456789_-")
_LOCAL_START, _IN_LOCAL = _set("0123456789_:"), _set("0123456789_:-")
_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_PREFIX_REST = rf"{_IN_PREFIX}{{0,63}}+(?:\.+{_IN_PREFIX}{{1,63}}+){{0,2}}+"
_LOCAL = (
    rf"(?:{_LOCAL_START}|{_ESCAPE})"
    rf"(?:{_IN_LOCAL}++|{_ESCAPE}|\.++(?={_IN_LOCAL}|{_ESCAPE}))*+"
)
_WORD = rf"{_WORD_START}{_NAME_CHARACTER}*+"
_BLANK = rf"_:{_NAME_CHARACTER}(?:{_IN_PREFIX}|\.++(?={_IN_PREFIX}))*+"
_NAME = rf"{_LETTER}{_PREFIX_REST}:(?:{_LOCAL})?|:(?:{_LOCAL})?|{_BLANK}"
_VARIABLE = rf"[?$]{_NAME_CHARACTER}++"
_CODEPOINT = r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"
_IRI = rf"<(?:[^\x00-\x20<>\"{{}}|^`\\]++|{_CODEPOINT})*+>"
_STRING = (
    r"\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\"|\'\'\'(?:\'{0,2}(?:[^\'\\]|\\.))*\'\'\'"
    r"|\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*'"
)
_LANGUAGE = r"@[A-Za-z]+(?:-+[A-Za-z0-9]+)*"
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_MARK = r"\^\^|\|\||&&|!=|<=|>=|."
_NOTHING = Store()
SPACE = r"[ \t\r\n]*+(?:#[^\r\n]*+[ \t\r\n]*+)*+"
"""White space and comments, as a regular expression."""

TOKEN = re.compile(
    rf"{SPACE}(?:(?P<variable>{_VARIABLE})|(?P<word>{_WORD}(?!{_PREFIX_REST}:))|(?P<name>{_NAME}|{_WORD})"
    rf"|(?P<iri>{_IRI})|(?P<string>{_STRING})|(?P<language>{_LANGUAGE})|(?P<number>{_NUMBER})|(?P<mark>{_MARK})|\Z)",
    re.DOTALL,
)
"""Matches one token with the white space and comments before it; `lastgroup` is the token's kind."""

# One group and the frequent first: three times as fast as TOKEN.
TOKEN_TEXT = re.compile(
    rf"{SPACE}({_VARIABLE}|[{{}}()\[\];,]|{_WORD}(?![:.\-])|{_NAME}|{_WORD}"
    rf"|{_IRI}|{_STRING}|{_LANGUAGE}|{_NUMBER}|[\"'].*|{_MARK}|\Z)",
    re.DOTALL,
)
"""Matches the same tokens, for `findall`; a string that does not end is one token up to the end of the text, and empty
matches end the list."""


class Token(NamedTuple):
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
    """The tokens of a query in order, without white space and comments; never raises.

    The last one is a quotation mark where that opens a string that does not end.
    """
    for match in TOKEN.finditer(query):
        kind = match.lastgroup
        if kind is None:
            break
        yield Token(kind, match[kind], match.start(kind))
        if kind == "mark" and match[kind] in "\"'":
            break


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


def outline(query: str, base: str | None = None, declared: Mapping[str, str] | None = None) -> Outline:
    """Read prologue, form and dataset clause of a query.

    Args:
        query: A SPARQL 1.1 query; text that is none gives an outline with form None.
        base: Base IRI against which relative IRIs are resolved.
        declared: Prefixes that need no declaration, to namespace.
    """
    prefixes: dict[str, str] = dict(declared or {})
    form: QueryForm | None = None
    graphs: dict[bool, list[str]] = {False: [], True: []}
    star: Token | None = None
    stream = tokens(query)
    at_select = False
    for token in stream:
        if token.is_word("PREFIX") and form is None:
            name, iri = next(stream, None), next(stream, None)
            if name is not None and iri is not None:
                prefixes[name.text.removesuffix(":")] = resolve(iri.text, base)
        elif token.is_word("BASE") and form is None:
            iri = next(stream, None)
            base = base if iri is None else resolve(iri.text, base)
        elif form is None:
            form = next((word for word in FORMS if token.is_word(word)), None)
            if form is None:
                break
        elif token.is_word("FROM"):
            graph = next(stream, None)
            named = graph is not None and graph.is_word("NAMED")
            graph = next(stream, None) if named else graph
            if graph is not None and graph.kind in ("iri", "name"):
                graphs[named].append(_iri(graph, prefixes, base))
        elif token.text == "*" and at_select:
            star = token  # and not that of COUNT(DISTINCT *) or of a product
        elif token.text == "{" or token.is_word("WHERE"):
            break
        at_select = token.is_word("SELECT") or (at_select and token.is_word("DISTINCT", "REDUCED"))
    return Outline(form, prefixes, base, tuple(graphs[False]), tuple(graphs[True]), star)


def kind(query: str) -> QueryForm | None:
    """The form of a query, or None for an update or a text that is no query."""
    return outline(query).form


def variables(query: str) -> list[str]:
    """Names of the variables in a query, each once, in order of first appearance."""
    return list(dict.fromkeys(token.text[1:] for token in tokens(query) if token.kind == "variable"))


def parameters(query: str) -> list[str]:
    """Names of the parameters in a query, written `$name`, each once, in order of first appearance."""
    return list(
        dict.fromkeys(token.text[1:] for token in tokens(query) if token.kind == "variable" and token.text[0] == "$")
    )


def bind(query: str, terms: Mapping[str, object]) -> str:
    """Replace parameters by terms, token by token, so that no text of a value is ever read as SPARQL.

    Each `$name` is replaced wherever the grammar sees a variable, never inside a string, an IRI or a comment, and so in
    sub-queries and FILTER NOT EXISTS too, where neither VALUES nor the engine's substitutions reach. `BOUND($name)`
    becomes `true`, and in the SELECT clause `$name` becomes `(term AS ?name)`. A parameter without a term stays a free
    variable; in a VALUES block it becomes UNDEF.

    Args:
        query: SPARQL with parameters.
        terms: Name without mark to a term whose `str()` is its N-Triples form, as pyoxigraph's is.
    """
    stream = list(tokens(query))
    parts: list[str] = []
    end = 0
    depth, select, values = 0, -1, -1  # depth of brackets; that of the SELECT clause or VALUES block the token is in
    for index, token in enumerate(stream):
        if token.is_word("SELECT"):
            select = depth
        elif token.is_word("VALUES"):
            values = depth
        elif token.is_word("WHERE", "FROM") or (token.text == "{" and select == depth):
            select = -1
        if token.text in ("(", "{"):
            depth += 1
        elif token.text in (")", "}"):
            depth -= 1
            values = -1 if token.text == "}" and values == depth else values
        name = token.text[1:]
        if token.kind != "variable" or token.text[0] != "$" or (name not in terms and not -1 < values < depth):
            continue
        start, after, replacement = token.start, token.end, str(terms.get(name, "UNDEF"))
        if index > 1 and stream[index - 2].is_word("BOUND") and stream[index - 1].text == "(":
            start, after, replacement = stream[index - 2].start, stream[index + 1].end, "true"
        elif select == depth:
            alone = stream[index - 1].kind == "word" and stream[index + 1].text.upper() in ("{", "WHERE")
            # A sub-query needs no column for it, and two columns of one name would clash.
            replacement = "" if depth and not alone else f"({replacement} AS ?{name})"
        parts += (query[end:start], " ", replacement, " ")
        end = after
    return "".join((*parts, query[end:]))


def mend(query: str) -> str:
    """Rewrite what the engine reads otherwise than SPARQL 1.1 has it; found with the W3C suite (tests/w3c_sparql).

    * GROUP_CONCAT over strings that share a language gives a string in that language; SPARQL 1.1 §18.5.1.7 has a simple
      literal, which STR around it makes.
    * `TRUE` and `False` are keywords in any case; the engine knows lower case alone.
    """
    upper = query.upper()
    if "GROUP_CONCAT" not in upper and all(
        upper.count(word.upper()) == query.count(word) for word in ("true", "false")
    ):
        return query
    parts: list[str] = []
    end = 0
    closing: list[bool] = []  # for each bracket open, whether STR is to be closed with it
    before = ""
    for match in TOKEN_TEXT.finditer(query):
        text = match[1]
        word = text.upper()
        if text == "(":
            closing.append(before == "GROUP_CONCAT")
        elif text == ")":
            if closing and closing.pop():
                parts += (query[end : match.start(1)], "))")
                end = match.end()
        elif word in ("TRUE", "FALSE"):
            parts += (query[end : match.start(1)], text.lower())
            end = match.end()
        elif word == "GROUP_CONCAT":
            parts += (query[end : match.start(1)], "STR(", text)
            end = match.end()
        before = word
    return "".join((*parts, query[end:]))


def decode_escapes(query: str) -> str:
    """Replace every codepoint escape by its character, as SPARQL 1.1 §19.2 has it done before tokens are read.

    Raises:
        ValueError: An escape names no character.
    """
    return re.sub(_CODEPOINT, lambda match: chr(int(match[0].lstrip("\\uU"), 16)), query)


def position(query: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1."""
    return query.count("\n", 0, offset) + 1, offset - query.rfind("\n", 0, offset)


@lru_cache(maxsize=256)
def resolve(iri: str, base: str | None) -> str:
    """The IRI that an IRI in a query stands for, as the engine has it: relative ones resolved, escapes decoded.

    Args:
        iri: An IRI token, in its angle brackets.
        base: Base IRI of the query at that place.

    Returns:
        The absolute IRI; what stands in the brackets where the engine does not take it.
    """
    try:
        [row] = _NOTHING.query(f"SELECT ({iri} AS ?iri) {{}}", base_iri=base)  # type: ignore[misc]
    except (SyntaxError, ValueError):
        return iri[1:-1]
    found = row[0]
    return found.value if isinstance(found, NamedNode) else iri[1:-1]


def _iri(token: Token, prefixes: dict[str, str], base: str | None) -> str:
    if token.kind == "iri":
        return resolve(token.text, base)
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, f"{prefix}:") + re.sub(r"\\(.)", r"\1", local)
