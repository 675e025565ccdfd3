"""The timeline: phases, their checkpoints, and the groups that come after them."""

from __future__ import annotations

from pags_tui.ui.rows import TimelineRow
from pags_tui.ui.scene import Scene


def timeline(scene: Scene) -> tuple[TimelineRow, ...]:
    """Phases and checkpoints in file order, then the groups that a runbook ends with."""
    return ()
