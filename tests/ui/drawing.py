"""What drawing tests share: lines as text, and a tiny app that shows one widget."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from pags_tui.ui import layouts, looks
from pags_tui.ui.painting import COMPONENTS
from pags_tui.ui.renderables.glyphs import ASCII, UNICODE, Glyphs
from pags_tui.ui.renderables.line import Line, text_of, width_of
from pags_tui.ui.row_list import RowList

WIDTHS = (1, 2, 80)
BOTH = (UNICODE, ASCII)


def texts(lines: Sequence[Line]) -> list[str]:
    """Lines as text rows."""
    return [text_of(line) for line in lines]


def fills(lines: Sequence[Line], cells: int) -> bool:
    """Whether no line is wider than it may be."""
    return all(width_of(line) <= cells for line in lines)


def roles(line: Line, role: str) -> str:
    """What of a line plays a role."""
    return "".join(text for text, found in line if found == role)


class Alone(App[None]):
    """Shows one widget over the whole screen, and keeps what it posts."""

    CSS_PATH = layouts.sheets()
    COMPONENT_CLASSES = COMPONENTS
    CSS = """
    Screen > * { width: 1fr !important; height: 1fr !important; border: none !important; display: block !important; }
    """
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widget: Widget, glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self.widget = widget
        self.glyphs = glyphs
        self.posted: list[tuple[str, str]] = []
        for theme in looks.THEMES:
            self.register_theme(theme)
        self.theme = looks.DARK.name

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        self._keep(message, message.row_id)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self._keep(message, message.row_id)

    def _keep(self, message: Message, row_id: str) -> None:
        self.posted.append((type(message).__name__, row_id))


def shown(widget: Widget) -> list[str]:
    """What a widget shows, right-stripped."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
