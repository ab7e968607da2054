"""Writes `docs/ontology.md` and its picture: `python -m pledgegraph.web.ontology [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from pledgegraph import content
from pledgegraph.web import ontology

STYLE = (
    "<style>text{font-family:sans-serif;fill:#1c2327}.sub{fill:#55606a}.box{fill:#fff;stroke:#85807a}"
    ".core{fill:#f0f4f5;stroke:#1f4e6b;stroke-width:2}.arrow{stroke:#55606a;fill:none;stroke-width:1.5}"
    ".tip{fill:#55606a}.derived{stroke-dasharray:5 4}</style>"
)
"""The colours of the site's style sheet, for the picture on its own."""


def picture() -> str:
    """The picture as a file of its own."""
    svg = ontology.PICTURE.read_text(encoding="utf-8")
    head, mark, rest = svg.partition(">")
    return f"{head}{mark}{STYLE}{rest}"


def main(folder: Path) -> None:
    """Write both files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ontology.md").write_text(ontology.document(content.find()), encoding="utf-8")
    (folder / "ontology.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
