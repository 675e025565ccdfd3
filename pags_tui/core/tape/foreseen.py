"""What was judged at a tick, as rows of plain cells that seldom change: each cell told by where it comes from.

The rules here are part of the format. They may never change: a new rule needs a new mark of small ticks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pags_tui.core.gates import GateState, GateVerdict, PartVerdict
from pags_tui.core.judge import Judged
from pags_tui.core.observe import TriggerState
from pags_tui.core.series import Labels, Point, Seconds
from pags_tui.core.triggers import ClockVerdict, Posture, TriggerVerdict

SCALES: tuple[tuple[tuple[float, str], ...], ...] = (
    ((1.0, ""),),
    ((0.01, "%"),),
    ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")),
    ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
    ((1.0, "/s"),),
)
"""How values are written in reasons, unit by unit: the largest scale below the value."""
SERIES, VALUE = "\x01", "\x02"
"""What stands in a reason for the text of its series, and (with the number of a unit) for its value."""

Row = list[Any]


class Other(Exception):
    """This tick is not to be told so: it is written whole."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the cells of one tick are told by."""

    number: int
    time: Seconds
    points: Mapping[str, tuple[Point, ...]]
    """By metric."""
    oldest: Mapping[str, Seconds]
    """Age of the oldest data by metric, when ages were last asked."""
    extremes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By metric, the places of the greatest and of the least value; filled as asked for."""
    clocks: dict[Seconds, Seconds] = field(default_factory=dict)
    """What clocks say that began then, where the difference in time alone would say a millisecond more or less."""

    def greatest_and_least(self, metric: str) -> tuple[int, int]:
        """The places of the first greatest and the first least number among a metric's points; -1 for none."""
        if metric not in self.extremes:
            values = [point.value for point in self.points.get(metric, ())]
            known = [value for value in values if value == value]
            found = (values.index(max(known)), values.index(min(known))) if known else (-1, -1)
            self.extremes[metric] = found
        return self.extremes[metric]


def around(judged: Judged, oldest: Mapping[str, Seconds]) -> Around:
    """The surroundings of a tick."""
    points = {name: reading.points for name, reading in judged.tick.readings.items()}
    return Around(judged.number, judged.tick.time, points, oldest)


def oldest_of(judged: Judged) -> dict[str, Seconds] | None:
    """Age of the oldest data by metric, where this tick asked for ages; None where it did not."""
    asked = {name: r.ages for name, r in judged.tick.readings.items() if r.ages}
    found = {name: max((a.value for a in ages if a.value == a.value), default=None) for name, ages in asked.items()}
    return {name: age for name, age in found.items() if age is not None} if asked else None


# ---------------------------------------------------------------- to rows


def rows_of(judged: Judged, where: Around) -> Iterator[Row]:
    """One row for each gate, each trigger and each of their conditions. Raises Other for what has no row."""
    for key, gate in judged.gates.items():
        parts = gate.parts
        said = next((n for n, part in enumerate(parts) if _same(_gate(key, parts, n, gate.metrics), gate)), None)
        if said is None or key != gate.id:
            raise Other
        yield ["g", key, sorted(gate.metrics), said, len(parts)]
        for part in parts:
            yield [
                part.text, str(part.state), part.bound, part.metric, part.for_, part.age,
                _pick(part, where), _reason(part), _row(part.row, where), part.clock, _age(part, where),
                part.test is not None,
            ]  # fmt: skip
    for key, trigger in judged.triggers.items():
        yield from _trigger_rows(key, trigger, where)


def _trigger_rows(key: str, trigger: TriggerVerdict, where: Around) -> Iterator[Row]:
    clocks = trigger.parts
    said = next((n for n, clock in enumerate(clocks) if _speaks(clock, trigger)), None)
    if said is None or key != trigger.id or trigger.restarted:
        raise Other
    at, was = trigger.posture, trigger
    yield [
        "t", key, sorted(trigger.metrics), said, len(clocks), str(trigger.now), at.armed, at.muted, at.observing,
        at.vetoed, was.bad, was.latched, was.fired, was.would_fire, was.cleared, was.fired_at, was.bad_now,
    ]  # fmt: skip
    for clock in clocks:
        yield [
            clock.text, str(clock.state), clock.bound, clock.metric, clock.for_, str(clock.now),
            _pick(clock, where), _reason(clock), None, clock.clock, None,
        ]  # fmt: skip


def _speaks(clock: ClockVerdict, trigger: TriggerVerdict) -> bool:
    names = ("state", "clock", "for_", "value", "bound", "reason", "metric", "series")
    return all(_same(getattr(clock, name), getattr(trigger, name)) for name in names)


def _same(one: object, other: object) -> bool:
    return one == other or (one != one and other != other) or repr(one) == repr(other)


def _pick(part: PartVerdict | ClockVerdict, where: Around) -> Any:
    """The series that speaks: `>` the greatest, `<` the least, else its place; or value and series as they are."""
    if part.value is None and part.series is None:
        return None
    points = where.points.get(part.metric or "", ())
    for place, point in enumerate(points):
        if point.labels == part.series and part.value is not None and _same(point.value, part.value):
            greatest, least = where.greatest_and_least(part.metric or "")
            return ">" if place == greatest else "<" if place == least else place
    return [part.value, None if part.series is None else [list(pair) for pair in part.series]]


def _reason(part: PartVerdict | ClockVerdict) -> str | list[str]:
    """The reason with its series and its value left out; as a list, as it is."""
    if SERIES in part.reason or VALUE in part.reason:
        return [part.reason]
    text = part.reason
    if part.series:
        text = text.replace(series_text(part.series), SERIES, 1)
    if part.value is not None:
        for unit in range(len(SCALES)):
            shown = f" {figures(part.value, unit)} "
            if shown in f"{text} ":
                return f"{text} ".replace(shown, f" {VALUE}{unit} ", 1)[:-1]
    return text


