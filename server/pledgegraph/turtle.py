"""Reads Turtle with places, and writes it in one canonical form."""

import difflib
import io
import re
import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse as parse_rdf,
    serialize,
)

from pledgegraph.errors import InputError, RunError
from pledgegraph.terms import PREFIXES

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Largest file that is read; a hundred times the largest of the project, small enough to hold in memory."""

_SUBJECT = re.compile(r"(?:<(?P<iri>[^<>\s]*)>|(?P<prefix>[A-Za-z][\w.-]*)?:(?P<local>[\w.%:-]*[\w%:-])?)(?=\s|$)")
_LEXEME = re.compile(
    r"\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|(?P<comment>#[^\n]*)",
    re.DOTALL,
)
_PREFIX = re.compile(r"\s*@?prefix\s+(?P<prefix>[\w.-]*):\s*<(?P<iri>[^>]*)>", re.IGNORECASE)
_PARSER_PLACE = re.compile(
    r"Parser error (?:at line \d+ (?:between columns \d+ and \d+|column \d+)|between line .*?): "
)


def read_bytes(path: Path, name: str | None = None) -> bytes:
    """Read an input file within the size cap.

    Args:
        path: The file.
        name: How messages call it; the path by default.

    Raises:
        InputError: The file is empty or larger than `MAX_FILE_BYTES`.
        RunError: It cannot be read.
    """
    shown = name or path.as_posix()
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise InputError(
                f"the file has {size:,} bytes; the largest that is read has {MAX_FILE_BYTES:,}",
                file=shown,
                hint="Split it into one file a source",
            )
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=shown) from error
    if not data.strip():
        raise InputError("the file is empty", file=shown, line=1, hint="Delete it or write its triples")
    return data


def parse(path: Path, *, name: str | None = None) -> list[Triple]:
    """Read a Turtle file.

    Blank nodes get fresh labels, so that those of two files never meet. Literals keep their spelling.

    Args:
        path: The file.
        name: How messages call it; the path by default.

    Returns:
        Its triples in the order of the file, each once.

    Raises:
        InputError: Syntax error, empty or too large a file, no triples in it; with file and line.
        RunError: The file cannot be read.
    """
    shown = name or path.as_posix()
    data = read_bytes(path, shown)
    try:
        quads = parse_rdf(data, RdfFormat.TURTLE, rename_blank_nodes=True)
        triples = list(dict.fromkeys(quad.triple for quad in quads))
    except SyntaxError as error:
        raise _syntax_error(error, shown) from None
    if not triples:
        raise InputError("the file holds no triples", file=shown, line=1, hint="Delete it or write its triples")
    return triples


def _syntax_error(error: SyntaxError, name: str) -> InputError:
    message = _PARSER_PLACE.sub("", error.msg or str(error), count=1)
    hint = None
    if "Invalid IRI code point ' '" in message:
        hint = "An IRI holds no space; write a hyphen, or %20 in an address"
    elif "has not been declared" in message:
        hint = "Declare the prefix at the top of the file"
    return InputError(f"syntax error: {message}", file=name, line=error.lineno, hint=hint)


def subject_lines(text: str) -> dict[str, int]:
    """Lines on which subjects begin, for messages.

    Relies on each subject standing at column 0, as the canonical form has it.

    Args:
        text: A Turtle document.

    Returns:
        Subject IRI to its first line, counted from 1.
    """
    prefixes: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if declared := _PREFIX.match(line):
            prefixes[declared["prefix"]] = declared["iri"]
        elif found := _SUBJECT.match(line):
            iri = found["iri"]
            if iri is None:
                namespace = prefixes.get(found["prefix"] or "")
                if namespace is None:
                    continue
                iri = namespace + (found["local"] or "")
            lines.setdefault(iri, number)
    return lines


def line_of(path: Path, subject: str, text: str | None = None) -> int | None:
    """Line on which a subject begins, or on which its block holds a text.

    Args:
        path: A Turtle file.
        subject: IRI of the subject.
        text: Something written in the subject's block, such as the value at fault.

    Returns:
        The line, counted from 1; None where the subject is not found at the start of a line.
    """
    try:
        lines, starts = _lines(path, path.stat().st_mtime_ns)
    except OSError:
        return None
    first = starts.get(subject)
    if first is None or text is None:
        return first
    end = min((line for line in starts.values() if line > first), default=len(lines) + 1)
    return next((number for number in range(first, end) if text in lines[number - 1]), first)


@lru_cache(maxsize=256)
def _lines(path: Path, _changed: int) -> tuple[list[str], dict[str, int]]:
    """Lines of a file and where its subjects begin; read again when the file has changed."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return text.splitlines(), subject_lines(text)


