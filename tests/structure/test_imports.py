"""The import contracts of pyproject.toml, run as tests."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ABOVE = {"__main__", "cli", "wiring", "ui"}
"""Where Textual may be imported."""


def test_import_contracts_hold(repo_root: Path) -> None:
    """Every import points the way that the contracts allow, and every file has its place in them."""
    lint = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run([sys.executable, "-c", lint], cwd=repo_root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_about_textual_names_every_other_part(repo_root: Path) -> None:
    """A new top-level part is told to stay free of Textual, unless it is one that may draw."""
    contracts = tomllib.loads((repo_root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = next(c["source_modules"] for c in contracts if c["id"] == "screen-only")
    package = repo_root / "pags_tui"
    parts = {p.stem for p in package.glob("*.py")} | {p.parent.name for p in package.glob("*/__init__.py")}
    assert {f"pags_tui.{part}" for part in parts - ABOVE - {"__init__"}} == set(named)


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
