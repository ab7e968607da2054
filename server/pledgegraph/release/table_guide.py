"""What the columns of the tables hold, for programs (CSV on the Web) and for people (`docs/tables.md`).

`python -m pledgegraph.release.table_guide docs/tables.md` writes the latter's list of columns anew.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pledgegraph.release.table import SEPARATOR, Column, Table
from pledgegraph.release.tables import TABLES

METADATA_NAME = "csv-metadata.json"
"""The name under which readers of CSV on the Web look for metadata in the folder of a table."""

MEDIA_TYPE = "application/csvm+json"

START, END = "<!-- columns -->\n", "<!-- end of columns -->\n"
"""What encloses the list of columns in `docs/tables.md`."""


def metadata() -> bytes:
    """The metadata of all tables: https://www.w3.org/TR/tabular-metadata/."""
    described = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "tables": [_table(table) for table in TABLES],
    }
    return (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode()


def _table(table: Table) -> dict[str, Any]:
    columns = table.all_columns
    schema = {"columns": [_column(column) for column in columns], "primaryKey": columns[0].name}
    return {"url": f"{table.name}.csv", "dc:title": table.title, "tableSchema": schema}


def _column(column: Column) -> dict[str, Any]:
    several = {"separator": SEPARATOR} if column.several else {}
    return {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.says,
        "datatype": column.datatype,
    } | several


def columns() -> str:
    """The list of columns in Markdown; a column of labels stands in the row of its things."""
    parts = []
    for table in TABLES:
        names = {column.name for column in table.all_columns}
        rows = [
            f"| `{column.name}`{f', `{column.name}_label`' if f'{column.name}_label' in names else ''} "
            f"| {_sort(column)} | {column.says} |\n"
            for column in table.all_columns
            if column.name.removesuffix("_label") not in names - {column.name}
        ]
        head = f"## {table.name}.csv\n\n{table.title}.\n\n| column | holds | meaning |\n|---|---|---|\n"
        parts.append(f"{head}{''.join(rows)}\n")
    return "".join(parts)


def _sort(column: Column) -> str:
    sort = {"anyURI": "IRI", "string": "label" if column.shown == "label" else "text"}.get(
        column.datatype, column.datatype
    )
    return f"{sort}, several" if column.several else sort


def renewed(guide: str) -> str:
    """A guide with its list of columns written anew."""
    before, _, rest = guide.partition(START)
    return f"{before}{START}\n{columns()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
