"""Asks that write flags, or decide about a write. Every answer to a write ask begins with the intent to journal."""

from __future__ import annotations

import json
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.conditions import show_flag_value
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.blockers import forward_blockers
from pags_tui.core.decide.view import View, find_step, touch
from pags_tui.core.errors import Refused
from pags_tui.core.events import Fact, FlagAsked, Move
from pags_tui.core.plan.progress import applies, changes_of, missing_flags
from pags_tui.core.plan.rollback import same
from pags_tui.core.runbook import Step
from pags_tui.core.series import FlagValue
from pags_tui.core.state import Change, RunState

ROLLBACK_WORD = "rollback"
RESTORE_WORD = "restore"
UNNAMED = "Rollback"
"""The title of a rollback that was confirmed without one."""


def decide_flags(ask: a.FlagAsk, view: View) -> tuple[Fact, ...]:
    """The facts that the ask leads to; intents first. Raises Refused with the next move."""
    match ask:
        case a.RollBack():
            return _roll_back(ask, view)
        case a.SetFlags():
            return _set(ask, view)
        case a.RestoreFlags():
            return _restore(ask, view)
        case a.SetOneFlag():
            return _set_one(ask, view)
        case a.ReadBack():
            return _read_back(ask, view)
        case a.SettleChange():
            return _settle(ask, view)
        case a.AcceptDrift():
            return _accept(ask, view)
        case a.ReadFlags():
            return ()
        case _:
            assert_never(ask)


# ---------------------------------------------------------------- forward


def _set(ask: a.SetFlags, view: View) -> tuple[Fact, ...]:
    """A forward change: the lead's, typed, with nothing in the way and nobody's change in between."""
    view.must_be_open()
    view.must_lead("move traffic or any other flag")
    step = find_step(view.state, ask.step)
    _may_be_set(view, step)
    missing = missing_flags(view.state, step)
    if not missing:
        raise Refused(f"'{step.text}' is done: every flag of it is verified.")
    if ask.typed != (wanted := typed_for(view.state, step)):
        raise Refused(f"Type {wanted} to confirm; '{ask.typed}' changes nothing.")
    if found := forward_blockers(view, step):
        more = f" (and {len(found) - 3} more: w lists them)" if len(found) > 3 else ""
        raise Refused(f"Not yet: {'; '.join(b.text for b in found[:3])}{more}.")
    _unchanged(ask, view, missing)
    entering = touch(view.state, step)
    if any(isinstance(fact, e.HoldBegan) for fact in entering):
        raise Refused("Its phase begins with a hold built into the runbook: wait until T reaches it, then resume.")
    return (*entering, next_forward(view, step, missing[0]))


def _may_be_set(view: View, step: Step) -> None:
    if step.section == "rollback":
        raise Refused(f"'{step.text}' belongs to a rollback: open its plan (F9).")
    if not step.written or not applies(view.state, step):
        raise Refused(f"'{step.text}' is worked by hand: do it, then tick it.")
    if view.state.step(step.id).settled:
        outcome = view.state.step(step.id).outcome
        raise Refused(f"'{step.text}' is {outcome} already. To do it again, recycle to before it.")


def typed_for(state: RunState, step: Step) -> str:
    """What confirms the step: the new value of the one flag that it changes now, the target's name for several."""
    changing = missing_flags(state, step) or tuple(step.set)
    if len(changing) == 1:
        return show_flag_value(step.set[changing[0]])
    return state.run.target if state.run else state.runbook.target


def _unchanged(ask: a.SetFlags, view: View, missing: tuple[str, ...]) -> None:
    seen = dict(ask.seen)
    for key in missing:
        service = view.state.runbook.flag_service(key)
        if service is not None and not service.reads_back:
            continue  # it can never be read: the write will be unverified, and the lead decides
        reading = view.flags.get(key)
        if reading is None or reading.value is None:
            why = reading.failed if reading else "it was not read"
            raise Refused(f"{key} cannot be read just now ({why}): nothing was written.")
        if key in seen and not same(seen[key], reading.value):
            was, now = show(seen[key]), show(reading.value)
            raise Refused(f"{key} is {now} now, not {was} as you saw it: somebody changed it. Nothing was written.")


