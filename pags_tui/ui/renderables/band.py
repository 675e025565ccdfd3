"""The loud band: large digits at the left, what they mean beside them."""

from __future__ import annotations

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span, fit, gap, width_of
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


def band_lines(row: BandRow, cells: int, height: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The band in at most `height` lines; with room for three, what counts down is written large."""
    role = row.level.value
    head: Line = ((f" {_sign(row, glyphs)} ", "alarm"), (f" {glyphs.text(row.title)} ", role))
    judged = " ".join(filter(None, (glyphs.text(row.reading), glyphs.text(row.bound))))
    body = [
        head,
        (*(((f" {judged}  ", "strong"),) if judged else ()), (f" {glyphs.text(row.text)}", "calm")),
        (gap(1), *keys_of(row.keys, glyphs)),
        *(((f" {glyphs.text(text)}", "muted"),) for text in row.more),
    ]
    if row.clock and height >= 3:
        digits = large(row.clock, glyphs)
        side = [((" " + row_text + "  ", role),) for row_text in digits]
        blank = (gap(width_of(side[0])),)
        side += [blank] * max(0, len(body) - 3)
        return tuple(fit((*left, *right), cells, glyphs) for left, right in zip(side, body, strict=False))[:height]
    if row.clock:
        body[0] = ((f" {glyphs.text(row.clock)} ", "alarm"), *body[0])
    if height == 2:
        body[1] = (
            *(((f" {judged} ", "strong"),) if judged else ()),
            gap(1),
            *keys_of(row.keys, glyphs),
            gap(1),
            *body[1][-1:],
        )
    return tuple(fit(line, cells, glyphs) for line in body)[:height]


def _sign(row: BandRow, glyphs: Glyphs) -> str:
    """What it is about, in a word."""
    words = {BandMode.COUNTDOWN: "ROLLBACK IN", BandMode.ASK: "ROLL BACK?", BandMode.ROLLBACK: "ROLLING BACK"}
    word = words.get(row.mode, row.mode.value.upper())
    return f"{glyphs.mark(Mark.ALARM)} {word}"
