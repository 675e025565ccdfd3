"""How far time may leap in a night without a screen: to the next tick, and further while nothing stirs.

Values in, seconds out: it reads no clock and decides nothing in a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pags_tui.core.decide import View
from pags_tui.core.gates import OK_IN_A_ROW
from pags_tui.core.judge import Judged
from pags_tui.core.plan.messages import seconds_to_next
from pags_tui.core.plan.progress import next_due, to_enter
from pags_tui.core.series import Seconds
from pags_tui.driver.pace import Pace

FARTHEST: Seconds = 240.0
"""Longest time between two ticks: below the look-back of five minutes, so that evidence stays unbroken."""
LONG_WAIT: Seconds = 2 * 3600.0
"""In a longer wait for the next thing of the plan, ticks lie a tenth of it apart: a plan of weeks is played too."""


def until_tick(view: View, ticks: Sequence[Judged], pace: Pace, watching: bool) -> Seconds:
    """Seconds from the last tick to the next. `watching`: there is something to see (a metric, a flag that is read)."""
    if not ticks or not calm(view, ticks, watching):
        return pace.every
    if not watching:
        return math.inf
    waiting, due = _proven_in(ticks[-1]), until_due(view)
    if not waiting and LONG_WAIT < due < math.inf:
        return due / 10
    return max(pace.every, min([FARTHEST, *waiting]))


def until_due(view: View) -> Seconds:
    """Seconds until time itself brings something: a phase, a due time, a message, the end of a period or countdown."""
    if to_enter(view.state, view.now):
        return 0.0
    countdown = view.state.countdown
    ends = [(countdown.ends - view.now).total_seconds()] if countdown else []
    return min([next_due(view.state, view.now), seconds_to_next(view.state, view.now), *ends])


def calm(view: View, ticks: Sequence[Judged], watching: bool) -> bool:
    """Nothing happened at the last tick or since, no gate counts its first ticks, and every trigger sees good values.

    Without anything to watch it is enough that nothing is under way.
    """
    state = view.state
    if state.owed or state.countdown or state.rolling_back or state.hold or state.band:
        return False
    if not watching:
        return True
    last = ticks[-1]
    if len(ticks) < 2 or (state.at is not None and state.at > ticks[-2].at) or last.tick.failed:
        return False
    counting = any(gate.state == "settling" and 0 < gate.row < OK_IN_A_ROW for gate in last.gates.values())
    return not counting and all(one.state == one.now == "inactive" for one in last.triggers.values())


def _proven_in(last: Judged) -> list[Seconds]:
    """Seconds until gates that only wait for their time have waited long enough."""
    left = [gate.for_ - gate.clock for gate in last.gates.values() if gate.state == "settling"]
    return [seconds for seconds in left if seconds > 0]
