"""The band: the one loud thing."""

from __future__ import annotations

from pags_tui.ui.rows import BandRow
from pags_tui.ui.scene import Scene


def band(scene: Scene) -> BandRow | None:
    """The loudest thing now; None when all is well."""
    return None


def bands(scene: Scene) -> tuple[BandRow, ...]:
    """Everything that is loud now, the loudest first."""
    return ()
