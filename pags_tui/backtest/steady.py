"""Ticks that repeat the one before: the same lines in the same order, with another time and other values.

Nearly every file of samples is made of them, and then a line costs a few string operations instead of a parser. What
is no such tick is left to the reader of single lines. Nothing is taken on trust: of each line everything before the
value must be, byte for byte, what was read as JSON before, and all values of a tick are read as one JSON array.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from pydantic_core import from_json

from pags_tui.backtest.columns import number_of
from pags_tui.core.series import Seconds

END = b"}\n"
WORDS = (b"tr", b"fa", b"nu")
"""Of `true`, `false` and `null`: these are values of JSON, and no values of a metric."""

Ticks = list[tuple[Seconds, "array[float]"]]


@dataclass(frozen=True, slots=True)
class Steady:
    """One tick's lines, each cut in two where its time stands: `{"metric":"m","t":` and `,"value":`."""

    pieces: Sequence[tuple[bytes, bytes]]
    sources: array[int]
    """The number of each line's source."""

    def take(self, text: bytes) -> tuple[Ticks, bytes]:
        """The ticks at the beginning of `text` that are as this one, and what is left of it, from a tick's start on.

        No tick and all of the text, where the first one is not.
        """
        lines, count = text.split(END), len(self.pieces)
        whole = len(lines) - 1
        taken: Ticks = []
        size, heads = 0, sum(map(len, chain.from_iterable(self.pieces)))
        for start in range(0, whole - whole % count, count):
            found = self._tick(lines[start : start + count])
            if found is None:
                break
            time, values, length = found
            taken.append((time, values))
            size += heads + length
        rest = END.join(lines[len(taken) * count :])
        # Where some line did not begin as it should, and what it was is a number all the same, the sizes differ.
        return (taken, rest) if size + len(rest) == len(text) else ([], text)

    def _tick(self, lines: Sequence[bytes]) -> tuple[Seconds, array[float], int] | None:
        """The time and the values of one tick's lines, and how long these and the ends of the lines are."""
        before, after = self.pieces[0]
        first = lines[0]
        if not first.startswith(before):
            return None
        text = first[len(before) : first.find(after, len(before))]
        joined = b",".join(map(bytes.removeprefix, lines, map(text.join, self.pieces)))
        time, values = _numbers(text), _numbers(joined)
        if time is None or len(time) != 1 or values is None or len(values) != len(lines):
            return None
        if not math.isfinite(time[0]):
            return None
        length = len(lines) * (len(text) + len(END)) + len(joined) - (len(lines) - 1)
        return time[0], values, length


def _numbers(text: bytes) -> array[float] | None:
    """The numbers of a JSON array without its brackets; None where something in it is none."""
    if any(word in text for word in WORDS):
        return None
    try:
        found: list[float] = from_json(b"[%b]" % text, allow_inf_nan=False)
    except ValueError:
        return None
    try:
        return array("d", found)
    except (TypeError, OverflowError):  # "NaN" and the like, or no number at all
        numbers = [number for one in found if (number := number_of(one)) is not None]
        return array("d", numbers) if len(numbers) == len(found) else None
