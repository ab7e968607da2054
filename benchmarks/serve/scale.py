"""Makes a graph of several times the size out of a release: copies in which each thing has another name."""

import json
import re
from pathlib import Path

from pyoxigraph import DefaultGraph, RdfFormat, Store, parse

from pledgegraph.terms import ID

_THING = re.compile(f"<{re.escape(ID)}([^>]*)>")


def scaled(release: Path, copies: int, folder: Path) -> Path:
    """A release directory in `folder` with the graph of `release` and `copies - 1` copies of its default graph.

    In a copy all things are called otherwise, and classes, concepts and properties are not; so each has as many
    properties as before, and each class and concept has `copies` times as many things. Named graphs are not copied.
    """
    if copies == 1:
        return release
    directory = folder / f"release-{copies}x"
    directory.mkdir()
    manifest = json.loads((release / "manifest.json").read_text())
    with (release / "dataset.nq").open("rb") as source, (directory / "dataset.nq").open("w") as target:
        for quad in parse(source, format=RdfFormat.N_QUADS):
            triple = f"{quad.subject} {quad.predicate} {quad.object}"
            if not isinstance(quad.graph_name, DefaultGraph):
                target.write(f"{triple} {quad.graph_name} .\n")
                continue
            target.write(f"{triple} .\n")
            if _THING.search(triple):
                for number in range(2, copies + 1):
                    target.write(_THING.sub(rf"<{ID}\g<1>-copy-{number}>", triple) + " .\n")
    store = Store(str(directory / "store"))
    with (directory / "dataset.nq").open("rb") as file:
        store.bulk_load(file, format=RdfFormat.N_QUADS)
    store.optimize()
    counted = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    manifest["triples"] = int(next(iter(counted))["n"].value)  # type: ignore[arg-type]
    store.flush()
    (directory / "manifest.json").write_text(json.dumps(manifest))
    (directory / "queries").symlink_to((release / "queries").resolve())
    (directory / "dumps").symlink_to((release / "dumps").resolve())
    return directory
