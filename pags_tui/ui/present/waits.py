"""Why can't I go on?"""

from __future__ import annotations

from pags_tui.ui.present.views import WhyRow
from pags_tui.ui.scene import Scene


def why(scene: Scene) -> tuple[WhyRow, ...]:
    """Every blocker, and the id of the key that clears it."""
    return ()
