"""The rules of SPARQL beside its grammar: which of them a query breaks, where, and how to mend it.

An engine that refuses a query over one of them seldom says where. So the parts of such a query are looked through here
(https://www.w3.org/TR/sparql11-query/#sparqlGrammar, its notes, and §18.2.1 on the scope of variables). Not every rule
is here: what is found is a fault in every reading of the rules. Where engines differ, what some of them refuse counts
only in a query without any other fault.
"""

import re
from bisect import bisect
from collections.abc import Callable, Iterator

from pyoxigraph import NamedNode

from pledgegraph import sparql
from pledgegraph.service import syntax
from pledgegraph.service.reading import Reading, read
from pledgegraph.service.syntax import Fault, Node

_ARGUMENTS = {
    name: (least, most)
    for least, most, names in [
        (0, 0, "RAND NOW UUID STRUUID"),
        (0, 1, "BNODE"),
        (
            1,
            1,
            """STR LANG DATATYPE IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI YEAR MONTH DAY HOURS
            MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512 ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC""",
        ),
        (2, 2, "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM"),
        (2, 3, "SUBSTR REGEX"),
        (3, 3, "IF"),
        (3, 4, "REPLACE"),
    ]
    for name in names.split()
}
"""The fewest and most arguments of the functions of SPARQL 1.1 §17.4; CONCAT and COALESCE take any number."""

_MOST_ROWS = 2**64 - 1
"""The largest number that oxigraph takes in LIMIT and OFFSET; what other engines take is no larger."""

_ESCAPE = re.compile(r"\\(?:[tbnrf\"'\\]|u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|(?P<wrong>.))", re.DOTALL)
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST_SUBTAG = 8

_Broken = tuple[int, str, str]
"""Offset in the query, what is wrong, how to mend it."""


def explain(query: str) -> Fault | None:
    """Find what is wrong with a query that an engine refused.

    Args:
        query: The query, as the engine had it.

    Returns:
        Where it stops being SPARQL 1.1, else the first rule broken beside the grammar; None where neither is found.
    """
    fault = syntax.explain(query)
    if fault is not None:
        return fault
    reading = read(query)
    if reading is None:
        return None
    for rules in (_RULES, _STRICTER_RULES):
        broken = [each for rule in rules for each in rule(reading)]
        if broken:
            return _fault(query, min(broken))
    return None


def explain_function(query: str, message: str) -> Fault | None:
    """Find the function that an engine did not evaluate.

    Args:
        query: The query, as the engine had it.
        message: What the engine says; it names the function by its IRI.

    Returns:
        Where the query calls it; None where the message names none that it calls.
    """
    reading = read(query) if "<" in message else None
    if reading is None:
        return None
    head = sparql.outline(query)
    for node in reading.all("ArgList"):
        token = reading.tokens[node.start - 1]
        prefix, _, local = token.text.partition(":")
        iri = token.text[1:-1] if token.kind == "iri" else head.prefixes.get(prefix, "") + local
        if f"<{iri}>" in message:
            given = sum(child.symbol == "Expression" for child in node.children)
            wrong = (
                f"cannot be called with {_counted(given, 'argument')}" if "argument" in message else "is not known here"
            )
            detail = f"The function <{iri[:200]}> {wrong}."
            hint = "SPARQL's own functions are known, and the casts of XML Schema with one argument each."
            return _fault(query, (token.start, detail, hint))
    return None


def _fault(query: str, broken: _Broken) -> Fault:
    offset, detail, hint = broken
    return Fault(*sparql.position(query, offset), detail, hint)


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def _terms(reading: Reading) -> Iterator[_Broken]:
    """Strings, IRIs and language tags are well-formed."""
    for token in reading.tokens:
        if token.kind == "string":
            for found in _ESCAPE.finditer(token.text):
                code = int(found["short"] or found["long"] or "0", 16)
                if found["wrong"] is not None or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                    yield (
                        token.start + found.start(),
                        f"The string has the escape {found[0]}, which stands for no character.",
                        r"""Write \\ for a backslash; there are \t \n \r \b \f \" \' and \u with four hex digits.""",
                    )
        elif token.kind == "iri" and _ABSOLUTE.match(token.text):
            try:
                NamedNode(sparql.decode_escapes(token.text[1:-1]))
            except ValueError:
                yield token.start, f"{token.text[:200]} is no well-formed IRI.", "Write what an IRI cannot hold as %XX."
        elif token.kind == "language" and max(map(len, token.text[1:].split("-"))) > _LONGEST_SUBTAG:
            yield (
                token.start,
                f"{token.text[:60]} is no language tag.",
                f"The parts of a language tag, as in en-GB, have {_LONGEST_SUBTAG} characters at most.",
            )


