"""T: holds, resumes, recycles, T+0; phases entered by T or by a touch."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from tests.core.stories import (
    BOB,
    EVERYTHING,
    HALF,
    LOW,
    NIGHT,
    READY,
    SHORT,
    STABLE,
    STILL,
    T0,
    TENTH,
    Story,
    at_fifty,
    at_ten,
    prepared,
    signed_ten,
)


def test_anyone_holds_and_t_stands() -> None:
    """A hold is anyone's, stops T at once, and leaves wall time alone; its reason may follow."""
    story = prepared()
    story.ask(a.HoldClock(), BOB)
    story.later(300)
    assert story.t() == 0
    assert story.ask(a.HoldClock(), BOB) == ()
    assert story.ask(a.HoldClock("the vendor calls"), BOB) == (e.HoldExplained("the vendor calls"),)
    assert story.ask(a.HoldClock("the vendor calls")) == ()


def test_only_the_lead_resumes_and_t_goes_on_from_where_it_stood() -> None:
    """Resuming is the lead's; T runs on from its standing value."""
    story = prepared().later(60)
    story.ask(a.HoldClock("wait"))
    story.later(300).tick().ticks(10)
    assert story.refused(a.Resume(), BOB).startswith("Only the lead (ana) may resume")
    story.ask(a.Resume("go"))
    assert (story.later(10).t(), story.state.held) == (70, 310)
    assert story.ask(a.Resume()) == ()


def test_resuming_with_a_gate_not_passing_asks_for_a_reason() -> None:
    """A gate of the present phase that does not pass must be answered for."""
    story = prepared()
    story.ask(a.HoldClock("wait"))
    story.ticks(5, errors=0.006)
    assert story.refused(a.Resume()) == "2 gates do not pass ('Errors low', 'Stable'): resuming needs a reason."
    assert story.ask(a.Resume("they are settling"))


def test_a_running_monitor_beside_asks_for_a_reason_too() -> None:
    """The gates of a monitor without a checkpoint count while it runs."""
    book = NIGHT.replace('id = "last"\nat = "T+60m"', 'id = "last"\nat = "T+46m"')
    story = Story(book, t="T+45m").time_passes()
    story.happened(*(e.PhaseEntered(phase.id) for phase in story.state.runbook.phases))
    done = [step for phase in story.state.runbook.phases[:3] for step in phase.all_steps]
    story.happened(*(e.StepResolved(step.id, "passed") for step in done), e.StepResolved(EVERYTHING, "passed"))
    story.happened(*(e.Signed(phase, role, "x", "x") for phase, role in SIGNED))
    story.happened(*WROTE)
    story.ask(a.HoldClock("wait"))
    story.ticks(5, queue=600)
    assert "'Queue fine'" in story.refused(a.Resume())


SIGNED = (("ten", "cutover-lead"), ("ten", "monitoring-lead"), ("fifty", "cutover-lead"))
WROTE = (e.FlagAsked(1, "canary", 100, 0, "forward", EVERYTHING), e.FlagAnswered(1, "verified", 100))


def test_no_resume_and_no_recycle_while_rolling_back() -> None:
    """T stands until the rollback is finished."""
    story = at_fifty()
    story.misbehaves["canary"] = "mismatch"
    story.roll_back()
    assert story.refused(a.Resume("x")) == "A rollback is running. T stands until it is finished."
    assert story.refused(a.Recycle(0.0, "x")) == "A rollback is running. Recycle when it is finished."


# ---------------------------------------------------------------- phases


def test_a_phase_is_entered_when_t_reaches_it() -> None:
    """T at its `at` enters a phase; before that nobody has."""
    story = Story(t="T-11m").time_passes()
    assert "prepare" not in story.state.entered
    assert story.wait("T-10m").time_passes().state.entered["prepare"] == story.now


def test_a_phase_is_entered_when_its_first_step_is_touched() -> None:
    """A tick before its time enters the phase."""
    story = Story(t="T-20m")
    assert story.ask(a.Resolve(READY))[0] == e.PhaseEntered("prepare")


def test_no_phase_is_reached_while_t_is_not_set() -> None:
    """Without T+0 only a touch enters a phase."""
    story = Story(t0=False).time_passes()
    assert not story.state.entered
    assert story.tick_off(READY).state.entered


def test_a_phase_without_a_time_follows_the_one_before() -> None:
    """Left out, `at` means: when the phase before has ended."""
    story = Story(NIGHT.replace('id = "last"\nat = "T+60m"\n', 'id = "last"\n'), t="T+300m").time_passes()
    for _ in range(9):
        story.time_passes()
    assert "all" in story.state.entered
    assert "last" not in story.state.entered
    done = [s for p in story.state.runbook.phases[:4] for s in (*p.steps, *p.all_steps)]
    story.happened(*(e.StepResolved(step.id, "passed") for step in done))
    story.happened(*(e.Signed(phase, role, "x", "x") for phase, role in SIGNED))
    assert "last" in story.time_passes().state.entered


def test_a_built_in_hold_stops_t_when_the_phase_is_entered() -> None:
    """`hold = true`: T stops there until resumed; the same phase holds again after a recycle."""
    book = NIGHT.replace('id = "ten"\nat = "T+0"', 'id = "ten"\nat = "T+0"\nhold = true')
    story = Story(book, t="T-1m").time_passes().wait("T+0").time_passes()
    assert story.state.hold is not None
    assert (story.state.hold.cause, story.later(600).t()) == ("runbook", 0)
    story.ask(a.Resume("ready"))
    assert story.later(5).time_passes().state.hold is None
    story.ask(a.Recycle(-10.0, "again"))
    assert story.later(10).time_passes().state.hold is not None


# ---------------------------------------------------------------- recycle


