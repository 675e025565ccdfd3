"""Line widgets: a widget draws lines of spans, and repaints only the lines that changed.

Every widget of the war room is one of two: a `LineWidget` of a few lines, or a `RowList` that scrolls over many rows.
What they draw comes from `renderables` as text with roles; here a role becomes a style (the app's component class
`line--ROLE`, coloured by the style sheets), and a line becomes a strip with few segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from pags_tui.ui.renderables.glyphs import UNICODE, Glyphs
from pags_tui.ui.renderables.line import ROLES, Line, changed, fit, width_of

KEPT_STRIPS = 200
"""Strips that a widget keeps: where it scrolls, all but one of the lines are as they were."""

COMPONENTS = {f"line--{role}" for role in ROLES}
"""Component classes of the app that is painted on (`TerminalApp` has them): one set for all widgets, matched once."""


def glyphs_of(widget: Widget) -> Glyphs:
    """The signs that this terminal can draw: the app's `glyphs`, Unicode where it names none."""
    found: Any = getattr(widget.app, "glyphs", UNICODE)
    return found if isinstance(found, Glyphs) else UNICODE


def name_frame(widget: Widget, title: str | None = None, subtitle: str | None = None) -> None:
    """Set the words in a widget's frame as plain text, and repaint only the edge on which they stand.

    Textual's own `border_title` reads a string as markup and repaints the whole widget.
    """
    for attribute, text, top in (("_border_title", title, True), ("_border_subtitle", subtitle, False)):
        if text is None:
            continue
        old: Content | None = getattr(widget, attribute)
        if (old.plain if old else "") != text:
            setattr(widget, attribute, Content(text) if text else None)
            edge = -widget.styles.gutter.top if top else widget.size.height
            widget.refresh(Region(-widget.styles.gutter.left, edge, widget.outer_size.width, 1))


def refresh_cells(widget: Widget, y: int, old: Line | None, new: Line) -> None:
    """Refresh what differs in a line of the view: a ticking second costs its two digits."""
    if old is None or width_of(old) != width_of(new):
        widget.refresh(Region(0, y, widget.size.width, 1))
    elif cells := changed(old, new):
        widget.refresh(Region(cells[0], y, cells[1], 1))


def _of_app(app: App[Any], component: str) -> Style:
    """A component's style; nothing on an app that does not know it."""
    try:
        return app.get_component_styles(component).partial_rich_style
    except KeyError:
        return Style.null()


class Painter(Widget):
    """Turns lines of spans into strips in the colours of the style sheet."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._inks: dict[str, Style] = {}
        self._strips: dict[tuple[Line, str | None], Strip] = {}

    def notify_style_update(self) -> None:
        """Forget colours when the theme, the focus or a class changes."""
        self._inks.clear()
        self._strips.clear()
        super().notify_style_update()

    def ink(self, role: str) -> Style:
        """The style of a role on this widget's ground."""
        style = self._inks.get(role)
        if style is None:
            style = self._inks[role] = self.rich_style + _of_app(self.app, f"line--{role}")
        return style

    def strip(self, line: Line, over: str | None = None) -> Strip:
        """A line as a strip, with the style of another role over all of it."""
        found = self._strips.get((line, over))
        if found is None:
            lay = self.ink(over) if over else None
            segments = [Segment(text, self.ink(role) + lay if lay else self.ink(role)) for text, role in line if text]
            if len(self._strips) >= KEPT_STRIPS:
                self._strips.clear()
            found = self._strips[line, over] = Strip(segments).simplify()
        return found


class LineWidget(Painter):
    """A widget of a few lines. `draw` makes them; `repaint` refreshes those that changed."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()
        self._drawn_for: tuple[int, int, str] | None = None

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """The lines at this size. At most `height` are shown."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw again; refresh the cells that are not what they were."""
        if not self.is_attached:
            return
        old = self._lines
        self._make_lines()
        for y in range(max(len(old), len(self._lines))):
            refresh_cells(self, y, old[y] if y < len(old) else None, self._lines[y] if y < len(self._lines) else ())

    def _make_lines(self) -> None:
        width, height = self.size
        glyphs = glyphs_of(self)
        if not width or not height:
            self._lines = ()
        else:
            self._lines = tuple(fit(line, width, glyphs) for line in self.draw(width, height, glyphs)[:height])
        self._drawn_for = (width, height, glyphs.name)

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        if self._drawn_for != (*self.size, glyphs_of(self).name):
            self._make_lines()
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        return self.strip(self._lines[y])
