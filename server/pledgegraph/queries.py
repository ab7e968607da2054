"""Named questions: SPARQL files whose comment header gives title, description and typed parameters.

    # title: Who endorsed a text
    # description: Endorsers of a text or of any of its versions, with the date of the source.
    # param: text iri:Instrument required "The text asked about"
    # param: asOf date optional "Only what is known of by this day"
    # param: limit integer default=100 "At most so many rows"
    PREFIX pledge: <https://w3id.org/pledgegraph/ontology#>
    SELECT ?actor WHERE { ?actor pledge:everEndorsed $text }

A parameter is written `$name` in the query. Its value is read as a term of the declared type and put in as a term.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal as OneOf, get_args

from pyoxigraph import Literal, NamedNode

from pledgegraph import sparql
from pledgegraph.content import Content
from pledgegraph.errors import InputError, RunError
from pledgegraph.terms import ID, PLEDGE, PREFIXES, SLUG, XSD, expand

ParameterType = OneOf["iri", "date", "integer", "string", "boolean"]
Term = NamedNode | Literal

_HEADER = re.compile(r"#\s*(?P<key>[A-Za-z][\w-]*)\s*:\s*(?P<value>.*?)\s*\Z")
_PARAMETER = re.compile(
    r"(?P<name>[A-Za-z_]\w*)\s+(?P<type>[a-z]+)(?::(?P<class>[\w:./#-]+))?"
    r"\s+(?P<need>required|optional|default=(?P<default>\"[^\"]*\"|\S+))\s+\"(?P<description>[^\"]+)\"\s*\Z"
)
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")

MAX_VALUE_CHARACTERS = 2000
"""Longest value of a parameter, in characters; longer than any IRI or search text of use."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a named question.

    Args:
        name: Its name; `$name` in the query.
        type: What its value is read as.
        description: What it means, for a form's label or a help text.
        required: Whether a value must be given.
        default: The value used when none is given.
        range: IRI of the class its value should be of, for type iri.
    """

    name: str
    type: ParameterType
    description: str
    required: bool = False
    default: str | None = None
    range: str | None = None

    def read(self, value: str) -> Term:
        """Read a value as a term of this parameter's type.

        Args:
            value: For iri `id:japan`, `japan`, a full IRI or `<IRI>`; for date `2024-11-25`; for boolean `true`,
                `false`; for integer digits; for string anything.

        Raises:
            InputError: The value is not of the type; the message says what is.
        """
        text = value.strip() if self.type != "string" else value
        if len(value) > MAX_VALUE_CHARACTERS:
            raise self._refuse(value[:20] + "…", f"a value of at most {MAX_VALUE_CHARACTERS} characters")
        if "\0" in value:
            raise self._refuse(value, "text without NUL characters")
        match self.type:
            case "iri":
                return self._read_iri(text)
            case "date":
                try:
                    if _DATE.match(text) and date.fromisoformat(text):
                        return Literal(text, datatype=NamedNode(XSD("date")))
                except ValueError:
                    pass
                raise self._refuse(value, "a day such as 2024-11-25")
            case "integer":
                if not _INTEGER.match(text):
                    raise self._refuse(value, "a whole number such as 10")
                return Literal(str(int(text)), datatype=NamedNode(XSD("integer")))
            case "boolean":
                if text.lower() not in ("true", "false"):
                    raise self._refuse(value, "true or false")
                return Literal(text.lower(), datatype=NamedNode(XSD("boolean")))
            case "string":
                try:
                    value.encode()
                except UnicodeEncodeError:
                    raise self._refuse(value.encode("utf-8", "replace").decode(), "text in Unicode") from None
                return Literal(value)

    def _read_iri(self, text: str) -> NamedNode:
        try:
            return NamedNode(ID(text) if SLUG.match(text) else expand(text))
        except ValueError:
            raise self._refuse(text, "a name such as id:japan, or a full IRI") from None

    def _refuse(self, value: str, wanted: str) -> InputError:
        return InputError(f"{self.name}={value} is not {wanted}", hint=f"{self.name}: {self.description}")


@dataclass(frozen=True)
class NamedQuery:
    """A named question.

    Args:
        name: Its name: the file name without suffix.
        title: The question in a few words.
        description: What it answers, in a sentence or two.
        parameters: Its parameters in the order of the header.
        text: The query without its header, parameters unbound.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        headers: Further header lines, key to values.
    """

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str
    form: sparql.QueryForm
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def terms(self, values: Mapping[str, object]) -> dict[str, Term]:
        """Read values into terms, defaults filled in.

        Args:
            values: Parameter name to text, or to a term, date, bool or int. None and empty text mean "not given".

        Raises:
            InputError: A name is unknown, a required value is missing, or a value is not of its type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise InputError(
                    f"{self.name} has no parameter {name!r}",
                    hint=_did_you_mean(name, list(known)) or f"It takes: {', '.join(known) or 'none'}",
                )
        terms: dict[str, Term] = {}
        for parameter in self.parameters:
            value = values.get(parameter.name)
            if value is None or value == "":
                value = parameter.default
            if value is None:
                if parameter.required:
                    raise InputError(
                        f"{self.name} needs {parameter.name}", hint=f"{parameter.name}: {parameter.description}"
                    )
                continue
            terms[parameter.name] = parameter.read(_spell(value))
        return terms

    @property
    def runnable(self) -> str:
        """The query as it runs where no values are given: defaults bound, other parameters free variables."""
        defaults = {each.name: each.read(each.default) for each in self.parameters if each.default is not None}
        return sparql.bind(self.text, defaults)

    def bind(self, values: Mapping[str, object]) -> str:
        """The query with its parameters bound; see `terms` for values and errors."""
        return sparql.bind(self.text, self.terms(values))


