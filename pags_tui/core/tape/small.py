"""A small tick: bytes to values and back, given the whole tick that it leans on."""

from __future__ import annotations

import json
import struct
import zlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeVar

from pags_tui.core.errors import JournalError
from pags_tui.core.gates import GateVerdict
from pags_tui.core.judge import Judged
from pags_tui.core.series import Seconds, Tick
from pags_tui.core.tape.foreseen import Around, Other, Row, around, began, oldest_of, ran, rows_of, verdicts_of
from pags_tui.core.tape.laid import Layouts
from pags_tui.core.tape.samples import expected_of, moment_of, plain_of, planes, shapes, tick_of
from pags_tui.core.triggers import TriggerVerdict

MARK = b"\x01"
"""The first byte of a small tick; a whole one is a zlib stream, which begins with `x`."""
WHOLE_EVERY = 240
"""Ticks from one whole tick to the next: twenty minutes at five seconds."""
REACH = WHOLE_EVERY + 12
"""No small tick leans on one that lies farther back than this."""
USUAL = b",null,[null,0],[0,0,1,0],[]]0000000,null,[null,[2,2,2,2,2,2,2,2,1,1,1,1]],[0,0,1,0],["
"""What most small ticks hold; part of the format."""
BROKEN = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError, struct.error)
"""What reading a damaged tick may come upon."""
DAMAGED = "a stored tick cannot be read: it is damaged, or from another version"

HEADS = ("g", "t")
CLOCK, AGE = 9, 10
"""Cells of a condition's row."""
NEAR = 0.0025
"""Clocks are rounded to milliseconds: what began then may say one or two more or less."""

V = TypeVar("V")


class Base:
    """A whole tick, and what the ticks after it are foreseen by."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        self.plain = plain_of(judged.tick)
        """What the numbers of most ticks after it are told against."""
        self.at = judged.at.astimezone(UTC)
        self.layouts = Layouts(judged.tick)
        self.asked = oldest_of(judged) is not None
        """It asked for ages: only then are those after it foreseen well."""

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What is foreseen. Raises Other when this tick is not to be leant on."""
        rows = list(rows_of(self.judged, around(self.judged, {})))
        for row in rows:
            if row[0] not in HEADS:
                row[CLOCK] = began(row[CLOCK], self.judged.tick.time)
                row[AGE] = None if row[AGE] is None else True
        return tuple(rows)


def pack(judged: Judged, base: Base, asked: int, oldest: Mapping[str, Seconds]) -> bytes:
    """The tick's bytes. `asked`: the tick of the `oldest` ages; 0: none. Raises Other for one to be written whole."""
    numbers: list[float] = []
    readings, flags = shapes(judged.tick, base.judged.tick, numbers)
    where = around(judged, oldest)
    rows = list(rows_of(judged, where))
    if len(rows) != len(base.rows):
        raise Other
    differences = _differences(rows, base.rows, where)
    clocks = [part for pair in where.clocks.items() for part in pair]
    head = [
        judged.number, judged.number - base.judged.number, judged.number - asked if asked else -1,
        moment_of(judged.at) - moment_of(base.judged.at), judged.tick.failed, readings, flags, differences, clocks,
    ]  # fmt: skip
    try:
        text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Other from None
    expected = expected_of(readings, flags, base.judged.tick, base.plain)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=USUAL)
    return MARK + packer.compress(text + b"\n" + planes(numbers, expected)) + packer.flush()


def _differences(rows: list[Row], base: tuple[Row, ...], where: Around) -> list[Any]:
    """Row, cell and content of each cell that is other than foreseen."""
    found: list[Any] = []
    for number, (row, before) in enumerate(zip(rows, base, strict=True)):
        if len(row) != len(before):
            raise Other
        if row[0] not in HEADS:
            row[CLOCK] = _clock(row[CLOCK], before[CLOCK], where)
        for cell, (new, old) in enumerate(zip(row, before, strict=True)):
            if new != old or type(new) is not type(old):
                found += [number, cell, new]
    return found


