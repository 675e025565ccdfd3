"""`demo`: the war room against the embedded simulator; without a terminal, the whole night by itself."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import (
    FILE,
    INCOMPLETE,
    bundled_examples,
    bundled_runbook,
    has_terminal,
    known_scenarios,
    print_json,
    read_runbook,
    show,
    tell,
)

if TYPE_CHECKING:
    from pags_tui.core.state import Rollback
    from pags_tui.wiring.demo import Plan

FASTEST_SCREEN = 120.0
"""Seconds of the night a second: faster, the reads of the flags would be too old before the next ones came."""

FASTEST_ALONE = 600.0
"""The same without a screen: faster, a gate has not its three ticks before the next phase is due."""

QUIET, FOUND = "steady", 1
"""The scenario in which nothing goes wrong; the exit code of a night that did not come to its end."""


@click.command()
@click.argument("scenario", default="steady", shell_complete=known_scenarios)
@click.option(
    "--runbook", "path", metavar="FILE", type=FILE, help="Another runbook: a file, or the name of a bundled example."
)
@click.option("--speed", type=click.FloatRange(1, 3600), help="Seconds of the night a second; default 60 on a screen.")
@click.option("--list", "listing", is_flag=True, help="List the scenarios.")
@click.option("--headless", is_flag=True, help="Play the night by itself, as without a terminal.")
@click.option("--db", metavar="FILE|URL", type=FILE, help="Its journal; default demo.db in the state folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; of a night without a screen, an event a line.")
def demo(
    scenario: str, path: str | None, speed: float | None, listing: bool, headless: bool, db: str | None, as_json: bool
) -> int:
    """The war room against an embedded simulator: nothing outside is asked or changed.

    SCENARIO is what goes wrong: see --list. Without a terminal an autopilot plays the night to its end; exit 1 when it
    does not come to it.

    Without --db its record goes into demo.db in the state folder (Linux: ~/.local/state/pags-tui); status, report and
    replay read it with --db. At 60 times a countdown of a minute is over in a second: --speed 6 leaves time to read.

    \b
    pags-tui demo                     a quiet night
    pags-tui demo error-spike         errors rise after the first canary
    pags-tui demo error-spike --speed 6   slow enough to press keys in its countdowns
    pags-tui demo --runbook my.toml   your own runbook
    pags-tui demo --runbook office-migration    an example; also datacenter-switchover, database-upgrade
    """
    from pags_tui.simulator.scenarios import SCENARIOS

    if listing:
        return _list(as_json)
    if scenario not in SCENARIOS:
        raise click.UsageError(f"There is no scenario '{scenario}'. There are: {', '.join(SCENARIOS)}.")
    from pags_tui.wiring.demo import Plan
    from pags_tui.wiring.places import journal_at

    plan = Plan(read_runbook(_file(path)), scenario, speed or 60.0, journal_at(db, demo=True))
    if headless or not has_terminal():
        return _play(plan, speed, as_json)
    return _show(plan)


def _file(path: str | None) -> str:
    """The runbook meant: the one that comes with the program, an example by name, or a file."""
    if path is None:
        return bundled_runbook()
    return path if Path(path).exists() else bundled_examples().get(path, path)


def _list(as_json: bool) -> int:
    from pags_tui.simulator.scenarios import SCENARIOS

    if as_json:
        print_json([{"name": one.name, "line": one.line} for one in SCENARIOS.values()])
        return 0
    for one in SCENARIOS.values():
        tell(f"{one.name:<20} {one.line}")
    return 0


def _show(plan: Plan) -> int:
    from pags_tui.ui.terminal import last_word
    from pags_tui.wiring.demo import ScreenDemo

    if plan.speed > FASTEST_SCREEN:
        tell(f"On a screen the demo runs at most at --speed {FASTEST_SCREEN:.0f}.", err=True)
        plan = replace(plan, speed=FASTEST_SCREEN)
    night = ScreenDemo(plan)
    kept = kept_in(plan, night.run)
    try:
        code = show(night.desk, back=f"It was a demo: nothing is lost. {kept}")
    finally:
        night.close()
    last_word(kept, sys.stderr)
    return code


def kept_in(plan: Plan, run: str) -> str:
    """Where the demo's record is, and what reads it."""
    where = f"--db {shlex.quote(str(plan.db))}"
    called = sys.argv[0]  # `make demo` calls it where no PATH has it
    me = shlex.quote(called) if called.endswith("/pags-tui") and not shutil.which("pags-tui") else "pags-tui"
    return (
        f"The demo {run} is kept in {plan.db}. Look at it: {me} status --run {run} {where}\n"
        f"(or replay {run}, report {run}, with the same --db). Another: {me} demo {plan.scenario}"
    )


def _play(plan: Plan, speed: float | None, as_json: bool) -> int:
    """The night by itself; what happened, a line an event, as JSON or in words. How it ended is the last word."""
    from pags_tui.cli.events import as_line
    from pags_tui.core.plan.progress import current_phase, is_done, word
    from pags_tui.core.updates import Began, Happened, Update
    from pags_tui.ui.present.logs import sentence
    from pags_tui.wiring.demo import play

    tell(f"{plan.runbook.title}: scenario {plan.scenario}, without a terminal", err=True)
    if speed is not None and speed > FASTEST_ALONE:
        tell(f"Without a screen --speed is at most {FASTEST_ALONE:.0f}; left out, it is as fast as it goes.", err=True)
        speed = FASTEST_ALONE
        plan = replace(plan, speed=speed)

    def told_of(update: Update) -> None:
        for event in update.events if isinstance(update, Happened | Began) else ():
            if as_json:
                tell(as_line(event))
            elif text := sentence(event, plan.runbook):
                tell(f"{event.at:%H:%M:%S} {text}")

    view = asyncio.run(play(plan, told_of, speed))
    rollback = view.state.rollback
    tell(f"{word(view.state, view.now)}" + _rolled(rollback), err=as_json)
    if rollback is not None and rollback.verified < len(rollback.moves):
        return INCOMPLETE
    if is_done(view.state, view.now) or (rollback is not None and plan.scenario != QUIET):
        return 0
    phase = current_phase(view.state)
    tell(f"The night did not come to its end: it stood in '{phase.title if phase else ''}'.", err=True)
    return FOUND


def _rolled(rollback: Rollback | None) -> str:
    if rollback is None:
        return ""
    return f": {rollback.verified} of {len(rollback.moves)} flags verified, because of {rollback.cause or 'a decision'}"
