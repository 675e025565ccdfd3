"""Gates and triggers."""

from __future__ import annotations

from pags_tui.ui.rows import BoardRow, GateRow
from pags_tui.ui.scene import Scene


def board(scene: Scene) -> tuple[BoardRow, ...]:
    """The gates that count now, then the triggers."""
    return ()


def strip(scene: Scene) -> tuple[GateRow, ...]:
    """The same gates for one narrow line, the worst first."""
    return ()
