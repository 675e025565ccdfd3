"""Durations, offsets and units: what they mean, and that what is shown is read back."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.core.units import (
    SUFFIXES,
    Unit,
    UnitError,
    convert,
    parse_duration,
    parse_offset,
    show,
    show_apart,
    show_clock,
    show_duration,
    show_offset,
    show_t,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("3d", 259_200),
        ("1h30m", 5400),
        ("0s", 0),
        ("1d2h3m4s", 93_784),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    """A duration is its parts in seconds."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "m",
        "1.5h",
        "30m1h",
        "1h 30m",
        "-5m",
        "15min",
        "15M",
        "٣m",
        "200000000d",
        "9" * 400 + "d",
    ],
)
def test_no_durations(text: str) -> None:
    """What is no duration is refused, with what would be one."""
    with pytest.raises(UnitError, match=r"write it like 90s, 15m|hundred years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("T-60m", -3600),
        ("T+0", 0),
        ("T-0", 0),
        ("T+1h30m", 5400),
        ("T+2d", 172_800),
        ("T+90s", 90),
        ("T-0s", 0),
    ],
)
def test_offsets(text: str, seconds: float) -> None:
    """An offset is seconds from T+0; there is no negative zero."""
    assert parse_offset(text) == seconds
    assert math.copysign(1, parse_offset("T-0s")) == 1


@pytest.mark.parametrize("text", ["", "T", "T+", "T+5", "60m", "t+5m", "T +5m", "T*5m"])
def test_no_offsets(text: str) -> None:
    """What is no offset is refused, with what would be one."""
    with pytest.raises(UnitError, match=r"is no offset: write it like T-60m, T\+0"):
        parse_offset(text)


@given(st.integers(0, 100 * 365 * 86400))
def test_a_shown_duration_is_read_back(seconds: int) -> None:
    """Printing and reading a duration of whole seconds changes nothing."""
    assert parse_duration(show_duration(seconds)) == seconds


@given(st.integers(-10 * 365 * 86400, 10 * 365 * 86400))
def test_a_shown_offset_is_read_back(seconds: int) -> None:
    """Printing and reading an offset of whole seconds changes nothing."""
    assert parse_offset(show_offset(seconds)) == seconds


def test_durations_and_clocks_are_shown_short() -> None:
    """A duration in units, a running clock with colons, T with its sign."""
    assert [show_duration(s) for s in (0, 90, 900, -60, 0.4)] == ["0s", "1m30s", "15m", "-1m", "0s"]
    assert [show_offset(s) for s in (900, -3600, 0.2)] == ["T+15m", "T-1h", "T+0"]
    assert [show_clock(s) for s in (252.9, 0, 3852, -61)] == ["04:12", "00:00", "1:04:12", "-01:01"]
    assert [show_t(s) for s in (1361, -3600, -0.5)] == ["T+00:22:41", "T-01:00:00", "T-00:00:01"]
    assert show_t(360_000) == "T+100:00:00"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0042, Unit.RATIO, "0.42%"),
        (0, Unit.RATIO, "0%"),
        (1, Unit.RATIO, "100%"),
        (-0.05, Unit.RATIO, "-5%"),
        (0.212, Unit.SECONDS, "212ms"),
        (130, Unit.SECONDS, "2m10s"),
        (1.25, Unit.SECONDS, "1.25s"),
        (0, Unit.SECONDS, "0s"),
        (3e-10, Unit.SECONDS, "0.3ns"),
        (612, Unit.COUNT, "612"),
        (12_345.6, Unit.COUNT, "12346"),
        (1e20, Unit.COUNT, "1e+20"),
        (0.00003, Unit.COUNT, "3e-05"),
        (1.5, Unit.PER_SECOND, "1.5/s"),
        (1_234_567, Unit.BYTES, "1.23MB"),
        (999, Unit.BYTES, "999B"),
        (None, Unit.COUNT, "-"),
        (math.nan, Unit.RATIO, "NaN"),
        (math.inf, Unit.BYTES, "+Inf"),
        (-math.inf, Unit.SECONDS, "-Inf"),
    ],
)
def test_values_are_shown_in_their_unit(value: float | None, unit: Unit, text: str) -> None:
    """A value takes about three figures and the unit that suits its size."""
    assert show(value, unit) == text


@given(st.floats(allow_nan=False), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(Unit))
def test_two_different_numbers_never_look_alike_for_lack_of_figures(value: float, bound: float, unit: Unit) -> None:
    """A value just over its bound is shown with enough figures to tell, up to the last that a float has."""
    shown = show_apart(value, bound, unit)
    if value != bound and not math.isclose(value, bound, rel_tol=1e-11):
        assert shown != show(bound, unit, 17)
    assert show_apart(0.0050001, 0.005, Unit.RATIO) == "0.50001%"
    assert show_apart(0.005, 0.005, Unit.RATIO) == "0.5%"
    assert show_apart(60.25, 60.0, Unit.SECONDS) == "60.25s"
    assert show_apart(math.nextafter(0.5, 1), 0.5, Unit.COUNT) == "0.50000000000000011"


@pytest.mark.parametrize("unit", Unit)
def test_every_unit_takes_its_suffixes_and_no_others(unit: Unit) -> None:
    """A number converts exactly, and is rounded only as it becomes a float."""
    for other, suffixes in SUFFIXES.items():
        for suffix, factor in suffixes.items():
            if other is unit:
                assert convert(Decimal("0.3"), suffix, unit) == Decimal("0.3") * factor
            else:
                with pytest.raises(UnitError, match=f"is no unit for {unit}: write a bare number"):
                    convert(Decimal(1), suffix, unit)
    assert convert(Decimal("0.3"), "", unit) == Decimal("0.3")
    assert float(convert(Decimal("0.5"), "%", Unit.RATIO)) == 0.005
    assert float(convert(Decimal("0.7"), "%", Unit.RATIO)) == 0.007 != 0.7 * 0.01
