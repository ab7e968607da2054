"""`pledgegraph serve`: serves pages, SPARQL and files over HTTP."""

import argparse
from pathlib import Path

from pledgegraph import content
from pledgegraph.cli.options import Subparsers, add_command, add_release, release_directory
from pledgegraph.errors import RunError
from pledgegraph.service import Limits

EPILOG = """\
SIGTERM and Ctrl-C end the server when the answers under way are sent; SIGHUP looks for a newer release, puts it in
place without dropping a request, and opens the access log anew. docs/serving.md says how to run it behind a proxy and
under systemd.

exit codes: 0 stopped, 1 findings in the input, 2 could not run

examples:
  pledgegraph serve
  pledgegraph serve --port 8080 --base https://pledgegraph.example/ --trusted-proxy 127.0.0.1 --access-log -
  pledgegraph serve --data graph.ttl more.nq
  pledgegraph serve --engine http://127.0.0.1:3030/pledgegraph/sparql
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "serve", "serve pages, SPARQL and files over HTTP", EPILOG)
    add_release(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen at (default: 8000)")
    parser.add_argument(
        "--base",
        metavar="IRI",
        help="public address of the site, for links in descriptions; the Host header is never used (default: "
        "http://HOST:PORT/)",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--data", type=Path, nargs="+", metavar="FILE", help="serve these RDF files as they are, instead of a release"
    )
    source.add_argument(
        "--engine", metavar="URL", help="put guard, pages and cache before this SPARQL 1.1 engine, which holds the data"
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or range of a proxy whose X-Forwarded-For is believed; may be repeated (default: none)",
    )
    parser.add_argument(
        "--access-log", metavar="FILE", help="log requests there in combined format; - is standard output"
    )
    parser.add_argument(
        "--anonymise", action="store_true", help="shorten addresses in the access log: /24 of IPv4, /48 of IPv6"
    )
    Limits.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped; see the exit codes above."""
    # The web server is imported by this command alone: the others start in a quarter of the time without it.
    from pledgegraph.web import server
    from pledgegraph.web.clients import TrustedProxies
    from pledgegraph.web.site import checked_base

    server.check_port(arguments.host, arguments.port)
    TrustedProxies(arguments.trusted_proxy)
    base = checked_base(arguments.base or _address(arguments.host, arguments.port))
    limits = Limits.from_environment(**{name: getattr(arguments, name) for name in Limits.__dataclass_fields__})
    own = arguments.data is None and arguments.engine is None

    def renew() -> Path | None:
        return release_directory(arguments) if own else None

    for path in arguments.data or ():
        if not path.is_file():
            raise RunError("there is no such file", file=str(path))
    source = server.Source(renew(), arguments.data or [], arguments.engine)
    settings = server.Settings(
        arguments.host,
        arguments.port,
        base,
        source,
        content.find(arguments.content) if arguments.engine else None,
        limits,
        tuple(arguments.trusted_proxy),
        arguments.access_log,
        arguments.anonymise,
    )
    return server.serve(settings, renew)


def _address(host: str, port: int) -> str:
    """The address to open where no public one is given; every interface is reached by that of this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a port: give one from 1 to 65535")
    return int(text)
