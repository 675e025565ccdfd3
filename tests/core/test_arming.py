"""Whether triggers act: by what may have taken effect and what was signed, never by the clock."""

from __future__ import annotations

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.plan.arming import anything_armed, armed_mode, range_mode
from tests.core.stories import HALF, NIGHT, TENTH, Story, at_ten, prepared, signed_ten
from tests.core.test_decide_forward import done_fifty


def ranged(armed: str) -> str:
    return NIGHT.replace('auto = "countdown"\n', f'auto = "countdown"\narmed = {armed}\n')


def mode(story: Story) -> str | None:
    return range_mode(story.state, story.now)


def entered(runbook: str, *phases: str) -> Story:
    return Story(runbook, t="T+0").happened(*(e.PhaseEntered(phase) for phase in phases))


def moved(story: Story, step: str = TENTH, result: e.Result | None = "verified") -> Story:
    number = len(story.state.changes) + 1
    story.happened(e.FlagAsked(number, "canary", 10, 0, "forward", step))
    return story.happened(e.FlagAnswered(number, result)) if result else story


def test_by_fact_not_by_clock() -> None:
    """Hours after T+0 nothing is armed that has not begun."""
    story = prepared().wait("T+300m")
    assert (mode(story), anything_armed(story.state, story.now)) == (None, False)


@pytest.mark.parametrize(
    ("result", "armed"),
    [("verified", True), ("unknown", True), ("mismatch", True), ("unverified", True), (None, True), ("refused", False)],
)
def test_from_the_first_set_that_may_have_taken_effect(result: e.Result | None, armed: bool) -> None:
    """Asked and not refused arms: it may be in production."""
    assert (mode(moved(Story(), result=result)) == "countdown") is armed


def test_without_a_set_from_its_entry() -> None:
    """A range whose first phase sets nothing is armed when that phase is entered."""
    book = ranged('{ prepare = "ask" }')
    assert mode(Story(book)) is None
    assert mode(entered(book, "prepare")) == "ask"


def test_until_the_last_phases_checkpoint_is_signed() -> None:
    """One of two signatures leaves it armed."""
    book = ranged('{ ten = "countdown" }')
    story = moved(Story(book))
    story.happened(e.Signed("ten", "cutover-lead", "ana", "ana"))
    assert mode(story) == "countdown"
    assert mode(story.happened(e.Signed("ten", "monitoring-lead", "mo", "mo"))) is None


def test_without_a_checkpoint_until_its_steps_are_resolved_and_its_monitor_is_over() -> None:
    """Both are needed: the steps, its monitor's too, and the period."""
    book = ranged('{ "all" = "ask" }')
    story = moved(Story(book, t="T+45m"), "all/send-all").happened(
        e.PhaseEntered("all"), e.StepResolved("all/send-all", "passed")
    )
    done = (e.StepResolved("all/queue-fine", "passed"), e.StepResolved("all/users-still-content", "passed"))
    assert mode(story.wait("T+106m")) == "ask"
    assert mode(story.wait("T+50m").happened(*done)) == "ask"
    assert mode(story.wait("T+105m")) is None


def test_optional_steps_and_those_of_another_kind_of_run_arm_nothing() -> None:
    """What nobody has to do does not keep a range armed."""
    steps = '"Say thanks", { check = "Bow", optional = true }]'
    monitor = '[phases.monitor]\nsteps = [{ check = "Clap", when = "rehearsal" }]'
    book = ranged('{ last = "ask" }').replace('"Say thanks"]', f"{steps}\n{monitor}\n")
    story = entered(book, "last")
    assert mode(story) == "ask"
    assert mode(story.happened(e.StepResolved("last/say-thanks", "passed"))) is None


def test_or_until_the_run_ends() -> None:
    """A closed run acts no more."""
    assert mode(moved(Story()).happened(e.RunEnded("abandoned"))) is None


def test_where_ranges_overlap_the_stronger_mode_holds() -> None:
    """Countdown before ask before observe."""
    story = moved(entered(ranged('{ "ten..all" = "observe", "prepare..fifty" = "ask" }'), "prepare"))
    assert mode(story) == "ask"
    story = moved(entered(ranged('{ "ten..all" = "countdown", "prepare..fifty" = "ask" }'), "prepare"))
    assert mode(story) == "countdown"


def test_between_two_ranges_the_earlier_stays() -> None:
    """The first range is signed, the second not begun: nobody is without cover in between."""
    book = ranged('{ ten = "countdown", fifty = "ask" }')
    story = moved(Story(book))
    story.happened(e.Signed("ten", "cutover-lead", "a", "a"), e.Signed("ten", "monitoring-lead", "b", "b"))
    assert mode(story) == "countdown"
    assert mode(moved(story, HALF)) == "ask"
    assert mode(story.happened(e.Signed("fifty", "cutover-lead", "a", "a"))) is None


def test_a_range_that_was_passed_over_keeps_nothing_armed() -> None:
    """Only a range that is still to come keeps the one before it."""
    story = moved(Story(ranged('{ ten = "countdown", fifty = "ask" }')), HALF)
    assert mode(story.happened(e.Signed("fifty", "cutover-lead", "a", "a"))) is None


def test_holds_and_recycles_never_disarm() -> None:
    """What may have taken effect still has, whatever T says."""
    story = at_ten()
    story.ask(a.HoldClock("x"))
    assert mode(story) == "countdown"
    story.ask(a.Recycle(-30.0, "x"))
    assert mode(story) == "countdown"
    story = signed_ten()
    story.ask(a.Recycle(0.0, "x"))
    assert mode(story) == "countdown"


def test_the_default_range_is_from_the_first_phase_with_a_set_to_the_last_phase() -> None:
    """Left out, everything from the first change on is armed until the last phase is through."""
    story = done_fifty()
    assert mode(story) == "countdown"
    story.set("all/send-all").wait("T+60m").time_passes()
    assert mode(story) == "countdown"
    assert mode(story.tick_off("last/say-thanks")) is None


def test_a_triggers_own_mode_is_used_only_where_it_is_armed() -> None:
    """`auto` of a trigger says how, not when."""
    book = NIGHT.replace('when = "errors > 1% for 1m"', 'when = "errors > 1% for 1m"\nauto = "observe"')
    story = Story(book)
    trigger = story.state.runbook.triggers["errors"]
    assert armed_mode(story.state, trigger, story.now) is None
    moved(story)
    assert armed_mode(story.state, trigger, story.now) == "observe"


def test_without_a_rollback_nothing_is_armed() -> None:
    """No way back, nothing to act."""
    book = NIGHT[: NIGHT.index("[rollback]")] + NIGHT[NIGHT.index("[comms.internal]") :]
    assert mode(moved(Story(book))) is None
