"""What a night seldom comes to: the rest of what blocks, counts, is late, is taken back or is noted."""

from __future__ import annotations

import math
from datetime import datetime

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.plan.confirmed import first_known
from pags_tui.core.plan.evidence import evidence_since
from pags_tui.core.plan.messages import happened, in_doubt
from pags_tui.core.plan.progress import expected_finish, lateness, next_due, outcome_counts, word
from pags_tui.core.plan.rollback import flags_at, noted
from tests.core.stories import (
    EVERYTHING,
    LOW,
    NIGHT,
    READY,
    SHORT,
    STABLE,
    STILL,
    TENTH,
    THANKS,
    Story,
    at_fifty,
    at_ten,
    moment,
    prepared,
    signed_ten,
)

# ---------------------------------------------------------------- what stands in the way


def test_what_the_run_waits_for_is_what_stands_before_its_next_change() -> None:
    """Of its own phase and of every earlier one; after the last change, what the checkpoint or the end waits for."""
    story = Story().time_passes().ticks(5)
    assert story.why_not() == story.sign_waits_for("prepare")
    assert [text.partition(" is open")[0] for text in story.why_not()] == ["'Team ready'", "'Queue short'"]
    assert prepared().why_not() == []
    assert any("by cutover-lead, monitoring-lead" in text for text in at_ten().why_not())


def test_work_left_behind_is_waited_for_in_a_later_phase_too() -> None:
    """The next change lies in the phase before: what it waits for comes first."""
    story = Story(t="T+0").happened(e.PhaseEntered("prepare"), e.PhaseEntered("ten"), e.PhaseEntered("fifty")).tick()
    assert story.why_not() == story.waits_for(TENTH)
    assert "'Team ready' is open" in story.why_not()


def test_what_belongs_to_no_phase_waits_for_all_of_them() -> None:
    """Nothing of the plan comes after it."""
    story = signed_ten()
    assert set(story.waits_for(EVERYTHING)) < set(story.waits_for("rollback/tell-support"))
    assert "'Say thanks' is open" in story.waits_for("rollback/tell-support")


def test_a_change_whose_flags_are_all_verified_is_not_written_again() -> None:
    """Its step is still to be ticked, as after a crash between the last answer and the tick: the flags are done."""
    story = prepared()
    story.happened(e.FlagAsked(1, "canary", 10, 0, "forward", TENTH), e.FlagAnswered(1, "verified", 10))
    assert story.refused(a.SetFlags(TENTH, "10")) == "'Send a tenth' is done: every flag of it is verified."


def test_a_trigger_that_begins_to_count_on_a_better_value_ends_an_override() -> None:
    """No worse than what was overridden, and still: the trigger on that metric is pending."""
    book = NIGHT.replace("queue > 800 for 1m", "queue in 550..650 for 1m")
    story = signed_ten_of(book).ticks(5, queue=900)
    story.ask(a.GiveOverride(STILL, "fail", 900.0, "known spike"))
    story.ticks(5, queue=600)
    (voided,) = (event.fact for event in story.events if isinstance(event.fact, e.OverrideVoided))
    assert voided.reason == "the trigger queue on the same metric is pending"


def signed_ten_of(book: str) -> Story:
    """The second phase of that runbook, entered with everything before it done."""
    story = Story(book).time_passes().ticks(30).tick_off(READY, SHORT).wait("T+0").tick().time_passes()
    story.set(TENTH).ticks(120).tick_off(LOW, STABLE).wait("T+13m30s").ticks(90)
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ask(a.Sign("ten", "monitoring-lead"))
    return story.ticks(5)


# ---------------------------------------------------------------- what is noted, and taken back


def test_a_note_of_a_time_without_a_zone_is_refused() -> None:
    """Nobody could say when that was."""
    said = prepared().refused(a.AddNote("it began", happened=datetime(2026, 11, 24, 22, 0)))
    assert said == "The time of a note needs a time zone."


def test_a_recycle_opens_what_was_judged_of_success_later_than_there() -> None:
    """A criterion that was passed at T+50m is open again at T+10m; one of T+5m stays passed."""
    story = prepared()
    early, later = (step.id for step in story.state.runbook.success_steps)
    story.wait("T+5m").happened(e.StepResolved(early, "passed")).wait("T+50m").happened(e.StepResolved(later, "passed"))
    story.happened(e.Recycled(600.0, "again"))
    assert (story.outcome(early), story.outcome(later)) == ("passed", None)


def test_of_two_signatures_only_the_named_one_is_void() -> None:
    """The other role's stays; the void one is kept with its reason."""
    story = signed_ten().happened(e.SignatureVoided("ten", "cutover-lead", "signed too early"))
    assert [one.role for one in story.state.signatures["ten"]] == ["monitoring-lead"]
    assert [(phase, one.role, one.voided) for phase, one in story.state.past_signatures] == [
        ("ten", "cutover-lead", "signed too early")
    ]


def test_captured_values_stand_in_texts() -> None:
    """A dash or a line below in the name is one; what was not noted stays, or prints as asked for."""
    text = "Copy {{ log-file }} to {{ place }}"
    assert noted(text, {"log_file": "a.log"}) == "Copy a.log to {{ place }}"
    assert noted(text, {"log_file": "a.log"}, "(not noted)") == "Copy a.log to (not noted)"


