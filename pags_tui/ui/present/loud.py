"""The band: the one loud thing. It takes no focus and asks for nothing but to be read; what else is loud is listed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from pags_tui.core.decide.guard import cannot_act
from pags_tui.core.plan.arming import anything_armed
from pags_tui.core.plan.confirmed import missing_moves
from pags_tui.core.plan.progress import is_done
from pags_tui.core.plan.rollback import PlanLine, RollbackPlan, option_plan
from pags_tui.core.series import Seconds
from pags_tui.core.state import Change, Rollback
from pags_tui.core.units import show_duration
from pags_tui.ui.present import reminders
from pags_tui.ui.present.head import OLD, data_age, readable
from pags_tui.ui.present.verdicts import trigger_clock, trigger_of
from pags_tui.ui.present.words import (
    bound_text,
    clean,
    flag_text,
    hms,
    key,
    minutes,
    plural,
    since,
    step_text,
    tail,
    value_text,
    who,
)
from pags_tui.ui.present.writes import RESULTS, change_word, rollback_lines, verified
from pags_tui.ui.rows import BandMode, BandRow, FooterKey, Level
from pags_tui.ui.scene import Scene

ROLLBACK_KEY = key("rollback", "roll back", loud=True)
VETO_KEY = key("veto", "veto, and say why")
MOST_LINES = 8
"""Lines below a band; what is more is counted."""


def band(scene: Scene) -> BandRow | None:
    """The loudest thing now, with the titles of what else is loud; None when all is well."""
    found = bands(scene)
    if not found:
        return None
    first, rest = found[0], found[1:]
    also = tuple(f"also: {one.title}{tail(one.text) if one.text else ''}" for one in rest)
    more = (*first.more, *also)
    if len(more) > MOST_LINES:
        more = (*more[: MOST_LINES - 1], f"and {len(more) - MOST_LINES + 1} more")
    return replace(first, more=more)


def bands(scene: Scene) -> tuple[BandRow, ...]:
    """Everything that is loud now, the loudest first."""
    makers: tuple[Callable[[Scene], BandRow | None], ...] = (
        _rolling_back, _countdown, _ask, _gone, _owed, _rolled_back, _drift, _blind, _not_ready, _override,
        reminders.poll, reminders.doubt, reminders.afterwards, reminders.closed, _terminal,
    )  # fmt: skip
    if scene.seat == "replay":
        makers = tuple(make for make in makers if make is not _gone)
    rows = (row for make in makers if (row := make(scene)) is not None)
    if scene.seat == "desk":
        return tuple(rows)
    return tuple(map(_as_it_was if scene.seat == "replay" else _as_seen, rows))


def _as_seen(row: BandRow) -> BandRow:
    """The band for who only watches: of its keys the one that still shows something."""
    plan = any(one.key == ROLLBACK_KEY.key for one in row.keys)
    return replace(row, keys=(key("rollback", "the plan"),) if plan else ())


def _as_it_was(row: BandRow) -> BandRow:
    """The band of that moment without its keys, which do nothing now; their room stays, so nothing else moves."""
    blank = (FooterKey(" " * len(key.key), " " * len(key.label)) for key in row.keys)
    return replace(row, keys=tuple(blank))


# ---------------------------------------------------------------- rollback


def _rolling_back(scene: Scene) -> BandRow | None:
    rollback = scene.state.rollback
    if rollback is None or rollback.finished is not None:
        return None
    return BandRow(
        BandMode.ROLLBACK,
        f"{clean(rollback.title)}: {_count(scene, rollback)}",
        text=f"confirmed by {who(rollback.by)}{_cause(rollback)}; {_what_it_does(scene, rollback)}",
        more=rollback_lines(scene, rollback),
        keys=(key("rollback", "the plan", loud=True),),
    )


def _what_it_does(scene: Scene, rollback: Rollback) -> str:
    if missing_moves(scene.state, rollback):
        return "it goes on whatever happens to this screen"
    return "all are set; they are read once more when no late write can land any more"


def _count(scene: Scene, rollback: Rollback) -> str:
    return f"{verified(scene, rollback)}/{len(rollback.moves)} verified"


def _cause(rollback: Rollback) -> str:
    return f" because of {clean(rollback.cause)}" if rollback.cause else ""


def _rolled_back(scene: Scene) -> BandRow | None:
    """A finished rollback, until T runs again: what is left to do."""
    state, rollback = scene.state, scene.state.rollback
    if rollback is None or rollback.finished is None or not state.observing or state.ended:
        return None
    left = missing_moves(state, rollback)
    lines = [line for line in rollback_lines(scene, rollback) if left or not line.startswith("✓")]
    return BandRow(
        BandMode.INFO,
        f"{'NOT ALL ' if left else ''}ROLLED BACK: {clean(rollback.title)}, {_count(scene, rollback)}",
        Level.BAD if left else Level.WARN,
        text=_next_move(scene, rollback, bool(left)),
        more=(*lines, *_left_by_hand(scene, rollback)),
        keys=(key("rollback", "what is missing" if left else "the plan", loud=bool(left)), key("hold", "resume")),
    )


def _next_move(scene: Scene, rollback: Rollback, missing: bool) -> str:
    if missing:
        return "some flags are not as they should be: F9 tries again, the lines below do it by hand"
    taken = _taken(scene, rollback)
    left = [clean(line.flag) for line in _left_out(rollback, taken)]
    of = len(taken.lines) if taken else 0
    part = f"{of - len(left)} of the plan's {of} flags are back, left out: {', '.join(left)}"
    return f"{part if left else 'all flags of the plan are back'}; triggers only observe until T is resumed or recycled"


def _taken(scene: Scene, rollback: Rollback) -> RollbackPlan | None:
    """The way of the runbook that was taken, wholly or in part; None: it was none of those."""
    book = scene.state.runbook
    steps = {move.step for move in rollback.moves}
    options = book.rollback.every_option if book.rollback else ()
    taken = next((option for option in options if steps & {step.id for step in option.steps}), None)
    return option_plan(scene.state, taken) if taken else None


def _left_out(rollback: Rollback, taken: RollbackPlan | None) -> list[PlanLine]:
    """Lines of that way which were not confirmed."""
    moved = {move.flag for move in rollback.moves}
    return [line for line in taken.lines if line.flag not in moved] if taken else []


def _left_by_hand(scene: Scene, rollback: Rollback) -> tuple[str, ...]:
    """Manual steps of the way that was taken and that nobody has ticked, and flags that it left alone."""
    plan = _taken(scene, rollback)
    if plan is None:
        return ()
    open_ = [step for step in plan.manual if scene.state.step(step.id).outcome is None]
    hand = [f"○ by hand: {step_text(scene, step)}{tail(step.command or '')}" for step in open_]
    out = [f"○ left out: {clean(line.flag)} is {flag_text(line.now)}" for line in _left_out(rollback, plan)]
    return (*hand, *out, *(f"○ left alone: {clean(flag)} is {flag_text(now)}" for flag, now, _ in plan.left))


# ---------------------------------------------------------------- triggers that ask


def _countdown(scene: Scene) -> BandRow | None:
    counting = scene.state.countdown
    if counting is None:
        return None
    left = max(0, math.ceil(-since(counting.ends, scene.now)))
    first, reading, bound = _reading(scene, counting.triggers)
    return BandRow(
        BandMode.COUNTDOWN,
        first,
        clock=f"{left // 60}:{left % 60:02}" if left >= 60 else str(left),
        reading=reading,
        bound=bound,
        text=_at_zero(scene),
        more=(*_joined(scene, counting.triggers), *_unseen(scene)),
        keys=(VETO_KEY, key("rollback", "roll back now", loud=True)),
    )


def _at_zero(scene: Scene) -> str:
    if why := cannot_act(scene.state):
        return f"at 0 it only asks: {clean(why)}"
    return f"{_what_happens(scene, ' by themselves at 0')}. Nothing else is held up."


def _unseen(scene: Scene) -> tuple[str, ...]:
    return (f"guard gone: {clean(scene.gone)}; this is the last that was known",) if scene.gone else ()


def _ask(scene: Scene) -> BandRow | None:
    asking = scene.state.band
    if not asking or scene.state.countdown or scene.state.rolling_back:
        return None
    first, reading, bound = _reading(scene, asking)
    return BandRow(
        BandMode.ASK,
        first,
        reading=reading,
        bound=bound,
        text=f"F9: {_what_happens(scene)} once {_who_confirms(scene)}; a veto puts this away for 10 minutes.",
        more=(*_joined(scene, asking), *_unseen(scene)),
        keys=(VETO_KEY, ROLLBACK_KEY),
    )


def _who_confirms(scene: Scene) -> str:
    return "you confirm" if scene.seat == "desk" else "a desk confirms"


def _reading(scene: Scene, triggers: tuple[str, ...]) -> tuple[str, str, str]:
    """The first trigger's title, its reading and its bound."""
    name, book = triggers[0], scene.state.runbook
    verdict = trigger_of(scene, name)
    title = clean(book.triggers[name].title) if name in book.triggers else clean(name)
    if verdict is None:
        return title, "", ""
    lasts = f" for {show_duration(verdict.for_)}" if verdict.for_ else ""
    now = "" if verdict.value is None else value_text(book, verdict.metric, verdict.value)
    return title, now, f"{bound_text(verdict.bound)}{lasts}" if verdict.bound else ""


