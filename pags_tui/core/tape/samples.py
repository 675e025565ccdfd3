"""The samples of a tick: numbers bit for bit, labels only where they are other than in the whole tick before."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pags_tui.core.series import FlagReading, Labels, Point, Reading, Tick
from pags_tui.core.tape.laid import ALL_ONE, AS_POINTS, PLAIN, Laid, Layouts, Reads

AS_WHOLE = [0, 0, 1, 0]
"""Flags as in the whole tick, all read at one moment."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def planes(numbers: Sequence[float], expected: Sequence[float]) -> bytes:
    """Doubles against what was expected, first bytes first: bytes of one kind stand together, which packs better."""
    data = _against(struct.pack(f">{len(numbers)}d", *numbers), expected)
    return b"".join(data[byte::8] for byte in range(8))


def numbers_of(data: bytes, expected: Sequence[float]) -> tuple[float, ...]:
    """The same back. Raises struct.error for another number of them."""
    count = len(expected)
    if len(data) != 8 * count:
        raise struct.error
    mixed = bytearray(len(data))
    for byte in range(8):
        mixed[byte::8] = data[byte * count : (byte + 1) * count]
    return struct.unpack(f">{len(expected)}d", _against(mixed, expected))


def plain_of(whole: Tick) -> tuple[float, ...]:
    """Its time and the values of its points."""
    return (whole.time, *(point.value for reading in whole.readings.values() for point in reading.points))


def _against(data: bytes | bytearray, expected: Sequence[float]) -> bytes:
    """Bit by bit other or the same."""
    other = struct.pack(f">{len(expected)}d", *expected)
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(other, "big")
    return mixed.to_bytes(max(len(data), len(other)), "big")


def expected_of(readings: list[Any], flags: list[Any], whole: Tick, plain: Sequence[float]) -> Sequence[float]:
    """What the numbers of a small tick would be, were they those of the whole one; 0 where it has none.

    `plain`: those of a tick whose readings have the shape of the whole one's, see `plain_of`.
    """
    if readings == PLAIN:
        return (*plain, *[whole.time] * flags[2])
    names, shaped = readings
    found = [whole.time]
    for place, name in enumerate(whole.readings if names is None else names):
        shape, old = shaped[place] if shaped else 0, whole.readings.get(name)
        if isinstance(shape, int) and old is not None:
            found += [point.value for point in old.points]
            found += [0.0] * (0, len(old.points), 1)[shape]
        else:
            labels, ages = cast(list[Any], shape)[3:]
            found += [0.0] * (len(labels) + (len(labels) if ages == AS_POINTS else len(ages or ())))
    return found + [whole.time] * flags[2]


# ---------------------------------------------------------------- to shapes and numbers


def shapes(tick: Tick, whole: Tick, numbers: list[float]) -> tuple[list[Any], list[Any]]:
    """What differs of the readings and of the flags, and into `numbers` every number in order."""
    numbers.append(tick.time)
    readings = [_reading(name, reading, whole.readings.get(name), numbers) for name, reading in tick.readings.items()]
    names = list(tick.readings) if list(tick.readings) != list(whole.readings) else None
    flags = list(_flags(tick, whole, numbers))
    return [names, readings if any(readings) else 0], flags


def _reading(name: str, reading: Reading, whole: Reading | None, numbers: list[float]) -> Any:
    """0: as in the whole tick, without ages; 1, 2: with ages like its points; else everything but the numbers."""
    numbers += [point.value for point in reading.points]
    labels = [point.labels for point in reading.points]
    ages = None if reading.ages is None else [point.labels for point in reading.ages]
    aged = [point.value for point in reading.ages or ()]
    alike = (
        whole is not None
        and labels == [point.labels for point in whole.points]
        and (reading.failed, reading.warnings, reading.enough) == (whole.failed, whole.warnings, whole.enough)
        and type(reading.enough) is type(whole.enough)
    )
    if alike and ages is None:
        return 0
    if alike and ages == labels and aged and aged.count(aged[0]) == len(aged):
        numbers.append(aged[0])
        return ALL_ONE
    numbers += aged
    if alike and ages == labels:
        return AS_POINTS
    return [reading.failed, reading.warnings, reading.enough, labels, AS_POINTS if ages == labels else ages]


