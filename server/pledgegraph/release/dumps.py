"""The files of a release that people download."""

from hashlib import sha256
from pathlib import Path

from pledgegraph.dataset import DUMP_NAME, Dataset
from pledgegraph.release import selection, table
from pledgegraph.release.export import FORMATS, from_lines
from pledgegraph.release.manifest import Dump

DIRECTORY = "dumps"

FILES = (
    ("pledgegraph.ttl", "turtle", False, "Ontology, facts and labels, without what is inferred"),
    ("pledgegraph.jsonld", "jsonld", False, "The same as JSON-LD"),
    ("pledgegraph.rdf", "rdfxml", False, "The same as RDF/XML"),
    ("pledgegraph-inferred.nt", "ntriples", True, "The same with all that is inferred"),
    ("records.csv", "csv", True, "Records with their claims, one row each"),
)
"""File name, format, whether the closure comes with it, and what it holds."""


def write(directory: Path, dataset: Dataset) -> list[Dump]:
    """Write the downloads of a release.

    Args:
        directory: The release directory; its canonical N-Quads are there already.
        dataset: What to write.

    Returns:
        Every file to download, the canonical N-Quads first.
    """
    (directory / DIRECTORY).mkdir()
    title = "Everything: the merged set as default graph, the same triples by origin in named graphs (RDFC-1.0)"
    found = [_describe(directory, DUMP_NAME, "application/n-quads", title)]
    lines = {inferred: selection.whole(dataset.store, inferred=inferred) for inferred in (False, True)}
    for name, format_name, inferred, holds in FILES:
        path = f"{DIRECTORY}/{name}"
        as_table = format_name == "csv"
        data = table.records(dataset.store) if as_table else from_lines(lines[inferred], format_name)
        (directory / path).write_bytes(data)
        found.append(_describe(directory, path, FORMATS[format_name].media_type, holds))
    return found


def _describe(directory: Path, name: str, media_type: str, title: str) -> Dump:
    data = (directory / name).read_bytes()
    return Dump(name, media_type, len(data), sha256(data).hexdigest(), title)