def load(content: Content) -> dict[str, NamedQuery]:
    """Read all named questions of a content root, by name.

    Raises:
        InputError: A file is not a named question; with file and line.
        RunError: A file cannot be read.
    """
    return {path.stem: read(path, content.display(path)) for path in content.query_files()}


def find(content: Content, name: str) -> NamedQuery:
    """Read one named question.

    Raises:
        InputError: There is none of that name, or its file is at fault.
    """
    for path in content.query_files():
        if path.stem == name:
            return read(path, content.display(path))
    names = [path.stem for path in content.query_files()]
    raise InputError(
        f"there is no question named {name!r}",
        hint=_did_you_mean(name, names) or "List them with: pledgegraph query --list",
    )


def read(path: Path, shown: str | None = None) -> NamedQuery:
    """Read a named question from its file.

    Args:
        path: The `.rq` file.
        shown: How messages call it; the path by default.

    Raises:
        InputError: The header lacks title or description, a parameter line does not parse, a parameter is declared and
            not used or used and not declared, or the text is no query; with file and line.
        RunError: The file cannot be read.
    """
    shown = shown or path.as_posix()
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=shown) from error
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8", file=shown) from None
    if not _NAME.match(path.stem):
        raise InputError(f"{path.stem!r} is no name for a question", file=shown, hint="Use a-z, 0-9 and hyphens")
    question = parse(source, path.stem, shown)
    for key, value in (("title", question.title), ("description", question.description)):
        if not value:
            raise InputError(f"the header has no {key}", file=shown, line=1, hint=f"Write a line: # {key}: …")
    return question


def parse(source: str, name: str, shown: str) -> NamedQuery:
    """Read a named question from its text; title and description may be missing.

    Args:
        source: The text of a `.rq` file.
        name: What the question is called.
        shown: How messages call the file.

    Raises:
        InputError: As for `read`.
    """
    headers, parameters, body = _read_header(source, shown)
    form = sparql.kind(body)
    if form is None:
        raise InputError("holds no SELECT, ASK, CONSTRUCT or DESCRIBE", file=shown)
    _check_use(body, source, parameters, shown)
    title, description = (" ".join(headers.pop(key, ())) for key in ("title", "description"))
    return NamedQuery(name, title, description, tuple(parameters), body, form, headers)


def _read_header(source: str, shown: str) -> tuple[dict[str, tuple[str, ...]], list[Parameter], str]:
    headers: dict[str, tuple[str, ...]] = {}
    parameters: list[Parameter] = []
    lines = source.splitlines(keepends=True)
    number = 0
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            number -= 1
            break
        match = _HEADER.match(line.rstrip("\r\n"))
        if match is None:
            continue
        if match["key"] == "param":
            parameter = _read_parameter(match["value"], shown, number)
            if any(parameter.name == other.name for other in parameters):
                raise InputError(f"{parameter.name} is declared twice", file=shown, line=number)
            parameters.append(parameter)
        else:
            headers[match["key"]] = (*headers.get(match["key"], ()), match["value"])
    return headers, parameters, "".join(lines[number:]).strip() + "\n"


def _read_parameter(line: str, shown: str, number: int) -> Parameter:
    match = _PARAMETER.match(line)
    if match is None:
        raise InputError(
            f"the parameter line does not parse: {line}",
            file=shown,
            line=number,
            hint='Write: # param: NAME TYPE[:Class] required|optional|default=VALUE "description"',
        )
    types = get_args(ParameterType)
    if match["type"] not in types:
        raise InputError(
            f"{match['type']!r} is no type of parameter", file=shown, line=number, hint=f"Known are {', '.join(types)}"
        )
    default = match["default"]
    parameter = Parameter(
        match["name"],
        match["type"],  # type: ignore[arg-type]  # one of the types, as just checked
        match["description"],
        match["need"] == "required",
        default.strip('"') if default is not None else None,
        _class_iri(match["class"]),
    )
    if parameter.default is not None:
        try:
            parameter.read(parameter.default)
        except InputError as error:
            raise InputError(f"the default: {error.message}", file=shown, line=number) from None
    return parameter


def _class_iri(text: str | None) -> str | None:
    if text is None:
        return None
    return expand(text) if text.partition(":")[0] in PREFIXES or "//" in text else PLEDGE(text)


def _check_use(body: str, source: str, parameters: list[Parameter], shown: str) -> None:
    used, declared = sparql.parameters(body), [parameter.name for parameter in parameters]
    for name in used:
        if name not in declared:
            line = source.count("\n", 0, source.index(f"${name}", len(source) - len(body) - 1)) + 1
            hint = f'Declare it, or write ?{name}: # param: {name} iri required "…"'
            raise InputError(f"${name} is not declared in the header", file=shown, line=line, hint=hint)
    for name in declared:
        if name not in used:
            raise InputError(f"{name} is declared and ${name} is not used", file=shown, line=1)


def _spell(value: object) -> str:
    match value:
        case NamedNode() | Literal():
            return value.value
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _did_you_mean(name: str, names: list[str]) -> str | None:
    close = difflib.get_close_matches(name, names, n=3)
    return f"Did you mean {' or '.join(close)}?" if close else None
