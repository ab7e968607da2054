"""Which lexical forms a datatype has, for the datatypes of https://www.w3.org/TR/xmlschema11-2/ that graphs use."""

from __future__ import annotations

import calendar
import re

from pledgegraph.terms import XSD

_YEAR, _MONTH, _DAY = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_DOUBLE = rf"{_DECIMAL}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"
_FORMS = {
    "boolean": r"true|false|1|0",
    "decimal": _DECIMAL,
    "double": _DOUBLE,
    "float": _DOUBLE,
    "date": rf"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
    "dateTime": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE[:-1]}",
    "time": rf"{_TIME}{_ZONE}",
    "gYear": rf"{_YEAR}{_ZONE}",
    "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": rf"--{_MONTH}{_ZONE}",
    "gMonthDay": rf"--{_MONTH}-{_DAY}{_ZONE}",
    "gDay": rf"---{_DAY}{_ZONE}",
    "duration": r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "hexBinary": r"(?:[0-9a-fA-F]{2})*",
}
_PATTERNS = {XSD(name): re.compile(form) for name, form in _FORMS.items()}
_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
INTEGERS = {XSD(name): bounds for name, bounds in _BOUNDS.items()}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DATE = re.compile(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})")


def is_well_formed(lexical: str, datatype: str) -> bool:
    """Whether a datatype has that lexical form; True for datatypes that are not known here.

    >>> is_well_formed("2024-02-30", "http://www.w3.org/2001/XMLSchema#date")
    False
    """
    if datatype in INTEGERS:
        return bool(_INTEGER.fullmatch(lexical)) and _within(lexical, *INTEGERS[datatype])
    pattern = _PATTERNS.get(datatype)
    if pattern is None:
        return True
    if not pattern.fullmatch(lexical):
        return False
    found = _DATE.match(lexical) if datatype in (XSD("date"), XSD("dateTime"), XSD("dateTimeStamp")) else None
    if found is None:
        return True
    year, month, day = (int(part) for part in found.groups())
    # the calendar repeats every 400 years, and Python's knows no year before 1
    return day <= calendar.monthrange(year % 400 + 400, month)[1]


def _within(lexical: str, low: int | None, high: int | None) -> bool:
    digits = lexical.lstrip("+-").lstrip("0") or "0"
    negative = lexical.startswith("-")
    if len(digits) > 20:  # beyond every bound, and maybe too long to be turned into a number
        return low is None if negative else high is None
    value = -int(digits) if negative else int(digits)
    return (low is None or value >= low) and (high is None or value <= high)
