"""`rollback`: break-glass. Works with or without an open run, a guard, a journal, a terminal or a metric service."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import (
    FILE,
    INCOMPLETE,
    as_option,
    db_option,
    json_option,
    json_text,
    print_json,
    read_runbook,
    tell,
)
from pags_tui.cli.planned import as_json as plan_as_json
from pags_tui.cli.planned import commands, show, shown
from pags_tui.core.errors import PagsError, Refused

if TYPE_CHECKING:
    from pags_tui.core.events import Actor
    from pags_tui.core.plan.rollback import RollbackPlan
    from pags_tui.core.runbook import Runbook
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
    if (curl and not only_plan) or (probe and only_plan):
        raise click.UsageError(
            "--curl goes with --plan." if curl else "--plan does nothing, --probe writes: choose one."
        )
    _printable()
    book, fault = _runbook(path)
    try:
        ground = find_ground(book, journal_at(db), environment(), named=path is not None)
    except Refused as error:
        raise fault or error from None
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
        for text in commands(ground, plan):
            tell(text)
        return 0
    read = asyncio.run(with_flags_read(ground))
    plan = plan_of(read, plan.option or None)
    if wish.as_json:
        print_json(plan_as_json(ground, plan))
    else:
        show(ground, plan, read)
    return 0


# ---------------------------------------------------------------- doing it


def _roll_back(ground: Ground, plan: RollbackPlan, wish: Wish, me: Actor) -> int:
    from pags_tui.cli.bad_line import Teller, unstoppable
    from pags_tui.cli.progress import Progress, last_words, result
    from pags_tui.core.events import Move
    from pags_tui.wiring.performing import Order, perform
    from pags_tui.wiring.places import environment
    from pags_tui.wiring.rollback import plan_of, with_flags_read

    if not plan.lines:
        show(ground, plan, ground.state)
        tell("Nothing of it can be written from here: work it by hand.", err=True)
        return INCOMPLETE
    if wish.confirm is None:
        read = asyncio.run(with_flags_read(ground))
        show(ground, plan_of(read, plan.option or None), read, err=wish.as_json)
    _confirm(ground, wish.confirm, "roll back")
    moves = tuple(Move(line.flag, line.after, line.step) for line in plan.lines)
    with Teller(aside=wish.as_json) as teller:
        order = Order(moves, plan.title, me, Progress(teller, moves).hear)
        with unstoppable(teller):
            state = asyncio.run(perform(ground, order, environment(), teller.warn))
        code = last_words(ground, plan, moves, state, teller)
        if wish.as_json:
            teller.result(json_text(result(ground, plan, moves, state), indent=2))
        return code


def _confirm(ground: Ground, given: str | None, what: str) -> None:
    """Nothing is written before the target's name is typed, or given."""
    if given is None:
        if sys.stdin is None or not sys.stdin.isatty():
            raise Refused(f"Without a terminal the target's name is given: --confirm {ground.target}.")
        given = click.prompt(f"Type {ground.target} to {what}", err=True, default="", show_default=False)
    if given != ground.target:
        raise Refused(f"'{given}' is not {ground.target}: nothing was written.")


async def _probe(ground: Ground, plan: RollbackPlan, wish: Wish) -> int:
    from pags_tui.wiring.probing import probe

    flags = list(dict.fromkeys(line.flag for line in plan.lines))
    tell(f"The present values of {len(flags)} flags are written back on {ground.target}.", err=True)
    _confirm(ground, wish.confirm, "probe")
    done, rows = 0, []
    async for found in probe(ground, flags):
        done += not found.failed
        rows.append({"flag": found.flag, "value": found.value, "ok": not found.failed, "reason": found.failed or None})
        went = found.failed or "written back and read again"
        tell(f"{len(rows)}/{len(flags)} {found.flag} {shown(found.value)} {went}", err=wish.as_json)
    tell(f"{done} of {len(flags)} can be written.", err=wish.as_json)
    if wish.as_json:
        print_json(rows)
    return 0 if done == len(flags) else INCOMPLETE
