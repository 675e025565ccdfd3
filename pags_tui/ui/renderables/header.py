"""The header's lines. Words keep their columns whatever they say; where room is short the least needed give way.

At 80 columns two lines hold what the night turns on, and the facts line near the foot holds the rest, so that nothing
of the header is ever out of sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pags_tui.ui.renderables import clean
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span, fit, gap, progress, width_of
from pags_tui.ui.rows import Fact, FooterKey, HeaderRow, Level

WIDE_ENOUGH = 100
"""From this width on the long texts are shown; below, the short ones."""

LAST = 0
"""The need of what is never dropped."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a line."""

    spans: Line
    column: int = 0
    """The least width; what is shorter is padded, so that what follows does not move."""
    need: int = LAST
    """The higher, the sooner it is dropped."""
    number: bool = False
    """Aligned to the right edge of its column."""
    stretch: bool = False
    """Takes what room is left over, and gives way first."""

    def width(self) -> int:
        """Cells it takes."""
        return max(self.column, width_of(self.spans))


def row_of(slots: Sequence[Slot], tail: Sequence[Slot], cells: int, glyphs: Glyphs) -> Line:
    """Slots from the left, the tail at the right edge."""
    kept, kept_tail = _drop(slots, tail, cells)
    used = sum(slot.width() + 2 for slot in (*kept, *kept_tail) if not slot.stretch)
    elastic = next((slot for slot in kept if slot.stretch), None)
    line: list[Span] = []
    for slot in kept:
        room = max(0, cells - used - 2) if slot is elastic else slot.width()
        line += _padded(slot, room, glyphs) if room else ()
        line.append(gap(2))
    end = [span for slot in kept_tail for span in (gap(2), *_padded(slot, slot.width(), glyphs))][1:]
    start = fit(line, max(0, cells - width_of(end) - 1), glyphs)
    return fit((*start, *end), cells, glyphs)


def _drop(slots: Sequence[Slot], tail: Sequence[Slot], cells: int) -> tuple[list[Slot], list[Slot]]:
    """Leave out the least needed until the rest fits."""
    kept, kept_tail = [slot for slot in slots if slot.spans], [slot for slot in tail if slot.spans]

    def taken() -> int:
        return sum((min(12, slot.width()) if slot.stretch else slot.width()) + 2 for slot in (*kept, *kept_tail)) - 1

    while taken() > cells:
        least = max((*kept, *kept_tail), key=lambda slot: slot.need, default=None)
        if least is None or least.need == LAST:
            break
        (kept if least in kept else kept_tail).remove(least)
    return kept, kept_tail


def _padded(slot: Slot, room: int, glyphs: Glyphs) -> Line:
    rest = room - width_of(slot.spans)
    return (gap(rest), *slot.spans) if slot.number and rest > 0 else fit(slot.spans, room, glyphs)


def _fact(fact: Fact, narrow: bool, glyphs: Glyphs, lead: str = "") -> Line:
    text = glyphs.text(fact.at(narrow))
    return ((lead + text, fact.level.value),) if text else ()


def _counts(facts: Iterable[Fact], narrow: bool, glyphs: Glyphs) -> Line:
    spans: list[Span] = []
    for fact in facts:
        spans += [(" ", "calm"), (glyphs.text(fact.at(narrow)), fact.level.value)]
    return (("gates", "muted"), *spans) if spans else ()


def _key(key: FooterKey, glyphs: Glyphs) -> Line:
    return ((f" {glyphs.text(key.key)} {glyphs.text(key.label)} ", "danger"),)


def _kinds(row: HeaderRow, narrow: bool, glyphs: Glyphs) -> Line:
    spans: list[Span] = []
    for kind in row.kinds:
        spans += [(" ", "calm")] * bool(spans)
        spans.append((glyphs.text(kind.at(narrow)), "strong" if kind.level is Level.CALM else kind.level.value))
    return tuple(spans)


def _trigger(row: HeaderRow, narrow: bool, glyphs: Glyphs) -> Line:
    """The nearest trigger, and beside it what is vetoed and muted: never dropped."""
    said = [(f"{glyphs.alarm}{'' if narrow else ' '}{text}", role) for text, role in _fact(row.trigger, narrow, glyphs)]
    for fact in (row.vetoes, row.mutes):
        said += [(" ", "calm"), *_fact(fact, narrow, glyphs)] if fact.text else []
    return tuple(said)


