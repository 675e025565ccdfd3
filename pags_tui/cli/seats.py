"""Taking part from a shell: watch, sign, hold, note, end. Each asks the living guard, as the screen would."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import WHICH, as_option, db_option, known_runs, of_option, show, tell, typed
from pags_tui.cli.pages import Pages, checked, serve_pages
from pags_tui.core.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from pags_tui.core.decide.asks import Accepted, Ask, EndRun, Reopen, Resolve
    from pags_tui.core.state import RunState
    from pags_tui.wiring.journals import Store

PATIENCE = 30.0
"""Longest wait in seconds for the guard's answer; a signature reads the gates first."""

run_option = click.option(
    "--run", "run_id", metavar="ID", shell_complete=known_runs,
    help=WHICH
)  # fmt: skip


def _where(db: str | None, run_id: str | None) -> tuple[Store, str]:
    from pags_tui.wiring.journals import fixed, open_readonly
    from pags_tui.wiring.places import journal_at
    from pags_tui.wiring.runs import find_run

    store = fixed(journal_at(db))
    with open_readonly(store) as reader:
        return store, find_run(reader, run_id).id


def _open(db: str | None, run_id: str | None) -> tuple[Store, str]:
    """The same of a run that goes on. Raises Refused when it has ended, or no run is open."""
    from pags_tui.wiring.journals import open_readonly
    from pags_tui.wiring.runs import find_run

    store, run = _where(db, run_id)
    with open_readonly(store) as reader:
        row = find_run(reader, run)
    if row.ended is None:
        return store, run
    ended = f"{row.id} has ended as {row.outcome}" if row.outcome else f"{row.id} has ended"
    said = ended if run_id else f"No open run in {store}; newest: {ended}"
    again = f"pags-tui replay {row.id}{_named(store, db)}"
    raise Refused(f"{said}, {row.ended:%Y-%m-%d %H:%M} UTC. Look at it: {again}")


def _named(store: Store, db: str | None) -> str:
    """How a command names the journal that this one was given; empty for the usual one."""
    return f" --db {shlex.quote(str(store))}" if db else ""


@dataclass(frozen=True, slots=True)
class _Seat:
    """Which guard is asked, and as whom."""

    db: str | None
    run: str | None
    of: str
    name: str

    def socket(self) -> Path:
        """Where it listens. Raises Refused when there is no such run, or nobody lets us in."""
        from pags_tui.wiring.neighbours import find_guard
        from pags_tui.wiring.places import socket_path

        return find_guard(self.of, self.run) if self.of else socket_path(*_where(self.db, self.run))


def _ask(seat: _Seat, ask: Ask, done: str = "done") -> int:
    """Asks the guard once; prints what it said, else `done`. Raises Refused, or Unreachable when no guard answers."""
    from pags_tui.core.events import Actor
    from pags_tui.desk.client import ask_once
    from pags_tui.wiring.clocks import SteadyClock
    from pags_tui.wiring.desks import ask_at
    from pags_tui.wiring.places import user

    if seat.of:
        answer = asyncio.run(ask_once(seat.socket(), Actor(user(), seat.name), SteadyClock(), ask, PATIENCE))
    else:
        answer = ask_at(*_where(seat.db, seat.run), seat.name, ask, PATIENCE)
    return answered(answer, done)


def answered(answer: Accepted, done: str) -> int:
    """Prints what came of an ask, `done` where nothing was said of it; the exit code. Raises Refused."""
    if answer.refused:
        raise Refused(answer.said)
    tell(answer.said or (done if answer.seqs else "nothing to do: it is so already"), err=True)
    return 0


@click.command()
@run_option
@click.option("--web", is_flag=True, help="In a browser: serve the screen as a page, for who follows from a desk.")
@click.option("--host", metavar="ADDRESS", help="With --web: where to listen; default 127.0.0.1.")
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), help="With --web: at which port; default 8000.")
@click.option("--anyone", is_flag=True, help="With --web: other machines may look too. There is no password.")
@click.option("--in-browser", is_flag=True, hidden=True)
@of_option
@as_option
@db_option
def watch(
    run_id: str | None,
    web: bool,
    host: str | None,
    port: int | None,
    anyone: bool,
    in_browser: bool,
    of: str,
    name: str,
    db: str | None,
) -> int:
    """Follow a run on a screen of its own, read-only; in a terminal, or with --web in a browser.

    Exit 4, before any screen, when no run is open.

    \b
    pags-tui watch
    pags-tui watch --run pags-cutover-2026-11-24
    pags-tui watch --web --port 8000
    """
    from pags_tui.core.events import Actor
    from pags_tui.desk.client import SocketDesk
    from pags_tui.wiring.clocks import SteadyClock
    from pags_tui.wiring.desks import desk_at
    from pags_tui.wiring.places import user
    from pags_tui.wiring.screens import warnings

    if web:
        pages = checked(Pages(host or "127.0.0.1", port or 8000, anyone))
        _Seat(db, run_id, of, name).socket() if of else _open(db, run_id)  # says now what would be wrong in each page
        return serve_pages(pages, run_id, of, name, db)
    if host or port or anyone:
        raise click.UsageError("--host, --port and --anyone go with --web.")
    back = f"Nothing depends on this screen. Start it again: pags-tui watch{f' --of {of}' if of else ''}"
    if of:
        desk = SocketDesk(_Seat(db, run_id, of, name).socket(), Actor(user(), name), SteadyClock(), "watch")
        return show(desk, back=back, browser=in_browser)
    store, run = (_where if in_browser else _open)(db, run_id)  # a page goes on when the run ends under it
    return show(desk_at(store, run, name, "watch"), warn=warnings, back=back, browser=in_browser)