def show(value: FlagValue | None) -> str:
    """A flag's value as the screens write it."""
    return "not read" if value is None else show_flag_value(value)


def unlike(found: FlagValue, value: FlagValue) -> str:
    """Theirs against ours. What looks alike and is not (a text of digits, 0 for false) stands as JSON writes it."""
    theirs, ours = show(found), show(value)
    if theirs == ours:
        theirs, ours = json.dumps(found, ensure_ascii=False), json.dumps(value, ensure_ascii=False)
    return f"the service says {theirs}, not {ours}"


def next_forward(view: View, step: Step, key: str) -> FlagAsked:
    """The intent for one flag of the step."""
    reading = view.flags.get(key)
    before = reading.value if reading else view.state.flag(key).expected
    return FlagAsked(next_number(view.state), key, step.set[key], before, "forward", step.id)


def next_number(state: RunState) -> int:
    """The number of the next change."""
    return len(state.changes) + 1


# ---------------------------------------------------------------- back


def _roll_back(ask: a.RollBack, view: View) -> tuple[Fact, ...]:
    """Anyone's, at any time. What a running rollback still owes is kept."""
    if ask.word != ROLLBACK_WORD:
        raise Refused(f"Type {ROLLBACK_WORD} to run it; '{ask.word}' changes nothing.")
    for move in ask.moves:
        _must_lead_back(view.state, move)
    return confirm_rollback(view.state, ask.moves, ask.title, ask.cause)


def _must_lead_back(state: RunState, move: Move) -> None:
    """A rollback waits for no gate, so it may only write what a way back names, or what the flag was before."""
    if move.flag not in state.runbook.flags:
        raise Refused(f"There is no flag '{move.flag}' in this runbook. Take it out of the plan, or do it by hand.")
    options = state.runbook.rollback.every_option if state.runbook.rollback else ()
    named = [step.set[move.flag] for option in options for step in option.steps if move.flag in step.set]
    if not any(same(move.value, value) for value in (*named, *earlier_values(state, move.flag))):
        raise Refused(f"No way back sets {move.flag} to {show(move.value)}, and it never was that in this run.")


def confirm_rollback(state: RunState, moves: tuple[Move, ...], title: str, cause: str) -> tuple[Fact, ...]:
    """The facts of a confirmed rollback: the order itself, and T held. Raises Refused when there is nothing to do.

    Of several moves of one flag the last one holds. What a running rollback has to do is taken over whole.
    """
    if not moves:
        raise Refused("Nothing is chosen to roll back.")
    running = state.rollback.moves if state.rolling_back and state.rollback else ()
    last = {move.flag: move for move in moves}
    moves = tuple(move for move in moves if move is last[move.flag])
    if all(any(_alike(move, one) for one in running) for move in moves):
        return ()
    chosen = {move.flag for move in moves}
    moves = (*moves, *(move for move in running if move.flag not in chosen))
    number, parallel = len(state.rollbacks) + 1, _parallel(state, moves)
    confirmed = e.RollbackConfirmed(number, title or UNNAMED, moves, cause, parallel)
    counting = (e.CountdownEnded("rollback", "confirmed by hand"),) if state.countdown else ()
    hold = () if state.hold else (e.HoldBegan("rolling back", "rollback"),)
    return (*counting, confirmed, *hold)


def _alike(move: Move, other: Move) -> bool:
    return move.flag == other.flag and same(move.value, other.value)


def _parallel(state: RunState, moves: tuple[Move, ...]) -> tuple[str, ...]:
    """The steps among the moves whose flags go together."""
    together = {step.id for step in state.runbook.rollback_steps if step.parallel}
    return tuple(step for step in dict.fromkeys(move.step for move in moves) if step in together)


