"""Options that several commands share, and how they find the release to read."""

import argparse
import sys
from pathlib import Path
from typing import TypeAlias

from pledgegraph import content
from pledgegraph.release import manifest

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What a command's `add_parser` gets; argparse has no public name for it."""


def add_command(subparsers: Subparsers, name: str, summary: str, epilog: str) -> argparse.ArgumentParser:
    """Add a command with its one-line summary and an epilog of examples, printed as written."""
    return subparsers.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_content(parser: argparse.ArgumentParser) -> None:
    """Add --content."""
    parser.add_argument(
        "--content",
        type=Path,
        metavar="DIR",
        help="folder with ontology/, graph/, shapes/ and queries/ (default: the package's own, or the checkout)",
    )


def add_release(parser: argparse.ArgumentParser) -> None:
    """Add --content and --release."""
    add_content(parser)
    parser.add_argument(
        "--release",
        type=Path,
        metavar="DIR",
        help="a built release, or a directory that `build --out` wrote (default: built from the content when needed)",
    )


def release_directory(arguments: argparse.Namespace) -> Path:
    """The release that --release names, else the one of the content, built now if it is not there.

    Raises:
        FindingsError: The content has violations, so there is no release of it.
        RunError: --release names none, or nothing can be written.
    """
    if arguments.release is not None:
        return manifest.resolve(arguments.release)
    found = content.find(arguments.content)
    target = manifest.release_path(manifest.cache_dir(), manifest.describe_inputs(found).release)
    if manifest.is_whole(target):
        return target
    from pledgegraph.release import build

    print("building a release first", file=sys.stderr)
    return build.build(found).path
