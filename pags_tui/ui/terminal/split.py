"""Rejoins a key that a slow line took apart: `escape`, and later `[20~`, is F9 after all. Pure: it counts beats.

A terminal sends a function key as several bytes. When the line holds up all but the first, that one has been given out
as the escape key by the time the others come, and those would be typed as letters. (Textual waits a tenth of a second.)
"""

from __future__ import annotations

import re

WHOLE = re.compile(r"(?:\[[0-9;]*[A-Za-z~]|O[A-DFHP-S])")
"""What may follow the escape of a key (ECMA-48 CSI, SS3)."""
BEGUN = re.compile(r"(?:\[[0-9;]*|O)?\Z")
"""The same, not all of it there."""

ESCAPE = "\x1b"
PATIENCE = 8
"""Beats without input after which what was held back goes on as it came."""


class Rejoiner:
    """Stands before the parser. Most text passes untouched."""

    def __init__(self) -> None:
        self._held: str | None = None
        """What may be the rest of a key; None: no escape has gone out just before."""
        self._quiet = 0

    def escaped(self) -> None:
        """A lone escape was given out as a key."""
        self._held, self._quiet = "", 0

    def feed(self, text: str) -> str:
        """What the parser is to see of the text, now; empty text is a beat without any."""
        if self._held is None:
            return text
        if not text:
            self._quiet += 1
            return self._let_go() if self._quiet > PATIENCE else ""
        self._quiet = 0
        self._held += text
        if found := WHOLE.match(self._held):
            rest = self._held[found.end() :]
            self._held = None
            return f"{ESCAPE}{found[0]}{rest}"
        return "" if BEGUN.match(self._held) else self._let_go()

    def _let_go(self) -> str:
        held, self._held = self._held or "", None
        return held
