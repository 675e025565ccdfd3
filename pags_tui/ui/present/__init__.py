"""From a scene to rows and views: pure functions, no clock, no terminal, no drawing.

Words are final here; widgets only lay them out. Text of other people is made visible before it leaves. All of it is
loaded when the first of it is wanted: a screen paints its first picture without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pags_tui.ui import later

if TYPE_CHECKING:
    from pags_tui.ui.present.asked import *  # noqa: F403 - the same names, for whoever checks types
    from pags_tui.ui.present.shown import *  # noqa: F403
else:
    __getattr__ = later("pags_tui.ui.present.shown", "pags_tui.ui.present.asked")
