"""The page on reliability: its unit is one that systemd and this program take."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from pags_tui.cli import pags_tui


@pytest.fixture
def unit(repo_root: Path) -> str:
    """The unit of the page."""
    page = (repo_root / "docs" / "reliability.md").read_text(encoding="utf-8")
    return re.search(r"```text\n(# ~/.config/systemd.*?)```", page, re.DOTALL).group(1)


def test_the_units_command_is_one_of_ours(unit: str) -> None:
    """Every option of `ExecStart` exists."""
    words = shlex.split(re.search(r"ExecStart=(.*)", unit).group(1).replace("%i", "a-run"))
    assert words[1] == "guard"
    command = pags_tui.get_command(click.Context(pags_tui), "guard")
    made = command.make_context("guard", words[2:], resilient_parsing=False)
    assert (made.params["foreground"], made.params["run_id"]) == (True, "a-run")


def test_systemd_takes_the_unit(unit: str, tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing to say of it. The program and the variables are not in this home."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    file = tmp_path / "pags-guard@.service"
    program = shutil.which("true")
    text = re.sub(r"ExecStart=\S+", f"ExecStart={program}", unit)
    file.write_text(re.sub(r"EnvironmentFile=", "EnvironmentFile=-", text), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", str(tmp_path / "pags-guard@a-run.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Failed to initialize" in done.stderr:
        pytest.skip(f"systemd-analyze does not work here: {done.stderr.strip()}")
    assert "pags-guard" not in done.stderr, done.stderr
