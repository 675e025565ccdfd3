"""What facts are made of: the words, who did it, what a gate said, one move of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pags_tui.core.series import FlagValue

Kind = Literal["live", "rehearsal", "demo"]
Outcome = Literal["passed", "failed", "skipped", "n/a", "waived", "deferred"]
Result = Literal["verified", "unverified", "refused", "mismatch", "unknown"]
Purpose = Literal["forward", "rollback", "restore"]
Mode = Literal["observe", "ask", "countdown"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it."""

    user: str
    """The Unix user at the other end of the socket; `guard` for what the guard did by itself."""
    name: str = ""
    """A name given with `--as`: self-declared. Empty: the Unix user is the name."""

    @property
    def shown(self) -> str:
        """The name for the screen."""
        return self.name or self.user


GUARD = Actor("guard")
"""The guard itself: what nobody asked for at that moment."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gate said when somebody signed or confirmed."""

    gate: str
    state: str
    value: float | None
    bound: str
    reason: str
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One flag to one value, as part of a plan."""

    flag: str
    value: FlagValue
    step: str = ""
    """The step that asks for it; empty for a single flag set by hand."""


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody at a screen of a run."""

    who: Actor
    host: str
    """The machine that the screen is on."""
    seat: str
    """`desk`: may ask. `watch`: only looks."""
