"""`check`: every fault and every doubt about a runbook, with its place; `--online` asks the services as well."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import FILE, Progress, db_option, json_option, print_json, read_text, tell
from pags_tui.core.errors import Fault, RunbookError

if TYPE_CHECKING:
    from pags_tui.core.runbook import Runbook

FOUND, INVALID, UNREACHABLE = 1, 2, 3
SERVICE = frozenset({"unreachable", "bad-answer", "flag-unreadable"})
"""Codes of what is wrong with a service, not with the file."""


@click.command()
@click.argument("paths", metavar="RUNBOOK...", nargs=-1, type=FILE)
@click.option("--online", is_flag=True, help="Ask the services as well; nothing is written, sent or changed.")
@click.option("--sarif", is_flag=True, help="Print SARIF, for code review.")
@click.option("--schema", "print_schema", is_flag=True, help="Print the JSON Schema of runbooks, for editors.")
@db_option
@json_option
def check(paths: tuple[str, ...], online: bool, sarif: bool, print_schema: bool, db: str | None, as_json: bool) -> int:
    """Check RUNBOOK: exit 0 when there is nothing to say, 1 with warnings, 2 when it cannot be used.

    With --online it is the pre-flight for the day before: every query, flag, token and webhook, clocks, the terminal,
    your settings, the journal's place. 3 when a service cannot be reached or does not let us in. Without a name:
    runbook.toml.

    \b
    pags-tui check runbook.toml
    pags-tui check runbook.toml --online
    pags-tui check runbook.toml --json
    pags-tui check runbook.toml --sarif > check.sarif
    """
    if print_schema:
        return _schema()
    form = "sarif" if sarif else "json" if as_json else "text"
    found = [_check(path, online, form, db) for path in paths or ("runbook.toml",)]
    if form != "text":
        _print([fault for faults, _ in found for fault in faults], form)
    codes = {code for _, code in found}
    return next((code for code in (INVALID, UNREACHABLE, FOUND) if code in codes), 0)


def _check(path: str, online: bool, form: str, db: str | None = None) -> tuple[list[Fault], int]:
    """One file: all that is to be said of it, and its exit code. As text it is told at once."""
    from pags_tui.core.runbook import lint, load

    try:
        runbook = load(read_text(path), path)
    except RunbookError as error:
        if form == "text":
            _print(error.faults, form)
        return list(error.faults), INVALID
    faults = [*lint(runbook), *_templates(runbook)]
    if online:
        faults = _together(faults, _asked(runbook, form != "text", db))
    if form == "text":
        _print(faults, form)
        counts = f"{len(runbook.phases)} phases, {len(runbook.steps)} steps, {counted(faults)}"
        tell(f"{path}: {counts}", err=True)
    return faults, _exit(faults)


def _exit(faults: Iterable[Fault]) -> int:
    faults = list(faults)
    errors = {fault.code for fault in faults if fault.severity == "error"}
    if errors & SERVICE:
        return UNREACHABLE
    return INVALID if errors else FOUND if faults else 0


def counted(faults: Iterable[Fault]) -> str:
    """`1 error, 2 warnings`."""
    from pags_tui.ui.present.words import plural

    errors = sum(fault.severity == "error" for fault in faults)
    warnings = sum(fault.severity != "error" for fault in faults)
    told = plural(warnings, "warning")
    return f"{plural(errors, 'error')}, {told}" if errors else told


def _together(doubts: Iterable[Fault], asked: Iterable[Fault]) -> list[Fault]:
    """In file order, each once. Where the service counted a metric's series, the guess from the query's looks goes."""
    found = list(dict.fromkeys(asked))
    counted = {fault.line for fault in found if fault.code == "several-series"}
    kept = [fault for fault in doubts if fault.code != "several-series" or fault.line not in counted]
    return sorted(dict.fromkeys([*kept, *found]), key=lambda fault: (fault.line, fault.column))


def _asked(runbook: Runbook, as_json: bool, db: str | None) -> list[Fault]:
    """What the services and this machine have to say, a line each on the way."""
    from pags_tui.wiring.clocks import wall
    from pags_tui.wiring.machine import machine
    from pags_tui.wiring.online import Online
    from pags_tui.wiring.places import environment, journal_at

    found: list[Fault] = []
    with Progress() as progress:
        services = ((told.line, told.faults) for told in Online(runbook, environment(), wall).ask(progress.tell))
        for line, faults in chain(services, machine(runbook.file, journal_at(db))):
            found += faults
            if not as_json:
                mark = "FAIL" if any(fault.severity == "error" for fault in faults) else "ok"
                progress.clear()
                tell(f"{'warn' if mark == 'ok' and faults else mark:<5}{line}")
    if not (runbook.services.prometheus or runbook.services.flag_services) and not as_json:
        tell("There is no service to ask: the runbook has no [services].", err=True)
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


def _schema() -> int:
    from pags_tui.core.runbook.schema import schema

    print_json(schema())
    return 0


def _print(faults: Iterable[Fault], form: str) -> None:
    if form == "sarif":
        print_json(_sarif(faults))
        return
    if form == "json":
        names = ("file", "line", "column", "severity", "code", "message")
        print_json([{name: getattr(fault, name) for name in names} for fault in faults])
        return
    for fault in faults:
        mark = "" if fault.severity == "error" else "warning: "
        tell(f"{fault.file}:{fault.line}:{fault.column}: {mark}{fault.message}")


def _sarif(faults: Iterable[Fault]) -> dict[str, object]:
    """SARIF 2.1.0: one run, a rule for each code, a result for each fault."""
    from pathlib import PurePath

    from pags_tui import __version__

    faults = list(faults)
    results = [
        {
            "ruleId": fault.code,
            "level": "error" if fault.severity == "error" else "warning",
            "message": {"text": fault.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": PurePath(fault.file).as_posix()},
                        "region": {"startLine": max(1, fault.line), "startColumn": max(1, fault.column)},
                    }
                }
            ],
        }
        for fault in faults
    ]
    rules = [{"id": code} for code in dict.fromkeys(fault.code for fault in faults)]
    driver = {"name": "pags-tui", "version": __version__, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
