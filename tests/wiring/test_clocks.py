"""The clock of a run: a step of the machine's wall clock changes nothing in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pags_tui.wiring.clocks import LeapClock, SteadyClock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Machine:
    """A machine's two clocks."""

    def __init__(self) -> None:
        self.wall = NOON
        self.boot = 1000.0

    def pass_by(self, seconds: float) -> None:
        """Time passes."""
        self.wall += timedelta(seconds=seconds)
        self.boot += seconds

    @property
    def clocks(self) -> dict[str, Callable[[], object]]:
        """As arguments of a SteadyClock."""
        return {"wall": lambda: self.wall, "boot": lambda: self.boot}


@pytest.mark.parametrize("hours", [1, -1])
def test_a_stepped_wall_clock_changes_nothing(hours: int) -> None:
    """The wall clock is moved by an hour either way: the run's time goes on as if nothing had happened, and the clock
    knows how far the machine is off."""
    machine = Machine()
    clock = SteadyClock(**machine.clocks)
    machine.pass_by(10)
    machine.wall += timedelta(hours=hours)
    machine.pass_by(10)
    assert clock.now() == NOON + timedelta(seconds=20)
    assert clock.stepped == hours * 3600


def test_time_does_not_start_behind_what_is_recorded() -> None:
    """A machine whose clock is behind the last event goes on from that event."""
    machine = Machine()
    clock = SteadyClock(NOON + timedelta(minutes=5), **machine.clocks)
    machine.pass_by(1)
    assert clock.now() == NOON + timedelta(minutes=5, seconds=1)


async def test_a_leap_clock_leaps_over_every_wait() -> None:
    """An hour's sleep is over at once, and an hour has passed."""
    clock = LeapClock(NOON)
    await clock.sleep(3600)
    assert clock.now() == NOON + timedelta(hours=1)