def _flags(tick: Tick, whole: Tick, numbers: list[float]) -> Iterator[Any]:
    """Flags that differ, then when each was read: the places of the moments among the numbers at the end."""
    other = {
        key: [flag.value, flag.failed]
        for key, flag in tick.flags.items()
        if key not in whole.flags or not _alike(flag, whole.flags[key])
    }
    yield other or 0
    yield list(tick.flags) if list(tick.flags) != list(whole.flags) else 0
    moments = list(dict.fromkeys(flag.read_at for flag in tick.flags.values()))
    numbers += moments
    yield len(moments)
    yield 0 if len(moments) < 2 else [moments.index(flag.read_at) for flag in tick.flags.values()]


def _alike(flag: FlagReading, other: FlagReading) -> bool:
    return flag.value == other.value and type(flag.value) is type(other.value) and flag.failed == other.failed


# ---------------------------------------------------------------- and back


def tick_of(
    readings: list[Any],
    flags: list[Any],
    data: bytes,
    whole: Tick,
    plain: Sequence[float],
    layouts: Layouts,
    failed: str | None,
) -> Tick:
    """The tick that the shapes and the numbers tell. Nearly every one is laid out as others are, and it is quick."""
    if layout := layouts.of(readings, flags):
        numbers = layout.numbers(data, flags[2])
        usual = flags == AS_WHOLE
        reads = Reads(whole.flags, numbers[-1]) if usual else _flags_of(flags, numbers[layout.size :], whole)
        return Tick(numbers[0], Laid(layout.places, numbers), reads, failed)
    numbers = numbers_of(data, expected_of(readings, flags, whole, plain))
    names, shaped = readings
    every = list(whole.readings) if names is None else names
    found, at = {}, 1
    for place, name in enumerate(every):
        shape = shaped[place] if shaped else 0
        found[name], at = _read(shape, whole.readings.get(name), numbers, at)
    return Tick(numbers[0], found, _flags_of(flags, numbers[at:], whole), failed)


def _read(shape: Any, whole: Reading | None, numbers: tuple[float, ...], at: int) -> tuple[Reading, int]:
    if isinstance(shape, int) and whole is not None:
        end = at + len(whole.points)
        points = tuple([Point(old.labels, value) for old, value in zip(whole.points, numbers[at:end], strict=True)])
        reading = (points, whole.failed, whole.warnings, whole.enough)
        if not shape:
            return Reading(*reading), end
        if shape == ALL_ONE:
            return Reading(*reading, tuple([Point(old.labels, numbers[end]) for old in points])), end + 1
        last = end + len(points)
        ages = tuple([Point(old.labels, value) for old, value in zip(points, numbers[end:last], strict=True)])
        return Reading(*reading, ages), last
    failed, warnings, enough, labels, aged = shape
    series = [_labels(one) for one in labels]
    end = at + len(series)
    points = tuple(map(Point, series, numbers[at:end]))
    if aged is None:
        return Reading(points, failed, tuple(warnings), enough), end
    of = series if aged == AS_POINTS else [_labels(one) for one in aged]
    return Reading(points, failed, tuple(warnings), enough, tuple(map(Point, of, numbers[end : end + len(of)]))), (
        end + len(of)
    )


def _labels(pairs: Any) -> Labels:
    return tuple((name, value) for name, value in pairs)


def _flags_of(flags: list[Any], moments: tuple[float, ...], whole: Tick) -> dict[str, FlagReading]:
    other, names, _, places = flags
    found = {}
    for place, key in enumerate(names or whole.flags):
        read_at = moments[places[place] if places else 0]
        value, failed = other[key] if other and key in other else (whole.flags[key].value, whole.flags[key].failed)
        found[key] = FlagReading(value, failed, read_at)
    return found
