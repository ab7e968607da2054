"""The ceiling of what the web server can do: constant bytes, with the headers of an answer. `constant.py PORT`.

`size=N` at the end of the query says how many bytes.
"""

import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from granian import Granian

from pledgegraph.web.server import OPTIONS

HEADERS = [
    ("Content-Type", "application/sparql-results+json"),
    ("Vary", "Accept, Accept-Encoding"),
    ("Cache-Control", "public, max-age=60"),
    ("ETag", '"0123456789abcdef-0123456789abcdef01234567"'),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Allow, Content-Location, Content-Range, ETag, Link, Retry-After"),
    ("Server", "pledgegraph"),
]


@lru_cache(maxsize=1024)
def answer(size: int) -> tuple[list[tuple[str, str]], list[bytes]]:
    """Headers and body of a size."""
    return [*HEADERS, ("Content-Length", str(size))], [b" " * size]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer any request, having read its body as whoever answers a question must."""
    if environ["REQUEST_METHOD"] == "POST":
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    text = environ.get("QUERY_STRING", "").rpartition("size%3D")[2]
    headers, body = answer(int(text) if text.isdigit() else 30)
    start_response("200 OK", headers)
    return body


def load(*_: object) -> Callable[..., Iterable[bytes]]:
    """What granian asks for in its serving process."""
    sys.setswitchinterval(0.001)
    return application


if __name__ == "__main__":
    Granian(
        "constant",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        **OPTIONS,
    ).serve(target_loader=load, wrap_loader=False)
