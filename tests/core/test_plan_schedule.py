"""Due times and drift on T; the expected finish, monitors and the window on wall time; the word for the whole."""

from __future__ import annotations

from datetime import datetime

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.plan.afterwards import deadlines, ending, follow_ups_due
from pags_tui.core.plan.progress import (
    begun_t,
    clock_name,
    done_at,
    drift,
    due_at,
    expected_finish,
    is_done,
    last_safe_rollback,
    monitor_clock,
    next_checkpoint,
    rollback_takes,
    window_end,
    word,
)
from tests.core.stories import (
    BOB,
    EVERYTHING,
    HALF,
    NIGHT,
    READY,
    SHORT,
    STILL,
    THANKS,
    Story,
    at_fifty,
    at_ten,
    moment,
    prepared,
    signed_ten,
)
from tests.core.test_decide_forward import done_fifty


def late(story: Story) -> float | None:
    return drift(story.state, story.now)


def finish(story: Story) -> datetime | None:
    return expected_finish(story.state, story.now)


# ---------------------------------------------------------------- drift


def test_there_is_no_drift_without_t() -> None:
    """While T+0 is unknown nothing is late."""
    story = Story(t0=False)
    assert (late(story), finish(story)) == (None, None)


def test_checks_are_late_once_the_next_phase_is_due() -> None:
    """Ten minutes of checks may take ten minutes: drift begins when they eat the next phase's time."""
    story = Story()
    assert late(story.wait("T-1s")) == 0
    assert late(story.wait("T+40s")) == 40


def test_an_action_is_late_until_it_is_tried_and_that_late_from_then_on() -> None:
    """At T+22:41 a change that was made at T+18:10 instead of T+15 has put the night 3:10 behind."""
    story = signed_ten().tick_off(STILL).wait("T+17m")
    assert late(story) == 120
    story.wait("T+18m10s").tick().ticks(15).set(HALF)
    behind = late(story)
    story.wait("T+22m41s")
    assert late(story) == behind == 205


def test_what_is_overdue_counts() -> None:
    """A checkpoint due at T+15 that is unsigned at T+22 is seven minutes late; signed, the next phase is that late."""
    story = at_ten().wait("T+20m30s").ticks(90)
    assert late(story) == 420
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ask(a.Sign("ten", "monitoring-lead"), BOB)
    assert late(story.time_passes()) == 420


def test_a_steps_own_time_counts() -> None:
    """A step with its own `at` is late after it."""
    story = Story(NIGHT.replace('"Team ready"', '{ check = "Team ready", at = "T-8m" }')).wait("T-6m")
    assert late(story) == 120
    assert late(story.tick_off(READY)) == 0
    phase = story.state.runbook.phase("prepare")
    assert due_at(phase, story.state.runbook.step(READY)) == -480
    assert due_at(phase, story.state.runbook.step(SHORT)) == -600
    ten = story.state.runbook.phase("ten")
    assert due_at(ten, story.state.runbook.step("ten/stable")) == 900


def test_a_hold_costs_no_drift_but_a_later_finish() -> None:
    """Drift is on T, and T stands; the end moves away by what the hold takes."""
    story = at_ten()
    before, end = late(story), finish(story)
    story.ask(a.HoldClock("x"))
    story.later(300)
    assert late(story) == before
    assert end is not None
    assert (finish(story) - end).total_seconds() == 300  # type: ignore[operator]


def test_slack_takes_drift_back() -> None:
    """A late change that eats no later phase's time is forgotten with its phase."""
    story = done_fifty().wait("T+48m").ticks(20).set(EVERYTHING)
    assert late(story) == 0
    assert begun_t(story.state, story.state.runbook.phase("all")) == 2900


# ---------------------------------------------------------------- the end


def test_on_time_the_finish_is_the_plans() -> None:
    """T+60m, the last phase's planned end."""
    assert finish(prepared()) == moment("T+60m")


