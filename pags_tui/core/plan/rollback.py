"""What a rollback would do now, what it leaves behind, and whether one could be written. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pags_tui.core.conditions import same_value
from pags_tui.core.plan.progress import current_phase
from pags_tui.core.runbook import RollbackOption, Step
from pags_tui.core.series import FlagValue, Seconds, Tick
from pags_tui.core.state import Known, RunState
from pags_tui.core.units import show_duration

CAPTURE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
"""A value that a step captures, in a text of the runbook."""
NOT_NOTED = "(not noted)"
"""What stands in a rollback's text for a value that nobody has captured yet."""
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
    """It had that value when it was last read. It is written all the same: that read may be old, and writing the same
    value again does no harm."""
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
    manual = tuple(_noted_step(state, step) for step in option.steps if step.manual)
    takes = option.duration if option.duration is not None else 1.0 * len(lines)
    left = _left_behind(state, {line.flag for line in lines})
    title, loses = (noted(text or "", state.captures, NOT_NOTED) for text in (option.title, option.loses))
    return RollbackPlan(option.id, title, lines, manual, left, _undone(state, loses), takes)


def past_no_return(state: RunState) -> tuple[Step, ...]:
    """The points of no return that were passed: done, in this round or before a recycle, or perhaps written."""
    points = (step for step in state.runbook.phase_steps if step.point_of_no_return)
    return tuple(step for step in points if _is_past(state, step))


def _is_past(state: RunState, step: Step) -> bool:
    tried = any(c.step == step.id and c.purpose == "forward" and c.may_have_acted for c in state.changes.values())
    return tried or step.id in state.no_return or state.step(step.id).outcome == "passed"


def _undone(state: RunState, loses: str = "") -> str:
    """What no flag brings back: the option's own words, and every point of no return that was passed."""
    past = (noted(step.text, state.captures, NOT_NOTED) for step in past_no_return(state))
    return "; ".join([*([loses] if loses else []), *(f"'{text}', past its point of no return" for text in past)])


def noted(text: str, captures: Mapping[str, str], missing: str | None = None) -> str:
    """The text with its captured values. What was not noted stays as it is written, or prints as `missing`."""
    known = {name.replace("-", "_"): value for name, value in captures.items()}

    def value(found: re.Match[str]) -> str:
        told = known.get(found.group(1).replace("-", "_"))
        return told if told is not None else found.group() if missing is None else missing

    return CAPTURE.sub(value, text)


def _noted_step(state: RunState, step: Step) -> Step:
    """A step by hand as a person reads it now: what nobody noted stops nothing."""
    text, command = (noted(words or "", state.captures, NOT_NOTED) for words in (step.text, step.command))
    return step.model_copy(update={"text": text, "command": command or None})


def as_before_plan(state: RunState) -> RollbackPlan:
    """Every flag that this run changed back to the value read first."""
    changed = dict.fromkeys(c.flag for c in state.changes.values() if c.may_have_acted)
    lines = tuple(_line(state, key, first, "") for key in changed if (first := state.flag(key).first) is not None)
    return RollbackPlan("as-before", "As before the night", lines, (), (), _undone(state), 1.0 * len(lines))


def signed_plan(state: RunState, phase: str) -> RollbackPlan:
    """Every flag as it stood when that phase's checkpoint was signed."""
    signatures = state.signatures.get(phase, ())
    seq = max((signature.seq for signature in signatures), default=0)
    changed = {change.flag for change in state.changes.values() if change.may_have_acted}
    then = flags_at(state, seq) if seq else {}
    wanted = {key: value for key, value in then.items() if key in changed}
    lines = tuple(_line(state, key, value, "") for key, value in wanted.items())
    title = f"As at the signed checkpoint of {state.runbook.phase(phase).title}"
    left = _left_behind(state, set(wanted))
    return RollbackPlan(f"signed:{phase}", title, lines, (), left, _undone(state), 1.0 * len(lines))


def flags_at_t(state: RunState, t: Seconds) -> dict[str, FlagValue]:
    """The value that each flag rightly had when T last was `t`; before the first read, the value read first.

    T may have been set back: then the last time that it ran through `t` counts.
    """
    starts = [(0, float("-inf")), *state.recycles]
    after = max(n for n, (_, back_to) in enumerate(starts) if back_to < t)
    first = starts[after][0]
    last = starts[after + 1][0] if after + 1 < len(starts) else state.seq + 1
    return _rightly(state, lambda known: known.seq <= first or (known.seq < last and (known.t is None or known.t < t)))


