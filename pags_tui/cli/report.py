"""`report`: a run, or a recording of one, as a page for a wiki, a page for a browser, or JSON. Changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import FILE, db_option
from pags_tui.core.errors import JournalError, PagsError

if TYPE_CHECKING:
    from pags_tui.core.judge import Judged
    from pags_tui.replay import Recording
    from pags_tui.report import Report

DAMAGED = 1


@click.command()
@click.argument("run_id", metavar="[RUN|RECORDING]", required=False, type=FILE)
@click.option(
    "--format", "form", type=click.Choice(["md", "html", "json"]), default="md", show_default=True,
    help="For a wiki, for a browser, for programs.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, not to stdout.")
@click.option("--against", metavar="REHEARSAL", help="Compare with another run or recording.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of --format json, and nothing else.")
@db_option
def report(
    run_id: str | None, form: str, output: Path | None, against: str | None, schema: bool, db: str | None
) -> int:
    """The night as a report: what was planned, done, decided and seen (default: the newest run).

    \b
    pags-tui report night.db --format html -o night.html
    pags-tui report --against rehearsal.db
    """
    if schema:
        return _schema()
    from pags_tui import report as reports

    found, damaged, cut = _read(run_id, db)
    if against is not None:
        found = reports.compared(found, _read(against, db)[0])
    text = {"md": reports.markdown, "html": reports.html, "json": reports.as_json}[form](found)
    if output is None:
        _print(text)
    else:
        _write(output, text)
    if damaged:
        click.echo(f"{damaged} stored ticks are damaged and left out.", err=True)
    return DAMAGED if damaged or cut else 0


def _schema() -> int:
    from importlib.resources import files

    _print(files("pags_tui.report").joinpath("schema.json").read_text(encoding="utf-8"))
    return 0


def _read(run_id: str | None, db: str | None) -> tuple[Report, int, bool]:
    """The report of a run or a recording, how many of its ticks cannot be read, and whether its end is missing."""
    from pags_tui.cli.replay import read_recording, which
    from pags_tui.report import build

    tape = read_recording(*which(run_id, db))
    bad: list[JournalError] = []
    made = build(tape.events, _ticks(tape, bad), until=tape.end)
    if bad:
        made = _told(made, len(bad))
    return made, len(bad), bool(tape.damage)


def _ticks(tape: Recording, bad: list[JournalError]) -> Iterator[Judged]:
    """Every tick that can be read; those that cannot are noted."""
    for index in range(len(tape.rows)):
        try:
            yield tape.judged(index)
        except JournalError as error:
            bad.append(error)


def _told(made: Report, damaged: int) -> Report:
    from dataclasses import replace

    return replace(made, watched=replace(made.watched, unreadable=damaged))


def _print(text: str) -> None:
    """To stdout as UTF-8, whatever the locale."""
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PagsError(f"{file} cannot be written: {error.strerror}. Name another file with -o.") from error
    click.echo(f"{file} ({len(text.encode()):,} bytes)", err=True)
