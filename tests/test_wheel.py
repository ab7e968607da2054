"""What ships: the wheel holds the program, its data files and the whole content, and works away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "server" / "pledgegraph"
FOLDERS = ("ontology", "graph", "shapes", "queries")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_content_travels_whole(wheel: Path) -> None:
    expected = {
        f"pledgegraph/data/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".ttl", ".rq", ".tsv")
    }
    shipped = {name for name in names(wheel) if name.startswith("pledgegraph/data/")}
    assert len(expected) > 50
    assert shipped == expected


def test_the_program_travels_with_its_data_files(wheel: Path) -> None:
    expected = {
        f"pledgegraph/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"pledgegraph/py.typed", "pledgegraph/release/context.jsonld", "pledgegraph/reasoning/rules.rq"} <= expected
    assert {name for name in names(wheel) if name.startswith("pledgegraph/")} - expected == {
        name for name in names(wheel) if name.startswith("pledgegraph/data/")
    }
    assert expected <= names(wheel)


def test_it_holds_one_importable_name_and_its_licences(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names(wheel)}
    assert {name for name in top if not name.endswith(".dist-info")} == {"pledgegraph"}
    assert {name.rpartition("/")[2] for name in names(wheel) if "/licenses/" in name} >= {
        "Apache-2.0.txt",
        "CC-BY-4.0.txt",
    }


def test_it_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-m", "pledgegraph", "query", "--list"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "endorsers" in done.stdout
    code = "from pledgegraph import content; print(content.find().root)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == (tmp_path / "site" / "pledgegraph" / "data").resolve()
