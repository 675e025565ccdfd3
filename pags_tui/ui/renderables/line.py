"""Lines made of spans: text with the role that colours it. Arithmetic only; no styles, no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pags_tui.ui.renderables import clean
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.rows import Level, Mark, Status

Span = tuple[str, str]
"""Clean text, and the role it plays: a `Level` value, or one of `ROLES`."""

Line = tuple[Span, ...]

ROLES = (
    "calm", "ok", "warn", "bad", "unknown", "muted",
    "strong", "head", "key", "danger", "alarm", "over", "bar", "mark", "bound", "cursor",
)  # fmt: skip
"""Every role; each is the component class `line--ROLE` in the style sheets."""


def text_of(line: Iterable[Span]) -> str:
    """The line as plain text."""
    return "".join(text for text, _ in line)


def width_of(line: Iterable[Span]) -> int:
    """How many cells the line takes."""
    return sum([clean.width(text) for text, _ in line])


def gap(cells: int) -> Span:
    """Blank cells."""
    return (" " * max(0, cells), "calm")


def changed(old: Sequence[Span], new: Sequence[Span]) -> tuple[int, int] | None:
    """The first cell that differs between two lines of one width, and how many cells on; None when none does."""
    before = [(char, role) for text, role in old for char in text]
    after = [(char, role) for text, role in new for char in text]
    if before == after:
        return None
    start, least = 0, min(len(before), len(after))
    while start < least and before[start] == after[start]:
        start += 1
    stop = 0
    while stop < least - start and before[-1 - stop] == after[-1 - stop]:
        stop += 1
    first = clean.width("".join(char for char, _ in after[:start]))
    behind = clean.width("".join(char for char, _ in after[len(after) - stop :]))
    return first, width_of(new) - behind - first


def cut(line: Sequence[Span], cells: int, glyphs: Glyphs) -> Line:
    """The line in at most so many cells."""
    kept: list[Span] = []
    room = cells
    for text, role in line:
        width = clean.width(text)
        if width > room:
            kept.append((clean.cut(text, room, glyphs.end), role))
            break
        kept.append((text, role))
        room -= width
    return tuple([span for span in kept if span[0]])


def fit(line: Sequence[Span], cells: int, glyphs: Glyphs) -> Line:
    """The line in exactly so many cells."""
    shown = cut(line, cells, glyphs)
    rest = cells - width_of(shown)
    return (*shown, gap(rest)) if rest else shown


def ends(start: Sequence[Span], end: Sequence[Span], cells: int, glyphs: Glyphs) -> Line:
    """Start at the left, end at the right edge; where both do not fit the start gives way."""
    tail = cut(end, cells, glyphs)
    room = cells - width_of(tail)
    if not tail:
        return fit(start, cells, glyphs)
    return (*fit(start, room - 1, glyphs), gap(1), *tail) if room > 1 else (gap(room), *tail)


def status(state: Status, glyphs: Glyphs, note: str = "") -> Line:
    """A state as glyph, word and colour, and its note behind it."""
    if not (state.word or note or state.mark is not Mark.NONE):
        return ()
    said = " ".join(filter(None, (glyphs.mark(state.mark).strip(), glyphs.text(state.word))))
    spans: list[Span] = [(said, state.level.value)]
    if note:
        spans.append((f" {glyphs.text(note)}", role_of(state.level)))
    return tuple(spans)


def role_of(level: Level) -> str:
    """The role of a level."""
    return level.value


def progress(part: float | None, cells: int, glyphs: Glyphs) -> str:
    """A bar: how much of it is done. A part outside 0..1, or NaN, is drawn at the nearer end or empty."""
    if part is None or cells <= 0:
        return ""
    done = 0 if part != part else round(min(1.0, max(0.0, part)) * cells)
    return glyphs.full * done + glyphs.empty * (cells - done)
