"""Order among literals as SPARQL has it, which SHACL's ranges and comparisons follow."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

from pledgegraph.terms import XSD
from pledgegraph.validation.data_graph import Node, literal
from pledgegraph.validation.literals import INTEGERS, is_well_formed

Order = Literal[-1, 0, 1]
_DAY = 24 * 60 * 60.0
_ZONES = 14 * 60 * 60.0
"""Seconds by which the place of a time without zone may differ either way (XML Schema Part 2, 3.2.7.4)."""


@cache
def _value(node: Node) -> tuple[str, object] | None:
    """Kind and value of a literal that can be compared; None for one that cannot."""
    parts = literal(node)
    if parts is None or not is_well_formed(parts[0], parts[1]):
        return None
    text, datatype, _ = parts
    if datatype in INTEGERS or datatype == XSD("decimal"):
        return "number", Decimal(text)
    if datatype in (XSD("double"), XSD("float")):
        return "number", float(text.replace("INF", "inf"))
    if datatype == XSD("string"):
        return "string", text
    if datatype == XSD("boolean"):
        return "boolean", text in ("true", "1")
    if datatype in (XSD("date"), XSD("dateTime"), XSD("dateTimeStamp")):
        return ("date" if datatype == XSD("date") else "dateTime"), _instant(text)
    return None


def _instant(text: str) -> tuple[float, bool]:
    """Seconds since 1970 on the proleptic Gregorian calendar in UTC, and whether a time zone was given."""
    zone = 0.0
    zoned = text.endswith("Z")
    body = text.removesuffix("Z")
    if len(body) > 6 and body[-3] == ":" and body[-6] in "+-" and ("T" in body or body.count(":") == 1):
        sign = -1 if body[-6] == "-" else 1
        zone = sign * (int(body[-5:-3]) * 3600 + int(body[-2:]) * 60.0)
        body, zoned = body[:-6], True
    day_text, _, time_text = body.partition("T")
    negative = day_text.startswith("-")
    year, month, day = (int(part) for part in day_text.lstrip("-").split("-"))
    year = -year if negative else year
    cycles, rest = divmod(year, 400)  # Python's calendar begins at year 1; the Gregorian one repeats every 400 years
    days = date(rest + 400, month, day).toordinal() - date(1970, 1, 1).toordinal() + (cycles - 1) * 146_097
    seconds = days * _DAY - zone
    if time_text:
        hours, minutes, rest_text = time_text.split(":")
        seconds += int(hours) * 3600 + int(minutes) * 60 + float(rest_text)
    return seconds, zoned


def compare(one: Node, other: Node) -> Order | None:
    """How two literals stand to each other: -1 less, 0 equal, 1 greater; None where SPARQL cannot compare them."""
    first, second = _value(one), _value(other)
    if first is None or second is None or first[0] != second[0]:
        return None
    left, right = first[1], second[1]
    if isinstance(left, tuple) and isinstance(right, tuple):
        (left, left_zoned), (right, right_zoned) = left, right
        if left_zoned != right_zoned and abs(left - right) <= _ZONES:
            return None
    if (isinstance(left, float) and math.isnan(left)) or (isinstance(right, float) and math.isnan(right)):
        return None
    return -1 if left < right else 1 if left > right else 0  # type: ignore[operator]
