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
"""From this width on the header has three lines."""

ROOMY = 120
"""From this width on the three lines use the long texts."""

STATE = 12
"""Cells of the state's word: the longest is ROLLING BACK."""

LEAST = 8
"""Cells below which a text that gives way is no longer told apart."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a line."""

    spans: Line
    column: int = 0
    """The least width; what is shorter is padded, so that what follows does not move."""
    need: int = 0
    """The higher, the sooner it is dropped; 0 never is."""
    number: bool = False
    """Aligned to the right edge of its column."""
    gives: int | None = None
    """Index of the span that gives way (is cut) when room is short, and grows into room left over."""

    def width(self) -> int:
        """Cells it asks for."""
        return max(self.column, width_of(self.spans))

    def least(self) -> int:
        """Cells it can live with."""
        if self.gives is None:
            return self.width()
        own = clean.width(self.spans[self.gives][0])
        return width_of(self.spans) - own + min(own, LEAST)


def row_of(slots: Sequence[Slot], tail: Sequence[Slot], cells: int, glyphs: Glyphs, between: int = 2) -> Line:
    """Slots from the left, the tail at the right edge, so many cells between any two (one before any is dropped)."""
    asked = [slot for slot in (*slots, *tail) if slot.spans]
    if sum(slot.least() + between for slot in asked) - between > cells:
        between = 1
    kept, kept_tail = _drop(slots, tail, cells, between)
    others = [slot for slot in (*kept, *kept_tail) if slot.gives is None]
    left_over = cells - sum(slot.width() + between for slot in others) + (0 if len(others) < len(kept) else between)
    line: list[Span] = []
    for slot in kept:
        room = max(0, left_over - between) if slot.gives is not None else slot.width()
        line += [*_padded(slot, room, glyphs), gap(between)]
    end = [span for slot in kept_tail for span in (gap(between), *_padded(slot, slot.width(), glyphs))][1:]
    start = fit(line, max(0, cells - width_of(end)), glyphs)
    return fit((*start, *end), cells, glyphs)


def _drop(slots: Sequence[Slot], tail: Sequence[Slot], cells: int, between: int) -> tuple[list[Slot], list[Slot]]:
    """Leave out the least needed until the rest fits."""
    kept, kept_tail = [slot for slot in slots if slot.spans], [slot for slot in tail if slot.spans]
    while sum(slot.least() + between for slot in (*kept, *kept_tail)) - between > cells:
        least = max((*kept, *kept_tail), key=lambda slot: slot.need, default=None)
        if least is None or not least.need:
            break
        (kept if least in kept else kept_tail).remove(least)
    return kept, kept_tail


def _padded(slot: Slot, room: int, glyphs: Glyphs) -> Line:
    rest = room - width_of(slot.spans)
    if rest >= 0:
        return (gap(rest), *slot.spans) if slot.number else (*slot.spans, gap(rest))
    if slot.gives is None:
        return fit(slot.spans, room, glyphs)
    text, role = slot.spans[slot.gives]
    cut = (clean.cut(text, max(0, clean.width(text) + rest), glyphs.end), role)
    return fit((*slot.spans[: slot.gives], cut, *slot.spans[slot.gives + 1 :]), room, glyphs)


# ---------------------------------------------------------------- pieces


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


def _trigger(row: HeaderRow, narrow: bool, glyphs: Glyphs) -> Slot:
    """The nearest trigger and, beside it, what is vetoed and muted. Its name gives way, its clock never."""
    name, space, clock = glyphs.text(row.trigger.at(narrow)).rpartition(" ")
    role = row.trigger.level.value
    said: list[Span] = []
    if row.trigger.text:
        said = [(f"{glyphs.alarm}{'' if narrow else ' '}", role), (name, role), (space + clock, role)]
    for fact in (row.vetoes, row.mutes):
        said += [(" ", "calm")] * bool(said) + list(_fact(fact, narrow, glyphs)) if fact.text else []
    return Slot(tuple(said), gives=1 if row.trigger.text else 0 if said else None)


def _traffic(row: HeaderRow, glyphs: Glyphs) -> Line:
    text = glyphs.text(row.traffic.text)
    if not text:
        return ()
    said: list[Span] = [(" traffic ", "muted"), (clean.right(text, max(4, clean.width(text))), row.traffic.level.value)]
    bar = progress(row.traffic_part, 10, glyphs)
    return (*said, (f" {bar}", "bar")) if bar else tuple(said)


def _clock(row: HeaderRow, glyphs: Glyphs) -> Line:
    return ((glyphs.text(row.clock), "strong"),) if row.clock else ()


# ---------------------------------------------------------------- lines


