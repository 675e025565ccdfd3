"""What the guard does by itself: triggers, bands, countdowns, vetoes, mutes, drift."""

from __future__ import annotations

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from tests.core.stories import BOB, HALF, NIGHT, STILL, TENTH, Story, at_fifty, at_ten, prepared, signed_ten

BAD = {"errors": 0.02}
ASKING = NIGHT.replace('auto = "countdown"', 'auto = "ask"')
OBSERVING = NIGHT.replace('auto = "countdown"', 'auto = "observe"')


def facts(story: Story, *kinds: type) -> list[e.Fact]:
    """Everything of those kinds that happened, oldest first."""
    return [event.fact for event in story.events if isinstance(event.fact, kinds)]


def ten(runbook: str) -> Story:
    """A tenth is on the new stack, by that runbook."""
    story = Story(runbook).time_passes().ticks(30)
    story.tick_off("prepare/team-ready", "prepare/queue-short").wait("T+0").tick()
    return story.set(TENTH).ticks(15)


def counting() -> Story:
    """A countdown has just begun."""
    story = at_ten().ticks(65, **BAD)
    assert story.state.countdown is not None
    return story


# ---------------------------------------------------------------- how it acts


def test_observe_journals_and_raises_nothing() -> None:
    """In a range that only observes a firing trigger is a line in the journal."""
    story = ten(OBSERVING).ticks(65, **BAD)
    [fired] = facts(story, e.TriggerFired)
    assert (fired.mode, fired.observing) == ("observe", True)  # type: ignore[union-attr]
    assert (story.state.band, story.state.countdown) == ((), None)


def test_ask_raises_a_band() -> None:
    """A band asks; it does nothing by itself, and stays until somebody decides."""
    story = ten(ASKING).ticks(65, **BAD)
    assert story.state.band == ("errors",)
    assert story.ticks(60).state.band == ("errors",)
    story.ask(a.Veto("2: known"), BOB)
    assert (story.state.band, story.state.vetoes) == ((), 1)


def test_countdown_rolls_back_at_its_end() -> None:
    """Bad and fresh at its end, the default rollback is confirmed with what it writes; T is held."""
    story = counting().ticks(65, **BAD)
    confirmed = facts(story, e.RollbackConfirmed)[0]
    assert isinstance(confirmed, e.RollbackConfirmed)
    moves = [(move.flag, move.value) for move in confirmed.moves]
    assert moves == [("brain", False), ("canary", 0), ("readonly", True)]
    assert (confirmed.cause, confirmed.parallel) == ("Errors above 1% for a minute", ("rollback/features-off",))
    assert e.CountdownEnded("rollback", "ran out") in facts(story, e.CountdownEnded)
    assert story.state.hold is not None
    assert story.state.hold.cause == "rollback"


def test_a_trigger_may_have_its_own_mode() -> None:
    """`auto` of a trigger counts before the range's."""
    own = NIGHT.replace('when = "errors > 1% for 1m"', 'when = "errors > 1% for 1m"\nauto = "ask"')
    story = ten(own).ticks(65, **BAD)
    assert (story.state.band, story.state.countdown) == (("errors",), None)


def test_unarmed_it_is_journaled_as_would_fire() -> None:
    """Before the first change nothing acts; the fact says that it was not armed."""
    story = prepared().ticks(65, **BAD)
    [fired] = facts(story, e.TriggerFired)
    assert fired.mode is None  # type: ignore[union-attr]
    assert (story.state.band, story.state.countdown) == ((), None)
    story.ticks(5)
    assert facts(story, e.TriggerCleared)


def test_one_countdown_at_a_time_and_further_triggers_join() -> None:
    """The second trigger joins; the end does not move."""
    story = at_ten().ticks(30, **BAD).ticks(35, queue=900, **BAD)
    assert story.state.countdown is not None
    ends = story.state.countdown.ends
    story.ticks(30, queue=900, **BAD)
    assert story.state.countdown.triggers == ("errors", "queue")
    assert story.state.countdown.ends == ends


