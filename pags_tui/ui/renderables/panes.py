"""The lines of the panes: timeline, checklist, metrics, gates and triggers, log."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.renderables import clean
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span, cut, ends, gap, progress, status, width_of
from pags_tui.ui.renderables.sparkline import limit, sparkline
from pags_tui.ui.rows import (
    BoardRow,
    ChecklistRow,
    GateRow,
    HeadingRow,
    Kind,
    Level,
    LogRow,
    Mark,
    MetricRow,
    TimelineRow,
    TriggerRow,
)

COLUMNS_FROM = 60
"""From this width on the checklist keeps columns for the result and for who did it."""
RESULT, WHO = 24, 13
"""Their cells."""


def _edge(chosen: bool, mark: str, level: Level, glyphs: Glyphs) -> Line:
    """Cursor and state, three cells: the cursor takes no state's place."""
    return ((glyphs.cursor if chosen else " ", "key"), (mark, level.value), (" ", "calm"))


def timeline_line(row: TimelineRow, cells: int, glyphs: Glyphs, chosen: bool = False) -> Line:
    """`✓ T+15  50% canary   +3:10`; overdue is said in words."""
    text = "strong" if row.current else "muted" if row.status.mark is Mark.FUTURE else "calm"
    start = (
        *_edge(chosen, glyphs.mark(row.status.mark), row.status.level, glyphs),
        (clean.left(glyphs.text(row.at), 6) + " ", text),
        (glyphs.text(row.title), text),
    )
    late: list[Span] = [("overdue ", "bad")] if row.overdue else []
    return ends(start, (*late, (glyphs.text(row.drift), row.drift_level.value)), cells, glyphs)


def checklist_line(row: ChecklistRow, cells: int, glyphs: Glyphs, chosen: bool = False) -> Line:
    """A step with its outcome at the left and its result at the right, or the heading of a section."""
    if row.kind is Kind.SECTION:
        return _section(row, cells, glyphs)
    dim = row.disabled or row.not_yet
    mark = glyphs.mark(row.status.mark)
    start = (
        *_edge(chosen, mark, row.status.level, glyphs),
        *([("(optional) ", "muted")] if row.optional else []),
        (glyphs.text(row.text), "muted" if dim else "calm"),
        *([(f"  {glyphs.text(row.note)}", "muted")] if row.note else []),
    )
    return ends(start, _result(row, cells, glyphs, width_of(start)), cells, glyphs)


def _result(row: ChecklistRow, cells: int, glyphs: Glyphs, text: int) -> Line:
    """What came of it and who did it, in their columns; a text of so many cells has the room that these leave."""
    said: list[Span] = []
    if row.change.text:
        said.append((glyphs.text(row.change.text), row.change.level.value))
    if row.verdict is not None:
        said += [gap(1)] * bool(said) + list(status(row.verdict, glyphs, row.verdict_note))
    if not said and row.status.word and row.status.mark is not Mark.PASS:
        said.append((glyphs.text(row.status.word), row.status.level.value))
    if not said and row.not_yet:
        said.append(("not yet", "muted"))
    who = glyphs.text(row.who or row.role)
    if not said and not who:
        return ()  # the columns stand empty: the text may have their room
    if cells < COLUMNS_FROM:
        return tuple(said) if said or not row.role or row.who else ((who, "muted"),)
    result, over = cut(said, RESULT, glyphs), max(0, text + 1 + RESULT + 1 + WHO - cells)
    blank = RESULT - width_of(result)
    between, left = max(0, blank - over) + bool(said), WHO - max(0, over - blank)
    who = clean.left(who, max(min(clean.width(who), WHO), left))
    return (*result, gap(between), (who, "muted" if not row.who else "calm"))


def _section(row: ChecklistRow, cells: int, glyphs: Glyphs) -> Line:
    start: list[Span] = [("   ", "head"), (glyphs.text(row.text), "head")]
    if row.note:
        start.append((f"  {glyphs.text(row.note)}", "calm"))
    room = cells - width_of(start) - 2
    if row.progress is not None and room >= 4:
        start += [gap(1), (progress(row.progress, min(12, room), glyphs), "bar")]
    role: Line = ((f"sign: {glyphs.text(row.role)}", "key"),) if row.role else ()
    return ends(start, role, cells, glyphs) if role else tuple(start)


