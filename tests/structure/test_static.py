"""Lint and types, run as tests, so that one command says whether a change is fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "--output-format=concise", "."], ["mypy", "--no-error-summary"]],
    ids=["ruff", "mypy"],
)
def test_the_checker_finds_nothing(repo_root: Path, command: list[str]) -> None:
    """ruff finds no fault in the repository, and mypy --strict none in the package."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=repo_root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