def _joined(scene: Scene, triggers: tuple[str, ...]) -> tuple[str, ...]:
    """The triggers that came after the first, each with its clock; and what is better by now."""
    lines = [f"also {clean(name)} {trigger_clock(trigger_of(scene, name))}".rstrip() for name in triggers[1:]]
    for name in triggers:
        verdict = trigger_of(scene, name)
        if verdict and verdict.now != "firing":
            lines.append(f"{clean(name)} is {verdict.now} now")
    return tuple(lines)


def _what_happens(scene: Scene, how: str = "") -> str:
    """`6 flags go back by themselves at 0; 1 step by hand`."""
    option = scene.state.runbook.rollback.default if scene.state.runbook.rollback else None
    if option is None:
        return "no rollback is written down, it only asks"
    plan = option_plan(scene.state, option)
    one, hand = len(plan.lines) == 1, len(plan.manual)
    moved = f"{plural(len(plan.lines), 'flag')} {'goes' if one else 'go'} back"
    left = f"; {plural(hand, 'step')} by hand" if hand else ""
    return moved + (how.replace("themselves", "itself") if one else how) + left


# ---------------------------------------------------------------- what is in doubt


def _gone(scene: Scene) -> BandRow | None:
    if not scene.gone:
        return None
    real = scene.state.run is None or scene.state.run.kind == "live"
    way = "'pags-tui rollback' works without it" if real else "'pags-tui guard' starts another"
    return BandRow(
        BandMode.BLIND,
        f"guard gone: {clean(scene.gone)}",
        text=f"this is the last that was known. This screen goes on trying; {way}.",
        keys=(ROLLBACK_KEY,),
    )


