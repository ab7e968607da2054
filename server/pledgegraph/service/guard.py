"""Reads the tokens of a stranger's query before anything parses it, and refuses what no evaluator should see.

It refuses early and says why; it is not the defence. That is the worker, which has no socket to call out with and dies
at its deadline. In front of a foreign engine the guard is what keeps SERVICE out, so it reads a query as any engine
may:

* Engines built on parsing expressions match keywords without looking at what follows: pyoxigraph reads `SERVICEex:a {`
  and `trueSERVICE <x> {` as SERVICE where the grammar's longest match sees a name and a word. Both are refused.
* They also read `<` as "less than" where the grammar's longest match reads an IRI: in `?a<?b#>'''` the one sees a
  comment, the other an IRI and an open string. A line break after such an IRI brings both to the same place; an IRI
  that could open a string is refused.
* Some decode codepoint escapes before reading tokens, some within strings and IRIs alone. Both readings are checked.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from pledgegraph import sparql
from pledgegraph.service.errors import Refused
from pledgegraph.service.limits import Limits
from pledgegraph.service.messages import Form, Inspection

_FORMS: dict[str, Form] = {form: form for form in sparql.FORMS}
_UPDATES = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"])
_PERSONAL = ("NOW", "RAND", "UUID", "BNODE")  # the ends of words: STRUUID, and what is glued to a keyword before it
_PROLOGUE = frozenset(["PREFIX", "BASE", "VERSION"])
_TAKES_GRAPH_NAME = frozenset(["GRAPH", "FROM", "NAMED", "DESCRIBE"])
_CLOSES = {")": "(", "]": "[", "}": "{"}
_FROM = re.compile("FROM", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
SYNTAX = "The query does not parse"
"""Title of every refusal over syntax."""
_LIMIT = "The query is more than is read"


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that the guard let pass.

    Args:
        text: What to evaluate: the query as sent, but for line breaks put in and escapes decoded where engines differ.
        inspection: Its form and what else the tokens tell.
        breaks: Offsets in `text` of the line breaks put in.
    """

    text: str
    inspection: Inspection
    breaks: tuple[int, ...] = ()

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Turn a line and column in `text`, as an engine reports them, into those of the query as sent."""
        if not self.breaks:
            return line, column
        rows = self.text.split("\n")
        offset = sum(len(row) + 1 for row in rows[: line - 1]) + column - 1
        sent = self.text
        for at in reversed(self.breaks):
            sent = sent[:at] + sent[at + 1 :]
        return sparql.position(sent, offset - sum(at < offset for at in self.breaks))


def check(query: str, limits: Limits, declared: Collection[str] = ()) -> Checked:
    """Check a query's tokens against the limits.

    Args:
        query: A query by a stranger.
        limits: Its `query_…` fields apply.
        declared: Prefixes that need no declaration.

    Raises:
        Refused: 403 for SERVICE and updates; 400 for what is too long, too deep or too much for the planner, and for
            the faults that tokens show: a string or bracket left open, an undeclared prefix, no query form.
    """
    if len(query) > limits.query_bytes or len(query.encode("utf-8", "replace")) > limits.query_bytes:
        raise _beyond(limits, "query_bytes", "The query's text is too long.")
    half = _SURROGATE.search(query)
    if half is not None:
        raise _refused(400, SYNTAX, "Half of a surrogate pair is no character.", query, half.start())
    scan = _Scan(query, limits, declared)
    if scan.stray_backslash:
        scan = _Scan(_decode(query), limits, declared)
    if "\\u" in scan.text or "\\U" in scan.text:
        _Scan(_decode(scan.text), limits, declared).read(harmless=True)
    scan.read()
    text, breaks = scan.with_breaks()
    assert scan.form is not None
    return Checked(text, Inspection(scan.form, scan.personal), breaks)


def graphs_named(text: str, base: str | None = None) -> list[str]:
    """IRIs that FROM and FROM NAMED name in a checked query, wherever an engine may see these words.

    Raises:
        Refused: A word begins with FROM or NAMED and another reading would end the keyword there.
    """
    if not _FROM.search(text):
        return []
    head = sparql.outline(text, base)
    found: list[str] = []
    depth = 0
    before = ""
    for token in sparql.tokens(text):
        if token.text in ("{", "("):
            depth += 1
        elif token.text in ("}", ")"):
            depth -= 1
        word = token.text.upper()
        if depth == 0 and before not in ("PREFIX", "FROM", "NAMED") and word.startswith("FROM") and word != "FROM":
            raise _refused(400, SYNTAX, "There is no space after FROM.", text, token.start)
        if before in ("FROM", "NAMED") and word != "NAMED":
            if word.startswith("NAMED"):
                raise _refused(400, SYNTAX, "There is no space after NAMED.", text, token.start)
            if token.kind == "iri":
                found.append(sparql.resolve(token.text, head.base))
            elif token.kind == "name":
                prefix, _, local = token.text.partition(":")
                found.append(head.prefixes.get(prefix, "") + re.sub(r"\\(.)", r"\1", local))
        before = word
    return found


class _Fault(Exception):  # noqa: N818
    """A refusal at a token, before its place is known."""

    def __init__(
        self,
        index: int,
        detail: str,
        *,
        status: int = 400,
        title: str = SYNTAX,
        hint: str | None = None,
        limit: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.index, self.detail, self.status, self.title, self.hint, self.limit = (
            index,
            detail,
            status,
            title,
            hint,
            limit,
        )


class _Scan:
    """One reading of a text, token by token."""

    def __init__(self, text: str, limits: Limits, declared: Collection[str]) -> None:
        self.text = text
        self.declared = declared
        self.limits = limits
        self.tokens: list[str] = sparql.TOKEN_TEXT.findall(text)
        while self.tokens and not self.tokens[-1]:
            self.tokens.pop()
        self.form: Form | None = None
        self.personal = False
        self.ambiguous: list[int] = []

    @property
    def stray_backslash(self) -> bool:
        """Whether a backslash stands outside strings, IRIs and names, where only a decoded escape makes sense."""
        return "\\" in self.tokens

    def read(self, harmless: bool = False) -> None:
        """Read all tokens.

        Args:
            harmless: Let pass what does not parse; the text is another engine's reading of the query, not the query.

        Raises:
            Refused: See `check`.
        """
        try:
            self._read()
        except _Fault as fault:
            if harmless and fault.title == SYNTAX:
                return
            raise _refused(
                fault.status, fault.title, fault.detail, self.text, self._offset(fault.index), fault.hint, fault.limit
            ) from None

    def _read(self) -> None:
        limits, tokens = self.limits, self.tokens
        opened: list[int] = []  # indexes of the brackets open
        prefixes = {"_", *self.declared}
        bracket = ""  # the innermost open bracket
        operators = patterns = values = 0
        in_values = -1  # number of brackets open where the VALUES block begins
        template = False  # inside the template of CONSTRUCT, which no planner sees
        was_term = False  # whether the token before is a term or variable
        before = ""
        for index, token in enumerate(tokens):
            first = token[0]
            term = False
            if first.isalpha() or first in ":_" or first >= "\x80":
                if ":" in token:
                    term = True
                    prefix = token.partition(":")[0]
                    if before == "PREFIX":
                        prefixes.add(prefix)
                    elif prefix not in prefixes:
                        self._refuse_undeclared(index, prefix)
                else:
                    operators += 1
                    token = token.upper()
                    if "SERVICE" in token:
                        raise self._service(index)
                    if self.form is None:
                        self._see_first_word(index, token)
                    elif token.endswith(_PERSONAL):
                        self.personal = self.personal or tokens[index + 1 : index + 2] == ["("]
                    elif token == "VALUES":  # noqa: S105
                        in_values = len(opened)
            elif first in "?$":
                term = len(token) > 1
                operators += not term
            elif first in ".;," and len(token) == 1:
                if bracket == "(":
                    values += 1
                else:
                    patterns += 1
            elif first in "{([":
                if first == "{":
                    if was_term and ":" in before:
                        self._refuse_glued_service(index)
                    template = template or before == "CONSTRUCT"
                patterns += first == "["
                opened.append(index)
                bracket = first
                if len(opened) > limits.query_depth:
                    raise self._beyond(index, "query_depth", "The query nests too deep.")
            elif first in "})]":
                if bracket != _CLOSES[first]:
                    raise _Fault(index, f"{first} closes nothing that is open here.")
                opened.pop()
                bracket = tokens[opened[-1]] if opened else ""
                if in_values >= len(opened):
                    in_values = -1
                if template and not opened:
                    template, patterns = False, 0
            elif first == "<" and token[-1] == ">":
                term = True
                if "'" in token or "#" in token:
                    operators += self._see_ambiguous(index)
            elif first in "\"'":
                term = True
                if index == len(tokens) - 1 and list(sparql.tokens(self.text))[-1].kind == "mark":
                    raise _Fault(index, "The string that starts here does not end.")
            elif first in "0123456789.":
                term = True
            elif first != "@":
                operators += 1
                patterns += first == "/"  # a path of n steps becomes n patterns
            if term:
                if in_values >= 0:
                    values += 1
                elif was_term and bracket == "(":
                    patterns += 2  # each further item of a collection is two triples
            was_term = term
            before = token
        if opened:
            raise _Fault(opened[-1], f"{bracket} is never closed.")
        if self.form is None:
            raise _Fault(len(tokens), "There is no SELECT, ASK, CONSTRUCT or DESCRIBE.")
        if operators > limits.query_operators:
            raise self._beyond(0, "query_operators", "The query holds too many operators, keywords and function calls.")
        if patterns > limits.query_patterns:
            raise self._beyond(0, "query_patterns", "The query holds too many triple patterns to plan.")
        if values > limits.query_values:
            raise self._beyond(0, "query_values", "The query lists too many values.")

    def _see_first_word(self, index: int, word: str) -> None:
        if word in _PROLOGUE:
            return
        if word in _UPDATES:
            raise _Fault(
                index,
                "This service is read-only; nothing is written through it.",
                status=403,
                title="Updates are refused",
                hint="Send a SELECT, ASK, CONSTRUCT or DESCRIBE query.",
            )
        if word not in _FORMS:
            raise _Fault(index, f"{self.tokens[index][:40]} starts no query.")
        self.form = _FORMS[word]

    def _refuse_undeclared(self, index: int, prefix: str) -> None:
        if "service" in prefix.lower():
            raise self._service(index)
        raise _Fault(
            index, f"The prefix {prefix[:40]}: is not declared.", hint=f"Begin with: PREFIX {prefix[:40]}: <…>"
        )

    def _refuse_glued_service(self, index: int) -> None:
        """Before `{`, a name whose prefix holds "service" names a graph, or is SERVICE and an endpoint in one."""
        prefix = self.tokens[index - 1].partition(":")[0]
        before = self.tokens[index - 2].upper() if index > 1 else ""
        if "service" in prefix.lower() and before not in _TAKES_GRAPH_NAME:
            raise self._service(index - 1)

    def _see_ambiguous(self, index: int) -> int:
        """See an IRI with a quotation mark or hash, which an engine may read as "less than" and an expression.

        Returns:
            The characters that such an engine may take for operators.
        """
        iri = self.tokens[index]
        end = min(at for at in (iri.find("'"), iri.find("#")) if at >= 0)
        if "//" in iri[:end]:
            return 0  # no expression holds two slashes
        if iri[end] == "'":
            raise _Fault(
                index,
                "A relative IRI holds a quotation mark.",
                hint="Write the quotation mark as %27, or a space after < if less than is meant.",
            )
        if "service" in iri[:end].lower() and ")" in iri[:end]:
            raise self._service(index)
        self.ambiguous.append(index)
        return end

    def with_breaks(self) -> tuple[str, tuple[int, ...]]:
        """The text with a line break after each ambiguous IRI, and the offsets of these breaks."""
        if not self.ambiguous:
            return self.text, ()
        starts = [token.end for token in sparql.tokens(self.text)]
        parts: list[str] = []
        breaks: list[int] = []
        end = 0
        for index in self.ambiguous:
            breaks.append(starts[index] + len(breaks))
            parts += (self.text[end : starts[index]], "\n")
            end = starts[index]
        return "".join((*parts, self.text[end:])), tuple(breaks)

    def _offset(self, index: int) -> int:
        for number, token in enumerate(sparql.tokens(self.text)):
            if number == index:
                return token.start
        return len(self.text)

    def _service(self, index: int) -> _Fault:
        return _Fault(
            index,
            "No query makes this server call another.",
            status=403,
            title="SERVICE is refused",
            hint="Ask the other endpoint yourself and join the answers.",
        )

    def _beyond(self, index: int, name: str, detail: str) -> _Fault:
        return _Fault(index, detail, title=_LIMIT, hint=_SMALLER, limit=self.limits.shown(name))


_SMALLER = "Ask in several smaller queries."


def _decode(query: str) -> str:
    try:
        decoded = sparql.decode_escapes(query)
    except (ValueError, OverflowError):
        decoded = "\ud800"
    if _SURROGATE.search(decoded) is not None:
        raise _refused(400, SYNTAX, "A codepoint escape names no character.", query, query.lower().index("\\u"))
    return decoded


def _refused(
    status: int, title: str, detail: str, text: str, at: int, hint: str | None = None, limit: str | None = None
) -> Refused:
    line, column = sparql.position(text, at)
    return Refused(status, title, detail, hint=hint, line=line, column=column, limit=limit)


def _beyond(limits: Limits, name: str, detail: str) -> Refused:
    return Refused(400, _LIMIT, detail, hint=_SMALLER, limit=limits.shown(name))