def test_a_late_start_moves_the_finish_as_far_as_no_slack_takes_it() -> None:
    """Five minutes late at T+15: the monitor of thirty minutes ends at T+50, which the last phase's slack absorbs."""
    story = signed_ten().tick_off(STILL).wait("T+20m")
    assert finish(story) == moment("T+60m")
    assert finish(story.wait("T+40m")) == moment("T+70m")


def test_the_finish_never_jumps_when_t_runs_past_the_planned_end() -> None:
    """Second by second past the end, it is now: no leap, no falling back."""
    story = done_fifty().set(EVERYTHING).wait("T+59m58s")
    known = []
    for _ in range(6):
        known.append((finish(story) - moment("T+60m")).total_seconds())  # type: ignore[operator]
        story.later(1)
    assert known == [0, 0, 0, 1, 2, 3]


def test_a_monitor_that_began_late_is_waited_for() -> None:
    """Its thirty minutes run on wall time from the change."""
    story = signed_ten().tick_off(STILL).wait("T+34m").ticks(80).set(HALF).wait("T+60m")
    clock = monitor_clock(story.state, story.state.runbook.phase("fifty"), story.now)
    assert clock.elapsed == 1480
    assert finish(story) == moment("T+65m20s")


def test_done_has_no_finish() -> None:
    """When nothing is left there is nothing to expect."""
    story = done_fifty().set(EVERYTHING).wait("T+60m").ticks(15).tick_off(THANKS)
    assert finish(story) is None
    assert next_checkpoint(story.state) is None
    assert word(story.state, story.now) == "DONE"


# ---------------------------------------------------------------- monitors


def fifty(story: Story) -> float:
    return monitor_clock(story.state, story.state.runbook.phase("fifty"), story.now).elapsed


def test_a_monitor_period_runs_from_the_last_verified_write_also_in_a_hold() -> None:
    """T may stand: production does not."""
    story = at_fifty()
    began = fifty(story)
    story.ask(a.HoldClock("x"))
    story.later(600)
    assert fifty(story) == began + 600


def test_not_verified_it_has_not_begun_and_accepted_it_has() -> None:
    """One flag unknown: no period. Read back or accepted by the lead: from then on."""
    book = NIGHT.replace('target = "production"', 'target = "production"\nread_path = ""')
    story = Story(book, t="T+15m").time_passes()
    story.happened(e.FlagAsked(1, "canary", 50, 10, "forward", HALF), e.FlagAnswered(1, "unverified"))
    story.happened(e.FlagAsked(2, "brain", True, False, "forward", HALF), e.FlagAnswered(2, "verified", True))
    story.later(60)
    assert fifty(story) == 0
    story.ask(a.SettleChange(1, "accepted", "seen in the logs"))
    assert fifty(story) == 60


@pytest.mark.parametrize("outcome", ["skipped", "waived"])
def test_a_write_that_was_set_aside_starts_nothing_and_blocks_nothing(outcome: e.Outcome) -> None:
    """Without the write the period counts from the phase's entry; else nobody could ever sign."""
    story = Story(NIGHT, t="T+15m").happened(e.PhaseEntered("fifty")).later(60)
    assert monitor_clock(story.state, story.state.runbook.phase("fifty"), story.now).began is None
    story.happened(e.StepResolved(HALF, outcome, "not tonight"))
    assert fifty(story) == 60


def test_without_a_set_it_runs_from_the_last_action_else_from_the_entry() -> None:
    """An action by hand starts it when it is ticked; a phase of checks when it is entered."""
    story = Story(NIGHT.replace(", set = { canary = 50, brain = true }", ""), t="T+15m").time_passes()
    for _ in range(3):
        story.time_passes()
    story.later(60)
    assert fifty(story) == 0
    story.happened(e.StepResolved(HALF, "passed"))
    assert fifty(story.later(30)) == 30
    checks = NIGHT.replace('{ action = "Send half", set = { canary = 50, brain = true } }', '"Half is sent"')
    story = Story(checks, t="T+15m").happened(e.PhaseEntered("fifty"))
    assert fifty(story.later(30)) == 30


