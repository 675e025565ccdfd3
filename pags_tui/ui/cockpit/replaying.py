"""What the keys of a replay do: play, seek, step, go to a T. Nothing of a run is changed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from pags_tui.core.errors import PagsError
from pags_tui.core.units import parse_offset
from pags_tui.desk.port import Player
from pags_tui.ui.cockpit.low_line import LowLine

if TYPE_CHECKING:
    from pags_tui.ui.app import WarRoom
    from pags_tui.ui.cockpit.screen import Cockpit

SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
LEAP = 10.0
"""Seconds of the run that an arrow goes."""


def with_player(do: Callable[[Cockpit, Player], None]) -> Callable[[Cockpit], None]:
    """A key that needs a recording; the scene is drawn anew afterwards."""

    def act(cockpit: Cockpit) -> None:
        app = cast("WarRoom", cockpit.app)
        if app.player is not None:
            do(cockpit, app.player)
            app.refresh_scene()

    return act


def leap(seconds: float) -> Callable[[Cockpit, Player], None]:
    """So many seconds on, within the recording."""

    def do(cockpit: Cockpit, player: Player) -> None:
        start, end = player.span
        player.seek(min(end, max(start, cockpit.room.scene.now + timedelta(seconds=seconds))))

    return do


def faster(by: int) -> Callable[[Cockpit, Player], None]:
    """The next speed, or the one before."""

    def do(cockpit: Cockpit, player: Player) -> None:
        nearest = min(range(len(SPEEDS)), key=lambda at: abs(SPEEDS[at] - player.speed))
        player.set_speed(SPEEDS[min(len(SPEEDS) - 1, max(0, nearest + by))])
        cockpit.tell(f"{player.speed:g} seconds of the run a second")

    return do


def ask_t(cockpit: Cockpit, player: Player) -> None:
    """A T to be typed."""
    cockpit.query_one("#find-line", LowLine).ask_plain("go-to", "Go to T (T+22m, T-5m, T+1h30m):")


def go_to(cockpit: Cockpit, text: str) -> None:
    """To the moment at which T was that; a bare `22m` is taken as T+22m."""
    player, state = cast("WarRoom", cockpit.app).player, cockpit.room.scene.state
    if player is None or not text:
        return
    try:
        wanted = parse_offset(text if text[:1].upper() == "T" else f"T{text if text[:1] in '+-' else '+' + text}")
    except PagsError as error:
        cockpit.tell(str(error), "warn")
        return
    if state.clock is None:
        cockpit.tell("T+0 was not set yet at this moment: go on with ] first.", "warn")
        return
    start, end = player.span
    player.seek(min(end, max(start, state.clock.wall(wanted, cockpit.room.scene.now))))
    cast("WarRoom", cockpit.app).refresh_scene()


ACTS: Mapping[str, Callable[[Cockpit], None]] = {
    "play": with_player(lambda cockpit, player: player.play(not player.playing)),
    "back": with_player(leap(-LEAP)),
    "forward": with_player(leap(LEAP)),
    "previous-event": with_player(lambda cockpit, player: player.step_event(-1)),
    "next-event": with_player(lambda cockpit, player: player.step_event(1)),
    "previous-tick": with_player(lambda cockpit, player: player.step_tick(-1)),
    "next-tick": with_player(lambda cockpit, player: player.step_tick(1)),
    "go-to": with_player(ask_t),
    "slower": with_player(faster(-1)),
    "faster": with_player(faster(1)),
}