def header_lines(row: HeaderRow, cells: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The header in at most `height` lines of so many cells."""
    if cells < WIDE_ENOUGH or height < 3:
        return _narrow(row, cells, glyphs)[: max(1, height)]
    return _normal(row, cells, glyphs)


def _normal(row: HeaderRow, cells: int, glyphs: Glyphs) -> tuple[Line, ...]:
    title = f" {glyphs.text(row.title or row.run)}"
    target = (f" {glyphs.cursor} {glyphs.text(row.target)}", "strong")
    room = max(8, cells - 82 - width_of(_kinds(row, False, glyphs)))
    name = (clean.cut(title, max(4, room - clean.width(target[0])), glyphs.end), "head")
    first = row_of(
        [
            Slot((name, target) if row.target else (name,), stretch=True),
            Slot(_kinds(row, False, glyphs), column=4),
            Slot(((glyphs.text(row.clock), "strong"),), column=11),
            Slot(_fact(row.state, False, glyphs), column=12),
            Slot(_fact(row.wall, False, glyphs), column=12),
        ],
        [
            Slot(_fact(row.drift, False, glyphs), column=12, need=2, number=True),
            Slot(_fact(row.finish, False, glyphs), column=12, need=3, number=True),
        ],
        cells - 1,
        glyphs,
    )
    second = row_of(
        [
            Slot(_traffic(row, glyphs), column=23),
            Slot(_counts(row.gates, False, glyphs), column=29),
            Slot(_trigger(row, False, glyphs), stretch=True),
        ],
        [Slot(_fact(row.message, False, glyphs), column=16, need=2, number=True)],
        cells - 1,
        glyphs,
    )
    return first, second, _third(row, cells, glyphs)


def _third(row: HeaderRow, cells: int, glyphs: Glyphs) -> Line:
    return row_of(
        [
            Slot(_fact(row.lead, False, glyphs, lead=" "), column=12, need=1),
            Slot(_fact(row.safe, False, glyphs), column=27, need=1),
            Slot(_fact(row.data, False, glyphs), column=8, need=1),
            Slot(_fact(row.lost, False, glyphs)),
            Slot(_fact(row.guard, False, glyphs), column=8, need=1),
            Slot(_fact(row.issues, False, glyphs), need=1),
            Slot(_fact(row.overrides, False, glyphs), stretch=True),
        ],
        [Slot(_fact(row.ready, False, glyphs), column=19), Slot(_key(row.rollback_key, glyphs))],
        cells,
        glyphs,
    )


def _traffic(row: HeaderRow, glyphs: Glyphs) -> Line:
    text = glyphs.text(row.traffic.text)
    if not text:
        return ()
    bar = progress(row.traffic_part, 10, glyphs)
    said: list[Span] = [(" traffic ", "muted"), (clean.right(text, 4), row.traffic.level.value)]
    return (*said, (f" {bar}", "bar")) if bar else tuple(said)


def _narrow(row: HeaderRow, cells: int, glyphs: Glyphs) -> tuple[Line, Line]:
    target = glyphs.text(row.target).upper()[:4] if row.target else ""
    name: Line = ((f" {target}", "strong"), (f" {glyphs.text(row.run or row.title)}", "head"))
    first = row_of(
        [
            Slot(name, stretch=True),
            Slot(_kinds(row, True, glyphs)),
            Slot((*_clock(row, glyphs), *_fact(row.state, True, glyphs)), column=23),
            Slot(_fact(row.wall, True, glyphs), need=1),
            Slot(_fact(row.drift, True, glyphs), column=6, need=3, number=True),
        ],
        [Slot(_key(row.rollback_key, glyphs))],
        cells,
        glyphs,
    )
    traffic = _fact(row.traffic, True, glyphs)
    second = row_of(
        [
            Slot(((" traffic ", "muted"), *traffic) if traffic else (), column=13, need=3),
            Slot(_counts(row.gates, True, glyphs)),
            Slot(_trigger(row, True, glyphs), stretch=True, need=1),
        ],
        [Slot(_fact(row.message, True, glyphs), need=4), Slot(_fact(row.ready, True, glyphs))],
        cells - 1,
        glyphs,
    )
    return first, second


def _clock(row: HeaderRow, glyphs: Glyphs) -> Line:
    return ((glyphs.text(row.clock), "strong"), (" ", "calm")) if row.clock else ()


def facts_line(row: HeaderRow, cells: int, glyphs: Glyphs) -> Line:
    """What the two narrow header lines leave out, in one line."""
    return row_of(
        [
            Slot(_fact(row.lead, True, glyphs, lead=" "), need=3),
            Slot(_fact(row.finish, True, glyphs), need=4),
            Slot(_fact(row.safe, True, glyphs), need=1),
            Slot(_fact(row.overrides, True, glyphs), stretch=True),
        ],
        [
            Slot(_fact(row.issues, True, glyphs), need=2),
            Slot(_fact(row.lost, True, glyphs)),
            Slot(_fact(row.guard, True, glyphs), need=2),
            Slot(_fact(row.data, True, glyphs)),
        ],
        cells - 1,
        glyphs,
    )
