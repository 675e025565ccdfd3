"""What the command line says of itself, as values: for the page and for the man page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

import click

from pags_tui.cli import COMMANDS
from pags_tui.cli import pags_tui as GROUP


@dataclass(frozen=True)
class Option:
    """One option."""

    shown: str
    text: str


@dataclass(frozen=True)
class Command:
    """One command."""

    name: str
    usage: str
    paragraphs: tuple[str, ...]
    examples: tuple[str, ...]
    """Lines of a shell; what follows two blanks or more is said of them."""
    options: tuple[Option, ...]


def commands() -> Iterator[Command]:
    """All of them, in the order of the help."""
    top = click.Context(GROUP, info_name="pags-tui")
    for name in COMMANDS:
        found = GROUP.get_command(top, name)
        if found is None:
            raise ValueError(f"there is no command {name}")
        context = click.Context(found, info_name=name, parent=top)
        paragraphs, examples = _parts(found.help or "")
        usage = " ".join(["pags-tui", name, *found.collect_usage_pieces(context)])
        yield Command(name, usage, paragraphs, examples, tuple(_options(found, context)))


def _parts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paragraphs, and the lines below each `\\b`."""
    paragraphs: list[str] = []
    examples: list[str] = []
    for part in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if part.lstrip().startswith("\b"):
            examples += [line for line in part.splitlines()[1:] if line.strip()]
        else:
            paragraphs.append(" ".join(part.split()))
    return tuple(paragraphs), tuple(examples)


def _options(command: click.Command, context: click.Context) -> Iterator[Option]:
    for parameter in command.params:
        if not isinstance(parameter, click.Option) or parameter.hidden:
            continue
        shown, text = parameter.get_help_record(context) or (parameter.opts[0], "")
        yield Option(shown, " ".join(text.split()))
