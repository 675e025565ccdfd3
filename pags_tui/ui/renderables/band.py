"""The loud band: large digits at the left, what they mean beside them."""

from __future__ import annotations

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span, fit, gap, width_of
from pags_tui.ui.renderables.wrapping import wrap
from pags_tui.ui.rows import BandMode, BandRow, FooterKey, Mark

DIGITS = "0123456789:"


def large(text: str, glyphs: Glyphs) -> tuple[str, str, str]:
    """Digits and colons in three rows; whatever else is left out."""
    found = [DIGITS.index(char) for char in text if char in DIGITS]
    rows = [" ".join(row[at * 3 : at * 3 + 3] for at in found) for row in glyphs.digits]
    return rows[0], rows[1], rows[2]


def keys_of(keys: tuple[FooterKey, ...], glyphs: Glyphs) -> Line:
    """Keys that matter now."""
    spans: list[Span] = []
    for key in keys:
        spans += [gap(2)] * bool(spans)
        spans += [
            (f" {glyphs.text(key.key)} ", "danger" if key.loud else "key"),
            (f" {glyphs.text(key.label)}", "strong"),
        ]
    return tuple(spans)


def band_height(row: BandRow, cells: int, glyphs: Glyphs) -> int:
    """Rows that the whole band asks for in so many cells."""
    return max(3, len(_all_lines(row, cells, glyphs)))


def band_lines(row: BandRow, cells: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The band in at most `height` lines; from three on what counts down is written large and nothing is cut off."""
    if height < 3:
        return tuple(fit(line, cells, glyphs) for line in _low(row, height, glyphs))[:height]
    lines = _all_lines(row, cells, glyphs)
    if len(lines) > height:
        left = len(lines) - height + 1
        lines = (*lines[: height - 1], ((f" {glyphs.end} {left} more lines", "muted"),))
    return tuple(fit(line, cells, glyphs) for line in lines)


def _head(row: BandRow, glyphs: Glyphs) -> Line:
    return (f" {_sign(row, glyphs)} ", "alarm"), (f" {glyphs.text(row.title)} ", row.level.value)


def _judged(row: BandRow, glyphs: Glyphs) -> str:
    return " ".join(filter(None, (glyphs.text(row.reading), glyphs.text(row.bound))))


def _all_lines(row: BandRow, cells: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Title, what it means, the keys, then what else there is; wrapped, beside the large digits where it counts."""
    side = [((" " + text + "  ", row.level.value),) for text in large(row.clock, glyphs)] if row.clock else []
    room = max(1, cells - (width_of(side[0]) if side else 0))
    judged = _judged(row, glyphs)
    said: Line = (*(((f" {judged}  ", "strong"),) if judged else ()), (f" {glyphs.text(row.text)}", "calm"))
    body = [
        *wrap(_head(row, glyphs), room),
        *wrap(said, room),
        *([(gap(1), *keys_of(row.keys, glyphs))] if row.keys else []),
        *(part for text in row.more for part in wrap(((f" {glyphs.text(text)}", "muted"),), room)),
    ]
    if not side:
        return tuple(body)
    blank: Line = (gap(width_of(side[0])),)
    rows = max(len(side), len(body))
    left = (*side, *([blank] * (rows - len(side))))
    right = (*body, *([()] * (rows - len(body))))
    return tuple((*one, *other) for one, other in zip(left, right, strict=True))


def _low(row: BandRow, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """One line or two, for a terminal without room."""
    head = _head(row, glyphs)
    if row.clock:
        head = ((f" {glyphs.text(row.clock)} ", "alarm"), *head)
    judged = _judged(row, glyphs)
    told: Line = ((f" {judged} ", "strong"),) if judged else ()
    return head, (*told, gap(1), *keys_of(row.keys, glyphs), gap(1), (f" {glyphs.text(row.text)}", "calm"))


def _sign(row: BandRow, glyphs: Glyphs) -> str:
    """What it is about, in a word."""
    words = {BandMode.COUNTDOWN: "ROLLBACK IN", BandMode.ASK: "ROLL BACK?", BandMode.ROLLBACK: "ROLLING BACK"}
    word = words.get(row.mode, row.mode.value.upper())
    return f"{glyphs.mark(Mark.ALARM)} {word}"
