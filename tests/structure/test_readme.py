"""The README tells the truth: its keys, its commands, its runbook and its variables are those of the program."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from pags_tui.cli import COMMANDS
from pags_tui.core.runbook import lint, load
from pags_tui.ui.keys import KEYS, Key


def section(text: str, name: str) -> str:
    """What stands below a heading."""
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"the README has no section '{name}'"
    return found[1]


def row(key: Key) -> str:
    """The key's line in the table."""
    keys = " ".join(f"`{key.shown}`".split("\n")) if key.keys else "by name (`ctrl+p`)"
    return f"| {keys} | {key.text} |"


def test_the_keys_are_those_of_the_program(repo_root: Path) -> None:
    """The most needed ones, in the program's own words; docs/reference/keys.md has them all."""
    table = section((repo_root / "README.md").read_text(), "Keys")
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert [one for one in rows if one not in [row(key) for key in KEYS]] == []
    assert rows[0] == row(KEYS[0]), "the rollback stands first"


def test_the_commands_are_named(repo_root: Path) -> None:
    """Every command of the program, and no other."""
    text = section((repo_root / "README.md").read_text(), "Commands")
    named = re.search(r"lists them all: (.*?)\.", text, re.S)
    assert named
    assert re.findall(r"`([a-z-]+)`", named[1]) == list(COMMANDS)


def test_the_runbook_of_the_readme_is_valid(repo_root: Path) -> None:
    """A reader who copies it gets a runbook that loads."""
    text = section((repo_root / "README.md").read_text(), "The runbook")
    block = re.search(r"```toml\n(.*?)```", text, re.S)
    assert block
    runbook = load(block[1], "README.md")
    assert [phase.id for phase in runbook.phases] == ["canary-10"]
    assert all(fault.severity == "warning" for fault in lint(runbook))


def test_the_picture_is_there(repo_root: Path) -> None:
    """The picture at the top is one of the suite's own, so that it cannot go stale."""
    named = re.search(r"!\[[^]]*\]\(([^)]+)\)", (repo_root / "README.md").read_text())
    assert named
    assert "<svg" in (repo_root / unquote(named[1])).read_text()[:400]
