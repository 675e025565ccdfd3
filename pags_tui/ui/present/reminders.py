"""Bands that remind: who says no-go in a poll, a message in doubt, what is left to do after the night."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pags_tui.core.events import RunEnded
from pags_tui.core.plan import polls
from pags_tui.core.plan.afterwards import Deadline, deadlines, ending
from pags_tui.core.plan.messages import in_doubt
from pags_tui.ui.present.sentences import message_name
from pags_tui.ui.present.words import clean, hms, key, plural, role_name, tail, who
from pags_tui.ui.rows import BandMode, BandRow, Level
from pags_tui.ui.scene import Scene

TICKED_OPEN = "tick them off: 1, down to Follow-ups, ↵"
TICKED_CLOSED = "the run is closed; they are due all the same: in a shell, pags-tui follow-ups ticks them off"


def poll(scene: Scene) -> BandRow | None:
    """Who says no-go, and who has not answered in time."""
    state = scene.state
    noes, quiet = polls.against(state), polls.silent(state, scene.now)
    if state.ended or not (noes or quiet):
        return None
    told = [f"NO-GO by {_roles(scene, noes)}"] if noes else []
    told += [f"no answer yet from {_roles(scene, quiet)}"] if quiet else []
    text = "nothing goes forward until they say go, or a new poll does" if noes else "asked more than 3 minutes ago"
    return BandRow(
        BandMode.INFO, "; ".join(told), Level.BAD if noes else Level.WARN, text=text, keys=(key("poll", "answer"),)
    )


def _roles(scene: Scene, roles: tuple[str, ...]) -> str:
    """Their titles, with the people behind them."""
    book, names = scene.state.runbook, scene.state.roles
    named = {role: names.get(role) or (book.roles[role].name if role in book.roles else "") for role in roles}
    return ", ".join(role_name(book, role) + (f" ({clean(who_)})" if who_ else "") for role, who_ in named.items())


def doubt(scene: Scene) -> BandRow | None:
    """A message of which nobody knows whether it arrived; it is not sent again by itself."""
    found = in_doubt(scene.state)
    if not found:
        return None
    last = found[-1]
    return BandRow(
        BandMode.INFO,
        f"{message_name(scene.state.runbook, last.comms)} may have gone out or not{tail(last.detail)}",
        Level.WARN,
        text="look where it should be, then say whether it arrived",
        keys=(key("message", "arrived or lost"),),
    )


def afterwards(scene: Scene) -> BandRow | None:
    """The night is over, what is to be done after it is not: closed, follow-ups due."""
    state, now = scene.state, scene.now
    left = [one for one in deadlines(state, now) if one.open]
    over = ending(state, now)
    if not left or over is None:
        return None
    late = [one for one in left if one.due is not None and one.due < now]
    how = {"done": "done", "rolled-back": "rolled back", "abandoned": "abandoned"}[over.how]
    count = plural(sum(len(one.open) for one in left), "follow-up")
    return BandRow(
        BandMode.INFO,
        f"{'closed' if state.ended else how}, {count} due" + (f", {len(late)} LATE" if late else ""),
        Level.WARN,
        text=TICKED_CLOSED if state.ended else TICKED_OPEN,
        more=tuple(_deadline(scene, one) for one in left),
    )


def closed(scene: Scene) -> BandRow | None:
    """Somebody ended the run: who, and when. Nothing is wrong, and nobody watches any more."""
    state = scene.state
    if not state.ended:
        return None
    by = next((event.by for event in reversed(scene.events) if isinstance(event.fact, RunEnded)), None)
    when = f" {hms(state.ended_at, state.runbook)[:-3]}" if state.ended_at else ""
    return BandRow(
        BandMode.INFO,
        f"closed as {clean(state.ended)}{f' by {who(by)}' if by else ''}{when}",
        Level.CALM,
        text="nothing is watched or changed any more; q leaves, pags-tui report RUN tells the night",
    )


def _deadline(scene: Scene, one: Deadline) -> str:
    """`Within 24 hours: 4 open, by 22:10 on 2026-11-25`."""
    when = ""
    if one.due is not None:
        local = one.due.astimezone(ZoneInfo(scene.state.runbook.timezone))
        when = f", by {local:%H:%M} on {local:%Y-%m-%d}" + (" LATE" if one.due < scene.now else "")
    return f"{clean(one.group.title)}: {len(one.open)} open{when}"
