"""How far time leaps in a night without a screen: never past what time brings, and never far while something stirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pags_tui.core import events as e
from pags_tui.core.decide import View
from pags_tui.core.events import Actor, Event
from pags_tui.core.gates import GateState, GateVerdict
from pags_tui.core.judge import Judged
from pags_tui.core.runbook import load
from pags_tui.core.series import Tick
from pags_tui.core.state import fold
from pags_tui.driver.leaping import FARTHEST, until_due, until_tick
from pags_tui.driver.pace import Pace

LEAD = Actor("ana", "ana")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PACE = Pace(every=30.0, lockstep=True)
BOOK = load(
    """
[runbook]
id = "plan"
[[phases]]
id = "first"
at = "T+0"
steps = ["Look"]
[[phases]]
id = "second"
at = "T+1h"
steps = [{ check = "Look again", at = "T+70m" }]
[[phases]]
id = "third"
at = "T+9d"
steps = ["Look once more"]
""",
    "plan.toml",
)


def view(after: timedelta, *facts: e.Fact) -> View:
    """The run that long after T+0, its first phase entered; `facts` happened at that moment."""
    started = e.RunStarted("run", "demo", BOOK.text, BOOK.sha256, "plan.toml", "plan", "ana", "ana", "0")
    began = (started, e.TZeroSet(NOON), e.PhaseEntered("first"))
    events = [Event(n, NOON - timedelta(hours=1), LEAD, fact) for n, fact in enumerate(began, 1)]
    events += [Event(len(events) + n, NOON + after, LEAD, fact) for n, fact in enumerate(facts, 1)]
    return View(fold(events), NOON + after, LEAD)


def ticks(last: timedelta, gate: GateVerdict | None = None) -> list[Judged]:
    """Two ticks, the second so long after T+0."""
    moments = (NOON + last - timedelta(seconds=30), NOON + last)
    return [Judged(n, at, Tick(at.timestamp()), {"g": gate} if gate else {}, {}) for n, at in enumerate(moments, 1)]


GATE = GateVerdict("g", GateState.SETTLING, "", 0.0, "", None, None, 5, 100.0, 160.0, 0.0, None, (), frozenset())


def test_time_stops_at_what_the_plan_brings() -> None:
    """The next phase, then a step's own time; a phase that is due is entered at once."""
    assert until_due(view(timedelta(minutes=15))) == 45 * 60
    assert until_due(view(timedelta(minutes=61))) == 0
    assert until_due(view(timedelta(minutes=61), e.PhaseEntered("second"))) == 9 * 60


def test_a_calm_night_is_watched_every_four_minutes() -> None:
    """Nothing stirs: as far as evidence stays unbroken, and no further than a gate needs."""
    calm = view(timedelta(minutes=15))
    assert until_tick(calm, ticks(timedelta(minutes=15)), PACE, True) == FARTHEST
    assert until_tick(calm, ticks(timedelta(minutes=15), GATE), PACE, True) == 60


def test_what_stirs_is_watched_closely() -> None:
    """An event, a gate in its first ticks, a failed tick or a hold: the pace is the ordinary one."""
    at = timedelta(minutes=15)
    assert until_tick(view(at, e.NoteAdded("x")), ticks(at), PACE, True) == PACE.every
    assert until_tick(view(at), ticks(at, replace(GATE, row=2)), PACE, True) == PACE.every
    blind = [replace(one, tick=replace(one.tick, failed="no answer")) for one in ticks(at)]
    assert until_tick(view(at), blind, PACE, True) == PACE.every
    assert until_tick(view(at, e.HoldBegan("x")), ticks(at), PACE, True) == PACE.every


def test_days_are_crossed_in_tenths() -> None:
    """Nine days until the next thing of the plan: most of a day at a time, less and less."""
    at = timedelta(minutes=75)
    far = view(at, e.PhaseEntered("second"))
    later = replace(far, now=far.now + timedelta(seconds=60))
    assert until_tick(later, ticks(at + timedelta(seconds=60)), PACE, True) == until_due(later) / 10


def test_nobody_watches_where_nothing_is_to_be_seen() -> None:
    """Without metrics and flags only the plan wakes the loop."""
    at = timedelta(minutes=15)
    assert until_tick(view(at), ticks(at), PACE, False) == float("inf")
