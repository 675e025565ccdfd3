"""Warns of plans that do not hang together: times out of order, changes without a way back, or one nobody checks."""

from __future__ import annotations

from collections.abc import Iterator

from pags_tui.core.conditions import FlagCondition
from pags_tui.core.runbook.draft import Finding
from pags_tui.core.runbook.lints.uses import warn, written
from pags_tui.core.runbook.model import Runbook
from pags_tui.core.runbook.steps import Step
from pags_tui.core.units import show_offset


def plan_lints(runbook: Runbook) -> Iterator[Finding]:
    """All warnings about the plan."""
    yield from _times(runbook)
    yield from _flags(runbook)
    yield from _noted_again(runbook)
    yield from _way_back(runbook)


def _times(runbook: Runbook) -> Iterator[Finding]:
    latest = None
    for phase in runbook.phases:
        path = (*phase.path, "at")
        if latest is not None and phase.at < latest and not phase.follows:
            message = (
                f"{show_offset(phase.at)} is before the phase above it, {show_offset(latest)}; write phases in order"
            )
            yield warn(path, "time-order", message)
        latest = phase.at if latest is None else max(latest, phase.at)
        if phase.checkpoint and phase.checkpoint.at is not None and phase.checkpoint.at < phase.at:
            yield warn((*phase.path, "checkpoint", "at"), "time-order", "the checkpoint is due before its phase begins")
        for step in phase.all_steps:
            if step.at is not None and step.at < phase.at:
                yield warn((*step.path, "at"), "time-order", "the step is due before its phase begins")
        if runbook.window and not runbook.window[0] <= phase.at <= runbook.window[1]:
            yield warn(path, "outside-window", f"{show_offset(phase.at)} is outside the change window")
        if not phase.all_steps and not (phase.monitor and phase.monitor.period) and not phase.hold:
            yield warn(phase.path, "empty-phase", f"nothing is done in {phase.id}; add `steps`, or leave it out")


def _flags(runbook: Runbook) -> Iterator[Finding]:
    used = {key for step in runbook.steps for key in (*step.set, *step.stage)} | {runbook.traffic}
    used |= {one.condition.key for one in written(runbook) if isinstance(one.condition, FlagCondition)}
    seen: dict[tuple[str, str], str] = {}
    for flag in runbook.flags.values():
        if flag.before is None:
            message = (
                f"the value of {flag.key} before the night is not written; add `before`, so that another one is noticed"
            )
            yield warn(flag.path, "no-before", message, at_key=True)
        if flag.key not in used:
            yield warn(
                flag.path, "unused-flag", f"nothing sets or asks {flag.key}; use it or leave it out", at_key=True
            )
        if flag.env and (other := seen.setdefault((flag.service, flag.env), flag.key)) != flag.key:
            yield warn((*flag.path, "env"), "env-twice", f"{flag.env} is the environment name of {other} too")


def _noted_again(runbook: Runbook) -> Iterator[Finding]:
    """A `foreach` repeats the line: every round writes the same name anew."""
    first: dict[str, Step] = {}
    for step in runbook.steps:
        if step.capture and first.setdefault(step.capture, step) is not step:
            message = f"every round notes {step.capture} anew, and the last one stands; name the round in it"
            yield warn((*step.path, "capture"), "captured-again", message)


def _way_back(runbook: Runbook) -> Iterator[Finding]:
    changes = [step for step in runbook.phase_steps if step.set]
    back = runbook.rollback
    if changes and not (back and back.every_option):
        message = "this changes flags, and there is no [rollback]; add one, so that F9 has something to do"
        yield warn((*changes[0].path, "set"), "no-way-back", message)
        return
    if back is None:
        return
    default = back.default
    if any(armed.mode == "countdown" for armed in back.armed) and not (default and default.flags):
        message = "a countdown performs the default rollback's `set` steps, and there are none: it will only ask"
        yield warn(("rollback",), "countdown-asks", message)
    if default and default.flags and default.checkpoint is None:
        message = "nothing says how we know that the rollback worked; add [rollback.checkpoint]"
        yield warn(("rollback",), "rollback-unchecked", message)
    moved = runbook.traffic and any(runbook.traffic in step.set for step in changes)
    if moved and default and default.flags and runbook.traffic not in default.flags:
        message = f"the rollback leaves the traffic where it is: it does not set {runbook.traffic}"
        yield warn(("rollback",), "traffic-stays", message)
