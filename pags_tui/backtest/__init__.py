"""Plays history through exactly the judging of the live run, and shows what every gate and trigger would have said.

It gets ticks (samples, a recording, the past of a metric service) and gives timelines. It reads no file and no clock.
"""

from __future__ import annotations

from pags_tui.backtest.columns import History
from pags_tui.backtest.playing import Armed, Feed, Moment, Player, Ticks, spacing
from pags_tui.backtest.ranges import Span, ranged
from pags_tui.backtest.recorded import recorded
from pags_tui.backtest.samples import SampleError, read_samples
from pags_tui.backtest.telling import Firings, timelines, told_as_json
from pags_tui.backtest.timelines import Timelines

__all__ = [
    "Armed",
    "Feed",
    "Firings",
    "History",
    "Moment",
    "Player",
    "SampleError",
    "Span",
    "Ticks",
    "Timelines",
    "ranged",
    "read_samples",
    "recorded",
    "spacing",
    "timelines",
    "told_as_json",
]
