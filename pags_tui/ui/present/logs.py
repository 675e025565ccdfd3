"""The log: one plain sentence per event."""

from __future__ import annotations

from pags_tui.core.events import Event
from pags_tui.core.runbook import Runbook
from pags_tui.ui.rows import LogRow
from pags_tui.ui.scene import Scene


def log(scene: Scene) -> tuple[LogRow, ...]:
    """The events that a person wants to see, oldest first."""
    return ()


def sentence(event: Event, runbook: Runbook) -> str:
    """What happened, in one plain sentence without the name of who did it."""
    return ""