def flags_at(state: RunState, seq: int) -> dict[str, FlagValue]:
    """The value that each flag rightly had at that event; before the first read, the value read first."""
    return _rightly(state, lambda known: known.seq <= seq)


def _rightly(state: RunState, counts: Callable[[Known], bool]) -> dict[str, FlagValue]:
    found: dict[str, FlagValue] = {}
    for key, flag in state.flags.items():
        values = [known.value for known in flag.history if counts(known)]
        if values or flag.first is not None:
            found[key] = values[-1] if values else flag.first  # type: ignore[assignment]  # one of the two is there
    return found


def choices(state: RunState) -> tuple[RollbackPlan, ...]:
    """Every way back there is now, the default one first."""
    options = state.runbook.rollback.every_option if state.runbook.rollback else ()
    plans = [option_plan(state, option) for option in options if _valid(state, option)]
    before = as_before_plan(state)
    signed = [signed_plan(state, phase) for phase in state.signatures if state.signatures[phase]]
    return (*plans, *([before] if before.lines else []), *(plan for plan in signed if plan.lines))


def _valid(state: RunState, option: RollbackOption) -> bool:
    """It applies now: the present phase, or the last one entered, is one of its own; anywhere when it names none."""
    if not option.valid:
        return True
    present = current_phase(state)
    entered = [phase.id for phase in state.runbook.phases if phase.id in state.entered]
    return bool({*([present.id] if present else []), *entered[-1:]} & set(option.valid))


def _line(state: RunState, key: str, after: FlagValue, step: str, parallel: bool = False) -> PlanLine:
    flag = state.flag(key)
    already = not flag.failed and same(flag.seen, after)  # what was so when it was last read is not known now
    return PlanLine(key, step, flag.seen, after, already, parallel)


def _left_behind(state: RunState, planned: set[str]) -> tuple[tuple[str, FlagValue | None, FlagValue | None], ...]:
    changed = dict.fromkeys(c.flag for c in state.changes.values() if c.may_have_acted)
    flags = ((key, state.flag(key)) for key in changed if key not in planned)
    return tuple((key, f.seen, f.first) for key, f in flags if not same(f.seen, f.first))


# ---------------------------------------------------------------- ready or not


def readiness(
    state: RunState, now: datetime, tick: Tick | None = None, taken: datetime | None = None
) -> tuple[bool, str]:
    """Whether a rollback could be written now, by the last read of its flags; if not, why.

    `tick` is the last one and `taken` when it was: unlike the journal, which notes only what is new, it knows of every
    read. Flags that no service holds, or that cannot be read back, are no part of it.
    """
    option = state.runbook.rollback.default if state.runbook.rollback else None
    if option is None:
        return False, "no rollback in the runbook"
    written = rollback_flags(state)
    if not written:
        return True, "by hand"
    keys = [key for key in written if reads_back(state, key)]
    for key in keys:
        flag = state.flag(key)
        if flag.failed:
            return False, f"{key}: {flag.failed}"
        if flag.seen is None:
            return False, f"{key} not read yet"
    if not keys:
        return True, "never read back"
    age = max(read_age(state, key, now, tick, taken) for key in keys)
    return (True, "") if age <= READY_AGE else (False, f"its flags were read {show_duration(int(age))} ago")


def reads_back(state: RunState, key: str) -> bool:
    """Whether a service holds the flag and can be asked for it."""
    service = state.runbook.flag_service(key)
    return service is not None and service.reads_back


def rollback_flags(state: RunState) -> tuple[str, ...]:
    """The flags that the default rollback writes from here."""
    option = state.runbook.rollback.default if state.runbook.rollback else None
    steps = [step for step in option.steps if step.written] if option else []
    return tuple(dict.fromkeys(key for step in steps for key in step.set))


def read_age(
    state: RunState, key: str, now: datetime, tick: Tick | None = None, taken: datetime | None = None
) -> Seconds:
    """Seconds since that flag was last read, by the last tick and by the journal; endless: never."""
    seen = state.flag(key).seen_at
    age = (now - seen).total_seconds() if seen else float("inf")
    reading = tick.flags.get(key) if tick else None
    if tick is None or taken is None or reading is None or reading.value is None:
        return age
    return max(0.0, min(age, (now - taken).total_seconds() + tick.time - reading.read_at))
