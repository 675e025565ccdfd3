"""The reference is the program: every command, option, key, runbook field and event is in the docs, and no other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import click
import pytest

from pags_tui.cli import COMMANDS
from pags_tui.cli import pags_tui as group
from tools.reference import pages
from tools.reference.told import commands

HELP = [(one.name, line) for one in commands() for line in one.examples]


@pytest.mark.parametrize("name", pages())
def test_a_page_is_made_of_the_code(repo_root: Path, name: str) -> None:
    """What the code declares stands there, in the code's own words; nothing else does."""
    there = repo_root / name
    made = pages()[name]
    if not there.exists() or there.read_text(encoding="utf-8") != made:
        pytest.fail(
            f"{name} is behind the code. Run 'make reference' (or .venv/bin/python -m tools.reference) and commit what"
            " it writes; the sentences are the docstrings and help texts in the code.",
            pytrace=False,
        )


def test_every_command_shows_examples() -> None:
    """`--help` ends in lines to be copied: in the command's docstring, below a line with `\\b`."""
    assert {one.name for one in commands()} == set(COMMANDS)
    assert [one.name for one in commands() if not one.examples] == []


@pytest.mark.parametrize(("name", "line"), HELP, ids=[f"{name}: {line}" for name, line in HELP])
def test_an_example_of_the_help_can_be_called(name: str, line: str) -> None:
    """Each command knows every option and argument of the examples."""
    assert understood(re.split(r" {2,}", line.strip())[0]) in COMMANDS, name


def understood(call: str) -> str:
    """The command of a line of a shell, once its words were taken apart by the program. Raises UsageError."""
    taken = shlex.shlex(call, posix=True, punctuation_chars=True)
    taken.whitespace_split = True
    words = list(takewhile(lambda word: not set(word) <= set("|>&;()<"), taken))
    assert words[0] == "pags-tui", call
    top = click.Context(group, info_name="pags-tui")
    found = group.get_command(top, words[1])
    assert found is not None, f"there is no command '{words[1]}': {call}"
    found.make_context(words[1], words[2:], parent=top)
    return words[1]


def calls(text: str) -> Iterator[str]:
    """Every call of the program in the blocks of a page."""
    for block in re.findall(r"^```(?:sh|text|console)[^\n]*\n(.*?)^```", text, re.M | re.S):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.match(r"^(?:\$ )?((?:[A-Z_]+=\S+ )*)(pags-tui .*)$", line)
            if found:
                yield re.split(r" {2,}", found[2])[0]


def test_every_call_on_a_page_is_understood(repo_root: Path) -> None:
    """No page shows a command or an option that the program does not have."""
    for page in (repo_root / "README.md", *sorted(repo_root.glob("docs/**/*.md"))):
        for call in calls(page.read_text(encoding="utf-8")):
            try:
                understood(call)
            except click.exceptions.Exit:
                continue  # --help and --version end there
            except (click.UsageError, AssertionError) as error:
                pytest.fail(f"{page.relative_to(repo_root)}: {call}: {error}", pytrace=False)
