"""Who has committed to what about military AI, with the passage that proves it.

import pledgegraph

graph = pledgegraph.load()
for row in graph.query("SELECT ?actor { ?actor pledge:everEndorsed id:political-declaration }"):
    print(row["actor"])
for row in graph.ask("endorsers", text="political-declaration", asOf="2023-11-13"):
    print(row["actorLabel"], row["documentLabel"])
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["IRI", "Answer", "Dataset", "PledgegraphError", "ask", "load", "query"]

if TYPE_CHECKING:
    from pledgegraph.api import IRI, Answer, ask, load, query
    from pledgegraph.dataset import Dataset
    from pledgegraph.errors import PledgegraphError

_HOMES = {
    "Answer": "pledgegraph.api",
    "Dataset": "pledgegraph.dataset",
    "IRI": "pledgegraph.api",
    "PledgegraphError": "pledgegraph.errors",
    "ask": "pledgegraph.api",
    "load": "pledgegraph.api",
    "query": "pledgegraph.api",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import pledgegraph` costs nothing."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
