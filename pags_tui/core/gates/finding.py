"""What one tick alone says of a condition, and of each of its series. Remembers nothing."""

from __future__ import annotations

from pags_tui.core.conditions import (
    FlagCondition,
    MetricCondition,
    NoTriggers,
    Quantifier,
    all_true,
    same_value,
    show_flag_value,
    true_of,
)
from pags_tui.core.gates.shapes import Answer, Finding, GateContext, GateSpec, Part, SeriesFinding
from pags_tui.core.observe import Sid, Sight, Sights, TriggerState, least_true, reading_words, series_name, truest
from pags_tui.core.series import FlagReading, FlagValue, Seconds
from pags_tui.core.units import show_duration

FLAG_STALE_AFTER = 75.0
"""Oldest flag read that still counts: two reads of 30 s, and some."""


def find(part: Part, sights: Sights, context: GateContext, since: Seconds | None) -> Finding:
    """What this tick alone says of a condition."""
    match part:
        case MetricCondition():
            return _find_metric(part, sights)
        case NoTriggers():
            return _find_triggers(sights, context, since)
        case FlagCondition():
            return _find_flag(part, sights, since)
    return _find_flags(sights, context, since)


def _find_metric(part: MetricCondition, sights: Sights) -> Finding:
    """Every series, or for `any` one of them."""
    sight = sights.metrics.get(part.metric)
    if sight is None:
        return Finding(Answer.UNKNOWN, f"{part.metric}: not observed", metric=part.metric)
    if sight.failed is not None:
        reason = sight.void or next(iter(sight.unknown.values()))
        return Finding(Answer.FAILED, f"{part.metric}: {reason}", metric=part.metric)
    some = part.quantifier is Quantifier.ANY
    decides = truest(part.test, sight) if some else least_true(part.test, sight)
    if decides is not None:
        good = true_of(part.test, sight.values[decides])
        if good == some or not sight.unknown:
            return _known(part, sights, sight, decides, Answer.OK if good else Answer.BAD)
    return _unknown(part, sights, sight)


def _known(part: MetricCondition, sights: Sights, sight: Sight, sid: Sid, answer: Answer) -> Finding:
    value = sight.values[sid]
    reason = reading_words(part, series_name(part.metric, sight.labels[sid]), value)
    if answer is Answer.BAD:
        bad = _bad(part, sight)
        reason += f", and {bad - 1} more" if bad > 1 else ""
    return Finding(answer, reason, value, part.metric, sight.labels[sid], sights.time, sight.age)


def _bad(part: MetricCondition, sight: Sight) -> int:
    """How many series are bad; all, where not even the best is good."""
    best = truest(part.test, sight)
    good = all_true(part.test, sight.values) if best is not None and true_of(part.test, sight.values[best]) else ()
    return len(sight.values) - len(good)


def _unknown(part: MetricCondition, sights: Sights, sight: Sight) -> Finding:
    """Of the unknown series the first by label speaks."""
    if not sight.unknown:
        return Finding(Answer.UNKNOWN, f"{part.metric}: {sight.void}", metric=part.metric, answered_at=sights.time)
    sid = min(sight.unknown, key=lambda each: sight.labels[each])
    more = f", and {len(sight.unknown) - 1} more" if len(sight.unknown) > 1 else ""
    reason = f"{series_name(part.metric, sight.labels[sid])}: {sight.unknown[sid]}{more}"
    return Finding(Answer.UNKNOWN, reason, sight.raw.get(sid), part.metric, sight.labels[sid], sights.time, sight.age)


