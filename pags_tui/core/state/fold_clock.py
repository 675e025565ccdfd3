"""The facts about T, folded."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.runbook import Phase
from pags_tui.core.series import Seconds
from pags_tui.core.state.draft import Draft, add, put
from pags_tui.core.state.parts import Hold, Signature, StepState, TClock

NEVER = float("-inf")


def fold_clock(draft: Draft, event: e.Event, fact: e.ClockFact) -> None:
    """T, and the phases that it reached."""
    match fact:
        case e.TZeroSet():
            draft.clock = TClock(fact.t0, 0.0, running=True)
            draft.t0, draft.t0_first = fact.t0, draft.t0_first or fact.t0
            if draft.hold:
                _stand(draft, event)
        case e.HoldBegan():
            _stand(draft, event)
            draft.hold = draft.hold or Hold(event.at, fact.cause, fact.reason, event.by)
        case e.HoldExplained():
            draft.hold = draft.hold and replace(draft.hold, reason=fact.reason)
        case e.Resumed():
            draft.held += (event.at - draft.hold.since).total_seconds() if draft.hold else 0.0
            draft.clock = draft.clock and TClock(event.at, draft.clock.read(event.at), running=True)
            if draft.hold:
                draft.past_holds = add(draft.past_holds, (draft.hold, event.at))
            draft.hold, draft.observing = None, False
        case e.Recycled():
            _recycle(draft, event, fact)
        case e.PhaseEntered():
            draft.entered = put(draft.entered, fact.phase, event.at)
            draft.ever_entered = draft.ever_entered | {fact.phase}
            t = draft.t(event.at)
            draft.entered_t = draft.entered_t if t is None else put(draft.entered_t, fact.phase, t)
        case _:
            assert_never(fact)


def _stand(draft: Draft, event: e.Event) -> None:
    """T stands still from this event on."""
    draft.clock = draft.clock and TClock(event.at, draft.clock.read(event.at), running=False)


def _recycle(draft: Draft, event: e.Event, fact: e.Recycled) -> None:
    """T is set back. What is due later, or was done later, is open again; flags and trigger clocks stay."""
    _keep_no_return(draft)
    draft.clock = TClock(event.at, fact.t, running=draft.hold is None)
    draft.recycles = add(draft.recycles, (event.seq, fact.t))
    draft.observing = False
    steps, entered, times = dict(draft.steps), dict(draft.entered), dict(draft.entered_t)
    for phase in draft.runbook.phases:
        if phase.at >= fact.t or (phase.follows and times.get(phase.id, NEVER) >= fact.t):
            entered.pop(phase.id, None)
            times.pop(phase.id, None)
        for step in phase.all_steps:
            if _due(phase, step.section == "checkpoint") >= fact.t or _later(steps.get(step.id), fact.t):
                steps[step.id] = StepState(reopened=event.seq)
        _reopen_checkpoint(draft, phase, fact.t)
    for step in draft.runbook.success_steps:
        if _later(steps.get(step.id), fact.t):
            steps[step.id] = StepState(reopened=event.seq)
    draft.steps, draft.entered, draft.entered_t = steps, entered, times


def _keep_no_return(draft: Draft) -> None:
    """What has passed a point of no return has passed it, whatever T says."""
    passed = {
        step.id
        for step in draft.runbook.phase_steps
        if step.point_of_no_return and draft.step(step.id).outcome == "passed"
    }
    draft.no_return = draft.no_return | passed


def _due(phase: Phase, in_checkpoint: bool) -> Seconds:
    at = phase.checkpoint.at if in_checkpoint and phase.checkpoint else None
    return phase.at if at is None else at


def _later(done: StepState | Signature | None, t: Seconds) -> bool:
    """It was given at that T or later."""
    return done is not None and done.t is not None and done.t >= t


def _reopen_checkpoint(draft: Draft, phase: Phase, t: Seconds) -> None:
    signed = draft.signatures.get(phase.id, ())
    gone = tuple(s for s in signed if _due(phase, True) >= t or _later(s, t))
    if gone:
        draft.signatures = put(draft.signatures, phase.id, tuple(s for s in signed if s not in gone))
        for signature in gone:
            draft.past_signatures = add(draft.past_signatures, (phase.id, signature))
