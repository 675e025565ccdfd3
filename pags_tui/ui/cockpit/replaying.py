"""What the keys of a replay do: play, seek, step, go to a T. Nothing of a run is changed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, cast

from pags_tui.core.errors import PagsError
from pags_tui.core.units import parse_offset, show_offset
from pags_tui.desk.port import Player
from pags_tui.ui.cockpit.low_line import LowLine
from pags_tui.ui.dialogs.supposing import WhatIfDialog
from pags_tui.ui.present.words import zone
from pags_tui.ui.rows import TriggerRow

if TYPE_CHECKING:
    from pags_tui.ui.app import WarRoom
    from pags_tui.ui.cockpit.screen import Cockpit

SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
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


JUMPS: Mapping[str, str] = {
    "flag": "change of a flag", "sign-off": "sign-off", "trigger": "trigger, countdown, veto or rollback",
    "hold": "hold, resume or recycle", "event": "event", "difference": "difference",
}  # fmt: skip
"""What can be jumped to, in words."""


def jump(kind: str, by: int) -> Callable[[Cockpit, Player], None]:
    """To the next (1) or the previous (-1) one of that kind; a sentence where there is none."""

    def do(cockpit: Cockpit, player: Player) -> None:
        player.play(False)
        there = player.step_event(by) if kind == "event" else player.step_kind(kind, by)
        if not there:
            cockpit.tell(f"There is no {'later' if by > 0 else 'earlier'} {JUMPS[kind]} in this recording.")

    return do


def ask_t(cockpit: Cockpit, player: Player) -> None:
    """A T to be typed."""
    cockpit.query_one("#find-line", LowLine).ask_plain("go-to", "Go to T (22m, T-5m, T+1h30m), or to a time (22:14):")


def go_to(cockpit: Cockpit, text: str) -> None:
    """To the moment at which T was that (a bare `22m` is T+22m), or to that time of the wall clock."""
    player = cast("WarRoom", cockpit.app).player
    if player is None or not text:
        return
    player.play(False)
    if ":" in text:
        said = _to_wall(cockpit, player, text)
    else:
        said = _to_t(player, text if text[:1].upper() == "T" else f"T{text if text[:1] in '+-' else '+' + text}")
    cockpit.tell(said, "warn")
    cast("WarRoom", cockpit.app).refresh_scene()


def _to_t(player: Player, text: str) -> str:
    try:
        wanted = parse_offset(text)
    except PagsError as error:
        return str(error)
    return "" if player.seek_t(wanted) else f"T never came to {show_offset(wanted)} in this recording."


def _to_wall(cockpit: Cockpit, player: Player, text: str) -> str:
    """To the first such time of the recording, on the runbook's clock."""
    start, end = player.span
    there = zone(cockpit.room.scene.state.runbook)
    try:
        wanted = time.fromisoformat(text)
    except ValueError:
        return f"'{text}' is no time. Write it like 22:14 or 22:14:30."
    day = start.astimezone(there)
    found = [datetime.combine(day.date() + timedelta(days=n), wanted, there) for n in range((end - start).days + 2)]
    moment = next((at for at in found if start <= at <= end), None)
    if moment is None:
        return f"The recording goes from {day:%H:%M:%S} to {end.astimezone(there):%H:%M:%S}."
    player.seek(moment.astimezone(UTC))
    return ""


def what_if(cockpit: Cockpit, player: Player) -> None:
    """The dialog; what is under the cursor comes first in its list."""
    player.play(False)
    row = cockpit.here.cursor_row
    about = row.id if isinstance(row, TriggerRow) else cockpit.step or ""
    app = cast("WarRoom", cockpit.app)
    app.push_screen(WhatIfDialog(cockpit.room.scene, player, about, app.refresh_scene))


ACTS: Mapping[str, Callable[[Cockpit], None]] = {
    "what-if": with_player(what_if),
    "previous-difference": with_player(jump("difference", -1)),
    "next-difference": with_player(jump("difference", 1)),
    "play": with_player(lambda cockpit, player: player.play(not player.playing)),
    "back": with_player(leap(-LEAP)),
    "forward": with_player(leap(LEAP)),
    "previous-event": with_player(jump("event", -1)),
    "next-event": with_player(jump("event", 1)),
    "previous-tick": with_player(lambda cockpit, player: player.step_tick(-1)),
    "next-tick": with_player(lambda cockpit, player: player.step_tick(1)),
    "previous-flag": with_player(jump("flag", -1)),
    "next-flag": with_player(jump("flag", 1)),
    "previous-sign-off": with_player(jump("sign-off", -1)),
    "next-sign-off": with_player(jump("sign-off", 1)),
    "previous-trigger": with_player(jump("trigger", -1)),
    "next-trigger": with_player(jump("trigger", 1)),
    "previous-hold": with_player(jump("hold", -1)),
    "next-hold": with_player(jump("hold", 1)),
    "go-to": with_player(ask_t),
    "slower": with_player(faster(-1)),
    "faster": with_player(faster(1)),
}
