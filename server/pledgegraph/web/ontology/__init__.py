"""The ontology explained: one text, generated from the ontology, as a page of the site and as a document."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.service import Request
from pledgegraph.web.negotiation import JSON
from pledgegraph.web.ontology import model, render, text
from pledgegraph.web.ontology.model import Vocabulary
from pledgegraph.web.site import Site

PICTURE = Path(__file__).parent.parent / "templates" / "ontology.svg"
"""The picture of the model."""


def page(site: Site, suffixes: Iterable[str]) -> str:
    """The page about the ontology.

    Args:
        site: what is served.
        suffixes: suffixes under which the ontology is given as RDF.

    Raises:
        ServiceError: the service cannot answer.
    """

    def ask(query: str) -> list[dict[str, str]]:
        return _rows(site.service.answer(Request(query, JSON, kind="page")).body)

    vocabulary: Vocabulary = site.snapshot.once("ontology", lambda: model.read(ask))
    return render.html(text.blocks(vocabulary), suffixes)


def document(content: Content) -> str:
    """The same text as Markdown, from the files of a content root.

    Raises:
        InputError: a file does not parse.
    """
    dataset = Dataset.from_content(content)
    return render.markdown(text.blocks(model.read(lambda query: _rows(dataset.answer(query, JSON)))))


def _rows(body: bytes) -> list[dict[str, str]]:
    bindings = json.loads(body)["results"]["bindings"]
    return [{variable: cell["value"] for variable, cell in row.items()} for row in bindings]
