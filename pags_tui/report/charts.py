"""One metric over the night as an SVG: lines with their gaps, bounds, and marks numbered as in the table of marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from pags_tui.core.series import Seconds
from pags_tui.core.units import Unit, show, show_offset
from pags_tui.report.document.blocks import Chart
from pags_tui.report.shapes import Course, Mark
from pags_tui.report.words import visible

WIDTH, HEIGHT = 960, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 22, 26
COLOURS = 6
"""Lines that look different; series beyond repeat them."""
STEPS: tuple[Seconds, ...] = (60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 7 * 86400)
"""Distances of the times under a chart."""
TICKS = 10
"""At most so many times under it."""
CLOSE = 14.0
"""Marks nearer than this share one number's place."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a value stands on the picture."""

    length: Seconds
    low: float
    high: float

    def x(self, seconds: Seconds) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, seconds / self.length)), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, max(0.0, share)), 1)


def chart(block: Chart, name: str) -> str:
    """The figure; `name` is its id on the page."""
    metric, unit = block.metric, Unit(block.metric.unit)
    frame = _frame(block)
    words = "; ".join(_said(course, unit) for course in metric.courses[:COLOURS])
    parts = [
        f'<figure>\n<svg role="img" aria-labelledby="{name}-t" aria-describedby="{name}-d"',
        f' viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<title id="{name}-t">{_text(f"{metric.title} over the night")}</title>',
        f'<desc id="{name}-d">{_text(words)}</desc>',
        *_axes(block, frame, unit),
        *_marks(block.marks, frame),
        *_bounds(block, frame),
    ]
    for number, course in enumerate(metric.courses):
        parts += _line(course, frame, number % COLOURS)
    return "\n".join([*parts, "</svg>", *_legend(metric.courses), "</figure>"])


def _frame(block: Chart) -> _Frame:
    """From zero on, unless everything lies far above it: then it would hide what moves."""
    values = [v for course in block.metric.courses for _, *two in course.points for v in two if v is not None]
    values += [line.value for line in block.metric.thresholds if not values or line.value <= 3 * max(values, default=0)]
    lowest, high = min(values, default=0.0), max(values, default=1.0)
    near = lowest > high / 2
    low = lowest if near else min(0.0, lowest)
    room = (high - low) * 0.06 or abs(high) * 0.06 or 1.0
    return _Frame(max(block.length, 1.0), low - room if near else low, high + room)


def _said(course: Course, unit: Unit) -> str:
    low, high = (value if isinstance(value, str) else show(value, unit) for value in (course.lowest, course.highest))
    return f"{_labels(course)}: from {low} to {high}"


def _labels(course: Course) -> str:
    return ", ".join(f"{name}={value}" for name, value in course.labels.items()) or "one series"


def _axes(block: Chart, frame: _Frame, unit: Unit) -> Iterator[str]:
    bottom, end = HEIGHT - BOTTOM, WIDTH - RIGHT
    for share in (0.0, 0.5, 1.0):
        value = frame.low + (frame.high - frame.low) * share
        y = frame.y(value)
        yield f'<line class="axis" x1="{LEFT}" y1="{y}" x2="{end}" y2="{y}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{_text(show(value, unit, 2))}</text>'
    zero = block.t0 or 0.0
    step = next((s for s in STEPS if frame.length / s <= TICKS), STEPS[-1])
    first = -(zero // step)
    for number in range(TICKS + 2):
        at = zero + (first + number) * step
        if 0 <= at <= frame.length:
            label = show_offset(at - zero) if block.t0 is not None else f"+{show_offset(at)[2:]}"
            yield f'<text x="{frame.x(at)}" y="{bottom + 16}" text-anchor="middle">{label}</text>'


def _bounds(block: Chart, frame: _Frame) -> Iterator[str]:
    for line in block.metric.thresholds:
        if frame.low <= line.value <= frame.high:
            y = frame.y(line.value)
            yield f'<line class="bound" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>'
            words = _text(f"{line.what} {line.shown}")
            yield f'<text x="{WIDTH - RIGHT - 4}" y="{y - 4}" text-anchor="end">{words}</text>'


def _marks(marks: Sequence[Mark], frame: _Frame) -> Iterator[str]:
    """A line for each; numbers that would lie upon one another are left to the table."""
    last = -CLOSE
    for number, mark in enumerate(marks, 1):
        x = frame.x(mark.seconds)
        yield f'<line class="mark {mark.kind}" x1="{x}" y1="{TOP}" x2="{x}" y2="{HEIGHT - BOTTOM}">'
        yield f"<title>{_text(f'{number}: {mark.text}')}</title></line>"
        if x - last >= CLOSE:
            yield f'<text x="{x}" y="{TOP - 6}" text-anchor="middle">{number}</text>'
            last = x


def _line(course: Course, frame: _Frame, colour: int) -> Iterator[str]:
    """Its pieces between gaps: the stretch from lowest to highest, and a line through the middle."""
    for piece in _pieces(course):
        high = [f"{frame.x(at)},{frame.y(top)}" for at, _, top in piece]
        low = [f"{frame.x(at)},{frame.y(bottom)}" for at, bottom, _ in reversed(piece)]
        middle = [f"{frame.x(at)},{frame.y((bottom + top) / 2)}" for at, bottom, top in piece]
        if len(piece) == 1:
            x, y = middle[0].split(",")
            yield f'<circle class="f{colour}" cx="{x}" cy="{y}" r="1.6"/>'
            continue
        if any(bottom != top for _, bottom, top in piece):
            yield f'<polygon class="span f{colour}" points="{" ".join([*high, *low])}"/>'
        yield f'<polyline class="line c{colour}" points="{" ".join(middle)}"/>'


def _pieces(course: Course) -> Iterator[list[tuple[Seconds, float, float]]]:
    piece: list[tuple[Seconds, float, float]] = []
    for at, low, high in course.points:
        if low is None or high is None:
            if piece:
                yield piece
            piece = []
        else:
            piece.append((at, low, high))
    if piece:
        yield piece


def _legend(courses: Sequence[Course]) -> Iterator[str]:
    """The look of each series, where there are several."""
    if len(courses) < 2:
        return
    keys = (
        f'<svg width="28" height="8" aria-hidden="true" style="display:inline;width:28px">'
        f'<line class="line c{number % COLOURS}" x1="0" y1="4" x2="28" y2="4"/></svg> {_text(_labels(course))}'
        for number, course in enumerate(courses[: 2 * COLOURS])
    )
    more = f" and {len(courses) - 2 * COLOURS} more" if len(courses) > 2 * COLOURS else ""
    yield f"<figcaption>{' &#160; '.join(keys)}{more}</figcaption>"


def _text(words: str) -> str:
    return escape(visible(words))