def test_a_flag_that_nobody_ever_read_had_no_value_at_any_time() -> None:
    """Only what was read or verified by then is told."""
    story = Story(NIGHT.replace("[flags.brain]", '[flags.late]\ntype = "boolean"\n[flags.brain]'))
    story.service["late"] = False
    story.read(late=None)
    assert "late" in story.state.flags
    assert "late" not in flags_at(story.state, len(story.events))
    assert flags_at(story.state, len(story.events))["canary"] == 0


def test_the_value_before_a_rollback_is_that_of_its_first_write_that_could_read_it() -> None:
    """One that found nothing says nothing; without a write nobody knows."""
    story = at_ten().happened(e.RollbackConfirmed(1, "Back", (e.Move("canary", 0, "rollback/features-off"),), ""))
    rollback = story.state.rollback
    assert rollback is not None
    assert first_known(story.state, rollback, "canary") is None
    story.happened(
        e.FlagAsked(7, "canary", 0, None, "rollback", "rollback/features-off", 1), e.FlagAnswered(7, "unknown"),
        e.FlagAsked(8, "canary", 0, 10, "rollback", "rollback/features-off", 1),
    )  # fmt: skip
    assert first_known(story.state, rollback, "canary") == 10


# ---------------------------------------------------------------- times and counts


def test_nothing_is_late_before_t0_is_known() -> None:
    """Also for a caller that does not ask whether T runs."""
    story = Story(t0=False)
    assert lateness(story.state, story.now) == 0.0


def test_a_last_phase_that_is_done_already_is_not_waited_for() -> None:
    """The finish is the end of what is left: a quarter of an hour earlier."""
    story = at_ten()
    assert expected_finish(story.state, story.now) == moment("T+60m")
    story.happened(e.StepResolved(THANKS, "passed"))
    assert expected_finish(story.state, story.now) == moment("T+45m")


def test_what_time_brings_next() -> None:
    """The next T of the plan; in a hold only the end of a monitor period; without T and period nothing ever."""
    story = Story(t="T-20m")
    assert next_due(story.state, story.now) == 600.0
    story.ask(a.HoldClock("wait"))
    assert next_due(story.state, story.now) == math.inf
    fifty = at_fifty()
    fifty.ask(a.HoldClock("wait"))
    began = fifty.state.changes[3].answered
    assert began is not None
    assert next_due(fifty.state, fifty.now) == 1800 - (fifty.now - began).total_seconds()


def test_outcomes_are_counted_each_for_itself() -> None:
    """What is deferred does not hide in what is done; what has none is open."""
    story = at_ten().happened(e.StepResolved(STABLE, "deferred", "tomorrow"))
    counts = outcome_counts(story.state, story.state.runbook.phase_steps)
    assert (counts["passed"], counts["deferred"], counts["failed"]) == (4, 1, 0)
    assert sum(counts.values()) == len(story.state.runbook.phase_steps)


def test_a_rollback_that_ended_without_being_whole_is_not_called_one() -> None:
    """One of two verified is said so."""
    moves = (e.Move("canary", 0, "rollback/features-off"), e.Move("brain", False, "rollback/features-off"))
    story = at_fifty().happened(e.RollbackConfirmed(1, "Back", moves, ""))
    story.happened(e.FlagAsked(9, "canary", 0, 50, "rollback", "rollback/features-off", 1))
    story.happened(e.FlagAnswered(9, "verified", 0), e.RollbackFinished(1, 1, 2))
    assert word(story.state, story.now) == "ROLLBACK 1/2"


# ---------------------------------------------------------------- evidence and messages


def test_a_named_place_is_where_evidence_begins() -> None:
    """Whatever was changed before the step: the entry of the phase that its condition names."""
    story = signed_ten()
    step = story.state.runbook.step("success.technical/a-minute-without-errors-after-all")
    assert evidence_since(story.state, step, "ten") == moment("T+0")
    assert evidence_since(story.state, step, "all") is None


def test_the_hold_of_a_rollback_is_told_as_the_rollback() -> None:
    """People hear of one trouble, not of two."""
    story = at_ten().roll_back()
    assert story.state.hold is not None
    assert [one.cause.split(":")[0] for one in happened(story.state, moment("T+0"))] == ["rollback"]


def test_messages_of_which_nobody_knows_whether_they_arrived() -> None:
    """Sent, failed and drafted ones are none of them."""
    story = Story(NIGHT, t="T+0").happened(e.MessageDrafted(1, "internal", "hello"))
    assert in_doubt(story.state) == ()
    story.happened(e.MessageAsked(1, "internal", "hello"), e.MessageSent(1, "unknown"))
    assert [one.number for one in in_doubt(story.state)] == [1]


@pytest.mark.parametrize("result", ["sent", "failed"])
def test_a_message_whose_end_is_known_is_in_no_doubt(result: str) -> None:
    """It went out, or it did not."""
    story = Story(NIGHT, t="T+0").happened(e.MessageAsked(1, "internal", "hello"), e.MessageSent(1, result))  # type: ignore[arg-type]  # one of both
    assert in_doubt(story.state) == ()
