"""The form of a named question: a field for each parameter, with what can be chosen and what was wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from pledgegraph.errors import InputError
from pledgegraph.queries import MAX_VALUE_CHARACTERS, NamedQuery, Parameter, Term
from pledgegraph.terms import ID, PLEDGE, SKOS, SLUG, compact
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.pages.graph import short_name
from pledgegraph.web.site import Site

CHOICES = 400
"""Up to this many things are offered in a list to choose from; more are suggested to a field of text."""

SUGGESTED = 60
"""Things of one class that a field of text suggests; any other is written as `id:…` or by its label."""

_CONCEPT = SKOS("Concept")

_ANYTHING = ("Instrument", "ProposedInstrument", "Actor", "Venue", "Document", "Matter")
"""Classes whose things are suggested where a parameter takes anything."""


@dataclass(frozen=True)
class Choice:
    """One thing to choose: how addresses spell it, and its label."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Args:
        name: the parameter.
        label: what it means.
        kind: select, datalist, date, number, boolean or text.
        value: what is in it.
        required: whether it must be filled.
        optional: whether it may be left empty, for any.
        groups: what can be chosen, under a heading each.
        error: what is wrong with the value, or empty.
        hint: how to mend it, or empty.
    """

    name: str
    label: str
    kind: str
    value: str
    required: bool
    optional: bool
    groups: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    error: str = ""
    hint: str = ""


def read(
    site: Site, asked: NamedQuery, values: Mapping[str, str]
) -> tuple[list[Field], list[str], dict[str, Term] | None]:
    """Read the values of a form.

    Returns:
        The fields as they are to be shown; what is wrong with the whole; and the terms to ask with, or None where
        something is wrong or a value is still to be given.
    """
    fields: list[Field] = []
    errors: list[str] = []
    terms: dict[str, Term] = {}
    ready = True
    known = {parameter.name for parameter in asked.parameters}
    errors += [f"The question has no parameter {name[:40]!r}." for name in values if name not in known]
    for parameter in asked.parameters:
        text = values.get(parameter.name) or parameter.default or ""
        error = hint = ""
        if parameter.type == "iri":
            text = _by_name(site, text)
        if text:
            try:
                terms[parameter.name] = parameter.read(text)
                check_known(site, asked, terms, {parameter.name: text})
            except InputError as problem:
                error, hint = problem.message, problem.hint or ""
        elif parameter.required:
            ready = False
            error = "A value is needed here." if values else ""
        fields.append(_field(site, parameter, text, error, hint))
        if error:
            errors.append(f"{parameter.name}: {error}")
    return fields, errors, terms if ready and not errors else None


def check_known(site: Site, asked: NamedQuery, terms: Mapping[str, Term], values: Mapping[str, str]) -> None:
    """Refuse a thing that the graph knows nothing of: an empty answer about it would read as a finding.

    Raises:
        InputError: for the first such thing.
    """
    for parameter in asked.parameters:
        term = terms.get(parameter.name)
        if parameter.name in values and isinstance(term, NamedNode) and not rows(site, "known", thing=term):
            raise InputError(
                f"nothing is named {compact(term.value)}", hint=f"{parameter.name}: {parameter.description}"
            )


def _field(site: Site, parameter: Parameter, text: str, error: str, hint: str) -> Field:
    label, value = parameter.description, text
    kind = {"date": "date", "integer": "number", "boolean": "boolean"}.get(parameter.type, "text")
    groups: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    if parameter.type == "iri":
        groups = _choices(site, parameter)
        count = sum(len(choices) for _, choices in groups)
        kind = "select" if parameter.range and 0 < count <= CHOICES else "datalist"
        value = _canonical(text)
        if kind == "select" and value and not any(value == choice.value for _, some in groups for choice in some):
            groups = (*groups, ("As given", (Choice(value, value),)))
    optional = not parameter.required and parameter.default is None
    return Field(parameter.name, label, kind, value, parameter.required, optional, groups, error, hint)


def _by_name(site: Site, text: str) -> str:
    """The name of the one thing that is called so, where a label was written instead of a name; else the text."""
    text = text.strip()
    if not text or ":" in text or SLUG.match(text) or len(text) > MAX_VALUE_CHARACTERS or "\0" in text:
        return text
    found = rows(site, "labelled", {"name": Literal(text, language="en")})
    return short_name(found[0]["thing"]) if len(found) == 1 else text


def _canonical(text: str) -> str:
    """A name as the choices spell it."""
    if text.startswith(ID):
        return short_name(text)
    return text if ":" in text or not text else f"id:{text}"


def _choices(site: Site, parameter: Parameter) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    if parameter.range == _CONCEPT:
        return site.snapshot.once(f"pages.concepts.{parameter.name}", lambda: _concepts(site, parameter.name))
    if parameter.range is not None:
        class_ = parameter.range
        return site.snapshot.once(f"pages.choices.{class_}", lambda: (("", _of_class(site, class_)),))
    return site.snapshot.once("pages.choices", lambda: _anything(site))


def _of_class(site: Site, iri: str) -> tuple[Choice, ...]:
    found = rows(site, "options", kind=NamedNode(iri))
    return tuple({row["thing"]: Choice(short_name(row["thing"]), row["label"]) for row in found}.values())


def _anything(site: Site) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    found = [(name, _of_class(site, PLEDGE(name))) for name in _ANYTHING]
    return tuple((name, choices[:SUGGESTED]) for name, choices in found if choices)


def _concepts(site: Site, name: str) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Concepts of the schemes that a parameter is named after, or of all."""
    groups: dict[tuple[str, str], dict[str, Choice]] = {}
    for row in rows(site, "concepts"):
        choice = Choice(short_name(row["thing"]), row["label"])
        groups.setdefault((row["scheme"], row["schemeLabel"]), {})[row["thing"]] = choice
    local = {key: key[0].rpartition("scheme-")[2] for key in groups}
    words = re.sub("[A-Z]", lambda capital: f"-{capital[0].lower()}", name)
    meant = [key for key in groups if local[key] in (words, f"{words}s", f"claim-{words}")] or list(groups)
    return tuple((key[1], tuple(groups[key].values())) for key in meant)
