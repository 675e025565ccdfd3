"""The row of the band. Immutable; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pags_tui.ui.rows.words import FooterKey, Level


class BandMode(Enum):
    """What the band is about."""

    COUNTDOWN = "countdown"
    ASK = "ask"
    DRIFT = "drift"
    OVERRIDE = "override"
    ROLLBACK = "rollback"
    BLIND = "blind"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class BandRow:
    """The one loud thing: it takes the full width, and never the focus."""

    mode: BandMode
    title: str
    level: Level = Level.BAD
    clock: str = ""
    """What is counted down, in large digits: `42` or `1:42`. Digits and colons only."""
    reading: str = ""
    """`612`."""
    bound: str = ""
    """`> 500 for 15m`."""
    text: str = ""
    """What happens at its end, or what to do."""
    more: tuple[str, ...] = ()
    """Triggers that joined, lines of progress."""
    keys: tuple[FooterKey, ...] = ()
