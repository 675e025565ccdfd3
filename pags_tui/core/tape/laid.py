"""Readings that stand where those of the whole tick stand: numbers in a row, objects only where somebody looks.

A course over hundreds of ticks takes its numbers from here without a point or a reading being made.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pags_tui.core.series import FlagReading, Labels, Point, Reading, Seconds, Tick

AS_POINTS, ALL_ONE = 1, 2
"""Ages have the labels of the metric's points; and are all the same."""
PLAIN = [None, 0]
"""Readings of the same shape as the whole tick's, without ages."""
MOST_MOMENTS = 8
"""Moments at which flags were read, of which a layout keeps what is expected."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the numbers of one metric stand."""

    whole: Reading
    """Of the whole tick: everything but the numbers is as there."""
    labels: tuple[Labels, ...]
    start: int
    end: int
    ages: int | None
    """Where those of its ages end: as many as points, or one for all; None without ages."""
    told: slice
    """Where what it says stands: nowhere, where it failed or had too little traffic."""

    def reading(self, numbers: Sequence[float]) -> Reading:
        """What the metric answered."""
        whole, points = self.whole, tuple(map(Point, self.labels, numbers[self.start : self.end]))
        if self.ages is None:
            return Reading(points, whole.failed, whole.warnings, whole.enough)
        aged = numbers[self.end : self.ages]
        aged = aged if len(aged) == len(points) else [numbers[self.end]] * len(points)
        return Reading(points, whole.failed, whole.warnings, whole.enough, tuple(map(Point, self.labels, aged)))


class Layout:
    """The places of all metrics of one shape of tick. Ticks that lean on one whole tick mostly share two."""

    def __init__(self, whole: Tick, shaped: Sequence[int]) -> None:
        self.places: dict[str, Place] = {}
        self._time = whole.time
        self._expected = [whole.time]
        self._masks: dict[int, tuple[struct.Struct, int]] = {}
        for (name, old), shape in zip(whole.readings.items(), shaped, strict=True):
            start = len(self._expected)
            end = start + len(old.points)
            ages = None if not shape else end + (len(old.points) if shape == AS_POINTS else 1)
            told = slice(start, end if old.failed is None and old.enough is not False else start)
            self.places[name] = Place(old, tuple(point.labels for point in old.points), start, end, ages, told)
            self._expected += [point.value for point in old.points] + [0.0] * ((ages or end) - end)
        self.size = len(self._expected)
        """Numbers of a tick, those of its flags left out."""

    def numbers(self, data: bytes, moments: int) -> tuple[float, ...]:
        """All numbers of a tick with so many of flags. Raises struct.error for another number of them."""
        form, expected = self._mask(moments)
        count, length = len(data) // 8, len(data)
        if length != form.size:
            raise struct.error
        mixed = bytearray(length)
        for byte in range(8):
            mixed[byte::8] = data[byte * count : (byte + 1) * count]
        return form.unpack((int.from_bytes(mixed, "big") ^ expected).to_bytes(length, "big"))

    def _mask(self, moments: int) -> tuple[struct.Struct, int]:
        if moments not in self._masks:
            expected = self._expected + [self._time] * moments
            form = struct.Struct(f">{len(expected)}d")
            self._masks[moments] = form, int.from_bytes(form.pack(*expected), "big")
        return self._masks[moments]


class Layouts:
    """The layouts of the ticks that lean on one whole tick."""

    def __init__(self, whole: Tick) -> None:
        self._whole = whole
        self._plain = (0,) * len(whole.readings)
        self._known: dict[tuple[int, ...], Layout] = {}

    def of(self, readings: list[Any], flags: list[Any]) -> Layout | None:
        """The layout of a tick of those shapes; None for one with readings of another kind, or damaged."""
        names, shaped = readings
        moments = flags[2]
        if names is not None or type(moments) is not int or not 0 <= moments <= MOST_MOMENTS:
            return None
        shape = tuple(shaped) if shaped else self._plain
        try:
            return self._known.get(shape) or self._new(shape)
        except TypeError:  # a list: a reading told anew
            return None

    def _new(self, shape: tuple[Any, ...]) -> Layout | None:
        if len(shape) != len(self._plain) or not all(type(one) is int and 0 <= one <= ALL_ONE for one in shape):
            return None
        self._known[shape] = Layout(self._whole, shape)
        return self._known[shape]


class Laid(Mapping[str, Reading]):
    """The readings of one tick, by metric id."""

    __slots__ = ("_numbers", "_places")

    def __init__(self, places: Mapping[str, Place], numbers: tuple[float, ...]) -> None:
        self._places, self._numbers = places, numbers

    def __getitem__(self, name: str) -> Reading:
        return self._places[name].reading(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return repr(dict(self))


class Reads(Mapping[str, FlagReading]):
    """The flags of one tick, all read at one moment, and all as in the whole tick."""

    __slots__ = ("_at", "_whole")

    def __init__(self, whole: Mapping[str, FlagReading], at: Seconds) -> None:
        self._whole, self._at = whole, at

    def __getitem__(self, key: str) -> FlagReading:
        flag = self._whole[key]
        return FlagReading(flag.value, flag.failed, self._at)

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)

    def __repr__(self) -> str:
        return repr(dict(self))


def told_values(ticks: Iterable[Tick | None], metric: str) -> list[Sequence[float]]:
    """What a metric's series said at each tick, NaN as well; nothing where it failed, or had too little traffic."""
    found: list[Sequence[float]] = []
    for tick in ticks:
        if tick is None or tick.failed:
            found.append(())
        elif type(readings := tick.readings) is Laid:
            place = readings._places.get(metric)
            found.append(readings._numbers[place.told] if place else ())
        else:
            found.append(_values(readings.get(metric)))
    return found


def _values(reading: Reading | None) -> Sequence[float]:
    if reading is None or reading.failed is not None or reading.enough is False:
        return ()
    return [point.value for point in reading.points]
