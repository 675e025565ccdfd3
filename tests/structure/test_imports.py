"""The import contracts of pyproject.toml, run as tests."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PURE = ("pags_tui.core", "pags_tui.comms", "pags_tui.report", "pags_tui.ui.present")
"""Parts that see no clock, machine, thread, client library or screen."""


def test_import_contracts_hold(repo_root: Path) -> None:
    """Every import points the way that the contracts allow, and every file has its place in them."""
    lint = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run([sys.executable, "-c", lint], cwd=repo_root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_pure_part_is_under_the_contract(repo_root: Path) -> None:
    """Each part that must stay pure is named by the contract once it exists; import-linter knows no absent ones."""
    contracts = tomllib.loads((repo_root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = next(contract["source_modules"] for contract in contracts if contract["id"] == "pure")
    files = {part: repo_root / Path(*part.split(".")) for part in PURE}
    there = {part for part, at in files.items() if at.with_suffix(".py").exists() or (at / "__init__.py").exists()}
    assert there == set(named)


CLIENTS = ("httpx", "requests", "prometheus_api_client", "jinja2", "sqlite_utils")
SCREEN = ("textual", "rich")


@pytest.mark.parametrize(
    ("package", "unwanted"),
    [("core", (*CLIENTS, *SCREEN, "sqlite3", "click", "stamina")), ("ui", CLIENTS)],
    ids=["core", "ui"],
)
def test_importing_loads_nothing_unwanted(repo_root: Path, package: str, unwanted: tuple[str, ...]) -> None:
    """All of `core` loads without screen and clients; all of `ui` without clients, which would delay first paint."""
    script = f"""
import importlib, pkgutil, sys
package = importlib.import_module("pags_tui.{package}")
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
print(*sorted(set({unwanted!r}) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=repo_root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
