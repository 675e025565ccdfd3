"""Metrics and their courses, small in the pane and large over the screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime

from pags_tui.core.runbook import Metric
from pags_tui.core.series import Labels
from pags_tui.core.state import Change
from pags_tui.core.units import show, show_apart
from pags_tui.ui.present.courses import Course, Grid, Limit, Look, bounds, doubts, grid, limits, look, usable
from pags_tui.ui.present.words import at_text, clean, flag_text, hms, tight
from pags_tui.ui.rows import FAIL, GraphLine, GraphMark, GraphRow, Level, MetricRow
from pags_tui.ui.scene import KEPT_TICKS, Scene

MOST_LINES = 8
"""Series drawn in one graph: the worst of them."""


def metrics(scene: Scene) -> tuple[MetricRow, ...]:
    """Every metric of the runbook with its recent course, in file order."""
    places, tests, known = grid(scene), limits(scene), doubts(scene.last)
    marks = tuple(at for at, _ in moved(scene, places))
    found = []
    for metric in scene.state.runbook.metrics.values():
        seen = look(scene, metric, next(iter(tests[metric.id]), None), known)
        found.append(_row(metric, seen, places, tests[metric.id], marks))
    return tuple(found)


def _row(
    metric: Metric, seen: Look, places: Grid | None, found: tuple[Limit, ...], marks: tuple[int, ...]
) -> MetricRow:
    first = found[0] if found else None
    broken = seen.status is FAIL
    return MetricRow(
        metric.id,
        clean(metric.title),
        shown_value(metric, seen, first),
        seen.status,
        tight(first.text(broken=broken)) if first else "",
        Course(places, metric.id, first) if places else (),
        bounds(found),
        marks,
        max(1, seen.series),
        seen.note,
    )


def shown_value(metric: Metric, seen: Look, limit: Limit | None) -> str:
    """The value in its unit, told apart from its bound where they are close."""
    test = limit.test if limit else None
    bound = getattr(test, "bound", None)
    if seen.value is None or bound is None:
        return show(seen.value, metric.unit)
    return show_apart(seen.value, bound.value, metric.unit)


def moved(scene: Scene, places: Grid | None) -> tuple[tuple[int, Change], ...]:
    """Where on the grid a flag moved: the moment at which it was read back."""
    if places is None:
        return ()
    changes = (change for change in scene.state.changes.values() if change.holds and change.answered)
    found = ((places.index(change.answered), change) for change in changes if change.answered)
    return tuple((at, change) for at, change in found if at is not None)


# ---------------------------------------------------------------- the large graph


def graph(scene: Scene, metric: str) -> GraphRow:
    """One metric over the whole screen. KeyError for an unknown one."""
    known = scene.state.runbook.metrics[metric]
    found = limits(scene)[metric]
    first = found[0] if found else None
    seen, places = look(scene, known, first), grid(scene, KEPT_TICKS)
    return GraphRow(
        known.id,
        clean(known.title),
        _lines(known, first, places),
        bounds(found),
        _marks(scene, places),
        _ticks(scene, places),
        seen.status,
        shown_value(known, seen, first) + _before(scene, known),
        number_of(known),
    )


def _marks(scene: Scene, places: Grid | None) -> tuple[GraphMark, ...]:
    """Moments worth a line: T+0, a flag that moved, a sign-off, a hold; oldest first."""
    if places is None:
        return ()
    state = scene.state
    found = [(change.answered, f"{clean(change.flag)} {flag_text(change.value)}") for _, change in moved(scene, places)]
    signed = [(phase, one) for phase, all_ in state.signatures.items() for one in all_]
    for phase, signature in (*signed, *state.past_signatures):
        found.append((signature.at, f"signed {clean(phase)}"))
    for hold in (*(hold for hold, _ in state.past_holds), *([state.hold] if state.hold else ())):
        found.append((hold.since, "hold"))
    if state.t0:
        found.append((state.t0, "T+0"))
    known = sorted((moment, text) for moment, text in found if moment is not None)
    return tuple(GraphMark(at, text) for moment, text in known if (at := places.index(moment)) is not None)


def _before(scene: Scene, metric: Metric) -> str:
    """`, before T+0 80 to 140`: between what and what it moved then, as far as the kept ticks go back."""
    t0 = scene.state.t0
    if t0 is None:
        return ""
    readings = [usable(judged, metric.id) for judged in scene.ticks if judged.at < t0]
    values = [point.value for one in readings if one for point in one.points if math.isfinite(point.value)]
    if not values or scene.now < t0:
        return ""
    return f", before T+0 {show(min(values), metric.unit)} to {show(max(values), metric.unit)}"


def number_of(metric: Metric) -> Callable[[float], str]:
    """How a value of its axis is printed."""
    return lambda value: show(value, metric.unit)


def _lines(metric: Metric, limit: Limit | None, places: Grid | None) -> tuple[GraphLine, ...]:
    if places is None:
        return ()
    courses: dict[Labels, list[float | None]] = {}
    for at, judged in enumerate(places.places):
        reading = usable(judged, metric.id) if judged else None
        for point in reading.points if reading else ():
            courses.setdefault(point.labels, [None] * len(places.places))[at] = point.value
    ranked = sorted(courses, key=lambda labels: _badness(courses[labels], limit), reverse=True)
    shared = _shared(courses)
    return tuple(
        GraphLine(_name(labels, shared) or clean(metric.id), tuple(courses[labels]), _level(courses[labels], limit))
        for labels in ranked[:MOST_LINES]
    )


def _badness(values: Iterable[float | None], limit: Limit | None) -> float:
    known = [value for value in values if value is not None and value == value]
    if not known:
        return float("-inf")
    return limit.badness(known[-1]) if limit else known[-1]


def _level(values: Iterable[float | None], limit: Limit | None) -> Level:
    known = [value for value in values if value is not None and value == value]
    return Level.BAD if known and limit and not limit.ok(known[-1]) else Level.CALM


def _shared(courses: Iterable[Labels]) -> frozenset[tuple[str, str]]:
    """The labels that all series have in common: they tell none apart."""
    sets = [set(labels) for labels in courses]
    return frozenset(set.intersection(*sets)) if len(sets) > 1 else frozenset()


def _name(labels: Labels, shared: frozenset[tuple[str, str]]) -> str:
    return clean(",".join(f"{name}={value}" for name, value in labels if (name, value) not in shared))


def _ticks(scene: Scene, places: Grid | None) -> tuple[tuple[int, str], ...]:
    """Four labels on the time axis: T where it is known, else the wall."""
    if places is None:
        return ()
    count = len(places.places)
    return tuple((at, _label(scene, places.moment(at))) for at in sorted({count * part // 4 for part in range(4)}))


def _label(scene: Scene, moment: datetime) -> str:
    """T at that moment; the wall time where T stood or was set since, or is unknown."""
    clock = scene.state.clock
    if clock is None or not clock.running or moment < clock.at:
        return hms(moment, scene.state.runbook)
    return at_text(60 * round(clock.read(moment) / 60))
