"""The ticks of a recorded run, as they were polled. What was judged of them then is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pags_tui.backtest.playing import Ticks
from pags_tui.core.errors import Refused
from pags_tui.core.ports import TickRow
from pags_tui.core.tape import Decoder

Progress = Callable[[int, int], None]
"""Told how many ticks are read, and of how many."""


def recorded(rows: Sequence[TickRow], t0: datetime | None, progress: Progress = lambda *_: None) -> Ticks:
    """The ticks of those rows; `t0` is the wall time of T+0, left out: that of the first tick.

    Raises Refused for a run without ticks, JournalError for one that cannot be read.
    """
    if not rows:
        raise Refused("This recording holds no tick: nothing was polled in that run.")
    judged = []
    decoder = Decoder({row.tick: row.payload for row in rows}.get)
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            progress(number, len(rows))
        judged.append(decoder.decode(row.payload))
    start = t0 or judged[0].at
    return Ticks([round((one.at - start).total_seconds(), 3) for one in judged], [one.tick for one in judged])
