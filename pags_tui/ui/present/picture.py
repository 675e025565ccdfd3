"""A scene as the first picture of a screen."""

from __future__ import annotations

from pags_tui.ui import present
from pags_tui.ui.rows import FooterKey
from pags_tui.ui.rows.picture import Picture
from pags_tui.ui.scene import Scene

LINES = 100
"""Of the log: more than any terminal shows."""


def picture(scene: Scene, footer: tuple[FooterKey, ...]) -> Picture:
    """All of the main screen, in the present phase."""
    checklist = present.checklist(scene)
    return Picture(
        present.header(scene),
        present.band(scene),
        present.timeline(scene),
        present.checklist_heading(scene),
        checklist,
        present.open_step(scene, checklist),
        present.metrics(scene),
        present.board(scene),
        present.strip(scene),
        present.log(scene)[-LINES:],
        footer,
    )
