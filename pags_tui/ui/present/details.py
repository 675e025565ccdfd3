"""What stands behind a line: pairs of a label and a text, in the order in which somebody asks."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from pags_tui.core import events as e
from pags_tui.core.gates import PartVerdict
from pags_tui.core.plan.progress import due_at
from pags_tui.core.plan.rollback import same
from pags_tui.core.runbook import Metric, Step
from pags_tui.core.series import FlagValue, Reading, Seconds
from pags_tui.core.state import Change
from pags_tui.core.triggers import ClockVerdict
from pags_tui.core.units import show, show_clock, show_duration
from pags_tui.ui.present.courses import limits, look
from pags_tui.ui.present.logs import sentence
from pags_tui.ui.present.sentences import step_name
from pags_tui.ui.present.steps import OUTCOMES
from pags_tui.ui.present.verdicts import (
    arming,
    fresh,
    gate_status,
    overridden,
    silence,
    trigger_clock,
    trigger_of,
    trigger_status,
    verdict_of,
)
from pags_tui.ui.present.views import Pair, Pairs
from pags_tui.ui.present.words import (
    at_text,
    bound_text,
    clean,
    flag_name,
    flag_text,
    hms,
    role_name,
    series_text,
    since,
    step_text,
    tail,
    value_text,
    who,
)
from pags_tui.ui.present.writes import RESULTS, change_word
from pags_tui.ui.rows import Status
from pags_tui.ui.scene import Scene

MOST_SERIES = 40
"""Series listed one by one; what is more is counted."""


def _present(pairs: list[Pair]) -> Pairs:
    """The pairs that say something."""
    return tuple(pair for pair in pairs if pair[1])


def _state(status: Status, scene: Scene) -> Pair:
    quiet = silence(scene)
    aged = f", nothing was judged for {show_duration(quiet)}" if quiet is not None and not fresh(scene) else ""
    return "state", f"{status.word}{aged}"


# ---------------------------------------------------------------- gates


def gate_detail(scene: Scene, step: str) -> Pairs:
    """A gate with its evidence. KeyError for an unknown step."""
    known = scene.state.runbook.step(step)
    verdict = verdict_of(scene, known)
    pairs: list[Pair] = [_state(gate_status(scene, known), scene)]
    if not known.judged:
        return ("state", "a person judges it"), *(("condition", str(one)) for one in known.gate)
    if verdict is None:
        return (*pairs, ("reason", "not judged yet"), *(("condition", str(one)) for one in known.gate))
    pairs.append(("reason", clean(verdict.reason)))
    for part in verdict.parts:
        pairs += _part(scene, part, numbered=len(verdict.parts) > 1)
    pairs.append(("override", f"in force {covered}" if (covered := overridden(scene, step)) else ""))
    pairs.append(("hard", "nobody may override it" if known.hard else ""))
    return _present(pairs)


def _part(scene: Scene, part: PartVerdict, *, numbered: bool) -> list[Pair]:
    """One condition: value, bound, series, ages, ticks, clock."""
    book = scene.state.runbook
    lasts = f"{show_clock(part.clock)} of {show_clock(part.for_)} unbroken" if part.for_ else ""
    head = f"{clean(part.text)}  {part.state}" if numbered else clean(part.text)
    quiet = silence(scene) or 0.0
    return [
        ("condition", head),
        ("value", value_text(book, part.metric, part.value) if part.value is not None else ""),
        ("bound", bound_text(part.bound)),
        ("series", series_text(part.metric, part.series) if part.metric and part.series else ""),
        ("answered", f"{show_duration(part.age + quiet)} ago" if part.age is not None else "never"),
        ("data", f"{show_duration(part.data_age)} old when answered" if part.data_age is not None else ""),
        ("OK in a row", f"{part.row} of 3" if part.row < 3 else str(part.row)),
        ("clock", lasts),
        ("in words", clean(part.reason) if numbered else ""),
    ]


# ---------------------------------------------------------------- triggers


def trigger_detail(scene: Scene, trigger: str) -> Pairs:
    """A trigger with its clocks. KeyError for an unknown one."""
    known, firing = scene.state.runbook.triggers[trigger], scene.state.firing(trigger)
    verdict, book = trigger_of(scene, trigger), scene.state.runbook
    pairs: list[Pair] = [("title", clean(known.title)), _state(trigger_status(scene, trigger), scene)]
    pairs.append(("acting", arming(scene, trigger).text))
    if verdict is None:
        pairs.append(("reason", "not judged yet"))
        pairs += [("condition", str(condition)) for condition in known.when]
    else:
        pairs += [("now", str(verdict.now)), ("clock", trigger_clock(verdict)), ("reason", clean(verdict.reason))]
        for part in verdict.parts:
            pairs += _clock(scene, part)
    pairs += [
        ("fired", hms(firing.fired, book) if firing.fired else ""),
        ("vetoed until", _until(scene, firing.vetoed_until)),
        ("muted until", _until(scene, firing.muted_until, firing.muted_why)),
    ]
    return _present(pairs)


def _until(scene: Scene, moment: datetime | None, why: str = "") -> str:
    return f"{hms(moment, scene.state.runbook)}{tail(why)}" if moment and moment > scene.now else ""


def _clock(scene: Scene, part: ClockVerdict) -> list[Pair]:
    book = scene.state.runbook
    return [
        ("condition", f"{clean(part.text)}  {part.now}"),
        ("value", value_text(book, part.metric, part.value) if part.value is not None else ""),
        ("bound", bound_text(part.bound)),
        ("series", series_text(part.metric, part.series) if part.metric and part.series else ""),
        ("answered", _answered(scene, part.metric) if part.metric else ""),
        ("data", _ages(scene, book.metrics[part.metric]) if part.metric in book.metrics else ""),
        ("clock", f"{show_clock(part.clock)} of {show_clock(part.for_)}" if part.for_ else ""),
        ("in words", clean(part.reason)),
    ]


# ---------------------------------------------------------------- steps


def step_detail(scene: Scene, step: str) -> Pairs:
    """A step with all that the runbook and the run say of it. KeyError for an unknown one."""
    known, book = scene.state.runbook.step(step), scene.state.runbook
    pairs: list[Pair] = [
        ("step", step_text(scene, known)),
        ("id", clean(known.id)),
        ("outcome", _outcome(scene, known)),
        ("due", _due(scene, known)),
        ("takes", show_duration(known.duration) if known.duration else ""),
        ("role", role_name(book, known.role) if known.role else ""),
        ("only in", f"a {known.when} run" if known.when else ""),
        ("optional", "it blocks nothing" if known.optional else ""),
        ("means", clean(known.means or "")),
        ("command", clean(known.command or "")),
        ("captures", _captured(scene, known)),
        ("no return", "past it a rollback by itself only asks" if known.point_of_no_return else ""),
        ("mutes", _mutes(known)),
    ]
    for key, value in known.set.items():
        pairs.append(("sets", f"{flag_name(book, key)} {_now(scene, key, value)}"))
    pairs += [("next", f"{flag_name(book, key)} {flag_text(value)}, not written") for key, value in known.stage.items()]
    pairs += [("write", _change(scene, c)) for c in scene.state.changes.values() if c.step == known.id]
    pairs += [("gate", str(condition)) for condition in known.gate]
    notes = [note for note in scene.state.notes if note.step == known.id]
    pairs += [("note", f'{hms(note.at, book)} {who(note.by)}: "{clean(note.text)}"') for note in notes]
    return _present(pairs)


def _outcome(scene: Scene, step: Step) -> str:
    state = scene.state.step(step.id)
    if not state.outcome or state.at is None:
        return "open"
    said = f"{OUTCOMES[state.outcome].word} by {who(state.by)} {hms(state.at, scene.state.runbook)}"
    return f"{said}{tail(state.reason)}"


def _due(scene: Scene, step: Step) -> str:
    phase = scene.state.runbook.phase_of(step.id)
    return at_text(due_at(phase, step)) if phase else ""


def _captured(scene: Scene, step: Step) -> str:
    if not step.capture:
        return ""
    return f"{clean(step.capture)} = {clean(scene.state.captures.get(step.capture, '(not noted)'))}"


def _mutes(step: Step) -> str:
    return f"{clean(', '.join(step.mutes.triggers))} for {show_duration(step.mutes.duration)}" if step.mutes else ""


def _now(scene: Scene, key: str, value: FlagValue) -> str:
    now = scene.state.flag(key).seen
    return f"{flag_text(now)} → {flag_text(value)}{' (already so)' if same(now, value) else ''}"


def _change(scene: Scene, change: Change) -> str:
    word = RESULTS[change_word(change)].word
    when = hms(change.at, scene.state.runbook)
    moved = f"{clean(change.flag)} {flag_text(change.before)}→{flag_text(change.value)}"
    return f"{when} {who(change.by)}: {moved} {word}{tail(change.detail)}"


# ---------------------------------------------------------------- metrics and events


def metric_detail(scene: Scene, metric: str) -> Pairs:
    """A metric, series by series, the worst first. KeyError for an unknown one."""
    known = scene.state.runbook.metrics[metric]
    found = limits(scene)[metric]
    first = found[0] if found else None
    seen = look(scene, known, first)
    pairs: list[Pair] = [
        ("state", seen.status.word or "no bound"),
        ("note", seen.note),
        ("value", show(seen.value, known.unit)),
        ("slo", clean(known.slo or "")),
        ("dashboard", clean(known.dashboard or "")),
        ("query", clean(known.query)),
        ("enough", clean(known.enough or "")),
        ("data", _ages(scene, known)),
    ]
    pairs += [("ought to be" if one.good else "trigger", one.text(broken=not one.good)) for one in found]
    reading = scene.last.tick.readings.get(metric) if scene.last else None
    pairs += _reading(known, reading)
    return _present(pairs)


def _reading(metric: Metric, reading: Reading | None) -> list[Pair]:
    if reading is None:
        return [("series", "nothing was answered yet")]
    if reading.failed is not None:
        return [("series", f"no answer: {clean(reading.failed)}")]
    pairs = [("warning", clean(text)) for text in reading.warnings]
    for point in reading.points[:MOST_SERIES]:
        pairs.append(("series", f"{show(point.value, metric.unit)}  {series_text(metric.id, point.labels)}"))
    left = len(reading.points) - MOST_SERIES
    return [*pairs, ("series", f"and {left} more")] if left > 0 else pairs or [("series", "none: it answered nothing")]


def _answered(scene: Scene, metric: str) -> str:
    """How long ago the metric's query last had an answer."""
    for judged in reversed(scene.ticks):
        reading = judged.tick.readings.get(metric)
        if judged.tick.failed is None and reading is not None and reading.failed is None:
            return f"{show_duration(since(judged.at, scene.now))} ago"
    return "never"


