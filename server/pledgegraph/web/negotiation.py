"""Content negotiation and conditional requests, as pure functions over header text.

Every function takes what a client sent, however malformed, and returns an answer: none raises. The rules are those of
RFC 9110: sections 12.4.2 (weights), 12.5.1 (Accept), 12.5.3 (Accept-Encoding), 13.1.2 (If-None-Match), 8.3.1 (media
types).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from pledgegraph.service import GRAPH_TYPES as GRAPH_TYPES, RESULT_TYPES as RESULT_TYPES

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
TURTLE = "text/turtle"
N_TRIPLES = "application/n-triples"
N_QUADS = "application/n-quads"
TRIG = "application/trig"
RDF_XML = "application/rdf+xml"
JSON_LD = "application/ld+json"
HTML = "text/html"
PROBLEM_JSON = "application/problem+json"

RESULT_NAMES: Mapping[str, str] = {"json": JSON, "xml": XML, "csv": CSV, "tsv": TSV}
"""What `format=` calls the formats of results."""

GRAPH_NAMES: Mapping[str, str] = {
    "turtle": TURTLE,
    "ttl": TURTLE,
    "n3": TURTLE,
    "ntriples": N_TRIPLES,
    "nt": N_TRIPLES,
    "nquads": N_QUADS,
    "nq": N_QUADS,
    "trig": TRIG,
    "rdfxml": RDF_XML,
    "rdf": RDF_XML,
    "rdf+xml": RDF_XML,
    "xml": RDF_XML,
    "jsonld": JSON_LD,
    "json-ld": JSON_LD,
    "json": JSON_LD,
}
"""What `format=` calls the formats of graphs; clients such as SPARQLWrapper have names of their own for them."""

SHORT_NAMES: Mapping[str, str] = {**GRAPH_NAMES, **RESULT_NAMES, "html": HTML}
"""All of these names; one that results and graphs share means that of results."""

_RESULT_ALIASES = {"application/json": JSON, "application/xml": XML, "text/xml": XML}
_GRAPH_ALIASES = {"application/xml": RDF_XML, "text/xml": RDF_XML, "text/plain": N_TRIPLES, "application/json": JSON_LD}

# The most ranges of one header that are looked at: browsers send fewer than ten, and the work must stay bounded.
MAX_RANGES = 64

# Clients send one of a few headers again and again; a long one is not remembered, so that memory stays bounded.
_REMEMBERED, _REMEMBERED_LENGTH = 512, 512

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_ENTITY_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


_Rest = ParamSpec("_Rest")
_Found = TypeVar("_Found")


def _remember(
    function: Callable[Concatenate[str | None, _Rest], _Found],
) -> Callable[Concatenate[str | None, _Rest], _Found]:
    """Remember what a function of a header gave for the headers seen last; reading one anew takes 30 to 60 µs."""
    remembered: Callable[..., _Found] = lru_cache(maxsize=_REMEMBERED)(function)

    @wraps(function)
    def call(header: str | None, /, *args: _Rest.args, **kwargs: _Rest.kwargs) -> _Found:
        if header is None or len(header) <= _REMEMBERED_LENGTH:
            return remembered(header, *args, **kwargs)
        return function(header, *args, **kwargs)

    return call


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header: lower-case `type` and `subtype` (either may be `*`), weight from 0 to 1,
    and whether it carried parameters other than a weight."""

    type: str
    subtype: str
    weight: float = 1.0
    parameters: bool = False

    def specificity(self, media_type: str) -> int:
        """How closely this range names `media_type`: 0 not at all, 1 `*/*`, 2 `type/*`, 3 exact with
        parameters we do not have, 4 exact."""
        kind, _, subtype = media_type.partition("/")
        if self.type == "*":
            return 1 if self.subtype == "*" else 0
        if self.type != kind:
            return 0
        if self.subtype == "*":
            return 2
        if self.subtype != subtype:
            return 0
        return 3 if self.parameters else 4


def split_quoted(text: str, separator: str) -> list[str]:
    """Split `text` at each `separator` that stands outside double quotes, and strip the parts."""
    parts: list[str] = []
    start = 0
    quoted = escaped = False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    return parts


def weight(text: str) -> float:
    """The weight written as `text`: 0 to 1 with at most three decimals. Anything else counts as 1, as if absent."""
    text = text.strip()
    return float(text) if _WEIGHT.fullmatch(text) else 1.0


def parse_accept(header: str | None) -> list[MediaRange]:
    """The media ranges of an Accept header in the order written; elements that are not media ranges are left out."""
    ranges: list[MediaRange] = []
    for element in split_quoted(header or "", ",")[:MAX_RANGES]:
        name, *parameters = split_quoted(element, ";")
        kind, slash, subtype = name.lower().partition("/")
        if not slash or not _TOKEN.fullmatch(kind) or not _TOKEN.fullmatch(subtype):
            continue
        q = 1.0
        others = False
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            key = key.strip().lower()
            if key == "q":
                q = weight(value)
                break  # what follows the weight are extensions of Accept, not parameters of the type
            others = others or (bool(key) and not (key == "charset" and value.strip('" ').lower() == "utf-8"))
        ranges.append(MediaRange(kind, subtype, q, others))
    return ranges


