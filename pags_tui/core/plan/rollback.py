"""What a rollback would do now, what it leaves behind, and what of a confirmed one is still missing. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pags_tui.core.conditions import same_value
from pags_tui.core.events import Move
from pags_tui.core.runbook import RollbackOption, Step
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.state import Change, Rollback, RunState

READY_AGE: Seconds = 90.0
"""A read of all flags older than this says nothing about being ready: three of the 30-second reads."""


def same(ours: FlagValue | None, theirs: FlagValue | None) -> bool:
    """Equal by JSON type and value; None (not read) equals only None."""
    if ours is None or theirs is None:
        return ours is theirs
    return same_value(ours, theirs)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One flag of a rollback plan."""

    flag: str
    step: str
    now: FlagValue | None
    """None: not read."""
    after: FlagValue
    already: bool
    """It has that value; it is written all the same only if it moved meanwhile."""
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """What one way back would do."""

    option: str
    """The option's name; empty for the default one."""
    title: str
    lines: tuple[PlanLine, ...]
    manual: tuple[Step, ...]
    """Steps that a person does by hand."""
    left: tuple[tuple[str, FlagValue | None, FlagValue | None], ...]
    """Flags that this run changed and the plan leaves alone: (flag, now, as before the night)."""
    loses: str
    takes: Seconds


def option_plan(state: RunState, option: RollbackOption) -> RollbackPlan:
    """The plan of one option as things stand."""
    lines = tuple(
        _line(state, key, value, step.id, step.parallel)
        for step in option.steps
        for key, value in step.set.items()
        if step.written
    )
    manual = tuple(step for step in option.steps if step.manual)
    takes = option.duration if option.duration is not None else 1.0 * len(lines)
    left = _left_behind(state, {line.flag for line in lines})
    return RollbackPlan(option.id, option.title, lines, manual, left, option.loses or "", takes)


def as_before_plan(state: RunState) -> RollbackPlan:
    """Every flag that this run changed back to the value read first."""
    changed = dict.fromkeys(c.flag for c in state.changes.values() if c.may_have_acted)
    lines = tuple(_line(state, key, first, "") for key in changed if (first := state.flag(key).first) is not None)
    return RollbackPlan("as-before", "As before the night", lines, (), (), "", 1.0 * len(lines))


def signed_plan(state: RunState, phase: str) -> RollbackPlan:
    """Every flag as it stood when that phase's checkpoint was signed."""
    signatures = state.signatures.get(phase, ())
    moment = max((signature.at for signature in signatures), default=None)
    wanted = flags_at(state, moment) if moment else {}
    lines = tuple(_line(state, key, value, "") for key, value in wanted.items())
    title = f"As at the signed checkpoint of {state.runbook.phase(phase).title}"
    return RollbackPlan(f"signed:{phase}", title, lines, (), _left_behind(state, set(wanted)), "", 1.0 * len(lines))


def flags_at_t(state: RunState, t: Seconds) -> dict[str, FlagValue]:
    """The value of each flag that this run changed, as it was when T was `t`."""
    values: dict[str, FlagValue] = {}
    for change in state.changes.values():
        first = state.flag(change.flag).first
        if change.flag not in values and first is not None:
            values[change.flag] = first
        if change.holds and change.t is not None and change.t < t:
            values[change.flag] = change.value
    return values


def flags_at(state: RunState, moment: datetime) -> dict[str, FlagValue]:
    """The value of each flag that this run changed, as it was at that moment."""
    values: dict[str, FlagValue] = {}
    for change in state.changes.values():
        first = state.flag(change.flag).first
        if change.flag not in values and first is not None:
            values[change.flag] = first
        if change.holds and change.answered and change.answered <= moment:
            values[change.flag] = change.value
    return values


def choices(state: RunState) -> tuple[RollbackPlan, ...]:
    """Every way back there is now, the default one first."""
    options = state.runbook.rollback.every_option if state.runbook.rollback else ()
    plans = [option_plan(state, option) for option in options if _valid(state, option)]
    before = as_before_plan(state)
    signed = [signed_plan(state, phase) for phase in state.signatures if state.signatures[phase]]
    return (*plans, *([before] if before.lines else []), *(plan for plan in signed if plan.lines))


def _valid(state: RunState, option: RollbackOption) -> bool:
    """It applies now: in one of its phases, or anywhere when it names none."""
    return not option.valid or any(phase in state.entered for phase in option.valid)


def _line(state: RunState, key: str, after: FlagValue, step: str, parallel: bool = False) -> PlanLine:
    now = state.flag(key).seen
    return PlanLine(key, step, now, after, same(now, after), parallel)


def _left_behind(state: RunState, planned: set[str]) -> tuple[tuple[str, FlagValue | None, FlagValue | None], ...]:
    changed = dict.fromkeys(c.flag for c in state.changes.values() if c.may_have_acted)
    flags = ((key, state.flag(key)) for key in changed if key not in planned)
    return tuple((key, f.seen, f.first) for key, f in flags if not same(f.seen, f.first))


# ---------------------------------------------------------------- a confirmed one


def last_write(state: RunState, rollback: Rollback, flag: str) -> Change | None:
    """The newest write of that rollback to that flag."""
    mine = (c for c in reversed(tuple(state.changes.values())) if c.rollback == rollback.number and c.flag == flag)
    return next(mine, None)


def missing_moves(state: RunState, rollback: Rollback) -> tuple[Move, ...]:
    """The moves of a confirmed rollback that are not verified yet, in written order.

    A write to a service that cannot be read back is done once accepted: nothing more can be known of it.
    """
    latest = {move.flag: last_write(state, rollback, move.flag) for move in rollback.moves}
    return tuple(
        m for m in rollback.moves if (c := latest[m.flag]) is None or not (c.holds or c.result == "unverified")
    )


def readiness(state: RunState, now: datetime) -> tuple[bool, str]:
    """Whether a rollback could be written now, by the last read of its flags; the words for the header."""
    option = state.runbook.rollback.default if state.runbook.rollback else None
    keys = [key for step in option.steps if step.written for key in step.set] if option else []
    if not keys:
        return (True, "by hand") if option else (False, "no rollback in the runbook")
    for key in keys:
        flag = state.flag(key)
        if flag.failed:
            return False, f"{key}: {flag.failed}"
        if flag.seen is None:
            return False, f"{key} not read yet"
    return True, ""
