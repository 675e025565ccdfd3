"""Durations, T offsets and the units of values: text to number and back. Never reads a clock.

Durations and offsets are float seconds. Values are floats in their metric's own unit; a bound written in another unit
is converted in decimal and rounded to a float once, so that `0.5%` of a ratio is exactly `0.005`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Context, Decimal
from enum import StrEnum
from types import MappingProxyType

from pags_tui.core.errors import PagsError
from pags_tui.core.series import Seconds


class UnitError(PagsError):
    """A text that is no duration, no offset or no number in that unit. Says what would be one."""


class Unit(StrEnum):
    """What the numbers of a metric are."""

    RATIO = "ratio"
    """A share: 1 is 100 %."""
    SECONDS = "seconds"
    BYTES = "bytes"
    COUNT = "count"
    PER_SECOND = "per-second"


SUFFIXES: Mapping[Unit, Mapping[str, Decimal]] = MappingProxyType(
    {
        Unit.RATIO: {"%": Decimal("0.01")},
        Unit.SECONDS: {
            "ns": Decimal("1e-9"),
            "us": Decimal("1e-6"),
            "ms": Decimal("0.001"),
            "s": Decimal(1),
            "m": Decimal(60),
            "h": Decimal(3600),
            "d": Decimal(86400),
        },
        Unit.BYTES: {
            "B": Decimal(1),
            "kB": Decimal(10**3),
            "MB": Decimal(10**6),
            "GB": Decimal(10**9),
            "KiB": Decimal(2**10),
            "MiB": Decimal(2**20),
            "GiB": Decimal(2**30),
        },
        Unit.COUNT: {},
        Unit.PER_SECOND: {"/s": Decimal(1)},
    }
)
"""What may stand behind a number of each unit, and what one of it is worth. A bare number is in the unit itself."""

ALL_SUFFIXES: tuple[str, ...] = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)

EXACT = Context(prec=2000)
"""Wide enough for every product of a written number and a factor: nothing is rounded before it becomes a float."""

_SECONDS: Mapping[str, int] = MappingProxyType({"d": 86400, "h": 3600, "m": 60, "s": 1})
_DURATION = re.compile(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?", re.ASCII)
_LONGEST = 100 * 366 * 86400
"""A hundred years: longer is a slip of the finger, and would lose whole seconds as a float much later."""


def convert(number: Decimal, suffix: str, unit: Unit) -> Decimal:
    """`number` with `suffix` ("" for none) in `unit`, exactly. UnitError when that suffix is none of the unit's."""
    if not suffix:
        return number
    factor = SUFFIXES[unit].get(suffix)
    if factor is None:
        raise UnitError(f"`{suffix}` is no unit for {unit}: write {suffixes_of(unit)}")
    return EXACT.multiply(number, factor)


def suffixes_of(unit: Unit) -> str:
    """The ways to write a number of `unit`, as words for an error."""
    known = SUFFIXES[unit]
    return f"a bare number or {', '.join(known)}" if known else "a bare number"


def parse_duration(text: str) -> Seconds:
    """`90s`, `15m`, `2h`, `3d` and runs of them from large to small (`1h30m`), in seconds."""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise UnitError(f"`{text}` is no duration: write it like 90s, 15m, 2h, 3d or 1h30m")
    counts = zip(found.groups(), _SECONDS.values(), strict=True)
    total = sum(int(digits[:18]) * size for digits, size in counts if digits)
    if total > _LONGEST:
        raise UnitError(f"`{text}` is longer than a hundred years")
    return float(total)


def show_duration(seconds: Seconds) -> str:
    """The shortest text that `parse_duration` reads back: `90s` is `1m30s`, `900` is `15m`. Whole seconds."""
    rest = round(abs(seconds))
    pieces = []
    for name, size in _SECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            pieces.append(f"{count}{name}")
    return ("-" if seconds <= -0.5 else "") + ("".join(pieces) or "0s")


def parse_offset(text: str) -> Seconds:
    """`T-60m`, `T+0`, `T+1h30m`, `T+2d`, `T+90s` in seconds from T+0; negative before it."""
    sign = {"T+": 1.0, "T-": -1.0}.get(text[:2])
    if sign is None:
        raise UnitError(f"`{text}` is no offset: write it like T-60m, T+0, T+1h30m, T+2d or T+90s")
    if text[2:] == "0":
        return 0.0
    try:
        return sign * parse_duration(text[2:]) or 0.0
    except UnitError as error:
        raise UnitError(f"`{text}` is no offset: write it like T-60m, T+0, T+1h30m, T+2d or T+90s") from error


def show_offset(seconds: Seconds) -> str:
    """An offset as `parse_offset` reads it: `T+15m`, `T-1h`, `T+0`. Whole seconds."""
    whole = round(seconds)
    if not whole:
        return "T+0"
    return f"T{'-' if whole < 0 else '+'}{show_duration(abs(whole))}"


def show_clock(seconds: Seconds) -> str:
    """A running clock, cut to whole seconds: `04:12`, from an hour on `1:04:12`."""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if seconds <= -1 else ""
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes:02}:{rest:02}"


def show_t(seconds: Seconds) -> str:
    """The T-clock: `T+00:22:41`, `T-01:00:00`; hours go on past 99. Cut towards the past, as clocks are."""
    whole = int(seconds // 1)
    minutes, rest = divmod(abs(whole), 60)
    hours, minutes = divmod(minutes, 60)
    return f"T{'-' if whole < 0 else '+'}{hours:02}:{minutes:02}:{rest:02}"


_SCALES: Mapping[Unit, tuple[tuple[float, str], ...]] = MappingProxyType(
    {
        Unit.RATIO: ((0.01, "%"),),
        Unit.SECONDS: ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")),
        Unit.BYTES: ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
        Unit.COUNT: ((1.0, ""),),
        Unit.PER_SECOND: ((1.0, "/s"),),
    }
)


def show(value: float | None, unit: Unit, digits: int = 3) -> str:
    """A value for a screen, to about `digits` figures: `0.42%`, `212ms`, `2m10s`, `612`, `1.5/s`; `-` for none."""
    if value is None:
        return "-"
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    if unit is Unit.SECONDS and 60 <= abs(value) < _LONGEST and digits <= 3:
        return show_duration(value)
    scale, suffix = _scale(abs(value), unit)
    return f"{_figures(value / scale, digits)}{suffix}"


def show_apart(value: float, bound: float, unit: Unit) -> str:
    """`value` with as many figures as it takes to look different from `bound`: never `0.5% > 0.5%`."""
    if value == bound:
        return show(value, unit)
    for digits in (3, 5, 8, 12):
        if show(value, unit, digits) != show(bound, unit, digits):
            return show(value, unit, digits)
    return show(value, unit, 17)


def _scale(size: float, unit: Unit) -> tuple[float, str]:
    """The largest scale that leaves at least one before the point; zero stays in the unit itself."""
    scales = _SCALES[unit]
    if not size:
        return next((scale for scale in scales if scale[0] == 1.0), scales[0])
    return next((scale for scale in scales if size >= scale[0]), scales[-1])


def _figures(number: float, digits: int) -> str:
    """`number` to `digits` figures, whole numbers in full, no exponent below a quadrillion, no trailing zeros."""
    if abs(number) >= 1e15:
        return f"{number:.{digits}g}"
    whole = len(str(int(abs(number)))) if abs(number) >= 1 else 0
    text = f"{number:.{max(0, digits - whole)}f}" if whole else f"{number:.{digits}g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