@click.command()
@click.argument("phase")
@click.option("--role", default="", metavar="ROLE", help="Sign as this role; default the first one still missing.")
@click.option("--confirm", metavar="PHASE", help="The phase's id, instead of typing it.")
@run_option
@of_option
@as_option
@db_option
def sign(phase: str, role: str, confirm: str | None, run_id: str | None, of: str, name: str, db: str | None) -> int:
    """Sign the checkpoint of PHASE. Shows the evidence first and takes the phase's id, typed.

    \b
    pags-tui sign canary-10
    pags-tui sign canary-10 --role database-lead --confirm canary-10
    """
    from pags_tui.core.decide.asks import Sign

    seat = _Seat(db, run_id, of, name)
    _evidence(_state(seat), phase)
    typed(phase, "sign", confirm, "nothing was signed")
    return _ask(seat, Sign(phase, role))


def _state(seat: _Seat) -> RunState:
    """The run as the journal has it; at somebody else's guard, whose journal is not ours to read, as it tells it."""
    from pags_tui.core.state import fold
    from pags_tui.wiring.journals import open_readonly

    if seat.of:
        from pags_tui.wiring.neighbours import story_of

        return story_of(seat.socket())
    store, run = _where(seat.db, seat.run)
    with open_readonly(store) as reader:
        return fold(reader.events(run))


def _evidence(state: RunState, phase: str) -> None:
    """What stands under the checkpoint now, a line a step."""
    try:
        found = state.runbook.phase(phase)
    except KeyError:
        names = ", ".join(one.id for one in state.runbook.phases if one.checkpoint)
        raise Refused(f"There is no phase '{phase}'. Checkpoints: {names}.") from None
    for step in found.all_steps:
        outcome = state.step(step.id).outcome or "open"
        gate = state.gate_states.get(step.id, "")
        tell(f"{outcome:<9} {gate:<9} {step.text}", err=True)


@click.command()
@click.argument("reason", default="")
@run_option
@of_option
@as_option
@db_option
def hold(reason: str, run_id: str | None, of: str, name: str, db: str | None) -> int:
    """Stop the T-clock, with or without a REASON.

    \b
    pags-tui hold
    pags-tui hold "the queue backs up"
    """
    from pags_tui.core.decide.asks import HoldClock

    return _ask(_Seat(db, run_id, of, name), HoldClock(reason))


@click.command()
@click.argument("text")
@run_option
@of_option
@as_option
@db_option
def note(text: str, run_id: str | None, of: str, name: str, db: str | None) -> int:
    """Add a note to the run's log.

    \b
    pags-tui note "consumer of the mail queue restarted"
    """
    from pags_tui.core.decide.asks import AddNote

    return _ask(_Seat(db, run_id, of, name), AddNote(text))


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False, shell_complete=known_runs)
@click.option("--outcome", type=click.Choice(["done", "abandoned"]), required=True)
@click.option("--note", "text", default="", help="Why.")
@as_option
@db_option
def end(run_id: str | None, outcome: str, text: str, name: str, db: str | None) -> int:
    """Close a run; its guard ends with it. Exit 4 when it was closed before.

    Where no guard lives it is closed all the same.

    \b
    pags-tui end --outcome done
    pags-tui end --outcome abandoned --note "moved to Thursday"
    """
    from pags_tui.core.decide.asks import EndRun

    store, run = _open(db, run_id)
    ask = EndRun("done" if outcome == "done" else "abandoned", text)
    return asked_or_alone(store, run, name, ask, f"{run} ended as {outcome}")


def asked_or_alone(store: Store, run: str, name: str, ask: EndRun | Resolve | Reopen, done: str) -> int:
    """Asks the guard; where none lives it is journaled here. Raises Refused, and Unreachable when a guard is mute."""
    from pags_tui.wiring.alone import ask_alone, guard_lives
    from pags_tui.wiring.desks import ask_at

    lives = guard_lives(store, run)
    answer = ask_at(store, run, name, ask, PATIENCE) if lives else ask_alone(store, run, name, ask)
    return answered(answer, done)