def header_lines(row: HeaderRow, cells: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The header in at most `height` lines of so many cells."""
    if cells < WIDE_ENOUGH or height < 3:
        return _narrow(row, cells, glyphs)[: max(1, height)]
    return _first(row, cells, glyphs), _second(row, cells, glyphs), _third(row, cells, glyphs)


def _first(row: HeaderRow, cells: int, glyphs: Glyphs) -> Line:
    tight = cells < ROOMY
    name: Line = ((f" {glyphs.text((tight and row.run) or row.title or row.run)}", "head"),)
    target: Line = ((f" {glyphs.cursor} {glyphs.text(row.target)}", "strong"),) if row.target else ()
    return row_of(
        [
            Slot((*name, *target), gives=0),
            Slot(_kinds(row, False, glyphs), column=4),
            Slot(_clock(row, glyphs), column=11),
            Slot(_fact(row.state, False, glyphs), column=STATE),
            Slot(_fact(row.wall, tight, glyphs), column=9 if tight else 12),
        ],
        [
            Slot(_fact(row.drift, tight, glyphs), column=6 if tight else 12, need=2, number=True),
            Slot(_fact(row.finish, tight, glyphs), column=9 if tight else 12, need=3, number=True),
        ],
        cells - 1,
        glyphs,
    )


def _second(row: HeaderRow, cells: int, glyphs: Glyphs) -> Line:
    tight = cells < ROOMY
    return row_of(
        [
            Slot(_traffic(row, glyphs), column=24),
            Slot(_counts(row.gates, tight, glyphs), column=22 if tight else 29),
            _trigger(row, tight, glyphs),
        ],
        [Slot(_fact(row.message, tight, glyphs), column=9 if tight else 16, need=2, number=True)],
        cells - 1,
        glyphs,
    )


def _third(row: HeaderRow, cells: int, glyphs: Glyphs) -> Line:
    tight = cells < ROOMY
    return row_of(
        [
            Slot(
                _fact(row.lead, tight, glyphs, lead=" "),
                column=12,
                need=1,
                gives=0 if tight and row.lead.text else None,
            ),
            Slot(_fact(row.safe, tight, glyphs), column=13 if tight else 27, need=2),
            Slot(_fact(row.data, tight, glyphs), column=8),
            Slot(_fact(row.lost, tight, glyphs)),
            Slot(_fact(row.guard, tight, glyphs), column=8, need=3),
            Slot(_fact(row.issues, tight, glyphs), need=1),
            Slot(_fact(row.overrides, tight, glyphs), gives=None if tight or not row.overrides.text else 0),
        ],
        [Slot(_fact(row.ready, tight, glyphs), column=12 if tight else 19), Slot(_key(row.rollback_key, glyphs))],
        cells,
        glyphs,
    )


def _narrow(row: HeaderRow, cells: int, glyphs: Glyphs) -> tuple[Line, Line]:
    target = glyphs.text(row.target).upper()[:4] if row.target else ""
    name: Line = ((f" {target}", "strong"), (f" {glyphs.text(row.run or row.title)}", "head"))
    state = Slot(_fact(row.state, True, glyphs), column=STATE)
    first = row_of(
        [
            Slot(name, gives=1, need=1),
            Slot(_kinds(row, True, glyphs), need=2),
            Slot(_clock(row, glyphs), column=10),
            state,
            Slot(_fact(row.wall, True, glyphs), need=3),
        ],
        [Slot(_key(row.rollback_key, glyphs))],
        cells,
        glyphs,
    )
    traffic = _fact(row.traffic, True, glyphs)
    second = row_of(
        [
            Slot(((" traffic ", "muted"), *traffic) if traffic else (), column=13, need=3),
            Slot(_counts(row.gates, True, glyphs), need=2),
            _trigger(row, True, glyphs),
        ],
        [Slot(_fact(row.ready, True, glyphs))],
        cells - 1,
        glyphs,
    )
    return first, second


def facts_line(row: HeaderRow, cells: int, glyphs: Glyphs) -> Line:
    """What the two narrow header lines leave out, in one line."""
    return row_of(
        [
            Slot(_fact(row.lead, True, glyphs, lead=" "), need=3, gives=0 if row.lead.text else None),
            Slot(_fact(row.drift, True, glyphs), need=1),
            Slot(_fact(row.finish, True, glyphs), need=4),
            Slot(_fact(row.message, True, glyphs), need=2),
            Slot(_fact(row.safe, True, glyphs), need=1),
        ],
        [
            Slot(_fact(row.overrides, True, glyphs)),
            Slot(_fact(row.issues, True, glyphs), need=2),
            Slot(_fact(row.lost, True, glyphs)),
            Slot(_fact(row.guard, True, glyphs), need=5),
            Slot(_fact(row.data, True, glyphs)),
        ],
        cells,
        glyphs,
    )
