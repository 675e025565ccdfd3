"""`import`: a Markdown runbook to TOML. What found no place is told, and kept as a comment."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pags_tui.cli.common import FILE, read_text
from pags_tui.core.errors import Refused, RunbookError


@click.command("import")
@click.argument("path", metavar="FILE.md", type=FILE)
@click.option(
    "-o", "--output", metavar="FILE", type=FILE, help="Write there instead of to stdout; an existing file is refused."
)
def import_(path: str, output: str | None) -> int:
    """Turn a Markdown runbook into a runbook.toml, to be gone through by a person.

    Headings with offsets become phases, task lists checks, `curl .../flags/...` and `export ...` flag actions,
    sentences such as "error rate < 0.5%" gates with a query to be written. What finds no place is listed and kept as a
    comment.

    \b
    pags-tui import cutover.md                      to stdout
    pags-tui import cutover.md -o runbook.toml      then: pags-tui check runbook.toml
    """
    from pags_tui.core.importing import imported, mended
    from pags_tui.core.runbook import load
    from pags_tui.edge.markdown import blocks_of

    made = imported(blocks_of(mended(read_text(path))), Path(path).name)
    for line, text in made.unplaced:
        click.echo(f"{path}:{line}: kept as a comment: {text}", err=True)
    if output is None:
        click.echo(made.toml, nl=False)
    else:
        write_new(output, made.toml)
    try:
        book = load(made.toml, output or "runbook.toml")
    except RunbookError as error:
        click.echo(f"What was made does not pass yet; mend it by hand:\n{error}", err=True)
        return 1
    todo = made.toml.count("TODO")
    click.echo(f"{len(book.phases)} phases, {len(book.steps)} steps, {todo} times TODO", err=True)
    return 0


def write_new(path: str, text: str) -> None:
    """Writes a file that is not there yet. Raises Refused for one that is, and for a folder that cannot be written."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(f"{path} is there already, and is left as it is. Choose another name.") from None
    except OSError as failure:
        raise Refused(f"{path} cannot be written: {failure.strerror}. Choose another place.") from None
