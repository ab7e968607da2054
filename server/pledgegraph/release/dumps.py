"""The files of a release that people download."""

from hashlib import sha256
from pathlib import Path

from pledgegraph.dataset import DUMP_NAME, Dataset
from pledgegraph.release import selection, table_guide
from pledgegraph.release.export import FORMATS, from_lines
from pledgegraph.release.manifest import Dump
from pledgegraph.release.table import Writer
from pledgegraph.release.tables import TABLES

DIRECTORY = "dumps"

FILES = (
    ("pledgegraph.ttl", "turtle", False, "Ontology, facts and labels, without what is inferred"),
    ("pledgegraph.jsonld", "jsonld", False, "The same as JSON-LD"),
    ("pledgegraph.rdf", "rdfxml", False, "The same as RDF/XML"),
    ("pledgegraph-inferred.nt", "ntriples", True, "The same with all that is inferred"),
)
"""File name, format, whether the closure comes with it, and what it holds; the tables come after these."""


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
        (directory / path).write_bytes(from_lines(lines[inferred], format_name))
        found.append(_describe(directory, path, FORMATS[format_name].media_type, holds))
    return found + _write_tables(directory, dataset)


def _write_tables(directory: Path, dataset: Dataset) -> list[Dump]:
    writer, found = Writer(dataset.store), []
    for table in TABLES:
        path = f"{DIRECTORY}/{table.name}.csv"
        (directory / path).write_bytes(writer.write(table))
        found.append(_describe(directory, path, FORMATS["csv"].media_type, table.title))
    path = f"{DIRECTORY}/{table_guide.METADATA_NAME}"
    (directory / path).write_bytes(table_guide.metadata())
    found.append(_describe(directory, path, table_guide.MEDIA_TYPE, "What the columns of the tables hold (CSVW)"))
    return found


def _describe(directory: Path, name: str, media_type: str, title: str) -> Dump:
    data = (directory / name).read_bytes()
    return Dump(name, media_type, len(data), sha256(data).hexdigest(), title)
