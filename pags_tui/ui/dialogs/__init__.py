"""The dialogs: facts first, the question last. They are loaded, all at once, when the first of them is wanted.

The first paint needs none, and they take a tenth of what a start costs; the App loads them once it stands still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pags_tui.ui import later

if TYPE_CHECKING:
    from pags_tui.ui.dialogs.every import *  # noqa: F403 - the same names, for whoever checks types
else:
    __getattr__ = later("pags_tui.ui.dialogs.every")
