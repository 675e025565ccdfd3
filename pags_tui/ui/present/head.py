"""The header: everything that is visible at every size."""

from __future__ import annotations

from pags_tui.ui.rows import HeaderRow
from pags_tui.ui.scene import Scene


def header(scene: Scene) -> HeaderRow:
    """Both clocks, the state in words, and what the night turns on."""
    return HeaderRow()
