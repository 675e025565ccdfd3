"""Why can't I go on? Everything that stands before a forward change or a signature, and the key that clears it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.decide.view import View
from pags_tui.core.plan.polls import against
from pags_tui.core.plan.progress import (
    applies,
    blocking_steps,
    current_phase,
    missing_signatures,
    monitor_clock,
    open_steps,
    overdue_monitor_steps,
)
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.state import RunState
from pags_tui.core.units import show_clock


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing in the way."""

    text: str
    key: str
    """Id of the key (in the key table) that clears it, or empty."""
    step: str = ""
    """The step or gate that it is about."""


def next_change(view: View) -> Step | None:
    """The next step in the file that writes flags and is not resolved; nobody waits for an optional one."""
    state = view.state
    steps = (s for s in state.runbook.phase_steps if s.written and not s.optional and applies(state, s))
    return next((step for step in steps if not state.step(step.id).settled), None)


def forward_blockers(view: View, step: Step) -> tuple[Blocker, ...]:
    """Everything before a forward change of that step."""
    return (*standing(view), *_each_once(_earlier_work(view, step), _gates_before(view, step)))


def sign_blockers(view: View, phase: Phase) -> tuple[Blocker, ...]:
    """Everything before a signature under that phase's checkpoint."""
    return (*_each_once(_open_work(view, phase), _gates_of(view, phase)), *_period(view, phase))


def _each_once(work: Iterable[Blocker], gates: Iterable[Blocker]) -> Iterator[Blocker]:
    """Work, and the gates that it does not speak of: an open step says itself what its gate waits for."""
    told = set()
    for one in work:
        told.add(one.step if one.key != "outcome" else "")
        yield one
    yield from (gate for gate in gates if gate.step not in told)


def all_blockers(view: View) -> tuple[Blocker, ...]:
    """What the run waits for now: before the next flag change, else before the next checkpoint or the end."""
    if (step := next_change(view)) is not None:
        return forward_blockers(view, step)
    phase = current_phase(view.state)
    if phase is None:
        return tuple(_open(view, left) for left in overdue_monitor_steps(view.state, view.now))
    return (*standing(view), *sign_blockers(view, phase), *_signatures(view, phase))


# ---------------------------------------------------------------- what stands in the way of anything


def standing(view: View) -> Iterator[Blocker]:
    """What stops every forward change, and the next flag of one under way."""
    state = view.state
    if state.rolling_back:
        yield Blocker("a rollback is running", "rollback")
    if state.hold:
        yield Blocker(f"T is held: {state.hold.reason or 'no reason given'}", "hold")
    if state.countdown:
        yield Blocker(f"a rollback counts down for {', '.join(state.countdown.triggers)}", "veto")
    for role in against(state):
        yield Blocker(f"{_titled(state, role)} says no-go in the poll", "poll")
    for trigger in state.runbook.triggers:
        if _fires(view, trigger) and not (state.countdown and trigger in state.countdown.triggers):
            yield Blocker(f"the trigger {trigger} fires", "veto" if trigger in state.band else "", trigger)
    for change in state.owed:
        value = show_flag_value(change.value)
        yield Blocker(f"the change of {change.flag} to {value} is {change.result or 'not answered'}", "owed")
    for key, flag in state.flags.items():
        if flag.drift is not None:
            was = "not known" if flag.expected is None else show_flag_value(flag.expected)
            yield Blocker(f"{key} is {show_flag_value(flag.drift)}, which nobody here set (it was {was})", "drift")


def _titled(state: RunState, role: str) -> str:
    return state.runbook.roles[role].title if role in state.runbook.roles else "the lead"


def _fires(view: View, trigger: str) -> bool:
    """It fires by the journal or by the last tick, whether or not it may act."""
    verdict = view.triggers.get(trigger)
    return view.state.firing(trigger).fired is not None or (verdict is not None and verdict.state == "firing")


# ---------------------------------------------------------------- what stands before a flag change


