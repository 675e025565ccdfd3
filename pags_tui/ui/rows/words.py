"""The words of every row: how loud, which sign, a fact, a key. Immutable; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How loud something is: the role of its colour."""

    CALM = "calm"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"
    MUTED = "muted"


class Mark(Enum):
    """The glyph of a state; `looks.Glyphs` draws it, in Unicode or ASCII."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - the word for a gate that holds
    FAIL = "fail"
    UNKNOWN = "unknown"
    STALE = "stale"
    SETTLING = "settling"
    CURRENT = "current"
    FUTURE = "future"
    CHECKPOINT = "checkpoint"
    SKIPPED = "skipped"
    WAIVED = "waived"
    ALARM = "alarm"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Status:
    """A state, told three times over."""

    mark: Mark = Mark.NONE
    word: str = ""
    level: Level = Level.CALM


PASS = Status(Mark.PASS, "pass", Level.OK)
FAIL = Status(Mark.FAIL, "FAIL", Level.BAD)
UNKNOWN = Status(Mark.UNKNOWN, "unknown", Level.UNKNOWN)
STALE = Status(Mark.STALE, "stale", Level.WARN)
SETTLING = Status(Mark.SETTLING, "settling", Level.WARN)
NO_STATUS = Status()


@dataclass(frozen=True, slots=True)
class Fact:
    """One short fact of the header."""

    text: str = ""
    """As shown where there is room: `update due 07:19`."""
    level: Level = Level.CALM
    short: str = ""
    """As shown at 80 columns: `upd 07:19`. Empty: the text itself."""

    def at(self, narrow: bool) -> str:
        """The text for this width class."""
        return self.short if narrow and self.short else self.text


NO_FACT = Fact()
"""Nothing to say: left out."""

ARMED = Fact("armed")


@dataclass(frozen=True, slots=True)
class FooterKey:
    """A key and what it does here and now."""

    key: str
    """As printed: `space`, `F9`, `^p`."""
    label: str
    why_not: str | None = None
    """Why it is off at the moment; None when it works."""
    loud: bool = False
    """The rollback key: never dropped, never dimmed."""


ROLLBACK_KEY = FooterKey("F9/^R", "ROLL BACK", loud=True)
