"""Stored ticks: what comes back is what was, bit for bit, whatever the order of asking; old ones are read for ever."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pags_tui.core.errors import JournalError
from pags_tui.core.judge import Judged, decode_judged, encode_judged
from pags_tui.core.ports import TickRow
from pags_tui.core.series import FlagReading, Point, Reading, Tick
from pags_tui.core.tape import REACH, Decoder, Encoder, decode_rows
from tests.ui.desks import Night
from tests.ui.nights import canary

VALUES = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -0.0, 0.005, 612.0, 120.0])
QUEUES = st.dictionaries(st.sampled_from(["mail", "brain", 'a"}\x01', "\x02"]), VALUES, max_size=3)


def texts(judged: Judged) -> tuple[str, ...]:
    """All of a tick as text: NaN is NaN there, and 1 is not 1.0. Sets in order."""
    verdicts = [
        repr([replace(verdict, metrics=tuple(sorted(verdict.metrics))) for verdict in said.values()])
        for said in (judged.gates, judged.triggers)
    ]
    return (
        repr((judged.number, judged.at.isoformat(), list(judged.gates), list(judged.triggers))),
        repr(judged.tick),
        *verdicts,
    )


def stored(ticks: list[Judged]) -> list[TickRow]:
    """The ticks as a journal has them."""
    encoder = Encoder()
    return [TickRow(judged.number, judged.at, 1, encoder.encode(judged)) for judged in ticks]


def assert_back(ticks: list[Judged], rows: list[TickRow]) -> None:
    """Each comes back the same, asked for one by one from the last to the first, and in a row."""
    decoder = Decoder({row.tick: row.payload for row in rows}.get)
    for judged, row in reversed(list(zip(ticks, rows, strict=True))):
        assert texts(decoder.decode(row.payload)) == texts(judged)
    assert [texts(judged) for judged in decode_rows(rows)] == [texts(judged) for judged in ticks]


def long_night(count: int) -> Night:
    """A night with so many ticks after the canary, values on the move."""
    night = canary()
    for number in range(count):
        depth = 200 + 7 * (number % 60)
        night.tick({"error-rate": 0.001 + number * 1e-5, "p95-latency": 0.2 + 1 / (number + 3),
                    "queue-depth": {"mail": depth, "brain": 14}})  # fmt: skip
    return night


@settings(max_examples=40)
@given(st.lists(st.tuples(VALUES, QUEUES, st.sampled_from(["", "error-rate", "queue-depth"])), min_size=2, max_size=8))
def test_any_values_come_back_to_the_last_bit(told: list[tuple[float, Mapping[str, float], str]]) -> None:
    """NaN, ±Inf, -0, series that come and go, readings that fail: all as they were, with all that was said of them."""
    night = canary()
    for value, queues, missing in told:
        readings = {"error-rate": value, "p95-latency": 0.2, "queue-depth": queues}
        night.tick({name: one for name, one in readings.items() if name != missing})
    assert_back(night.ticks, stored(night.ticks))


def test_small_ticks_are_small() -> None:
    """Of ticks in a row most lean on a whole one, and take a fraction of it."""
    rows = stored(long_night(60).ticks)
    small = [len(row.payload) for row in rows if row.payload.startswith(b"\x01")]
    whole = [len(row.payload) for row in rows if not row.payload.startswith(b"\x01")]
    assert len(small) > 8 * len(whole)
    assert sum(small) / len(small) < min(whole) / 3


def test_a_run_of_old_ticks_is_read() -> None:
    """Ticks that each stand alone, as earlier versions wrote them, are read by the same decoder."""
    ticks = long_night(5).ticks
    assert_back(ticks, [TickRow(one.number, one.at, 1, encode_judged(one)) for one in ticks])


def test_failed_ticks_warnings_ages_and_flags_come_back() -> None:
    """What a tick may hold besides numbers comes back: failures, warnings, traffic, ages of every kind, flag types."""
    night = long_night(3)
    last, labels = night.ticks[-1], (("queue", "mail"),)
    readings = [
        Reading((Point(labels, 1.0),), warnings=("partial",), enough=True, ages=(Point(labels, 3.25),)),
        Reading((Point(labels, 1.0), Point((), 2.0)), ages=(Point(labels, 3.25), Point((), 3.25)), enough=False),
        Reading((Point(labels, 1.0),), ages=(Point((("job", "x"),), math.nan),)),
        Reading(failed="time-out"),
        Reading(ages=()),
    ]
    flags = {
        "canary-percentage": FlagReading(True, None, 5.0), "use-new-brain": FlagReading(None, "refused", 6.0),
        "legacy-mode": FlagReading(1.0, None, 5.0), "other": FlagReading("a", None, 7.5),
    }  # fmt: skip
    ticks = list(night.ticks)
    for number, reading in enumerate([*readings, *readings], last.number + 1):
        tick = Tick(
            last.tick.time + number, {"queue-depth": reading, "new": reading}, flags, "no answer" * (number % 2)
        )
        ticks.append(Judged(number, last.at + timedelta(seconds=number), tick, last.gates, last.triggers))
    assert_back(ticks, stored(ticks))


def test_a_part_of_a_run_is_read_from_the_first_tick_that_can_be() -> None:
    """The last rows of a run are decoded without those before; what leans on a missing tick is left out."""
    ticks = long_night(REACH + 30).ticks
    rows = stored(ticks)
    for limit in (REACH + 1, REACH + 20, 40, 1):
        found = decode_rows(rows[-limit:])
        assert [texts(one) for one in found] == [texts(one) for one in ticks[len(ticks) - len(found) :]]
        assert limit <= REACH or len(found) >= limit - REACH


def test_nothing_leans_on_a_tick_that_was_lost() -> None:
    """After a tick that could not be stored the next one stands alone."""
    ticks, encoder = long_night(10).ticks, Encoder()
    payloads = [encoder.encode(one) for one in ticks[:3]]
    encoder.lost()
    assert not encoder.encode(ticks[3]).startswith(b"\x01")
    assert payloads[1].startswith(b"\x01")


def test_damage_is_a_sentence() -> None:
    """A cut, changed or orphaned tick is refused with a plain word, never a traceback."""
    rows = stored(long_night(10).ticks)
    small = rows[6].payload
    everything = {row.tick: row.payload for row in rows}
    for broken in (small[:1], small[: len(small) // 2], small[:-3], b"\x01" + b"\xff" * 40, b"\x02abc", b""):
        with pytest.raises(JournalError, match="tick"):
            dict(Decoder(everything.get).decode(broken).gates)
    with pytest.raises(JournalError, match="is not there"):
        Decoder({}.get).decode(small)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
@settings(max_examples=60)
def test_a_changed_byte_is_never_a_traceback(place: int, other: bytes) -> None:
    """Whatever stands in a stored tick, reading it gives a tick or a JournalError."""
    rows = ROWS
    payload = bytearray(rows[6].payload)
    payload[1 + place % (len(payload) - 1)] = other[0]
    with suppress(JournalError):
        judged = Decoder({row.tick: row.payload for row in rows}.get).decode(bytes(payload))
        assert len(judged.gates) == 3


ROWS = stored(long_night(10).ticks)


def test_a_stored_tick_that_is_none_says_so() -> None:
    """Damaged, or from another version: a sentence, and no error of a library."""
    for payload in (b"no such thing", zlib.compress(b"[]")):
        with pytest.raises(JournalError, match="a stored tick cannot be read"):
            decode_judged(payload)
