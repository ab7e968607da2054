"""docs/questions.md lists each named question with its title and parameters, and no other."""

from __future__ import annotations

import re

from pledgegraph import queries
from pledgegraph.content import Content

from .conftest import ROOT


def test_the_list_of_questions_is_whole_and_right() -> None:
    text = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    listed = {
        match[1]: (match[2], re.findall(r"`(\w+)`", match[3]))
        for match in re.finditer(r"^\| `([a-z0-9-]+)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    }
    named = queries.load(Content(ROOT))
    assert listed == {
        name: (question.title, [parameter.name for parameter in question.parameters])
        for name, question in named.items()
    }