def _row(row: int, where: Around) -> int:
    """The tick before the count began, below zero; 0: no count."""
    return 0 if not row else row - where.number - 1


def began(clock: Seconds, time: Seconds) -> Seconds:
    """When a clock began, which stays while it runs; 0 for one that does not run."""
    return round(time - clock, 3) if clock else 0


def _age(part: PartVerdict, where: Around) -> Any:
    """True: as old as the oldest data of the metric."""
    if part.data_age is None:
        return None
    return True if part.metric and where.oldest.get(part.metric) == part.data_age else part.data_age


# ---------------------------------------------------------------- and back


def verdicts_of(
    rows: list[Row], where: Around, whole: Judged
) -> tuple[dict[str, GateVerdict], dict[str, TriggerVerdict]]:
    """The verdicts that the rows tell; tests come from the whole tick's verdicts."""
    gates: dict[str, GateVerdict] = {}
    triggers: dict[str, TriggerVerdict] = {}
    at = 0
    while at < len(rows):
        head = rows[at]
        count = head[4]
        below = rows[at + 1 : at + 1 + count]
        if head[0] == "g":
            tests = [part.test for part in whole.gates[head[1]].parts]
            parts = tuple(_part(row, test, where) for row, test in zip(below, tests, strict=True))
            gates[head[1]] = _gate(head[1], parts, head[3], frozenset(head[2]))
        else:
            triggers[head[1]] = _trigger(head, [_clock_verdict(row, where) for row in below])
        at += 1 + count
    return gates, triggers


def _part(row: Row, test: Any, where: Around) -> PartVerdict:
    text, state, bound, metric, for_, age, pick, reason, count, clock, data_age, _ = row
    value, series = _picked(pick, metric, where)
    return PartVerdict(
        text, GateState(state), test, _said(reason, value, series), value, bound, metric, series,
        count + where.number + 1 if count else 0, _ran(clock, where), for_, age,
        where.oldest[metric] if data_age is True else data_age,
    )  # fmt: skip


def _gate(key: str, parts: tuple[PartVerdict, ...], said: int, metrics: frozenset[str]) -> GateVerdict:
    worst = parts[said]
    age = max((part.age for part in parts if part.age is not None), default=None)
    row, clock = min(part.row for part in parts), min(part.clock for part in parts)
    return GateVerdict(
        key, worst.state, worst.reason, worst.value, worst.bound, worst.metric, worst.series, row, clock, worst.for_,
        age, worst.data_age, parts, metrics, worst.test,
    )  # fmt: skip


def _clock_verdict(row: Row, where: Around) -> ClockVerdict:
    text, state, bound, metric, for_, now, pick, reason, _, clock, _ = row
    value, series = _picked(pick, metric, where)
    said, ran = _said(reason, value, series), _ran(clock, where)
    return ClockVerdict(text, TriggerState(state), TriggerState(now), ran, for_, value, bound, said, metric, series)


def _trigger(head: Row, clocks: list[ClockVerdict]) -> TriggerVerdict:
    _, key, metrics, said, _, now, *posture, bad, latched, fired, would, cleared, at, bad_now = head
    worst = clocks[said]
    return TriggerVerdict(
        key, worst.state, TriggerState(now), worst.clock, worst.for_, worst.value, worst.bound, worst.reason,
        worst.metric, worst.series, tuple(clocks), frozenset(metrics), Posture(*posture),
        bad, latched, fired, would, cleared, (), at, bad_now,
    )  # fmt: skip


def _picked(pick: Any, metric: str | None, where: Around) -> tuple[float | None, Labels | None]:
    if pick is None:
        return None, None
    if isinstance(pick, list):
        value, series = pick
        return value, None if series is None else tuple((name, text) for name, text in series)
    greatest, least = where.greatest_and_least(metric or "") if isinstance(pick, str) else (-1, -1)
    point = where.points[metric or ""][greatest if pick == ">" else least if pick == "<" else pick]
    return point.value, point.labels


def _said(reason: str | list[str], value: float | None, series: Labels | None) -> str:
    if isinstance(reason, list):
        return reason[0]
    head, mark, tail = reason.partition(VALUE)
    if mark and value is not None:
        reason = f"{head}{figures(value, int(tail[0]))}{tail[1:]}"
    return reason.replace(SERIES, series_text(series), 1) if series else reason


def _ran(clock: Any, where: Around) -> Seconds:
    return float(clock[0]) if isinstance(clock, list) else ran(clock, where)


def ran(start: Seconds, where: Around) -> Seconds:
    """What a clock says that began then."""
    if not start:
        return 0.0
    return where.clocks[start] if start in where.clocks else round(where.time - start, 3)


def series_text(series: Labels) -> str:
    """`{queue="mail"}`, as reasons write it."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in series) + "}"


def figures(value: float, unit: int) -> str:
    """A value to about three figures with its unit's letters, as reasons mostly write it."""
    size, scales = abs(value), SCALES[unit]
    if not size:
        scale, suffix = next((one for one in scales if one[0] == 1.0), scales[0])
    else:
        scale, suffix = next((one for one in scales if size >= one[0]), scales[-1])
    number = value / scale
    if not abs(number) < 1e15:
        return f"{number}{suffix}"
    whole = len(str(int(abs(number)))) if abs(number) >= 1 else 0
    text = f"{number:.{max(0, 3 - whole)}f}" if whole else f"{number:.3g}"
    return (text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text) + suffix