def test_recycling_is_the_leads_with_a_reason_and_backwards() -> None:
    """T goes back only, for a reason, by the lead."""
    story = at_ten()
    assert story.refused(a.Recycle(0.0, "x"), BOB).startswith("Only the lead (ana) may recycle")
    assert story.refused(a.Recycle(0.0)) == "Recycling needs a reason."
    assert "is not before the present T" in story.refused(a.Recycle(9000.0, "x"))
    assert "is not before the present T" in story.refused(a.Recycle(float("nan"), "x"))
    assert "is not before the present T" in story.refused(a.Recycle(float("-inf"), "x"))
    assert "nothing to go back from" in Story(t0=False).refused(a.Recycle(0.0, "x"))


def test_recycling_reopens_later_outcomes_and_signatures_and_keeps_them_as_history() -> None:
    """What is due later, or was done later, is open again; signatures stay as history; what is earlier stays."""
    story = signed_ten().tick_off(STILL)
    story.ask(a.Recycle(-60.0, "once more"))
    assert [story.outcome(step) for step in (READY, SHORT)] == ["passed", "passed"]
    assert [story.outcome(step) for step in (TENTH, LOW, STABLE, STILL)] == [None] * 4
    assert story.state.signatures["ten"] == ()
    assert [(phase, s.role) for phase, s in story.state.past_signatures] == [
        ("ten", "cutover-lead"),
        ("ten", "monitoring-lead"),
    ]
    assert set(story.state.entered) == {"prepare"}
    assert (story.t(), story.later(5).t()) == (-60, -55)


def test_recycling_reopens_what_was_done_late() -> None:
    """A step due at T+0 that was done at T+12 had not happened at T+10."""
    story = prepared().wait("T+12m").ticks(15).set(TENTH)
    story.ask(a.Recycle(600.0, "back"))
    assert story.outcome(TENTH) is None
    assert story.state.flag("canary").drift == 10


def test_recycling_leaves_flags_and_trigger_clocks_alone() -> None:
    """No flag is written; a trigger that ran for 40 s fires after 60 s all the same."""
    story = at_fifty().ticks(45, errors=0.02)
    story.ask(a.Recycle(899.0, "again"))
    assert (story.service["canary"], story.service["brain"]) == (50, True)
    story.ticks(20, errors=0.02)
    assert story.state.firing("errors").last is not None


def test_recycling_lists_each_flag_that_differs_and_goes_no_further() -> None:
    """Each flag that was different at that T drifts, until it is restored or accepted."""
    story = at_fifty()
    facts = story.ask(a.Recycle(600.0, "again"))
    assert facts == (
        e.Recycled(600.0, "again"),
        e.DriftFound("canary", 10, 50),
        e.DriftFound("brain", False, True),
    )
    assert len([text for text in story.waits_for(HALF) if "nobody here set" in text]) == 2
    assert story.refused(a.SetOneFlag("canary", 10, "", "back")) == "Type 10 to confirm; '' changes nothing."
    story.ask(a.SetOneFlag("canary", 10, "10", "back"), BOB)
    story.ask(a.AcceptDrift("brain", True, "harmless"))
    assert not [text for text in story.waits_for(HALF) if "nobody here set" in text]


def test_recycling_twice_knows_what_was_so_the_last_time() -> None:
    """The value at a T is the one of the last time that T ran through it, accepted values among them."""
    story = at_fifty()
    story.ask(a.Recycle(600.0, "again"))
    story.ask(a.AcceptDrift("canary", 50, "leave it"))
    story.ask(a.AcceptDrift("brain", True, "leave it"))
    story.later(300)
    assert story.ask(a.Recycle(700.0, "and again")) == (e.Recycled(700.0, "and again"),)


def test_after_a_recycle_the_change_is_made_again() -> None:
    """Writes of before a recycle do not count for the step that was opened again."""
    story = at_ten()
    story.ask(a.Recycle(-30.0, "again"))
    story.ask(a.SetOneFlag("canary", 0, "0", "as it was"))
    story.ticks(30).time_passes().set(TENTH)
    assert (story.outcome(TENTH), story.service["canary"]) == ("passed", 10)


def test_recycling_in_a_hold_stays_held() -> None:
    """A hold is ended by a resume and by nothing else."""
    story = at_ten()
    story.ask(a.HoldClock("x"))
    story.ask(a.Recycle(-30.0, "x"))
    assert story.later(60).t() == -30


# ---------------------------------------------------------------- T+0


def test_t_zero_is_set_and_moved_by_the_lead() -> None:
    """Setting needs no reason, moving does; the same again is nothing."""
    story = Story(t0=False)
    assert story.refused(a.SetTZero(T0), BOB).startswith("Only the lead")
    assert story.refused(a.SetTZero(datetime(2026, 11, 24, 22, 0))) == (
        "T+0 needs a time zone: write it like 2026-11-24T22:00Z."
    )
    story.ask(a.SetTZero(T0))
    assert story.t() == -600
    assert story.ask(a.SetTZero(T0)) == ()
    later = T0 + timedelta(minutes=30)
    assert story.refused(a.SetTZero(later)) == "Moving T+0 needs a reason."
    story.ask(a.SetTZero(later, "the vendor is late"))
    assert (story.t(), story.state.t0_first) == (-2400, T0)


@pytest.mark.parametrize("moved", [30, -5])
def test_t_zero_moved_in_a_hold_stands(moved: int) -> None:
    """T jumps to its new value and stands there."""
    story = Story()
    story.ask(a.HoldClock("x"))
    story.ask(a.SetTZero(T0 + timedelta(minutes=moved), "x"))
    assert story.t() == -600 - 60 * moved
    assert story.later(60).t() == -600 - 60 * moved