def _ages(scene: Scene, metric: Metric) -> str:
    """Age of the oldest data when it was last asked for, and the most that counts."""
    for judged in reversed(scene.ticks):
        reading = judged.tick.readings.get(metric.id)
        ages = (reading and reading.ages) or ()
        oldest: Seconds | None = max((age.value for age in ages if age.value == age.value), default=None)
        if oldest is not None:
            asked = show_duration(since(judged.at, scene.now))
            return f"{show_duration(oldest)} old, asked {asked} ago; it counts up to {show_duration(metric.max_age)}"
    return "" if metric.fresh_query else "its age is not known"


def present_detail(scene: Scene) -> Pairs:
    """Who is at a screen of the run: a name each, and where."""
    told = {"desk": "may ask", "watch": "watching"}
    return tuple(
        (clean(who(one.who)), f"on {clean(one.host)}, {told.get(one.seat, clean(one.seat))}") for one in scene.present
    )


def event_detail(scene: Scene, seq: int) -> Pairs:
    """An event, field by field; nothing where it is not kept any more."""
    event = next((one for one in scene.events if one.seq == seq), None)
    if event is None:
        return ()
    book = scene.state.runbook
    account = f" ({clean(event.by.user)}, self-declared)" if event.by.name and event.by.name != event.by.user else ""
    pairs: list[Pair] = [
        ("what", sentence(event, book, scene.state)),
        ("at", f"{event.at:%Y-%m-%d} {hms(event.at, book)}"),
        ("by", f"{who(event.by)}{account}"),
        ("event", f"{event.seq} {e.kind_of(type(event.fact))}"),
    ]
    for one in fields(event.fact):
        value = getattr(event.fact, one.name)
        if one.name == "evidence":
            pairs += [("evidence", _evidence(scene, item)) for item in value]
        elif one.name == "runbook":
            pairs.append(("runbook", f"{len(value)} characters"))
        else:
            pairs.append((one.name.replace("_", " "), _shown(scene, value)))
    return _present(pairs)


def _evidence(scene: Scene, item: e.Evidence) -> str:
    said = " (overridden)" if item.overridden else ""
    return f"{item.state}{said}  {step_name(scene.state.runbook, item.gate)}: {clean(item.reason)}"


def _shown(scene: Scene, value: object) -> str:
    """A field of any kind as plain text."""
    match value:
        case None | "" | ():
            return ""
        case datetime():
            return hms(value, scene.state.runbook)
        case bool() | int() | float():
            return flag_text(value)
        case e.Move():
            return f"{clean(value.flag)} → {flag_text(value.value)}"
        case tuple():
            return ", ".join(_shown(scene, one) for one in value)
    return clean(str(value))
