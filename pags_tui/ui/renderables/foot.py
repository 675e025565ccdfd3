"""The footer's keys, and the bar that says where a replay stands."""

from __future__ import annotations

from pags_tui.ui.renderables import clean
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span, fit, gap, width_of
from pags_tui.ui.rows import FooterKey, Level, ScrubRow

NAMED = 60
"""Cells from which on the bar says when it begins and ends."""


def _key(key: FooterKey, glyphs: Glyphs) -> Line:
    if key.loud:
        return ((f" {glyphs.text(key.key)} {glyphs.text(key.label)} ", "danger"),)
    off = key.why_not is not None
    return (
        (glyphs.text(key.key), "muted" if off else "key"),
        (f" {glyphs.text(key.label)}", "muted" if off else "calm"),
    )


def footer_line(keys: tuple[FooterKey, ...], cells: int, glyphs: Glyphs) -> Line:
    """Keys in the order given, as many as fit; loud ones always, at the right."""
    loud = [span for key in keys if key.loud for span in _key(key, glyphs)]
    room = cells - width_of(loud) - 1
    line: list[Span] = [gap(1)]
    for key in keys:
        if key.loud:
            continue
        item = _key(key, glyphs)
        if width_of(line) + width_of(item) > room:
            break
        line += [*item, gap(2)]
    return (*fit(line, max(0, cells - width_of(loud)), glyphs), *loud)


def scrub_line(row: ScrubRow, cells: int, glyphs: Glyphs) -> Line:
    """`play 1×  T+00:22:41  21:00:00 ━━━━●━━━ 01:00:00`: state, speed, and the run as a bar with its events.

    Where there is little room, the bar alone: both clocks stand in the header.
    """
    state = f" {'play' if row.playing else 'stop'} {clean.left(glyphs.text(row.speed), 4)} "
    if cells < NAMED:
        return fit(((state, "strong"), *_track(row, max(1, cells - clean.width(state) - 1), glyphs)), cells, glyphs)
    state += f" {clean.right(glyphs.text(row.now), 12)}  "
    start, end = glyphs.text(row.start), glyphs.text(row.end)
    room = cells - clean.width(state) - clean.width(start) - clean.width(end) - 3
    if room < 5:
        return fit(((state, "strong"),), cells, glyphs)
    return ((state, "strong"), (f"{start} ", "muted"), *_track(row, room, glyphs), (f" {end} ", "muted"))


def _track(row: ScrubRow, cells: int, glyphs: Glyphs) -> Line:
    def at(part: float) -> int:
        return min(cells - 1, max(0, int(part * cells))) if part == part else 0

    events = {at(part): level for part, level in sorted(row.marks, key=lambda mark: mark[1] is Level.BAD)}
    here = at(row.part)
    spans: list[Span] = []
    for cell in range(cells):
        char, role = glyphs.rule, "bar" if cell < here else "muted"
        if cell in events:
            char, role = glyphs.alarm, events[cell].value
        if cell == here:
            char, role = glyphs.full, "strong"
        if spans and spans[-1][1] == role:
            spans[-1] = (spans[-1][0] + char, role)
        else:
            spans.append((char, role))
    return tuple(spans)
