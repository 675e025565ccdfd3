"""Small words of the renderings: times, durations, values, and other people's text made visible. Escapes no markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.units import show_duration, show_t
from pags_tui.core.visible import visible as visible
from pags_tui.core.visible import visible_lines as visible_lines
from pags_tui.report.shapes import Evidence, When

NONE = "-"


@lru_cache(maxsize=8)
def zone(name: str) -> tzinfo:
    """The zone of that name; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


class Times:
    """Writes moments in one zone."""

    def __init__(self, timezone: str) -> None:
        self._zone = zone(timezone)

    def clock(self, moment: datetime | None) -> str:
        """`22:15:04`; a dash for none."""
        return f"{moment.astimezone(self._zone):%H:%M:%S}" if moment else NONE

    def full(self, moment: datetime | None) -> str:
        """`2026-11-24 22:15:04 UTC`."""
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}" if moment else NONE

    def when(self, when: When | None) -> str:
        """`T+00:15:04, 22:15:04`."""
        if when is None:
            return NONE
        return f"{t(when.t)}, {self.clock(when.at)}" if when.t is not None else self.clock(when.at)


def t(seconds: Seconds | None) -> str:
    """`T+00:15:04`; a dash while T+0 was unknown."""
    return NONE if seconds is None else show_t(seconds)


def long(seconds: Seconds | None) -> str:
    """`15m4s`; a dash for none."""
    return NONE if seconds is None else show_duration(seconds)


def short(seconds: Seconds | None) -> str:
    """How long an answer took: `0.24 s` below a minute."""
    return NONE if seconds is None else f"{seconds:.2f} s" if seconds < 60 else show_duration(seconds)


def off(seconds: Seconds | None) -> str:
    """How late or early: `+3m10s`, `-30s`, `in time`."""
    if seconds is None:
        return NONE
    whole = round(seconds)
    return "in time" if not whole else f"{'+' if whole > 0 else ''}{show_duration(whole)}"


def flag(value: FlagValue | None) -> str:
    """A flag's value; `not read` for none."""
    return "not read" if value is None else show_flag_value(value)


def evidence(items: Sequence[Evidence], own: str = "") -> str:
    """What gates said, in one cell; of the gate `own`, which the row is about, without its name."""
    return "; ".join(_evidence(item, "" if item.gate == own else f"{item.text}: ") for item in items) or NONE


def _evidence(item: Evidence, name: str) -> str:
    value = f" {item.shown}" if item.shown else ""
    bound = f" (bound {item.bound})" if item.bound else ""
    return f"{name}{item.state}{', overridden' if item.overridden else ''}{value}{bound}"