def test_a_further_trigger_that_only_asks_raises_its_band_beside() -> None:
    """A countdown does not swallow a band."""
    own = NIGHT.replace('when = "queue > 800 for 1m"', 'when = "queue > 800 for 1m"\nauto = "ask"')
    story = ten(own).ticks(65, queue=900, **BAD)
    assert story.state.countdown is not None
    assert (story.state.countdown.triggers, story.state.band) == (("errors",), ("queue",))


MANUAL = NIGHT.replace(
    """  { action = "Features off", set = { brain = false, canary = 0 }, parallel = true },
  { action = "Read only", set = { readonly = true } },
""",
    "",
)
NO_WAY_BACK = NIGHT.replace('{ action = "Send a tenth",', '{ action = "Send a tenth", point_of_no_return = true,')


@pytest.mark.parametrize(
    ("runbook", "why"),
    [(MANUAL, "no step that can be written"), (NO_WAY_BACK, "past a point of no return: Send a tenth")],
    ids=["nothing to write", "past a point of no return"],
)
def test_where_no_rollback_may_run_by_itself_it_asks(runbook: str, why: str) -> None:
    """With nothing to write, or past a point of no return, a countdown is a band instead."""
    story = ten(runbook).ticks(65, **BAD)
    [raised] = facts(story, e.BandRaised)
    assert isinstance(raised, e.BandRaised)
    assert why in raised.reason
    assert story.state.countdown is None


def test_a_point_of_no_return_stays_behind_after_a_recycle() -> None:
    """Recycling opens the step again; the world is past it all the same."""
    book = NIGHT.replace('"Team ready"', '{ action = "Merge the DNS patch", point_of_no_return = true }')
    step = "prepare/merge-the-dns-patch"
    story = Story(book).time_passes().ticks(30).tick_off(step, "prepare/queue-short")
    story.ask(a.Recycle(-600.0, "again"))
    assert story.outcome(step) is None
    story.ticks(20).tick_off("prepare/queue-short").ask(a.Resolve(step, "n/a", "it is merged"))
    story.wait("T+0").ticks(15).set(TENTH)
    story.ticks(65, **BAD)
    assert (story.state.band, story.state.countdown) == (("errors",), None)


# ---------------------------------------------------------------- the end of a countdown


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (lambda s: s.tick(), "the last reading was not bad"),
        (lambda s: s.tick(errors=None), "the last reading was not bad"),
        (lambda s: s.tick(errors="refused"), "the last reading was not bad"),
        (lambda s: s.tick(failed="no server time"), "no reading at its end: no server time"),
        (lambda s: s.later(30), "no fresh reading at its end"),
    ],
    ids=["good", "empty", "query failed", "tick failed", "stale"],
)
def test_at_its_end_the_last_tick_must_be_bad_and_fresh(end: object, why: str) -> None:
    """Good, unknown, failed or old at its end: it asks instead, and says why."""
    story = counting().ticks(50, **BAD).later(10)
    end(story)  # type: ignore[operator]
    story.time_passes()
    assert facts(story, e.CountdownEnded) == [e.CountdownEnded("ask", why)]
    assert (story.state.band, story.state.rolling_back) == (("errors",), False)


def test_bad_again_at_its_end_is_bad() -> None:
    """What counts is the last tick, not how long it has been so: one good tick in between saves nobody."""
    story = counting().ticks(50, **BAD).ticks(5).ticks(5, **BAD).time_passes()
    assert facts(story, e.CountdownEnded) == [e.CountdownEnded("rollback", "ran out")]


def test_one_that_ran_out_while_the_guard_was_dead_asks() -> None:
    """Nobody watched its end: the next guard asks. One that still runs, runs on."""
    story = counting().later(90).taken_over()
    assert facts(story, e.CountdownEnded) == [e.CountdownEnded("ask", "it ran out while no guard was alive")]
    assert counting().later(30).taken_over().state.countdown is not None