def _ranges(reading: Reading) -> Iterator[_Broken]:
    """LIMIT and OFFSET take whole numbers that the engine can count to."""
    for clause in reading.all("LimitClauses"):
        for before, token in zip(
            reading.tokens[clause.start : clause.end], reading.tokens[clause.start + 1 : clause.end], strict=False
        ):
            word, text = before.text.upper(), token.text
            if token.kind != "number":
                continue
            if not text.isdecimal():
                yield token.start, f"{word} takes a whole number; found {text[:40]}.", "Write digits alone."
            elif len(text.lstrip("0")) > len(str(_MOST_ROWS)) or int(text) > _MOST_ROWS:
                yield (
                    token.start,
                    f"{word} has a number larger than the engine counts to.",
                    f"The largest is {_MOST_ROWS}.",
                )


def _arguments(reading: Reading) -> Iterator[_Broken]:
    """A function of SPARQL has the arguments it takes."""
    for node in reading.all("BuiltInCall"):
        name = reading.word(node)
        least, most = _ARGUMENTS.get(name, (0, len(reading.tokens)))
        given = sum(child.symbol == "Expression" for each in node.children for child in each.children)
        if not least <= given <= most:
            takes = _counted(most, "argument") if least == most else f"{least} or {_counted(most, 'argument')}"
            yield (
                reading.start(node),
                f"{name} takes {takes}; here it has {given or 'none'}.",
                "Functions and their arguments are listed in SPARQL 1.1, section 17.4.",
            )


def _rows(reading: Reading) -> Iterator[_Broken]:
    """Each row of VALUES is as long as its list of variables."""
    for block in reading.all("DataBlock"):
        if reading.word(block) != "(":
            continue
        marks = [index for index in range(block.start, block.end) if reading.tokens[index].text in ("(", ")")]
        (begin, end), *rows = zip(marks[::2], marks[1::2], strict=True)
        width = end - begin - 1
        values = [child.start for child in block.children]
        for row, after in rows:
            given = bisect(values, after) - bisect(values, row)
            if given != width:
                yield (
                    reading.tokens[row].start,
                    f"This row of VALUES has {_counted(given, 'value')} for {_counted(width, 'variable')}.",
                    "Give each variable of the list a value in each row; UNDEF stands for none.",
                )


def _bound(reading: Reading) -> Iterator[_Broken]:
    """BIND assigns a variable that has no value yet in its group."""
    for group in reading.all("GroupGraphPattern"):
        before: set[str] = set()
        for child in group.children:
            if child.symbol == "GraphPatternNotTriples" and reading.word(child) == "BIND":
                token = reading.tokens[child.end - 2]
                if token.text[1:] in before:
                    yield (
                        token.start,
                        f"BIND assigns {token.text}, which stands in this group before.",
                        "Take a new name after AS; to compare two values, write FILTER.",
                    )
            before |= reading.scopes.get(child, set())


def _selected(reading: Reading) -> Iterator[_Broken]:
    """SELECT assigns no variable that has a value already."""
    for clause in reading.all("SelectClause"):
        taken = reading.group_names(clause)
        if not reading.grouped(clause):
            scopes = [reading.scopes.get(sibling, set[str]()) for sibling in (clause.parent or clause).children]
            taken = set().union(*scopes)
        seen: set[str] = set()
        for token, item in reading.selected(clause):
            if _is_computed(item) and token.text[1:] in taken | seen:
                yield (
                    token.start,
                    f"SELECT assigns {token.text}, which has a value already.",
                    "Take a name after AS that stands nowhere else in SELECT and in no pattern.",
                )
            seen.add(token.text[1:])


def _is_computed(item: Node) -> bool:
    """Whether an item of SELECT has a name after AS."""
    return item.end > item.start + 1


