"""`check`: every fault and every doubt about a runbook, with file, line and column."""

from __future__ import annotations

import click

from pags_tui.cli.common import json_option, print_json, read_text
from pags_tui.core.errors import Fault, RunbookError

FOUND = 1
INVALID = 2


@click.command()
@click.argument("path", metavar="RUNBOOK", default="runbook.toml")
@json_option
def check(path: str, as_json: bool) -> int:
    """Check RUNBOOK: exit 0 when there is nothing to say, 1 with warnings, 2 when it cannot be used.

    \b
    pags-tui check runbook.toml
    pags-tui check runbook.toml --json
    """
    from pags_tui.core.runbook import lint, load

    try:
        runbook = load(read_text(path), path)
        faults = lint(runbook)
    except RunbookError as error:
        faults = error.faults
    _print(faults, as_json)
    if any(fault.severity == "error" for fault in faults):
        return INVALID
    if not as_json:
        steps = len(runbook.steps)
        click.echo(f"{path}: {len(runbook.phases)} phases, {steps} steps, {len(faults)} warnings", err=True)
    return FOUND if faults else 0


def _print(faults: tuple[Fault, ...], as_json: bool) -> None:
    if as_json:
        names = ("file", "line", "column", "severity", "code", "message")
        print_json([{name: getattr(fault, name) for name in names} for fault in faults])
        return
    for fault in faults:
        mark = "" if fault.severity == "error" else "warning: "
        click.echo(f"{fault.file}:{fault.line}:{fault.column}: {mark}{fault.message}")
