"""Where a replay stands, as the scrub bar shows it."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core import events as e
from pags_tui.core.units import show_t
from pags_tui.desk.port import Player
from pags_tui.ui.rows import Level, ScrubRow
from pags_tui.ui.scene import Scene

LOUD = (e.TriggerFired, e.CountdownBegan, e.RollbackConfirmed, e.SourceLost)
MILESTONES = (e.Signed, e.FlagAnswered, e.HoldBegan, e.Resumed, e.Recycled, e.OverrideGiven)


def scrub_row(scene: Scene, player: Player | None) -> ScrubRow | None:
    """The whole recording as a bar with its events so far; None where nothing is replayed."""
    if player is None:
        return None
    start, end = player.span
    whole = max(1.0, (end - start).total_seconds())

    def part(moment: datetime) -> float:
        return (moment - start).total_seconds() / whole

    marks = tuple(
        (part(event.at), _level(event.fact)) for event in scene.events if _level(event.fact) is not Level.CALM
    )
    return ScrubRow(
        _t(scene, start), _t(scene, scene.now), _t(scene, end), part(scene.now), player.playing, speed(player), marks
    )


def _level(fact: e.Fact) -> Level:
    if isinstance(fact, LOUD):
        return Level.BAD
    return Level.OK if isinstance(fact, MILESTONES) else Level.CALM


def _t(scene: Scene, moment: datetime) -> str:
    t = scene.state.t(moment)
    return f"{moment:%H:%M:%S}" if t is None else show_t(t)


def speed(player: Player) -> str:
    """`10×`."""
    return f"{player.speed:g}×"