def _find_triggers(sights: Sights, context: GateContext, since: Seconds | None) -> Finding:
    unknown = None
    for name, standing in context.triggers.items():
        if standing.state in (TriggerState.PENDING, TriggerState.FIRING):
            return Finding(Answer.BAD, f"trigger {name} is {standing.state}", answered_at=sights.time)
        if standing.fired_at is not None and since is not None and standing.fired_at >= since:
            ago = show_duration(sights.time - standing.fired_at)
            return Finding(Answer.BAD, f"trigger {name} fired {ago} ago", answered_at=sights.time)
        if standing.state is TriggerState.UNKNOWN:
            unknown = unknown or name
    if unknown:
        return Finding(Answer.UNKNOWN, f"trigger {unknown} is unknown", answered_at=sights.time)
    return Finding(Answer.OK, "every trigger is inactive", answered_at=sights.time)


def _find_flag(part: FlagCondition, sights: Sights, since: Seconds | None) -> Finding:
    read = _read(part.key, sights.flags.get(part.key), sights.time)
    if isinstance(read, Finding):
        return read
    value, read_at = read
    equal = same_value(value, part.value)
    reason = f"{part.key} is {show_flag_value(value)}"
    if equal != (part.op == "=="):
        reason += f", not {show_flag_value(part.value)}" if part.op == "==" else ""
        answer = Answer.BAD
    else:
        answer = Answer.OK
    if since is not None and read_at < since:
        answer, reason = Answer.EARLY, f"{reason}, read before the change"
    return Finding(answer, reason, answered_at=read_at)


def _find_flags(sights: Sights, context: GateContext, since: Seconds | None) -> Finding:
    """A flag that cannot be read makes it false; one not yet asked for, unknown."""
    if not context.flags:
        return Finding(Answer.UNKNOWN, "the runbook names no flag", answered_at=sights.time)
    readings = {key: sights.flags.get(key) for key in context.flags}
    for key, reading in readings.items():
        if reading is not None and reading.value is None:
            return Finding(Answer.BAD, f"{key}: {failed_read(reading)}", answered_at=reading.read_at)
    oldest = sights.time
    for key, reading in readings.items():
        read = _read(key, reading, sights.time)
        if isinstance(read, Finding):
            return read
        oldest = min(oldest, read[1])
    if since is not None and oldest < since:
        return Finding(Answer.EARLY, "read before the change", answered_at=oldest)
    said = f"all {len(readings)} flags can be read" if len(readings) > 1 else "the flag can be read"
    return Finding(Answer.OK, said, answered_at=oldest)


def _read(key: str, reading: FlagReading | None, now: Seconds) -> Finding | tuple[FlagValue, Seconds]:
    """A flag's value and when it was read; else why it is not known."""
    if reading is None:
        return Finding(Answer.UNKNOWN, f"{key}: not read yet", answered_at=now)
    if reading.value is None:
        return Finding(Answer.FAILED, f"{key}: {failed_read(reading)}")
    if now - reading.read_at > FLAG_STALE_AFTER:
        return Finding(Answer.FAILED, f"{key}: not read any more")
    return reading.value, reading.read_at


def failed_read(reading: FlagReading) -> str:
    """Why a flag could not be read."""
    return f"cannot be read: {reading.failed or 'no reason given'}"


def series(spec: GateSpec, sights: Sights) -> tuple[SeriesFinding, ...]:
    """Every series under every metric condition of a gate, as the tick showed it; for the gate's own dialog."""
    found: list[SeriesFinding] = []
    for number, part in enumerate(spec.parts):
        if isinstance(part, MetricCondition) and (sight := sights.metrics.get(part.metric)):
            found += (_series_finding(number, part, sight, sid) for sid in (*sight.values, *sight.unknown))
    return tuple(found)


def _series_finding(number: int, part: MetricCondition, sight: Sight, sid: Sid) -> SeriesFinding:
    labels, value = sight.labels[sid], sight.raw.get(sid)
    name = series_name(part.metric, labels)
    if sid in sight.unknown:
        return SeriesFinding(number, part.metric, labels, Answer.UNKNOWN, value, f"{name}: {sight.unknown[sid]}")
    known = sight.values[sid]
    answer = Answer.OK if true_of(part.test, known) else Answer.BAD
    return SeriesFinding(number, part.metric, labels, answer, known, reading_words(part, name, known))
