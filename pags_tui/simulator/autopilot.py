"""A lead that never sleeps, for a night without a terminal: ticks, signs, confirms, and rolls back when it must.

It sees what any screen sees and asks what any operator asks; it has no other way in.
"""

from __future__ import annotations

from collections.abc import Iterator

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.decide import View
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.blockers import forward_blockers, sign_blockers
from pags_tui.core.decide.flags import ROLLBACK_WORD, typed_for
from pags_tui.core.decide.view import find_step
from pags_tui.core.events import Move
from pags_tui.core.plan.progress import applies, current_phase, due_at, is_signed, lateness, missing_flags
from pags_tui.core.plan.rollback import option_plan
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import Seconds
from pags_tui.core.state import Change, RunState

PATIENCE: Seconds = 45 * 60.0
"""How late a phase may be before the lead rolls back by hand."""


def next_ask(view: View) -> a.Ask | None:
    """What the lead asks for now; None: wait."""
    state = view.state
    if state.ended or state.rolling_back or state.countdown:
        return None
    if state.rollback and state.observing:
        return None
    if state.band:
        return roll_back(state, f"trigger {', '.join(state.band)}")
    if state.owed:
        return _owed(state.owed[0])
    for key, flag in state.flags.items():
        if flag.drift is not None:
            return a.AcceptDrift(key, flag.drift, "as found")
    if state.hold:
        return a.Resume("the hold is over")
    if lateness(state, view.now) > PATIENCE:
        return roll_back(state, "the gates do not settle: the risk exceeds what we tolerate")
    return next(_work(view), None)


def roll_back(state: RunState, cause: str) -> a.Ask | None:
    """The default rollback, confirmed."""
    option = state.runbook.rollback.default if state.runbook.rollback else None
    if option is None:
        return None
    moves = tuple(Move(line.flag, line.after, line.step) for line in option_plan(state, option).lines)
    return a.RollBack(ROLLBACK_WORD, moves, option.title, cause) if moves else None


def _owed(change: Change) -> a.Ask:
    """Read it back; what still is not there was not written, and is given up (to be confirmed anew)."""
    if change.result == "unverified":
        return a.SettleChange(change.number, "accepted", "this service cannot be read back")
    if change.detail.startswith("the service says") or change.result == "mismatch":
        return a.SettleChange(change.number, "given-up", f"read back as {show_flag_value(change.found or False)}")
    return a.ReadBack(change.number)


def _work(view: View) -> Iterator[a.Ask]:
    """What can be done now, in file order."""
    state, t = view.state, view.state.t(view.now)
    current = current_phase(state)
    for phase in state.runbook.phases:
        if t is None or phase.at > t:
            return
        yield from _steps(view, phase, t)
        if phase.checkpoint and not is_signed(state, phase):
            if not sign_blockers(view, phase) and t >= (phase.checkpoint.at or phase.at):
                yield a.Sign(phase.id)
            if current is not None and phase.id == current.id:
                return


def _steps(view: View, phase: Phase, t: Seconds) -> Iterator[a.Ask]:
    for step in phase.all_steps:
        if view.state.step(step.id).outcome is not None or not applies(view.state, step) or due_at(phase, step) > t:
            continue
        if step.set and step.written:
            if not forward_blockers(view, step):
                yield _set(view.state, step)
        elif view.gate_ok(step):
            yield a.Resolve(step.id, value="noted" if step.capture else "")


def _set(state: RunState, step: Step) -> a.Ask:
    seen = tuple((key, state.flag(key).seen) for key in missing_flags(state, find_step(state, step.id)))
    return a.SetFlags(step.id, typed_for(state, step), seen)
