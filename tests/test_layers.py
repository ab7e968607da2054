"""Imports point down: the contracts of pyproject.toml hold, and every module is in one of them."""

import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent


def test_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_flask_is_forbidden_to_everything_but_web() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (forbidden,) = [contract for contract in contracts if contract["id"] == "flask"]
    package = ROOT / "server" / "pledgegraph"
    modules = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    outside = {f"pledgegraph.{name}" for name in modules - {"__init__", "__main__", "web", "cli"}}
    assert set(forbidden["source_modules"]) == outside


def test_every_folder_of_the_program_is_a_package() -> None:
    package = ROOT / "server" / "pledgegraph"
    folders = {path.parent for path in package.rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