# ---------------------------------------------------------------- window and words


def test_the_window_is_pinned_to_wall_time() -> None:
    """Holds and a moved T+0 do not move the agreed end; a rollback must fit in before it."""
    story = prepared()
    story.ask(a.HoldClock("x"))
    assert window_end(story.state) == moment("T+240m")
    assert rollback_takes(story.state) == 15
    assert last_safe_rollback(story.state, moment("T+239m")) == 45
    assert last_safe_rollback(Story(NIGHT.replace('window = "T-60m..T+240m"\n', "")).state, story.now) is None
    taken = Story(NIGHT.replace('title = "Back"', 'title = "Back"\nduration = "4m"'))
    assert rollback_takes(taken.state) == 240
    assert rollback_takes(Story(NIGHT[: NIGHT.index("[rollback]")]).state) == 0


def test_the_word_for_the_whole() -> None:
    """T+0 NOT SET, COUNTING, HOLD, ROLLING BACK, ROLLED BACK, and how it was closed."""
    story = Story(t0=False)
    words = [word(story.state, story.now)]
    story = at_fifty()
    words.append(word(story.state, story.now))
    story.ask(a.HoldClock("x"))
    words.append(word(story.state, story.now))
    story.misbehaves["canary"] = "mismatch"
    words.append(word(story.roll_back().state, story.now))
    del story.misbehaves["canary"]
    story.roll_on()
    words.append(word(story.state, story.now))
    story.ask(a.Resume("x"))
    words.append(word(story.state, story.now))
    story.ask(a.EndRun("abandoned"))
    words += [word(story.state, story.now), clock_name(story.state)]
    assert words == ["T+0 NOT SET", "COUNTING", "HOLD", "ROLLING BACK", "ROLLED BACK", "COUNTING", "ABANDONED", "ended"]


# ---------------------------------------------------------------- afterwards


def due(story: Story) -> list[tuple[str, datetime | None]]:
    return [(deadline.group.title, deadline.due) for deadline in deadlines(story.state, story.now)]


def test_while_the_run_goes_on_no_follow_up_is_due() -> None:
    """Nothing counts before an end."""
    story = at_ten()
    assert (ending(story.state, story.now), due(story)) == (None, [])
    assert done_at(story.state, story.now) is None


def test_after_done_the_times_count_from_when_it_was_done() -> None:
    """`done` and `end` count from the last outcome, however late anybody looks; `rolled-back` is not called for."""
    story = done_fifty().set(EVERYTHING).wait("T+60m").ticks(15).tick_off(THANKS)
    done = story.now
    story.later(600)
    assert is_done(story.state, story.now)
    assert ending(story.state, story.now).at == done  # type: ignore[union-attr]
    after = [(name, (at - done).total_seconds()) for name, at in due(story) if at]
    assert after == [("Soon", 7200), ("Either way", 86400)]
    assert follow_ups_due(story.state, story.now)
    story.tick_off("follow-ups.soon/thank-everybody", "follow-ups.either-way/write-it-down")
    assert not follow_ups_due(story.state, story.now)


def test_after_a_rollback_they_count_from_its_end_until_the_run_goes_on() -> None:
    """ROLLED BACK is an ending; a resume takes it back."""
    story = at_fifty().roll_back()
    assert [name for name, _ in due(story)] == ["After a rollback", "Either way"]
    story.ask(a.Resume("x"))
    assert due(story) == []


def test_an_abandoned_run_calls_for_what_every_ending_calls_for() -> None:
    """Closed without being done or rolled back: only `end`."""
    story = at_ten()
    story.ask(a.EndRun("abandoned"))
    assert [name for name, _ in due(story)] == ["Either way"]
