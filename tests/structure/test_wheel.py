"""What an installed copy holds, by building the wheel here and without a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest


@pytest.fixture(scope="module")
def wheel(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=repo_root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_layouts_runbook_and_every_module(repo_root: Path, wheel: Path) -> None:
    """An installed copy has each layout, the runbook of the demo, and each file of the package."""
    wanted = {f"pags_tui/{file.relative_to(repo_root)}" for file in repo_root.glob("layouts/*.tcss")}
    wanted |= {str(file.relative_to(repo_root)) for file in repo_root.glob("pags_tui/**/*.py")}
    wanted |= {f"pags_tui/{file.relative_to(repo_root)}" for file in repo_root.glob("examples/*.toml")}
    wanted |= {"pags_tui/runbook.toml", "pags_tui/starter.toml", "pags_tui/web/app_index.html"}
    wanted |= {"pags_tui/runbook.schema.json", "pags_tui/report/schema.json"}
    names = set(ZipFile(wheel).namelist())
    assert wanted - names == set()
    assert "pags_tui/layouts/base.tcss" in names


def test_the_wheel_brings_the_man_page(wheel: Path) -> None:
    """It lies where `man` looks, beside the command: `share/man/man1`."""
    names = ZipFile(wheel).namelist()
    assert [name for name in names if name.endswith(".data/data/share/man/man1/pags-tui.1")] != []


def test_the_wheel_holds_nothing_of_the_workshop(wheel: Path) -> None:
    """Tests, tools and caches stay out of an installed copy."""
    tops = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"pags_tui"}


def test_the_wheel_installs_the_command(wheel: Path) -> None:
    """`pags-tui` is the command, and it is the package's own main."""
    archive = ZipFile(wheel)
    (entry,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert "pags-tui = pags_tui.__main__:main" in archive.read(entry).decode()
