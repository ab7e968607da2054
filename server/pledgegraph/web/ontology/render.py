"""The text about the ontology as HTML for the site, and as Markdown for the repository."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

from pledgegraph.terms import ID, PLEDGE
from pledgegraph.web.ontology.model import Concept, short
from pledgegraph.web.ontology.text import (
    Block,
    Bullets,
    Code,
    Heading,
    Paragraph,
    Picture,
    SchemeBlock,
    Table,
    TermBlock,
)

_MARKS = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|\[(?P<text>[^\]]+)\]\((?P<address>[^)\s]+)\)")


def inline(text: str) -> Markup:
    """A text with its marks as HTML; all else is escaped."""
    parts: list[Markup] = []
    end = 0
    for match in _MARKS.finditer(text):
        parts.append(escape(text[end : match.start()]))
        if match["code"]:
            parts.append(Markup("<code>{}</code>").format(match["code"]))
        elif match["bold"]:
            parts.append(Markup("<strong>{}</strong>").format(match["bold"]))
        else:
            parts.append(Markup('<a href="{}">{}</a>').format(match["address"], match["text"]))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def html(blocks: Iterable[Block], suffixes: Iterable[str], **values: Any) -> str:
    """The page. It is rendered within a request."""
    made = list(blocks)
    return render_template(
        "ontology.html",
        blocks=[(type(block).__name__, block) for block in made],
        contents=[block for block in made if isinstance(block, Heading) and block.level == 2],
        inline=inline,
        anchor=anchor,
        namespace=PLEDGE,
        suffixes=list(suffixes),
        **values,
    )


def anchor(concept: Concept) -> str:
    """Where the page has a concept: under its local name."""
    return concept.iri.removeprefix(PLEDGE).removeprefix(ID)


def markdown(blocks: Iterable[Block]) -> str:
    """The document. Links to terms lead to headings of the same document."""
    lines = [
        "# The ontology",
        "",
        "This file is made by `python -m pledgegraph.web.ontology`; edit the ontology instead.",
        "",
    ]
    for block in blocks:
        lines += [*_markdown(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(block: Block) -> list[str]:
    match block:
        case Heading(level, text, name):
            return [f'<a id="{name}"></a>', "", f"{'#' * level} {text}"]
        case Paragraph(text):
            return [text]
        case Bullets(points):
            return [f"- {point}" for point in points]
        case Code(text, language):
            return [f"```{language}", text, "```"]
        case Picture(words):
            return [
                "![The model in one picture, told in words below](ontology.svg)",
                "",
                *(f"- {point}" for point in words),
            ]
        case Table(_, columns, rows):
            cells = [columns, tuple("---" for _ in columns), *rows]
            return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
        case TermBlock(term, facts):
            head = [f'<a id="{term.name}"></a>', "", f"**`pledge:{term.name}`** {term.label}. {term.definition}"]
            return [*head, *([""] if facts else []), *(f"- {label}: {text}" for label, text in facts)]
        case SchemeBlock(scheme):
            name = scheme.iri.removeprefix(PLEDGE)
            head = [f'<a id="{name}"></a>', "", f"### {scheme.label}", "", f"`{short(scheme.iri)}` {scheme.definition}"]
            note = ["", scheme.note] if scheme.note else []
            return [*head, *note, "", *map(_concept, scheme.concepts)]


def _concept(concept: Concept) -> str:
    below = f" (below {short(concept.broader)})" if concept.broader else ""
    return f'- <a id="{anchor(concept)}"></a>`{short(concept.iri)}` {concept.label}{below}. {concept.definition}'