def _restore(ask: a.RestoreFlags, view: View) -> tuple[Fact, ...]:
    step = find_step(view.state, ask.step)
    if ask.typed != RESTORE_WORD:
        raise Refused(f"Type {RESTORE_WORD} to confirm; '{ask.typed}' changes nothing.")
    undo = {c.flag: c.before for c in reversed(changes_of(view.state, step)) if c.may_have_acted}
    moves = tuple(Move(flag, before, "") for flag, before in undo.items() if before is not None)
    return confirm_rollback(view.state, moves, f"Restore what '{step.text}' changed", "restored by hand")


def _set_one(ask: a.SetOneFlag, view: View) -> tuple[Fact, ...]:
    if ask.flag not in view.state.runbook.flags:
        raise Refused(f"There is no flag '{ask.flag}' in this runbook.")
    if not any(same(ask.value, value) for value in earlier_values(view.state, ask.flag)):
        raise Refused(f"{ask.flag} never was {show(ask.value)} in this run: only earlier values can be set by hand.")
    if ask.typed != show(ask.value):
        raise Refused(f"Type {show(ask.value)} to confirm; '{ask.typed}' changes nothing.")
    if not ask.reason.strip():
        raise Refused("Setting one flag by hand needs a reason.")
    if view.state.rolling_back:
        raise Refused("A rollback is running: it writes the flags until it is finished.")
    known, number = view.state.flag(ask.flag), next_number(view.state)
    asked = FlagAsked(number, ask.flag, ask.value, known.seen, "restore", reason=ask.reason.strip())
    # It is one of the ways back, and a way back holds T; what somebody else moved goes back to where this run stands.
    stays = view.state.hold is not None or same(ask.value, known.expected)
    return (asked,) if stays else (asked, e.HoldBegan(f"{ask.flag} goes back to {show(ask.value)}", "rollback"))


def earlier_values(state: RunState, flag: str) -> tuple[FlagValue, ...]:
    """Every value that the flag had in this run or before it, newest first."""
    known = state.flag(flag)
    rest = [value for value in (known.expected, known.first) if value is not None]
    unique: list[FlagValue] = []
    for value in (*(then.value for then in reversed(known.history)), *rest):
        if not any(same(value, one) for one in unique):
            unique.append(value)
    return tuple(unique)


# ---------------------------------------------------------------- what is owed


def find_change(state: RunState, number: int) -> Change:
    """The owed change of that number. Raises Refused when there is none."""
    change = state.changes.get(number)
    if change is None or not change.owed:
        raise Refused("That change is settled already.")
    return change


def _read_back(ask: a.ReadBack, view: View) -> tuple[Fact, ...]:
    change = find_change(view.state, ask.change)
    reading = view.flags.get(change.flag)
    if reading is None or reading.value is None:
        raise Refused(
            f"{change.flag} cannot be read ({reading.failed if reading else 'not asked'}). Try again, or decide."
        )
    return (read_back_fact(change, reading.value),)


def read_back_fact(change: Change, found: FlagValue) -> e.FlagAnswered:
    """What a read-back says of a change."""
    if same(change.value, found):
        return e.FlagAnswered(change.number, "verified", found, "read back")
    return e.FlagAnswered(change.number, "mismatch", found, unlike(found, change.value))


def _settle(ask: a.SettleChange, view: View) -> tuple[Fact, ...]:
    view.must_lead("decide about a change that is not verified")
    change = find_change(view.state, ask.change)
    if not ask.reason.strip():
        raise Refused("Deciding about a change that is not verified needs a reason.")
    if ask.how == "accepted" and change.result == "mismatch":
        raise Refused(f"{change.flag} reads {show(change.found)}: it cannot be taken as {show(change.value)}.")
    return (e.FlagSettled(change.number, ask.how, None, ask.reason.strip()),)


def _accept(ask: a.AcceptDrift, view: View) -> tuple[Fact, ...]:
    view.must_lead("accept somebody else's change")
    drift = view.state.flag(ask.flag).drift
    if drift is None:
        return ()
    if not same(drift, ask.value):
        raise Refused(f"{ask.flag} is {show(drift)} now, not {show(ask.value)} as you saw it.")
    return (e.DriftAccepted(ask.flag, ask.value, ask.reason.strip()),)