def test_what_a_guard_played_in_afterwards_does_not_roll_back() -> None:
    """A back-filled tick is not live: what fires late needs a live bad tick."""
    story = counting().ticks(50, **BAD).later(10).tick(live=False, **BAD).time_passes()
    assert facts(story, e.CountdownEnded) == [e.CountdownEnded("ask", "the last reading was not bad")]


def test_a_rollback_by_hand_ends_the_countdown() -> None:
    """F9 during a countdown is the same rollback, sooner."""
    story = counting().roll_back(BOB)
    assert e.CountdownEnded("rollback", "confirmed by hand") in facts(story, e.CountdownEnded)
    assert story.state.countdown is None


# ---------------------------------------------------------------- veto and mute


def test_a_veto_is_anyones_with_a_reason() -> None:
    """It stops the countdown for ten minutes; without anything to stop it is refused."""
    story = counting()
    assert story.refused(a.Veto(" "), BOB) == "A veto needs a reason: a digit, or words."
    [fact] = story.ask(a.Veto("1: false alarm"), BOB)
    assert isinstance(fact, e.Vetoed)
    assert (fact.triggers, (fact.until - story.now).total_seconds()) == (("errors",), 600)
    assert story.state.countdown is None
    assert "there is nothing to veto" in story.refused(a.Veto("x"))


def test_still_bad_after_ten_minutes_a_new_countdown_starts_at_once() -> None:
    """The clock runs on under a veto; at its end the trigger fires on the spot."""
    story = counting()
    story.ask(a.Veto("wait"))
    story.ticks(595, **BAD)
    assert story.state.countdown is None
    story.ticks(5, **BAD)
    assert story.state.countdown is not None


def test_still_bad_after_the_veto_of_a_band_the_band_is_back() -> None:
    """A band that was put away comes back after ten minutes."""
    story = ten(ASKING).ticks(65, **BAD)
    story.ask(a.Veto("wait"))
    assert story.ticks(595, **BAD).state.band == ()
    assert story.ticks(10, **BAD).state.band == ("errors",)


def test_good_again_under_a_veto_it_starts_from_nothing() -> None:
    """One OK clears the clock: no countdown at the end of the veto."""
    story = counting()
    story.ask(a.Veto("wait"))
    story.ticks(300, **BAD).ticks(5).ticks(20, **BAD).wait("T+30m").ticks(20, **BAD)
    assert story.state.countdown is None


def test_a_mute_lasts_half_an_hour_at_most_and_only_observes() -> None:
    """Muted, a trigger fires into the journal only; its mute over and still bad, it acts."""
    story = at_ten()
    assert "needs a reason" in story.refused(a.Mute("errors", 60, ""))
    assert story.refused(a.Mute("errors", 1801, "x")) == "A trigger can be muted for at most 30 minutes."
    assert story.refused(a.Mute("errors", float("nan"), "x")) == "A trigger can be muted for at most 30 minutes."
    assert story.refused(a.Mute("rain", 60, "x")) == "There is no trigger 'rain' in this runbook."
    story.ask(a.Mute("errors", 120, "a spike of ours"))
    story.ticks(115, **BAD)
    [fired] = facts(story, e.TriggerFired)
    assert (fired.muted, story.state.countdown) == (True, None)  # type: ignore[union-attr]
    assert story.ticks(10, **BAD).state.countdown is not None


def test_a_step_mutes_its_triggers_when_it_is_begun() -> None:
    """A controlled spike: whoever begins the step mutes what its author named, once."""
    book = NIGHT.replace('"Say thanks"', '{ check = "Spike", mutes = { triggers = ["errors"], for = "15m" } }')
    story = Story(book)
    begun = story.ask(a.Begin("last/spike"), BOB)
    assert begun[0] == e.PhaseEntered("last")
    assert isinstance(begun[1], e.TriggerMuted)
    assert (begun[1].until - story.now).total_seconds() == 900
    assert story.ask(a.Begin("last/spike"), BOB) == ()
    assert story.ask(a.Begin("prepare/team-ready")) == (e.PhaseEntered("prepare"),)


