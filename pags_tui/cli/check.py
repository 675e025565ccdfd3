"""`check`: every fault and every doubt about a runbook, with its place; `--online` asks the services as well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import Progress, json_option, print_json, read_text
from pags_tui.core.errors import Fault, RunbookError

if TYPE_CHECKING:
    from pags_tui.core.runbook import Runbook

FOUND, INVALID, UNREACHABLE = 1, 2, 3
SERVICE = frozenset({"unreachable", "bad-answer", "flag-unreadable"})
"""Codes of what is wrong with a service, not with the file."""


@click.command()
@click.argument("path", metavar="RUNBOOK", default="runbook.toml")
@click.option("--online", is_flag=True, help="Ask the services as well; nothing is written, sent or changed.")
@json_option
def check(path: str, online: bool, as_json: bool) -> int:
    """Check RUNBOOK: exit 0 when there is nothing to say, 1 with warnings, 2 when it cannot be used.

    With --online, 3 when a service cannot be reached or does not let us in.

    \b
    pags-tui check runbook.toml
    pags-tui check runbook.toml --online
    pags-tui check runbook.toml --json
    """
    from pags_tui.core.runbook import lint, load

    try:
        runbook = load(read_text(path), path)
    except RunbookError as error:
        _print(error.faults, as_json)
        return INVALID
    faults = [*lint(runbook), *_templates(runbook)]
    if online:
        faults = _together(faults, _asked(runbook, as_json))
    _print(faults, as_json)
    if not as_json:
        counts = f"{len(runbook.phases)} phases, {len(runbook.steps)} steps, {_count(faults)}"
        click.echo(f"{path}: {counts}", err=True)
    return _exit(faults)


def _exit(faults: Iterable[Fault]) -> int:
    faults = list(faults)
    errors = {fault.code for fault in faults if fault.severity == "error"}
    if errors & SERVICE:
        return UNREACHABLE
    return INVALID if errors else FOUND if faults else 0


def _count(faults: Iterable[Fault]) -> str:
    errors = sum(fault.severity == "error" for fault in faults)
    warnings = sum(fault.severity != "error" for fault in faults)
    return f"{errors} errors, {warnings} warnings" if errors else f"{warnings} warnings"


def _together(doubts: Iterable[Fault], asked: Iterable[Fault]) -> list[Fault]:
    """In file order, each once. Where the service counted a metric's series, the guess from the query's looks goes."""
    found = list(dict.fromkeys(asked))
    counted = {fault.line for fault in found if fault.code == "several-series"}
    kept = [fault for fault in doubts if fault.code != "several-series" or fault.line not in counted]
    return sorted(dict.fromkeys([*kept, *found]), key=lambda fault: (fault.line, fault.column))


def _asked(runbook: Runbook, as_json: bool) -> list[Fault]:
    """What the services have to say, a line each on the way."""
    from pags_tui.wiring.clocks import wall
    from pags_tui.wiring.online import Online
    from pags_tui.wiring.places import environment

    found: list[Fault] = []
    with Progress() as progress:
        for told in Online(runbook, environment(), wall).ask(progress.tell):
            found += told.faults
            if not as_json:
                mark = "FAIL" if any(fault.severity == "error" for fault in told.faults) else "ok"
                progress.clear()
                click.echo(f"{'warn' if mark == 'ok' and told.faults else mark:<5}{told.line}")
    if not (runbook.services.prometheus or runbook.services.flag_services) and not as_json:
        click.echo("There is no service to ask: the runbook has no [services].", err=True)
    return found


def _templates(runbook: Runbook) -> list[Fault]:
    """What is wrong with the templates of messages."""
    from pags_tui.core.runbook import template_name, template_names
    from pags_tui.core.runbook.draft import Finding, placed
    from pags_tui.edge.templates import faults

    members = {
        "metrics": [template_name(name) for name in runbook.metrics],
        "flags": [template_name(name) for name in runbook.flags],
        "contacts": [template_name(name) for name in runbook.contacts],
    }
    found = [
        Finding((*message.path, "template"), text, "template", _line_start(message.template, line))
        for message in runbook.comms.values()
        for line, text in faults(message.template, template_names(runbook, message), members)
    ]
    return list(placed(runbook.file, runbook.text, found)) if found else []


def _line_start(text: str, line: int) -> int:
    """The first character of a line, from 0."""
    return sum(len(one) + 1 for one in text.split("\n")[: line - 1])


def _print(faults: Iterable[Fault], as_json: bool) -> None:
    if as_json:
        names = ("file", "line", "column", "severity", "code", "message")
        print_json([{name: getattr(fault, name) for name in names} for fault in faults])
        return
    for fault in faults:
        mark = "" if fault.severity == "error" else "warning: "
        click.echo(f"{fault.file}:{fault.line}:{fault.column}: {mark}{fault.message}")
