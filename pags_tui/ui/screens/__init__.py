"""Pages over the cockpit, loaded when the first of them is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pags_tui.ui.screens.every import *  # noqa: F403 - the same names, for whoever checks types
else:

    def __getattr__(name: str) -> object:
        """One of them by name."""
        from pags_tui.ui.screens import every

        try:
            return getattr(every, name)
        except AttributeError:
            raise AttributeError(f"there is no page '{name}'") from None
