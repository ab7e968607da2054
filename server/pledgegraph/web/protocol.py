"""What a SPARQL 1.1 Protocol request asks, read from method, address, media type and body, without any framework.

Source of the rules: https://www.w3.org/TR/sparql11-protocol/, sections 2.1 (query operation) and 2.2 (update operation,
which is refused whole: nothing is written through the web).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pledgegraph.web import negotiation
from pledgegraph.web.problems import Problem

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
ALLOWED_METHODS = "GET, HEAD, OPTIONS, POST"

# An honest request has a handful; each costs work.
_MAX_PARAMETERS = 256

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_READ_ONLY = "This service is read-only: it takes queries and refuses every update."


@dataclass(frozen=True)
class Asked:
    """One query operation.

    Args:
        query: the query text; None where a GET request has none and so asks for the service description.
        default_graphs: the default-graph-uri parameters in their order.
        named_graphs: the named-graph-uri parameters in their order.
        format: what a `format` parameter says, in lower case. It is no part of the protocol.
    """

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None


def read(method: str, query_string: str, content_type: str | None, body: bytes) -> Asked:
    """Read a query operation.

    Args:
        method: the HTTP method.
        query_string: the part of the address after the question mark, as sent.
        content_type: the Content-Type header.
        body: the whole body of a POST.

    Raises:
        Problem: the request is not one query operation of the protocol.
    """
    pairs = parameters(query_string.encode("latin-1", "replace"), "address")
    texts: list[str] = []
    if method == "POST":
        media_type, options = negotiation.parse_content_type(content_type)
        if media_type not in (FORM, QUERY, UPDATE):
            raise Problem(
                "unsupported-type",
                f"The body is sent as {media_type!r}." if media_type else "The body has no media type.",
                hint=f"Send the query as {QUERY}, or as query=… in {FORM}.",
                headers=[("Accept-Post", f"{QUERY}, {FORM}")],
            )
        charset = options.get("charset", "utf-8").lower()
        if charset not in ("utf-8", "utf8", "us-ascii"):
            raise Problem("unsupported-type", f"The body is sent in {charset!r}; SPARQL over HTTP is UTF-8.")
        if media_type == UPDATE:
            raise Problem("not-allowed", _READ_ONLY)
        if media_type == FORM:
            pairs += parameters(body, "body")
        else:
            texts.append(_decode(body, "body").removeprefix("\ufeff"))
    elif method not in ("GET", "HEAD"):
        raise Problem(
            "method-not-allowed",
            f"{method} is no method of the SPARQL protocol.",
            hint="Ask with GET or POST.",
            headers=[("Allow", ALLOWED_METHODS)],
        )
    if any(name == "update" for name, _ in pairs):
        if method == "POST":
            raise Problem("not-allowed", _READ_ONLY)
        raise Problem("bad-request", "An update is never sent by GET, and this service takes none.")
    texts += [value for name, value in pairs if name == "query"]
    if len(texts) > 1:
        raise Problem(
            "bad-request", f"The request holds {len(texts)} queries.", hint="Send exactly one query in a request."
        )
    if not texts and method == "POST":
        raise Problem("bad-request", "The form holds no query.", hint="Send it as the parameter query.")
    return Asked(
        texts[0] if texts else None,
        tuple(value for name, value in pairs if name == "default-graph-uri"),
        tuple(value for name, value in pairs if name == "named-graph-uri"),
        next((value.lower() for name, value in reversed(pairs) if name == "format" and value), None),
    )


def parameters(encoded: bytes, place: str) -> list[tuple[str, str]]:
    """The names and values of form-encoded text, in order.

    Args:
        encoded: the text as sent.
        place: what messages call it: address or body.

    Raises:
        Problem: it is not well-formed: a stray percent sign, text that is not UTF-8, too many parameters.
    """
    if not encoded:
        return []
    if encoded.count(b"&") >= _MAX_PARAMETERS:
        raise Problem("bad-request", f"The {place} holds too many parameters.", limit=f"{_MAX_PARAMETERS} parameters")
    pairs: list[tuple[str, str]] = []
    for part in encoded.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_unquote(name, place), _unquote(value, place)))
    return pairs


def _unquote(encoded: bytes, place: str) -> str:
    encoded = encoded.replace(b"+", b" ")
    if b"%" in encoded:
        if stray := _BAD_ESCAPE.search(encoded):
            found = encoded[stray.start() : stray.start() + 3].decode("latin-1")
            raise Problem(
                "bad-request",
                f"The {place} has a percent sign that escapes nothing: {found!r}.",
                hint="Write a percent sign itself as %25.",
            )
        # Python's codec for escapes such as \x41 takes a quarter of the time of urllib's unquote_to_bytes.
        escaped = encoded.replace(b"\\", b"\\\\").replace(b"%", b"\\x")
        encoded = escaped.decode("unicode_escape").encode("latin-1")
    return _decode(encoded, place)


def _decode(data: bytes, place: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Problem(
            "bad-request",
            f"The {place} is not UTF-8: byte {data[error.start]:#04x} after {error.start:,} bytes.",
            hint="Encode the query in UTF-8.",
        ) from None