def quality(media_type: str, ranges: Iterable[MediaRange]) -> float:
    """The weight that `ranges` give to `media_type`: that of the most specific range naming it, else 0."""
    best = (0, 0.0)
    for media_range in ranges:
        specificity = media_range.specificity(media_type)
        if specificity:
            best = max(best, (specificity, media_range.weight))
    return best[1]


def choose(header: str | None, offered: Sequence[str]) -> str | None:
    """The media type of `offered` that the client likes best, or None where it accepts none of them.

    Args:
        header: the Accept header; None or blank means that anything is acceptable.
        offered: media types without parameters, the server's favourite first. Equal weights go to the type that the
            client named outright before one that only a wildcard covers, then to the server's favourite.
    """
    if header is None or not header.strip():
        return offered[0] if offered else None
    ranges = parse_accept(header)
    best: tuple[float, bool] = (0.0, False)
    chosen: str | None = None
    for media_type in offered:
        q = quality(media_type, ranges)
        named = any(r.specificity(media_type) >= 3 for r in ranges)
        if q > 0 and (chosen is None or (q, named) > best):
            best, chosen = (q, named), media_type
    return chosen


@_remember
def choose_results(header: str | None, offered: Sequence[str] = RESULT_TYPES) -> tuple[str, str] | None:
    """The format to write SPARQL results in, and the media type to name it by, or None.

    The two differ where the client only knows a general name for a format: `application/json` and
    `application/xml` get the SPARQL JSON and XML formats under the name they asked for.
    """
    return _with_aliases(header, offered, _RESULT_ALIASES)


@_remember
def choose_graph(header: str | None, offered: Sequence[str] = GRAPH_TYPES) -> tuple[str, str] | None:
    """The format to write RDF in, and the media type to name it by, or None: as `choose_results`."""
    return _with_aliases(header, offered, _GRAPH_ALIASES)


def _with_aliases(header: str | None, offered: Sequence[str], aliases: Mapping[str, str]) -> tuple[str, str] | None:
    usable = {alias: meant for alias, meant in aliases.items() if meant in offered}
    chosen = choose(header, [*offered, *usable])
    if chosen is None:
        return None
    meant = usable.get(chosen, chosen)
    # "application/json" named beside "application/sparql-results+json" at the same weight: the precise name wins.
    if meant != chosen and header and quality(meant, parse_accept(header)) >= quality(chosen, parse_accept(header)):
        chosen = meant
    return meant, chosen


@_remember
def prefers_html(header: str | None, others: Sequence[str] = GRAPH_TYPES) -> bool:
    """Whether a person is asking: `text/html` is named outright and weighs at least as much as any of `others`."""
    ranges = parse_accept(header)
    if not any(r.specificity(HTML) >= 3 for r in ranges):
        return False
    q = quality(HTML, ranges)
    return q > 0 and all(q >= quality(other, ranges) for other in others)


@_remember
def accepts_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header allows gzip at a weight above 0 and not below that of `identity`."""
    if not header:
        return False
    weights: dict[str, float] = {}
    for element in header.split(",")[:MAX_RANGES]:
        coding, *parameters = element.split(";")
        q = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                q = weight(value)
        weights[coding.strip().lower()] = q
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def matches(if_none_match: str | None, entity_tag: str) -> bool:
    """Whether an If-None-Match header names `entity_tag` (the opaque text, without quotes) by weak comparison.

    The same answer compressed has the tag `<tag>+gzip`: a client holding either form holds the answer.
    """
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(tag.removesuffix("+gzip") == entity_tag for tag in _ENTITY_TAG.findall(if_none_match))


@_remember
def parse_content_type(header: str | None) -> tuple[str, Mapping[str, str]]:
    """The lower-case media type of a Content-Type header (empty where there is none or it is malformed) and its
    parameters with lower-case names."""
    name, *rest = split_quoted(header or "", ";")
    kind, slash, subtype = name.lower().partition("/")
    if not slash or not _TOKEN.fullmatch(kind) or not _TOKEN.fullmatch(subtype):
        return "", {}
    parameters: dict[str, str] = {}
    for parameter in rest:
        key, equals, value = parameter.partition("=")
        if equals:
            parameters.setdefault(key.strip().lower(), re.sub(r"\\(.)", r"\1", value.strip().strip('"')))
    return name.lower(), parameters


def content_type(media_type: str) -> str:
    """`media_type` as a Content-Type header: textual types carry their charset."""
    if media_type == CSV:
        return "text/csv; charset=utf-8; header=present"
    if media_type.startswith("text/"):
        return f"{media_type}; charset=utf-8"
    return media_type