def _clock(clock: Seconds, expected: Seconds, where: Around) -> Any:
    """When it began, or `[clock]`. A clock that began when it was expected to is noted once for all that did."""
    if not clock:
        return 0
    if expected and clock == ran(expected, where):
        return expected
    if expected and expected not in where.clocks and abs(clock - ran(expected, where)) < NEAR:
        where.clocks[expected] = clock
        return expected
    return [clock]


@dataclass(frozen=True, slots=True)
class Head:
    """A small tick, opened but not yet told."""

    number: int
    base: int
    asked: int
    content: list[Any]
    planes: bytes


def opened(payload: bytes) -> Head:
    """The head of a small tick. Raises JournalError for a damaged one."""
    try:
        text, _, data = zlib.decompressobj(-15, zdict=USUAL).decompress(payload[1:]).partition(b"\n")
        number, base, asked, *content = json.loads(text.decode())
        return Head(number, number - base, number - asked if asked >= 0 else 0, content, data)
    except (zlib.error, *BROKEN) as error:
        raise JournalError(DAMAGED) from error


def told(head: Head, base: Base, oldest: Callable[[], Mapping[str, Seconds]]) -> Judged:
    """The tick. What was judged is worked out when somebody looks. Raises JournalError for a damaged one."""
    try:
        moment, failed, readings, flags, differences, clocks = head.content
        tick = tick_of(readings, flags, head.planes, base.judged.tick, base.plain, base.layouts, failed)
        at = base.at + timedelta(microseconds=moment)
    except BROKEN as error:
        raise JournalError(DAMAGED) from error
    said = _Said(head.number, tick, base, differences, clocks, oldest)
    return later(head.number, at, tick, said)


Both = tuple[dict[str, GateVerdict], dict[str, TriggerVerdict]]


class Verdicts(Protocol):
    """What was said at one tick, known when asked."""

    def both(self) -> Both:
        """Gates and triggers. Raises JournalError for a damaged tick."""
        ...


class _Said:
    """The verdicts of one small tick, worked out once."""

    __slots__ = ("_base", "_clocks", "_differences", "_found", "_number", "_oldest", "_tick")

    def __init__(
        self,
        number: int,
        tick: Tick,
        base: Base,
        differences: list[Any],
        clocks: list[Seconds],
        oldest: Callable[[], Mapping[str, Seconds]],
    ) -> None:
        self._number, self._tick, self._base = number, tick, base
        self._differences, self._clocks, self._oldest = differences, clocks, oldest
        self._found: Both | None = None

    def both(self) -> Both:
        if self._found is None:
            try:
                self._found = self._made()
            except (Other, *BROKEN) as error:
                raise JournalError(DAMAGED) from error
        return self._found

    def _made(self) -> Both:
        points = {name: reading.points for name, reading in self._tick.readings.items()}
        known = dict(zip(self._clocks[::2], self._clocks[1::2], strict=True))
        where = Around(self._number, self._tick.time, points, self._oldest(), {}, known)
        return verdicts_of(self._rows(), where, self._base.judged)

    def _rows(self) -> list[Row]:
        """The base's rows with the cells that differ."""
        rows = list(self._base.rows)
        own: set[int] = set()
        for number, cell, new in zip(*(self._differences[n::3] for n in range(3)), strict=True):
            if number not in own:
                own.add(number)
                rows[number] = list(rows[number])
            rows[number][cell] = new
        return rows


class _Later(Mapping[str, V]):
    """A mapping that is made when it is first looked into."""

    __slots__ = ("_said",)

    def __init__(self, said: Verdicts) -> None:
        self._said = said

    @abstractmethod
    def _made(self) -> Mapping[str, V]: ...

    def __getitem__(self, key: str) -> V:
        return self._made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())

    def __repr__(self) -> str:
        return repr(self._made())


class _Gates(_Later[GateVerdict]):
    __slots__ = ()

    def _made(self) -> Mapping[str, GateVerdict]:
        return self._said.both()[0]


class _Triggers(_Later[TriggerVerdict]):
    __slots__ = ()

    def _made(self) -> Mapping[str, TriggerVerdict]:
        return self._said.both()[1]


def later(number: int, at: datetime, tick: Tick, said: Verdicts) -> Judged:
    """A tick whose verdicts are worked out when somebody looks at them."""
    return Judged(number, at, tick, _Gates(said), _Triggers(said))
