"""When an override covers what its gate says, and why it does no more. Decides nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pags_tui.core.gates import GateState, GateVerdict
from pags_tui.core.state import Override, RunState
from pags_tui.core.triggers import TriggerVerdict

Triggers = Mapping[str, TriggerVerdict]


def why_over(given: Override, verdict: GateVerdict, state: RunState, triggers: Triggers, now: datetime) -> str:
    """Why the override covers the verdict no more; empty while it does.

    It covers its own verdict and better ones, for its time or until the next forward change is verified. Of a `fail`
    it covers only a value no worse than the one named, not one that comes after a pass, and none while a trigger on
    that metric is pending or firing.
    """
    return next(_reasons(given, verdict, state, triggers, now), "")


def _reasons(
    given: Override, verdict: GateVerdict, state: RunState, triggers: Triggers, now: datetime
) -> Iterator[str]:
    if now >= given.until:
        yield "its time is over"
    if _gone_forward(given, state):
        yield "the next forward change is verified"
    if verdict.state.rank > GateState(given.state).rank:
        yield f"{verdict.state} is worse than the {given.state} that was overridden: {verdict.reason}"
    if verdict.state is not GateState.FAIL:
        return
    if given.passed:
        yield f"the gate passed, and fails again: {verdict.reason}"
    if given.metric not in (None, verdict.metric) or not verdict.no_worse_than(given.value):
        yield f"worse than what was overridden: {verdict.reason}"
    if busy := busy_trigger(verdict, triggers):
        yield f"the trigger {busy} on the same metric is {triggers[busy].state}"


def _gone_forward(given: Override, state: RunState) -> bool:
    """A forward change was verified, or taken on trust, after the override was given."""
    return any(change.purpose == "forward" and change.held_seq > given.seq for change in state.changes.values())


def busy_trigger(verdict: GateVerdict, triggers: Triggers) -> str:
    """The first trigger on a metric that fails the gate which is pending or firing; empty: none is."""
    failing = {part.metric for part in verdict.parts if part.state is GateState.FAIL and part.metric}
    for name, trigger in triggers.items():
        if failing & trigger.metrics and {trigger.state, trigger.now} & {"pending", "firing"}:
            return name
    return ""
