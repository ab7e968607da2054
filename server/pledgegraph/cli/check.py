"""`pledgegraph check`: runs every check on the content, or on some files, without writing anything."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from pledgegraph import content, turtle
from pledgegraph.cli.options import Subparsers, add_command, add_content
from pledgegraph.content import Content
from pledgegraph.errors import Finding, FindingsError, InputError, RunError
from pledgegraph.release.build import CHECK_STEPS, check
from pledgegraph.release.progress import Progress
from pledgegraph.validation import Engine

EPILOG = """\
Checked are syntax, canonical form, names, literals and slugs, the profile of the ontology, the form of passages, the
shapes, and contradictions in what follows. With FILE, the findings of those files are shown; a file from elsewhere is
checked as if it lay in graph/.

exit codes: 0 no violations, 1 violations (printed by file and line), 2 could not run

examples:
  pledgegraph check
  pledgegraph check graph/documents/resolution-495.ttl --texts ~/sources
  pledgegraph check --reference --json
"""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "check", "run all checks without writing anything", EPILOG)
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="Turtle files (default: all of the content)"
    )
    parser.add_argument("--reference", action="store_true", help="check the shapes with pyshacl, which takes minutes")
    parser.add_argument("--json", action="store_true", help="print findings as JSON")
    parser.add_argument("--texts", type=Path, metavar="DIR", help="local copies of the documents, to verify passages")
    add_content(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check; see the exit codes above."""
    root = content.find(arguments.content)
    try:
        findings = _findings(root, arguments)
    except FindingsError as error:
        findings = error.findings
    except InputError as error:
        findings = [Finding(error.file, error.line, "violation", error.message, error.hint)]
    if arguments.files:
        shown = {root.display(path) for path in arguments.files}
        findings = [finding for finding in findings if finding.file is None or finding.file in shown]
    violations = sum(finding.severity == "violation" for finding in findings)
    if arguments.json:
        report = {"violations": violations, "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            print(finding)
        files = len(arguments.files) or len(root.turtle_files())
        others = len(findings) - violations
        print(f"{_number(files, 'file')}: {_number(violations, 'violation')}, {_number(others, 'other finding')}")
    return 1 if violations else 0


def _findings(root: Content, arguments: argparse.Namespace) -> list[Finding]:
    """Findings of all checks that can be made; of the syntax alone where a file does not parse."""
    given: Sequence[Path] = arguments.files
    known = {path.resolve() for path in root.turtle_files()}
    findings = _form(root, given or root.turtle_files())
    if any(finding.severity == "violation" for finding in findings):
        return findings
    progress = Progress(CHECK_STEPS, quiet=arguments.json or not sys.stderr.isatty())
    elsewhere = [path for path in given if path.resolve() not in known]
    validator: Engine = "reference" if arguments.reference else "fast"
    checked = check(root, progress, texts=arguments.texts, files=elsewhere, validator=validator)
    return sorted(findings + checked.findings, key=lambda finding: (finding.file or "", finding.line or 0))


def _form(root: Content, files: Iterable[Path]) -> list[Finding]:
    """Syntax errors as violations, and files that are not in the canonical form as warnings.

    Raises:
        RunError: A file cannot be read.
    """
    findings = []
    for path in files:
        name = root.display(path)
        if path.is_dir():
            raise RunError("is a folder; name Turtle files", file=name)
        try:
            difference = turtle.check_file(path, name=name)
        except InputError as error:
            findings.append(Finding(name, error.line, "violation", error.message, error.hint, rule="syntax"))
            continue
        if difference:
            line = next((int(hunk.split()[1].lstrip("-").split(",")[0]) for hunk in _hunks(difference)), None)
            message, hint = "the file is not in canonical form", "Run: pledgegraph format"
            findings.append(Finding(name, line, "warning", message, hint, rule="form"))
    return findings


def _hunks(difference: str) -> list[str]:
    return [line for line in difference.split("\n") if line.startswith("@@ ")]


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
