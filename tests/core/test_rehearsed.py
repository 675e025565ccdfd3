"""What earlier rehearsals say of the night: how long each phase took in them, and when this one should be over."""

from __future__ import annotations

from datetime import timedelta

from pags_tui.core import events as e
from pags_tui.core.plan.progress import MEDIAN, SLOW, expected_finish
from pags_tui.core.plan.rehearsed import together, took
from tests.core.stories import READY, SHORT, Story, at_fifty, moment, prepared, signed_ten

COUNTED = e.RehearsalsCounted(("r-3", "r-2", "r-1"), (("all", (600.0, 900.0, 3600.0)), ("last", (60.0, 60.0, 60.0))))


def finishes(story: Story) -> tuple[str, str]:
    """When half of them, and when nine tenths of them, would be over."""
    found = [expected_finish(story.state, story.now, share) for share in (MEDIAN, SLOW)]
    return tuple(f"{one:%H:%M}" for one in found if one)  # type: ignore[return-value]


def test_a_phase_took_from_its_first_action_to_its_last_outcome() -> None:
    """On T: what is signed late counts, what is not finished does not."""
    times = took(signed_ten().state)
    assert set(times) == {"prepare", "ten"}
    assert times["ten"] == 15 * 60
    assert took(Story().state) == {}


def test_a_hold_costs_a_phase_no_time() -> None:
    """T stands, and so does what a phase takes."""
    story = Story().time_passes()
    story.ticks(30).tick_off(READY).happened(e.HoldBegan("vendor")).later(3600).happened(e.Resumed())
    story.ticks(15).tick_off(SHORT)
    assert took(story.state)["prepare"] == 15


def test_several_are_put_together() -> None:
    """Phase by phase, each run's time."""
    assert dict(together([signed_ten().state, prepared().state]))["prepare"] == (
        took(signed_ten().state)["prepare"],
        took(prepared().state)["prepare"],
    )


def test_the_finish_follows_the_rehearsals() -> None:
    """Without them as planned; with them the half and the nine tenths of them, hence two times."""
    story = at_fifty()
    assert finishes(story) == ("23:00", "23:00")
    story.happened(COUNTED)
    assert finishes(story) == ("23:01", "23:46")


def test_the_present_phase_is_counted_from_its_beginning() -> None:
    """Begun late, it is over that much later."""
    story = at_fifty().happened(e.RehearsalsCounted(("r-1",), (("fifty", (1200.0,)),)))
    assert expected_finish(story.state, moment("T+15m30s")) is not None
    assert expected_finish(story.state, story.now) == moment("T+60m") + timedelta()
