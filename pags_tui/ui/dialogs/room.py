"""What dialogs and pages may use of the App: its scene, its desk, its keys. Nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from pags_tui.ui.renderables.glyphs import Glyphs

if TYPE_CHECKING:
    from pags_tui.core.decide.asks import Accepted, Ask
    from pags_tui.ui.scene import Scene

Renderer = Callable[["Scene", str, Mapping[str, str]], str]
"""A message's id and the typed fields to its text, as of that scene; raises PagsError with a plain sentence."""


class Room(Protocol):
    """What a screen may use of the App."""

    scene: Scene
    knows: bool
    """The run was told: until then there is no scene, and no key comes."""
    glyphs: Glyphs
    draft: Renderer
    amended: Callable[[], str] | None
    """Reads the runbook's file anew; None: not from here."""

    async def ask(self, ask: Ask) -> Accepted:
        """Send an ask. Raises nothing."""
        ...

    def send(self, ask: Ask) -> None:
        """Send an ask, and show what was said."""
        ...

    def tell(self, sentence: str, level: str = "calm") -> None:
        """Show a sentence until the next key."""
        ...

    def copy(self, text: str) -> str:
        """To the terminal's clipboard, and into a file for terminals without one. Gives back what to say."""
        ...

    def press(self, key: str) -> None:
        """Do what a key does, by its id."""
        ...

    def go_and_press(self, step: str, key: str) -> None:
        """Put the cursor on a step, then do what a key does."""
        ...

    def leave(self) -> None:
        """End the screen. What stands behind it goes on as it was told."""
        ...