def canonical(triples: Iterable[Triple]) -> str:
    """Write triples in the canonical form: rdflib's Turtle, known prefixes, subjects sorted and at column 0.

    Blank nodes are relabelled by RDFC-1.0 first, so that the order does not depend on their labels.

    Args:
        triples: The triples of one document.

    Returns:
        The Turtle document; equal sets of triples give equal text.
    """
    from pledgegraph._turtle_writer import SortedTurtleSerializer

    stream = io.BytesIO()
    SortedTurtleSerializer(to_rdflib(relabel(triples))).serialize(stream, encoding="utf-8")
    return stream.getvalue().decode("utf-8").rstrip("\n") + "\n"


def relabel(triples: Iterable[Triple]) -> list[Triple]:
    """Give blank nodes the labels of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/), triples sorted by their spelling."""
    quads = relabel_quads(Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()) for triple in triples)
    return sorted((quad.triple for quad in quads), key=str)


def relabel_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Give blank nodes the labels of RDFC-1.0, each quad once, in no order."""
    known = set(quads)
    if not any(isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode) for quad in known):
        return list(known)
    dataset = Dataset(known)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def canonical_lines(text: str) -> list[str]:
    """Canonical N-Quads or N-Triples (RDFC-1.0) of a text in that syntax, as the engine writes it.

    Labels of blank nodes depend on the lines that have blank nodes alone, so only those are canonicalised.

    Args:
        text: Lines in any order; lines that are there twice count once.

    Returns:
        Each line with its line end, sorted by code point.
    """
    lines = {f"{line}\n" for line in text.split("\n") if line}
    blank = [line for line in lines if "_:" in line]
    lines.difference_update(blank)
    quads = relabel_quads(parse_rdf("".join(blank).encode(), RdfFormat.N_QUADS))
    lines.update((serialize(quads, format=RdfFormat.N_QUADS) or b"").decode().splitlines(keepends=True))
    return sorted(lines)


def to_rdflib(triples: Iterable[Triple]) -> "rdflib.Graph":
    """Copy triples into an rdflib graph, with the prefixes of the project bound and literals spelled as they are."""
    import rdflib

    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for triple in triples:
        graph.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    return graph


def _node(term: object) -> "Node":
    from rdflib import BNode, Literal as RdflibLiteral, URIRef

    match term:
        case NamedNode():
            return URIRef(term.value)
        case BlankNode():
            return BNode(term.value)
        case Literal() if term.language:
            return RdflibLiteral(term.value, lang=term.language)
        case Literal() if term.datatype.value == "http://www.w3.org/2001/XMLSchema#string":
            return RdflibLiteral(term.value)
        case Literal():
            return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value))
    raise InputError(f"{term} is not a term of RDF 1.1", hint="Triple terms are not supported")


def comment_lines(text: str) -> list[int]:
    """Lines of a Turtle document that hold a comment, which the canonical writer would drop."""
    return [text.count("\n", 0, match.start()) + 1 for match in _LEXEME.finditer(text) if match["comment"]]


def format_file(path: Path, *, name: str | None = None) -> bool:
    """Rewrite a Turtle file in the canonical form.

    Returns:
        Whether its bytes changed.

    Raises:
        InputError: The file does not parse, or holds comments, which would be lost.
        RunError: It cannot be read or written.
    """
    shown = name or path.as_posix()
    text = canonical(parse(path, name=shown))
    current = path.read_bytes()
    if current == text.encode():
        return False
    if comments := comment_lines(current.decode()):
        raise InputError(
            f"holds {len(comments)} comment{'' if len(comments) == 1 else 's'}, which the writer would drop",
            file=shown,
            line=comments[0],
            hint="Say it as skos:editorialNote, or delete it",
        )
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(text.encode())
        shutil.copymode(path, beside)
        beside.replace(path.resolve())
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RunError(f"cannot be written: {error.strerror}", file=shown) from error
    return True


def check_file(path: Path, *, name: str | None = None) -> str:
    """Compare a Turtle file with its canonical form.

    Returns:
        A unified diff from the file to its canonical form; empty where they are equal.

    Raises:
        InputError: The file does not parse.
        RunError: It cannot be read.
    """
    shown = name or path.as_posix()
    text = canonical(parse(path, name=shown))
    current = path.read_bytes().decode()
    lines = difflib.unified_diff(
        current.splitlines(keepends=True), text.splitlines(keepends=True), shown, f"{shown} (canonical)"
    )
    return "".join(lines)
