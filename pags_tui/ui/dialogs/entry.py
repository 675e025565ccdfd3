"""A line to type into, and lines to read: what every dialog is made of. Neither decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.widgets import Input

from pags_tui.ui.painting import LineWidget, glyphs_of
from pags_tui.ui.renderables.clean import width as cells_of
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span, gap, status, width_of
from pags_tui.ui.renderables.wrapping import wrap
from pags_tui.ui.rows import Fact, Status

if TYPE_CHECKING:
    from pags_tui.ui.present.views import WhyRow


class Entry(Input):
    """A line of text: empty at first, one row high, its cursor still."""

    DEFAULT_CSS = """
    Entry { width: 1fr; background: $panel; color: $foreground; }
    Entry:focus { background: $panel; }
    .-mono Entry { text-style: underline; }
    """
    SCOPED_CSS = False

    def __init__(self, *, id: str = "typed") -> None:
        super().__init__(id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False


class Lines(LineWidget):
    """Lines of text, wrapped; as high as they are, and paged when there is no room for that."""

    DEFAULT_CSS = "Lines { height: auto; width: 100%; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._said: tuple[Line, ...] = ()
        self._top = 0

    @property
    def said(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._said

    @said.setter
    def said(self, lines: Sequence[Line]) -> None:
        if tuple(lines) == self._said:
            return
        old = self._takes()
        self._said = tuple(lines)
        if self.is_attached and self._takes() != old:
            self.refresh(layout=True)
        self.repaint()

    def _wrapped(self, width: int) -> list[Line]:
        glyphs = glyphs_of(self)
        clean = [tuple((glyphs.text(text), role) for text, role in line) for line in self._said]
        return [part for line in clean for part in wrap(line, width)]

    def _takes(self) -> tuple[int, int]:
        """Room that the lines ask for: cells where the width is theirs to choose, and rows."""
        width = self.styles.width
        wide = max(map(width_of, self._said), default=0) if width is not None and width.is_auto else 0
        return wide, self._height(self.size.width) if self.size.width else -1

    def _height(self, width: int) -> int:
        return len(self._wrapped(width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the wrapped lines take."""
        return self._height(width)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As many cells as the longest line takes."""
        return max((width_of(line) for line in self._said), default=0)

    def page(self, by: int) -> None:
        """Show other lines, where not all can be shown."""
        rest = max(0, self._height(self.size.width) - self.size.height)
        self._top = min(max(0, self._top + by * max(1, self.size.height - 1)), rest and rest + 1)
        self.repaint()

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """The lines; the last one says how many more there are."""
        lines = self._wrapped(width)
        if len(lines) <= height:
            return lines
        shown = lines[self._top : self._top + height - 1]
        rest = len(lines) - self._top - len(shown)
        word = f"{glyphs.end} {rest} more lines: pgdn" if rest else f"{glyphs.end} pgup: the lines before"
        return (*shown, *([()] * (height - 1 - len(shown))), ((word, "muted"),))

    def tell(self, text: str, role: str = "calm") -> None:
        """One plain text; empty: nothing."""
        self.said = (plain(text, role),) if text else ()


# ---------------------------------------------------------------- lines made of what views hold


def plain(text: str, role: str = "calm") -> Line:
    """A text as a line."""
    return ((text, role),) if text else ()


def pairs(rows: Iterable[tuple[str, str]], role: str = "calm") -> list[Line]:
    """Labels in one column, texts in the next."""
    told = [(label, text) for label, text in rows if text]
    wide = max((cells_of(label) for label, _ in told), default=0)
    return [((label + " " * (wide - cells_of(label) + 2), "muted"), (text, role)) for label, text in told]


def facts(found: Iterable[Fact], between: str = " · ") -> Line:
    """Short facts in one line, each in its own colour."""
    line: list[Span] = []
    for fact in found:
        if fact.text:
            line += [(between, "muted")] * bool(line)
            line.append((fact.text, fact.level.value))
    return tuple(line)


def in_the_way(rows: Iterable[WhyRow]) -> list[Line]:
    """What must be cleared first, and how; nothing where nothing is in the way."""
    lines: list[Line] = [((f"  {row.text}", "warn"), (f"  {row.does}", "muted")) for row in rows]
    return [plain("Not yet:", "bad"), *lines] if lines else []


def judged(state: Status, text: str, glyphs: Glyphs, note: str = "", wide: int = 0) -> Line:
    """A state, what it is about, and a note."""
    mark = status(state, glyphs) or (gap(1),)
    behind: Line = ((f"  {note}", "muted"),) if note else ()
    return (*mark, gap(max(1, wide - width_of(mark))), (text, "calm"), *behind)