def metric_lines(row: MetricRow, cells: int, glyphs: Glyphs, chosen: bool = False) -> tuple[Line, Line]:
    """A metric's name, value and judgement; below, its course and its limit."""
    mark = glyphs.mark(row.status.mark)
    title = glyphs.text(row.title) + (f" ({row.series})" if row.series > 1 else "")
    beside = row.note or row.bound
    end = (
        (f"{glyphs.text(row.value)}  ", "strong" if row.status.level is Level.OK else row.status.level.value),
        (f"{mark} ", row.status.level.value),
        (clean.left(glyphs.text(beside), min(8, max(0, cells - 24))), row.status.level.value),
    )
    word = [(f" {glyphs.text(row.status.word)}", row.status.level.value)] * (
        cells >= COLUMNS_FROM and row.status.mark is not Mark.NONE
    )
    first = ends(((glyphs.cursor if chosen else " ", "key"), (title, "calm"), *word), end, cells, glyphs)
    label = limit(row.bounds, glyphs)
    room = cells - 1 - (clean.width(label) + 1 if label else 0)
    if room < 4:
        label, room = "", max(0, cells - 1)
    course = sparkline(row.spark, room, glyphs, row.bounds, row.marks)
    return first, (gap(1), *course, *([(f" {label}", "bound")] if label else []))


def board_line(row: BoardRow, cells: int, glyphs: Glyphs, chosen: bool = False) -> Line:
    """A gate, a trigger, or what stands between them."""
    match row:
        case HeadingRow():
            return (("   ", "head"), (glyphs.text(row.text), "head"), (f"  {glyphs.text(row.note)}", "muted"))
        case GateRow():
            return _gate(row, cells, glyphs, chosen)
        case TriggerRow():
            return _trigger(row, cells, glyphs, chosen)


def _gate(row: GateRow, cells: int, glyphs: Glyphs, chosen: bool) -> Line:
    start = (
        *_edge(chosen, glyphs.mark(row.status.mark), row.status.level, glyphs),
        (glyphs.text(row.title), "calm"),
        *([(" hard", "muted")] if row.hard else []),
    )
    said: list[Span] = [(glyphs.text(row.status.word), row.status.level.value)]
    if row.value and (cells >= COLUMNS_FROM or not row.overridden):
        said.insert(0, (f"{glyphs.text(row.value)} {glyphs.text(row.bound)} ".replace("  ", " "), "calm"))
    if row.overridden:
        said.append((f" overridden {glyphs.text(row.overridden)}", "warn"))
    elif row.reason and cells >= COLUMNS_FROM:
        said.append((f" {glyphs.text(row.reason)}", "muted"))
    return ends(start, cut(said, max(8, cells * 3 // 4), glyphs), cells, glyphs)


def _trigger(row: TriggerRow, cells: int, glyphs: Glyphs, chosen: bool) -> Line:
    start = (
        *_edge(chosen, glyphs.mark(row.status.mark), row.status.level, glyphs),
        (glyphs.text(row.title), "calm"),
    )
    said: list[Span] = []
    if row.value and cells >= COLUMNS_FROM:
        said.append((f"{glyphs.text(row.value)} {glyphs.text(row.bound)} ", "calm"))
    said.append((glyphs.text(row.status.word), row.status.level.value))
    odd = row.arming.text not in ("", "armed") or row.now is not None
    if row.clock and (cells >= COLUMNS_FROM or not odd):
        said.append((f" {glyphs.text(row.clock)}", row.status.level.value))
    if row.now is not None:
        said.append((f" now {glyphs.text(row.now.word)}", row.now.level.value))
    if row.arming.text and (row.arming.text != "armed" or cells >= COLUMNS_FROM):
        said.append((f" {glyphs.text(row.arming.text)}", row.arming.level.value))
    return ends(start, cut(said, max(8, cells * 2 // 3), glyphs), cells, glyphs)


def log_line(row: LogRow, cells: int, glyphs: Glyphs, chosen: bool = False) -> Line:
    """`22:19:04 ana: consumer restarted`."""
    who: list[Span] = [(f"{glyphs.text(row.who)}: ", "muted")] if row.who else []
    edge = (glyphs.cursor if chosen else " ", "key")
    return cut(
        (edge, (f"{glyphs.text(row.wall)} ", "muted"), *who, (glyphs.text(row.text), row.level.value)), cells, glyphs
    )


def strip_line(gates: Sequence[MetricRow | GateRow], cells: int, glyphs: Glyphs) -> Line:
    """Gates in one line, the worst first to be kept: `error .42% ✓ · queue 612 ✗ >500`."""
    spans: list[Span] = []
    left_out = 0
    for row in gates:
        name = glyphs.text(row.title)
        told = f" {glyphs.text(row.value)}" if row.value else ""
        bound = f" {glyphs.text(row.bound)}" if row.bound and row.status.mark is Mark.FAIL else ""
        item: list[Span] = [(f" {glyphs.text('·')} ", "muted")] if spans else [gap(1)]
        item += [(f"{name}{told} ", "calm"), (glyphs.mark(row.status.mark) + bound, row.status.level.value)]
        if width_of(spans) + width_of(item) > cells - 5:
            left_out += 1
        else:
            spans += item
    return (*spans, (f" +{left_out}", "muted")) if left_out else tuple(spans)
