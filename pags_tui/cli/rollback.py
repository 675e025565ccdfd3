"""`rollback`: break-glass. Works with or without an open run, a guard, a journal, a terminal or a metric service."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pags_tui.cli.common import FILE, INCOMPLETE, as_option, db_option, json_option, print_json, read_runbook, tell
from pags_tui.core.errors import PagsError, Refused, said

if TYPE_CHECKING:
    from pags_tui.cli.bad_line import Teller
    from pags_tui.core.events import Actor, Event
    from pags_tui.core.plan.rollback import PlanLine, RollbackPlan
    from pags_tui.core.runbook import Runbook
    from pags_tui.core.series import FlagValue
    from pags_tui.core.state import RunState
    from pags_tui.core.updates import Update
    from pags_tui.wiring.rollback import Ground


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    curl: bool
    probe: bool
    confirm: str | None
    as_json: bool


@click.command()
@click.argument("path", metavar="[RUNBOOK]", required=False, type=FILE)
@click.option("--plan", "only_plan", is_flag=True, help="Print what it would do, and do nothing.")
@click.option("--curl", is_flag=True, help="With --plan: as plain commands, to keep in a second place.")
@click.option("--probe", is_flag=True, help="Prove that writing works: write the present values back.")
@click.option("--option", metavar="NAME", help="Another way back: a named one, as-before, signed:PHASE.")
@click.option("--confirm", metavar="TARGET", help="The target's name, instead of typing it.")
@click.option("--order", is_flag=True, hidden=True, help="What a screen has confirmed comes on stdin.")
@as_option
@db_option
@json_option
def rollback(
    path: str | None,
    only_plan: bool,
    curl: bool,
    probe: bool,
    option: str | None,
    confirm: str | None,
    order: bool,
    name: str,
    db: str | None,
    as_json: bool,
) -> int:
    """Roll back, with or without an open run, without a screen.

    Asks for the target's name. Once confirmed it goes on when the line drops, or hangs. Exit 0 when every flag is
    verified, 5 when not.

    \b
    pags-tui rollback                       the open live run, else runbook.toml
    pags-tui rollback --plan --curl         the same by hand
    pags-tui rollback --confirm production  without a terminal
    """
    from pags_tui.core.events import Actor
    from pags_tui.wiring.places import environment, journal_at, user
    from pags_tui.wiring.rollback import find_ground, plan_of

    if order:
        from pags_tui.cli.ordered import carry_out

        return carry_out(sys.stdin.buffer.read(), journal_at(db), environment())
    _printable()
    book, fault = _runbook(path)
    try:
        ground = find_ground(book, journal_at(db), environment(), named=path is not None)
    except Refused:
        raise fault or Refused("No live run is open: give the runbook, pags-tui rollback RUNBOOK.") from None
    for text in ground.said:
        tell(text, err=True)
    plan = plan_of(ground.state, option)
    wish = Wish(curl, probe, confirm, as_json)
    if only_plan:
        return _plan(ground, plan, wish)
    if probe:
        return asyncio.run(_probe(ground, plan, wish))
    return _roll_back(ground, plan, wish, Actor(user(), name))


def _printable() -> None:
    """What this terminal's encoding cannot show is shown by its number: no text may stop a rollback."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _runbook(path: str | None) -> tuple[Runbook | None, PagsError | None]:
    """The runbook; None, with the reason, when it cannot be used, for then an open run has its own."""
    if path is None and not Path("runbook.toml").exists():
        return None, None
    try:
        return read_runbook(path or "runbook.toml"), None
    except PagsError as error:
        return None, error


# ---------------------------------------------------------------- the plan


def _plan(ground: Ground, plan: RollbackPlan, wish: Wish) -> int:
    from pags_tui.wiring.rollback import plan_of, with_flags_read

    if wish.curl:
        for text in _commands(ground, plan):
            tell(text)
        return 0
    read = asyncio.run(with_flags_read(ground))
    plan = plan_of(read, plan.option or None)
    if wish.as_json:
        print_json(_as_json(ground, plan))
    else:
        _show(ground, plan, read)
    return 0


def _commands(ground: Ground, plan: RollbackPlan) -> list[str]:
    """The plan as lines for a shell."""
    from pags_tui.core.plan.rollback import NOT_NOTED

    found = [f"# {said(plan.title)}, on {said(ground.target)}"]
    found += [_curl(ground, line.flag, line.after) for line in plan.lines]
    for step in plan.manual:
        found.append(f"# by hand: {said(step.text)}")
        if step.command:  # a shell may read it only when it is whole
            found.append(f"# {said(step.command, 1000)}" if NOT_NOTED in step.command else step.command)
    return found


def _curl(ground: Ground, flag: str, value: FlagValue) -> str:
    """The write by hand; a flag that no service writes is a comment."""
    from pags_tui.core.conditions import show_flag_value

    service = ground.services.get(ground.runbook.flags[flag].service)
    try:
        return service.curl(flag, value) if service else f"# by hand: {flag} = {show_flag_value(value)}"
    except PagsError as error:
        return f"# by hand: {flag} = {show_flag_value(value)} ({said(str(error))})"


def _as_json(ground: Ground, plan: RollbackPlan) -> dict[str, Any]:
    return {
        "target": ground.target,
        "run": ground.run,
        "option": plan.option,
        "title": plan.title,
        "flags": [
            {
                "flag": line.flag,
                "step": line.step,
                "now": line.now,
                "after": line.after,
                "already": line.already,
                "curl": _curl(ground, line.flag, line.after),
            }
            for line in plan.lines
        ],
        "manual": [{"step": step.id, "text": step.text, "command": step.command} for step in plan.manual],
        "loses": plan.loses,
        "left": [{"flag": flag, "now": now, "before": before} for flag, now, before in plan.left],
    }


