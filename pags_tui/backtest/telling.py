"""A whole backtest from ticks to what is printed, and which triggers fired on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pags_tui.backtest.columns import History
from pags_tui.backtest.playing import Armed, Feed, Player, spacing
from pags_tui.backtest.quick import Quick
from pags_tui.backtest.timelines import Timelines, json_lines, visible
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Seconds
from pags_tui.core.triggers import TriggerVerdict
from pags_tui.core.units import show_offset

Progress = Callable[[int, int], None]
"""Told how many ticks are judged, and of how many."""


@dataclass(slots=True)
class Firings:
    """Which triggers began to fire, and when."""

    first: dict[str, tuple[Seconds, str]] = field(default_factory=dict)
    """Armed: when for the first time, and the reason."""
    unarmed: dict[str, tuple[Seconds, str]] = field(default_factory=dict)
    """Unarmed: the same."""

    def hear(self, t: Seconds, verdict: TriggerVerdict) -> None:
        """One verdict."""
        if verdict.fired:
            self.first.setdefault(verdict.id, (t, verdict.reason))
        elif verdict.would_fire:
            self.unarmed.setdefault(verdict.id, (t, verdict.reason))

    def told(self) -> Iterator[str]:
        """A line for each."""
        for name, (t, reason) in self.first.items():
            yield f"trigger {name} fires at {show_offset(t)}: {visible(reason)}"
        for name, (t, reason) in self.unarmed.items():
            yield f"trigger {name} would fire at {show_offset(t)}, not armed: {visible(reason)}"


def timelines(
    feed: Feed,
    runbook: Runbook,
    armed: Armed | None = None,
    *,
    series: bool = False,
    progress: Progress = lambda *_: None,
) -> tuple[Timelines, Firings]:
    """The timelines of every gate and trigger, and with `series` of each series under them."""
    player, drawn, firings = Player(runbook, spacing(feed.times, runbook), armed), Timelines(), Firings()
    if isinstance(feed, History) and not series:
        drawn.times = list(feed.times)
        quick = Quick(player, feed, firings.hear)
        quick.play(progress)
        for trigger in quick.triggers:
            drawn.put_line("trigger", trigger.name, trigger.line, trigger.now_line)
        for gate in quick.gates:
            drawn.put_line("gate", gate.name, gate.line)
        return drawn, firings
    for moment in player.play(feed, series=series):
        if moment.number % 100 == 0:
            progress(moment.number, len(feed.times))
        for verdict in moment.triggers.values():
            firings.hear(moment.t, verdict)
        drawn.add(moment)
    return drawn, firings


def told_as_json(
    feed: Feed,
    runbook: Runbook,
    firings: Firings,
    armed: Armed | None = None,
    *,
    series: bool = False,
    progress: Progress = lambda *_: None,
) -> Iterator[str]:
    """One object a line per tick and gate or trigger, and with `series` one more per known series."""
    player = Player(runbook, spacing(feed.times, runbook), armed)
    for moment in player.play(feed, series=series):
        if moment.number % 100 == 0:
            progress(moment.number, len(feed.times))
        for verdict in moment.triggers.values():
            firings.hear(moment.t, verdict)
        yield from json_lines(moment, player.armed.at(moment.t))
