"""Pages over the cockpit, loaded when the first of them is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pags_tui.ui import later

if TYPE_CHECKING:
    from pags_tui.ui.screens.every import *  # noqa: F403 - the same names, for whoever checks types
else:
    __getattr__ = later("pags_tui.ui.screens.every")
