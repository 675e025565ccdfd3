"""Where a replay stands, as the scrub bar shows it."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core import events as e
from pags_tui.core.units import show_t
from pags_tui.desk.port import Player
from pags_tui.ui.present.words import hms
from pags_tui.ui.rows import Level, ScrubRow
from pags_tui.ui.scene import Scene

LOUD = (e.TriggerFired, e.CountdownBegan, e.RollbackConfirmed, e.SourceLost)
MILESTONES = (e.Signed, e.FlagAnswered, e.HoldBegan, e.Resumed, e.Recycled, e.OverrideGiven)


class Scrub:
    """The whole recording as a bar with its events, those to come as well."""

    def __init__(self, player: Player) -> None:
        self._player = player
        found = ((self._part(event.at), _level(event.fact)) for event in player.events)
        self._marks = tuple((at, level) for at, level in found if level is not Level.CALM)

    def _part(self, moment: datetime) -> float:
        start, end = self._player.span
        return (moment - start).total_seconds() / max(1.0, (end - start).total_seconds())

    def row(self, scene: Scene) -> ScrubRow:
        """Where it stands now."""
        player, book, now = self._player, scene.state.runbook, scene.state.t(scene.now)
        start, end = (hms(moment, book) for moment in player.span)
        t = hms(scene.now, book) if now is None else show_t(now)
        apart = player.supposed.apart() if player.supposed else ()
        marks = (*self._marks, *((self._part(at), Level.UNKNOWN) for at in apart))
        return ScrubRow(start, t, end, self._part(scene.now), player.playing, speed(player), marks)


def _level(fact: e.Fact) -> Level:
    if isinstance(fact, LOUD):
        return Level.BAD
    return Level.OK if isinstance(fact, MILESTONES) else Level.CALM


def speed(player: Player) -> str:
    """`10×`."""
    return f"{player.speed:g}×"