def _show(ground: Ground, plan: RollbackPlan, read: RunState) -> None:
    """The plan as a person reads it; `read`: the state with the flags as they are just now."""
    where = f"run {ground.run}" if ground.run else "no open run"
    tell(f"{said(plan.title)}, on {said(ground.target)} ({where})")
    for number, line in enumerate(plan.lines, 1):
        why = f" ({read.flag(line.flag).failed})" if read.flag(line.flag).failed else ""
        tell(f"{number}/{len(plan.lines)} {_line(line)}{why}")
    for told in _by_hand(plan):
        tell(told)
    if plan.loses:
        tell(f"loses: {said(plan.loses)}")
    for flag, now, before in plan.left:
        tell(f"left alone: {flag} {_shown(now)} (before the night {_shown(before)})")


def _by_hand(plan: RollbackPlan) -> list[str]:
    """What a person still has to do, a line a step."""
    commands = [f": {said(step.command, 1000)}" if step.command else "" for step in plan.manual]
    return [f"by hand: {said(step.text)}{command}" for step, command in zip(plan.manual, commands, strict=True)]


def _line(line: PlanLine) -> str:
    return f"{line.flag} {_shown(line.now)} -> {_shown(line.after)}" + (" (already so)" if line.already else "")


def _shown(value: FlagValue | None) -> str:
    from pags_tui.core.decide.flags import show

    return show(value)


# ---------------------------------------------------------------- doing it


def _roll_back(ground: Ground, plan: RollbackPlan, wish: Wish, me: Actor) -> int:
    from pags_tui.cli.bad_line import Teller, unstoppable
    from pags_tui.core.events import Move
    from pags_tui.wiring.performing import Order, perform
    from pags_tui.wiring.places import environment
    from pags_tui.wiring.rollback import plan_of, with_flags_read

    if not plan.lines:
        _show(ground, plan, ground.state)
        tell("Nothing of it can be written from here: work it by hand.", err=True)
        return INCOMPLETE
    if wish.confirm is None:
        read = asyncio.run(with_flags_read(ground))
        _show(ground, plan_of(read, plan.option or None), read)
    _confirm(ground, wish.confirm, "roll back")
    moves = tuple(Move(line.flag, line.after, line.step) for line in plan.lines)
    with Teller() as teller:
        order = Order(moves, plan.title, me, lambda state, update: _tell(state, update, teller))
        with unstoppable(teller):
            state = asyncio.run(perform(ground, order, environment(), teller.warn))
        return _end(ground, plan, state, teller)


def _confirm(ground: Ground, given: str | None, what: str) -> None:
    """Nothing is written before the target's name is typed, or given."""
    if given is None:
        if sys.stdin is None or not sys.stdin.isatty():
            raise Refused(f"Without a terminal the target's name is given: --confirm {ground.target}.")
        given = click.prompt(f"Type {ground.target} to {what}", err=True, default="", show_default=False)
    if given != ground.target:
        raise Refused(f"'{given}' is not {ground.target}: nothing was written.")


def _tell(state: RunState, update: Update, teller: Teller) -> None:
    """One line for each answer to a write of the rollback."""
    from pags_tui.core.updates import Happened

    for event in update.events if isinstance(update, Happened) else ():
        if line := _answer(state, event):
            teller.say(line)


def _answer(state: RunState, event: Event) -> str:
    """`5/6 mail true -> false verified`; empty for any other event."""
    from pags_tui.core.events import FlagAnswered
    from pags_tui.core.plan.rollback import missing_moves

    if not isinstance(event.fact, FlagAnswered) or state.rollback is None:
        return ""
    change = state.changes[event.fact.change]
    if change.rollback != state.rollback.number:
        return ""
    of = len(state.rollback.moves)
    done = of - len(missing_moves(state, state.rollback))
    detail = "" if change.result == "verified" else f": {change.detail}"
    return f"{done}/{of} {change.flag} {_shown(change.before)} -> {_shown(change.value)} {change.result}{detail}"


def _end(ground: Ground, plan: RollbackPlan, state: RunState, teller: Teller) -> int:
    """The last words: what is missing as commands, and what a person still has to do."""
    from pags_tui.core.plan.rollback import missing_moves

    if state.rollback is None:
        raise PagsError("The rollback cannot be followed any more: look with pags-tui status.")
    of, missing = len(state.rollback.moves), missing_moves(state, state.rollback)
    teller.say(f"{of - len(missing)} of {of} done" + (", the rest by hand:" if missing else "."))
    for move in missing:
        teller.say(_curl(ground, move.flag, move.value))
    for line in _by_hand(plan):
        teller.say(line)
    if missing and ground.run and state.rollback.finished is None:
        teller.warn("The order stands: a guard of this run goes on with it (pags-tui guard), or this command again.")
    return INCOMPLETE if missing else 0


async def _probe(ground: Ground, plan: RollbackPlan, wish: Wish) -> int:
    from pags_tui.wiring.probing import probe

    flags = list(dict.fromkeys(line.flag for line in plan.lines))
    tell(f"The present values of {len(flags)} flags are written back on {ground.target}.", err=True)
    _confirm(ground, wish.confirm, "probe")
    done, number = 0, 0
    async for found in probe(ground, flags):
        number, done = number + 1, done + (not found.failed)
        said = found.failed or "written back and read again"
        tell(f"{number}/{len(flags)} {found.flag} {_shown(found.value)} {said}")
    tell(f"{done} of {len(flags)} can be written.")
    return 0 if done == len(flags) else INCOMPLETE
