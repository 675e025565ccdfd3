"""`follow-ups`: what is left to do after the night, and ticking it off; in a run that was closed as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pags_tui.cli.common import as_option, db_option, json_option, known_runs, print_json, stamp, tell
from pags_tui.cli.seats import asked_or_alone
from pags_tui.core.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from pags_tui.core.events import Outcome
    from pags_tui.core.runbook import Step
    from pags_tui.core.state import RunState
    from pags_tui.wiring.journals import Store

OUTCOMES = ("passed", "failed", "skipped", "n/a", "waived", "deferred")


@click.command(name="follow-ups")
@click.argument("run_id", metavar="[RUN]", required=False, shell_complete=known_runs)
@click.option("--tick", metavar="ITEM", help="Resolve this one: its id, or how its text begins.")
@click.option("--outcome", type=click.Choice(OUTCOMES), default="passed", show_default=True, help="As what.")
@click.option("--reason", default="", help="Why; needed for every outcome but passed.")
@click.option("--untick", metavar="ITEM", help="Open this one again.")
@as_option
@db_option
@json_option
def follow_ups(
    run_id: str | None, tick: str | None, outcome: Outcome, reason: str, untick: str | None, name: str, db: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """What is left to do after the night, with its deadlines; default the newest run that has some open.

    Each tick is an event of the run, also after it was closed.

    \b
    pags-tui follow-ups
    pags-tui follow-ups --tick "Send success"
    pags-tui follow-ups --tick "Archive" --outcome deferred --reason "after the holidays"
    """
    from pags_tui.core.decide.asks import Reopen, Resolve
    from pags_tui.wiring.clocks import wall

    if tick and untick:
        raise click.UsageError("--tick or --untick, one at a time.")
    store, run, state = _run(db, run_id, wall())
    if tick or untick:
        step = _item(state, tick or untick or "")
        ask = Resolve(step.id, outcome, reason) if tick else Reopen(step.id)
        return asked_or_alone(store, run, name, ask, f"{step.text}: {outcome if tick else 'open again'}")
    groups = list(_groups(state, wall()))
    if as_json:
        print_json({"run": run, "groups": groups})
    else:
        _print(run, groups)
    return 0


def _run(db: str | None, run_id: str | None, now: datetime) -> tuple[Store, str, RunState]:
    """That run; without one the newest that has something left to do, else the newest."""
    from pags_tui.core.plan.afterwards import follow_ups_due
    from pags_tui.core.state import fold
    from pags_tui.wiring.journals import fixed, open_readonly
    from pags_tui.wiring.places import journal_at
    from pags_tui.wiring.runs import find_run

    store = fixed(journal_at(db))
    with open_readonly(store) as reader:
        if run_id is None:
            for row in reader.runs():
                state = fold(reader.events(row.id))
                if follow_ups_due(state, now):
                    return store, row.id, state
        row = find_run(reader, run_id)
        return store, row.id, fold(reader.events(row.id))


def _item(state: RunState, given: str) -> Step:
    """The follow-up of that id or beginning. Raises Refused for none, and for several."""
    steps = state.runbook.follow_up_steps
    found = [step for step in steps if given in (step.id, step.id.rpartition("/")[2])]
    found = found or [step for step in steps if step.text.casefold().startswith(given.casefold())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refused(f"No follow-up is '{given}', or begins so. 'pags-tui follow-ups' lists them.")
    raise Refused(f"Several follow-ups begin with '{given}': {', '.join(repr(step.text) for step in found)}. Say more.")


def _groups(state: RunState, now: datetime) -> list[dict[str, Any]]:
    """Each group with its deadline: null where this ending does not call for it, or no time is written."""
    from pags_tui.core.plan.afterwards import deadlines

    called = {one.group.id: one for one in deadlines(state, now)}
    found = []
    for group in state.runbook.follow_ups:
        one = called.get(group.id)
        was = {step.id: state.step(step.id) for step in group.items}
        items = [
            {"id": step.id, "text": step.text, "outcome": was[step.id].outcome, "reason": was[step.id].reason}
            for step in group.items
        ]
        late = bool(one and one.due and one.open and one.due < now)
        due = stamp(one.due) if one else None
        found.append({"title": group.title, "called_for": one is not None, "due": due, "late": late, "items": items})
    return found


def _print(run: str, groups: list[dict[str, Any]]) -> None:
    if not groups:
        tell(f"{run} has no follow-ups in its runbook.")
    for group in groups:
        due = "no time is written" if group["called_for"] else "not called for yet"
        due = f"due {group['due']}" if group["due"] else due
        tell(f"{group['title']}  ({due}{', LATE' if group['late'] else ''})")
        for item in group["items"]:
            reason = f": {item['reason']}" if item["reason"] else ""
            tell(f"  {item['outcome'] or 'open':<9} {item['text']}{reason}")