def _owed(scene: Scene) -> BandRow | None:
    """Changes whose answer is in and is none; one that is being written at this moment is not loud yet."""
    owed = [change for change in scene.state.owed if change.purpose != "rollback" and _is_loud(change, scene)]
    if not owed:
        return None
    first = owed[0]
    others = f" (and {len(owed) - 1} more)" if len(owed) > 1 else ""
    return BandRow(
        BandMode.INFO,
        f"{_change(first)} is {RESULTS[change_word(first)].word}{others}",
        Level.BAD,
        text=_found(first) + "nothing goes forward until it is read back or decided",
        more=(f"by hand: {clean(first.curl)}",) if first.curl else (),
        keys=(key("owed", "read back or decide"), ROLLBACK_KEY),
    )


SLOW: Seconds = 20.0
"""A write without any answer for this long is loud: the longest read-back is over."""


def _is_loud(change: Change, scene: Scene) -> bool:
    return change.result is not None or since(change.at, scene.now) > SLOW


def _change(change: Change) -> str:
    before = "?" if change.before is None else flag_text(change.before)
    return f"{clean(change.flag)} {before}→{flag_text(change.value)}"


def _found(change: Change) -> str:
    read = f"the service says {flag_text(change.found)}: " if change.found is not None else ""
    return read or (f"{clean(change.detail)}: " if change.detail else "")


def _drift(scene: Scene) -> BandRow | None:
    drifted = [(name, flag) for name, flag in scene.state.flags.items() if flag.drift is not None]
    if not drifted:
        return None
    told = [f"{clean(n)} is {flag_text(f.drift)}, not {flag_text(f.expected)}" for n, f in drifted]
    return BandRow(
        BandMode.DRIFT,
        told[0],
        Level.WARN,
        text="nobody here set it; nothing goes forward until it is accepted or put back",
        more=tuple(told[1:]),
        keys=(key("drift", "accept or restore"),),
    )


def _blind(scene: Scene) -> BandRow | None:
    """No data while triggers are armed: they can neither fire nor clear."""
    state = scene.state
    if state.ended or scene.gone or state.runbook.services.prometheus is None or not anything_armed(state, scene.now):
        return None
    age = data_age(scene)
    if age is not None and age <= OLD:
        return None
    how_long = "no data yet" if age is None else f"no data for {minutes(age)}"
    why = "; ".join(f"{clean(name)}: {clean(reason)}" for name, reason in state.lost.items())
    return BandRow(
        BandMode.BLIND,
        how_long + tail(why),
        text="triggers are armed and see nothing: they neither fire nor clear. Watch by other means.",
        keys=(ROLLBACK_KEY,),
    )


def _not_ready(scene: Scene) -> BandRow | None:
    state = scene.state
    if state.runbook.rollback is None or state.ended or is_done(state, scene.now):
        return None
    if not anything_armed(state, scene.now):
        return None
    ok, why = readable(scene)
    if ok:
        return None
    return BandRow(
        BandMode.BLIND,
        f"rollback NOT READY: {why}",
        text="a rollback will be tried all the same; have the commands at hand: pags-tui rollback --plan --curl",
    )


def _override(scene: Scene) -> BandRow | None:
    found = [given for gate in scene.state.overrides if (given := scene.view.override(gate))]
    if not found:
        return None
    first = min(found, key=lambda given: given.until)
    book = scene.state.runbook
    return BandRow(
        BandMode.OVERRIDE,
        f"'{step_text(scene, book.step(first.gate))}' is {clean(first.state)}, overridden by {who(first.by)}",
        Level.WARN,
        text=f"{minutes(-since(first.until, scene.now))} left, until {hms(first.until, book)}{tail(first.reason)}",
        more=tuple(f"also '{step_text(scene, book.step(one.gate))}'" for one in found if one is not first),
    )


def _terminal(scene: Scene) -> BandRow | None:
    if not scene.extra:
        return None
    first, *rest = (clean(text) for text in scene.extra.values())
    return BandRow(BandMode.INFO, first, Level.WARN, more=tuple(rest))