def _grouped(reading: Reading) -> Iterator[_Broken]:
    """What is selected from groups is grouped by, or aggregated."""
    for clause in filter(reading.grouped, reading.all("SelectClause")):
        items = list(reading.selected(clause))
        if not items:
            yield (
                reading.tokens[clause.end - 1].start,
                "SELECT * does not go with GROUP BY or an aggregate.",
                "Name the variables that are grouped by, and the aggregates.",
            )
        computed = {token.text[1:] for token, item in items if _is_computed(item)}
        known = reading.group_names(clause) | computed
        for token, item in items:
            for each in [reading.tokens[node.start] for node in reading.free(item)] if _is_computed(item) else [token]:
                if each.text[1:] not in known:
                    yield (
                        each.start,
                        f"{each.text} is selected, but neither grouped by nor aggregated.",
                        f"Add {each.text} to GROUP BY, or aggregate it, as in SAMPLE({each.text}).",
                    )


def _computed(reading: Reading) -> Iterator[_Broken]:
    """What is computed from groups is not used again in the same SELECT."""
    for clause in filter(reading.grouped, reading.all("SelectClause")):
        items = list(reading.selected(clause))
        computed = {token.text[1:] for token, item in items if _is_computed(item)} - reading.group_names(clause)
        for token in [reading.tokens[node.start] for _, item in items for node in reading.free(item)]:
            if token.text[1:] in computed:
                yield (
                    token.start,
                    f"{token.text} is computed from groups in this SELECT, and used in it again.",
                    "Repeat the expression, or compute with it around a sub-query.",
                )


def _twice(reading: Reading) -> Iterator[_Broken]:
    """SELECT and VALUES name each variable once."""
    lists = [("SELECT", [token for token, _ in reading.selected(clause)]) for clause in reading.all("SelectClause")]
    for block in reading.all("DataBlock"):
        end = next(index for index in range(block.start, block.end) if reading.tokens[index].text in ("{", ")"))
        lists.append(("VALUES", [each for each in reading.tokens[block.start : end] if each.kind == "variable"]))
    for where, tokens in lists:
        seen: set[str] = set()
        for token in tokens:
            if token.text[1:] in seen:
                yield token.start, f"{where} names {token.text} twice.", "Name each variable once."
            seen.add(token.text[1:])


def _aggregates(reading: Reading) -> Iterator[_Broken]:
    """Aggregates stand in SELECT, HAVING and ORDER BY."""
    for node, clause in reading.aggregates:
        if clause.symbol in ("GroupGraphPattern", "GroupClause"):
            where = "GROUP BY" if clause.symbol == "GroupClause" else "a pattern"
            yield (
                reading.start(node),
                f"The aggregate {reading.word(node)} stands in {where}.",
                "Aggregate in SELECT, HAVING or ORDER BY, or in a sub-query.",
            )


def _labels(reading: Reading) -> Iterator[_Broken]:
    """The label of a blank node stands in one group of triple patterns."""
    places: dict[Node, tuple[Node, int]] = {}
    for group in reading.all("GroupGraphPattern"):
        parting = 0
        for child in group.children:
            places[child] = (group, parting)
            # BIND and VALUES end a group of triple patterns too, but engines let that pass.
            if child.symbol == "GraphPatternNotTriples":
                parting += reading.word(child) not in ("FILTER", "BIND", "VALUES")
    first: dict[str, tuple[Node, int]] = {}
    for block in filter(places.__contains__, reading.all("TriplesBlock")):
        for token in reading.tokens[block.start : block.end]:
            if token.text.startswith("_:") and first.setdefault(token.text, places[block]) != places[block]:
                yield (
                    token.start,
                    f"The blank node {token.text[:60]} stands in two groups of patterns.",
                    "Write a variable in its place; a label holds within one group.",
                )


_Rule = Callable[[Reading], Iterator[_Broken]]
_RULES: tuple[_Rule, ...] = (
    _terms,
    _ranges,
    _arguments,
    _rows,
    _bound,
    _selected,
    _grouped,
    _aggregates,
    _labels,
)
_STRICTER_RULES: tuple[_Rule, ...] = (_computed, _twice)
