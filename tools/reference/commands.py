"""The page of commands."""

from __future__ import annotations

from collections.abc import Iterator

from tools.reference.told import Command, commands

HEAD = """# Commands

Made from the program by `make reference`. `pags-tui COMMAND --help` says the same. Results go to stdout, messages to
stderr. [Scripting](../scripting.md) tells the exit codes and the shapes of what `--json` prints.

| command | does |
|---|---|
"""


def command_page() -> str:
    """Every command with its options and examples."""
    found = list(commands())
    rows = "\n".join(f"| [`{one.name}`](#{one.name}) | {one.paragraphs[0]} |" for one in found)
    return HEAD + rows + "\n" + "".join("\n" + "\n".join(_section(one)) + "\n" for one in found)


def _section(one: Command) -> Iterator[str]:
    yield f"## {one.name}"
    yield ""
    yield f"`{one.usage}`"
    for paragraph in one.paragraphs:
        yield ""
        yield paragraph
    if one.options:
        yield ""
        yield "| option | means |"
        yield "|---|---|"
        yield from (f"| `{_cell(option.shown)}` | {_cell(option.text)} |" for option in one.options)
    if one.examples:
        yield ""
        yield "```text"
        yield from one.examples
        yield "```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
