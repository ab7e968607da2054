"""Keeps the spelling of literals that the engine's store would rewrite, for files served as they are.

The store holds numbers, booleans and dates by value: `"01"^^xsd:integer` comes back as `1`, `"5"^^xsd:int` as an
xsd:integer, a date with `+00:00` as one with `Z`. Two literals of one value are then one term, and patterns, DISTINCT,
sameTerm and STR give other answers than SPARQL has for them. So such a literal is stored under a datatype of our own
that the store leaves alone, and a query is read so that it does not show: literals in its patterns are written
likewise, variables in its expressions stand for the value, and the datatype's name is put right in the answer.

A release needs none of this: graph/ has dates and strings alone. Data without such literals are served without it too.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Quad, Store

from pledgegraph import sparql
from pledgegraph.service import syntax
from pledgegraph.terms import XSD

Term = object
_SYMBOLS = frozenset(["ExpressionVar", "OrderVar", "TermLiteral"])
_TAKES_TERM = frozenset(["COUNT", "SAMETERM", "DATATYPE", ""])
"""What is called with terms as they are; the empty name stands for brackets around `expression AS variable`."""

_NO_CALLER = frozenset(["SELECT", "DISTINCT", "REDUCED", "BIND", "BY"])
_TAKES_SPELLING = frozenset(["STR", "GROUP_CONCAT"])
_PLAIN = {
    XSD("integer"): re.compile(r"0|-?[1-9][0-9]{0,17}"),
    XSD("date"): re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    XSD("boolean"): re.compile("true|false"),
}
"""Spellings that the store keeps, to spare the question."""

_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Spelling:
    """Literals stored under a datatype of our own, and queries and answers that do not show it.

    Attributes:
        namespace: Begins the names of those datatypes and functions; random, so that no data or query holds it.
        functions: The functions that rewritten queries call, by name.
        used: Whether any literal had to be stored so.
    """

    def __init__(self) -> None:
        self.namespace = f"tag:pledgegraph.invalid,2026:{secrets.token_hex(16)}:"
        self.used = False
        self._value = NamedNode(f"{self.namespace}-value")
        self._spelling = NamedNode(f"{self.namespace}-spelling")
        self._datatype = NamedNode(f"{self.namespace}-datatype")
        self.functions: dict[NamedNode, Callable[..., Term]] = {
            self._value: self._give_value,
            self._spelling: self._give_spelling,
            self._datatype: self._give_datatype,
        }

    def stored(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """The quads as they are to be stored; `used` tells afterwards whether any literal was rewritten."""
        for quad in quads:
            literal = quad.object
            kept = self.term(literal) if isinstance(literal, Literal) else literal
            if kept is literal:
                yield quad
            else:
                self.used = True
                yield Quad(quad.subject, quad.predicate, kept, quad.graph_name)

    def term(self, literal: Literal) -> Literal:
        """A literal as it is to be stored: itself where the store keeps its spelling."""
        datatype = literal.datatype.value
        if not datatype.startswith(XSD) or datatype == XSD("string"):
            return literal
        plain = _PLAIN.get(datatype)
        if (plain is not None and plain.fullmatch(literal.value)) or _kept(literal) == literal:
            return literal
        return Literal(literal.value, datatype=NamedNode(self.namespace + datatype.removeprefix(XSD)))

    def query(self, query: str) -> str:
        """A query over what is stored that answers as the query would over what was given."""
        tokens = list(sparql.tokens(query))
        places = syntax.places(tokens, _SYMBOLS)
        prefixes = sparql.outline(query).prefixes
        callers: list[str] = []
        parts: list[str] = []
        end = 0
        for index, token in enumerate(tokens):
            after, text = token.end, None
            if token.text == "(":
                before = tokens[index - 1].text.upper() if index and tokens[index - 1].kind == "word" else ""
                callers.append("" if before in _NO_CALLER else before)
            elif token.text == ")" and callers:
                callers.pop()
            elif token.is_word("DATATYPE"):
                text = str(self._datatype)
            match places.get(index):
                case "OrderVar":
                    text = f"({self._value}({token.text}))"
                case "ExpressionVar":
                    caller = callers[-1] if callers and _alone(tokens, index, callers[-1]) else None
                    if caller in _TAKES_SPELLING:
                        text = f"{self._spelling}({token.text})"
                    elif caller not in _TAKES_TERM:
                        text = f"{self._value}({token.text})"
                case "TermLiteral":
                    literal, after = _literal(tokens, index, prefixes)
                    text = str(self.term(literal))
            if text is not None and token.start >= end:
                parts += (query[end : token.start], text)
                end = after
        return "".join((*parts, query[end:]))

    def answer(self, data: bytes) -> bytes:
        """A serialised answer with the datatypes put right."""
        return data.replace(self.namespace.encode(), XSD.encode())

    def _given(self, term: Term) -> Literal | None:
        if isinstance(term, Literal) and term.datatype.value.startswith(self.namespace):
            return Literal(term.value, datatype=NamedNode(XSD(term.datatype.value.removeprefix(self.namespace))))
        return None

    def _give_value(self, term: Term) -> Term:
        return self._given(term) or term

    def _give_spelling(self, term: Term) -> Term:
        given = self._given(term)
        return term if given is None else Literal(given.value)

    def _give_datatype(self, term: Term) -> Term:
        found = self._given(term) or term
        return found.datatype if isinstance(found, Literal) else None


@lru_cache(maxsize=65536)
def _kept(literal: Literal) -> Term:
    """What the store makes of a literal."""
    store = Store()
    store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), literal))
    return next(iter(store)).object


def _alone(tokens: list[sparql.Token], index: int, caller: str) -> bool:
    """Whether a variable is a whole argument."""
    before, after = tokens[index - 1].text.upper(), tokens[index + 1].text.upper()
    if not caller:
        return before == "(" and after == "AS"
    return before in ("(", ",", "DISTINCT") and after in (")", ",", ";")


def _literal(tokens: list[sparql.Token], index: int, prefixes: dict[str, str]) -> tuple[Literal, int]:
    """The literal that begins at a token, and the offset after it."""
    token = tokens[index]
    following = tokens[index + 1] if index + 1 < len(tokens) else token
    if token.text in ("+", "-"):
        return _number(token.text + following.text), following.end
    if token.kind == "number":
        return _number(token.text), token.end
    if token.kind == "word":
        return Literal(token.text.lower(), datatype=NamedNode(XSD("boolean"))), token.end
    width = 3 if token.text[:3] in ('"""', "'''") else 1
    value = _ESCAPED.sub(_unescape, token.text[width:-width])
    if following.kind == "language":
        return Literal(value, language=following.text[1:]), following.end
    if following.text != "^^":
        return Literal(value), token.end
    name = tokens[index + 2]
    prefix, _, local = name.text.partition(":")
    iri = name.text[1:-1] if name.kind == "iri" else prefixes.get(prefix, "") + local
    return Literal(value, datatype=NamedNode(iri)), name.end


def _number(text: str) -> Literal:
    kind = "double" if "e" in text.lower() else "decimal" if "." in text else "integer"
    return Literal(text, datatype=NamedNode(XSD(kind)))


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPES.get(match[3], match[3])