def _earlier_work(view: View, step: Step) -> Iterator[Blocker]:
    state = view.state
    own = state.runbook.phase_of(step.id)
    for phase in state.runbook.phases:
        mine = own is not None and phase.id == own.id
        before = {earlier.id for earlier in _before(phase, step)} if mine else None
        for earlier in open_steps(state, blocking_steps(state, phase)):
            if before is None or earlier.id in before:
                yield _open(view, earlier)
        if mine:
            return
        yield from _signatures(view, phase)


def _open(view: View, step: Step) -> Blocker:
    outcome = view.state.step(step.id).outcome
    if outcome:
        return Blocker(f"'{step.text}' is {outcome}: waive it by name, or open it again", "outcome", step.id)
    if not view.gate_ok(step):
        return Blocker(f"'{step.text}' is open; {view.gate_words(step)}", _over(step), step.id)
    key = "act" if step.written and step.set else "tick"
    return Blocker(f"'{step.text}' is open", key, step.id)


def _over(step: Step) -> str:
    """The key that goes round a gate; a hard one is waited for."""
    return "" if step.hard else "override"


def _signatures(view: View, phase: Phase) -> Iterator[Blocker]:
    missing = missing_signatures(view.state, phase)
    if missing:
        yield Blocker(f"the checkpoint of '{phase.title}' is not signed by {', '.join(missing)}", "sign")


def _gates_before(view: View, step: Step) -> Iterator[Blocker]:
    """Gates of the last checkpoint and of the earlier steps of its own phase; open monitors only when they fail."""
    state = view.state
    own = state.runbook.phase_of(step.id)
    last: Phase | None = None
    for phase in state.runbook.phases:
        if own is not None and phase.id == own.id:
            break
        last = phase if phase.checkpoint else last
        if phase.monitor and not phase.checkpoint:
            yield from _failing(view, phase.monitor.steps)
    for gated in (*(last.checkpoint.steps if last and last.checkpoint else ()), *_before(own, step)):
        if not view.gate_ok(gated) and _counts(view, gated):
            yield Blocker(f"'{gated.text}' is {view.gate_words(gated)}", _over(gated), gated.id)


def _before(phase: Phase | None, step: Step) -> tuple[Step, ...]:
    steps = phase.all_steps if phase else ()
    ids = [one.id for one in steps]
    return steps[: ids.index(step.id)] if step.id in ids else ()


def _counts(view: View, step: Step) -> bool:
    """A gate counts whatever became of its step: only an override goes round it. An optional one left open does not."""
    return applies(view.state, step) and not (step.optional and view.state.step(step.id).outcome is None)


def failing_gates(view: View, steps: tuple[Step, ...]) -> Iterator[Step]:
    """Those of the steps whose gate fails and is not overridden."""
    for step in steps:
        verdict = view.gates.get(step.id)
        if verdict is not None and verdict.state == "fail" and not view.gate_ok(step) and _counts(view, step):
            yield step


def _failing(view: View, steps: tuple[Step, ...]) -> Iterator[Blocker]:
    for step in failing_gates(view, steps):
        yield Blocker(f"'{step.text}' is {view.gate_words(step)}", _over(step), step.id)


# ---------------------------------------------------------------- what stands before a signature


def _open_work(view: View, phase: Phase) -> Iterator[Blocker]:
    for step in open_steps(view.state, blocking_steps(view.state, phase)):
        yield _open(view, step)


def _gates_of(view: View, phase: Phase) -> Iterator[Blocker]:
    for step in phase.all_steps if phase.checkpoint else ():
        if not view.gate_ok(step) and _counts(view, step):
            yield Blocker(f"'{step.text}' is {view.gate_words(step)}", _over(step), step.id)


def _period(view: View, phase: Phase) -> Iterator[Blocker]:
    clock = monitor_clock(view.state, phase, view.now)
    if phase.checkpoint and not clock.over:
        left = show_clock(clock.of - clock.elapsed)
        yield Blocker(f"the monitor period of '{phase.title}' runs for another {left}", "")