# ---------------------------------------------------------------- a rollback and after it


def test_from_a_rollbacks_first_write_triggers_only_observe_until_a_resume() -> None:
    """What fires after a rollback is journaled; a resume re-arms."""
    story = counting().roll_back().ticks(65, **BAD)
    assert (story.state.countdown, story.state.band, story.state.observing) == (None, (), True)
    story.ask(a.Resume("back to work"))
    assert story.ticks(10, **BAD).state.countdown is not None


def test_a_recycle_re_arms_too() -> None:
    """So does setting T back."""
    story = counting().roll_back().ticks(65, **BAD)
    story.ask(a.Recycle(0.0, "again"))
    assert story.ticks(10, **BAD).state.countdown is not None


def test_a_rollback_unlatches() -> None:
    """Confirmed by hand, it takes the countdown, the band and the latch with it."""
    story = counting()
    assert story.state.firing("errors").fired
    story.roll_back()
    assert (story.state.firing("errors").fired, story.state.band) == (None, ())


def test_no_trigger_stays_latched_that_fires_while_rolling_back() -> None:
    """What fires before the first write of a confirmed rollback clears by itself, and blocks nobody for ever."""
    story = at_ten().ticks(60, **BAD)
    moves = (e.Move("canary", 0),)
    story.happened(e.RollbackConfirmed(1, "Back", moves), e.HoldBegan("rolling back", "rollback"))
    story.later(5).tick(**BAD)
    assert facts(story, e.TriggerFired)[-1].observing  # type: ignore[union-attr]
    story.roll_on()
    story.ticks(5)
    assert story.state.firing("errors").fired is None


# ---------------------------------------------------------------- the rest


def test_gates_and_triggers_are_journaled_when_they_change() -> None:
    """A tick that changes nothing makes no event."""
    story = prepared().ticks(30)
    before = len(story.events)
    story.ticks(30)
    assert len(story.events) == before


def test_a_read_tells_what_is_new_once() -> None:
    """A value, a failure and a return are told when they change, not at every read."""
    story = prepared()
    assert story.read(brain=None).facts == (e.FlagSeen("brain", None, "connection refused"),)
    assert story.read(brain=None).facts == ()
    assert story.read().facts == (e.FlagSeen("brain", False),)
    assert story.read(brain=True).facts == (e.FlagSeen("brain", True), e.DriftFound("brain", False, True))
    assert story.read().facts == ()


def test_a_flag_under_way_does_not_drift() -> None:
    """A value that may be ours is nobody else's; nor is one during a rollback."""
    story = signed_ten().tick_off(STILL)
    story.misbehaves["canary"] = "unknown"
    story.set(HALF)
    assert story.read(canary=50).state.flag("canary").drift is None
    story = at_fifty()
    story.misbehaves["canary"] = "mismatch"
    story.roll_back()
    assert story.read(brain=True).state.flag("brain").drift is None


def test_a_closed_run_is_left_alone() -> None:
    """After its end a run gets no further facts from ticks or time."""
    story = prepared()
    story.ask(a.EndRun("abandoned"))
    before = len(story.events)
    story.wait("T+70m").ticks(120, **BAD)
    assert len(story.events) == before


def test_a_series_is_retired_by_the_lead_with_a_reason() -> None:
    """A series that vanished stops being expected once a person says so."""
    story = prepared()
    assert "needs a reason" in story.refused(a.RetireSeries("queue", (), ""))
    story.ask(a.RetireSeries("queue", (("queue", "old"),), "decommissioned"))
    assert story.state.retired["queue"] == {(("queue", "old"),)}
