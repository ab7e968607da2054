"""`docs/tables.md`: its columns are those of the tables, and its program prints what it shows."""

import re
import subprocess
import sys
from pathlib import Path

from pledgegraph.release import table_guide
from pledgegraph.release.tables import TABLES

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")


def test_the_list_of_columns_is_current() -> None:
    hint = "run python -m pledgegraph.release.table_guide docs/tables.md"
    assert table_guide.renewed(GUIDE) == GUIDE, hint
    assert [f"`{table.name}.csv`" in GUIDE.partition(table_guide.START)[0] for table in TABLES] == [True] * 7


def test_the_program_prints_what_is_shown(full_release: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=full_release, capture_output=True, text=True, check=True)
    assert done.stdout == shown
    assert shown.count("\n") >= 2
