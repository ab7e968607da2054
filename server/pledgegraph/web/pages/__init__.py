"""The HTML pages of the site: semantic, without scripts, and each fact with its evidence."""

from __future__ import annotations

# The views register themselves with the blueprint.
from pledgegraph.web.pages import about, explanations, home, lists, matrix, questions, things
from pledgegraph.web.pages.response import blueprint

__all__ = ["about", "blueprint", "explanations", "home", "lists", "matrix", "questions", "things"]
