"""What a forward change needs, and what it does not."""

from __future__ import annotations

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from tests.core.stories import (
    BOB,
    CONTENT,
    EVERYTHING,
    FINE,
    HALF,
    HEAD,
    LOW,
    NIGHT,
    READY,
    SHORT,
    STABLE,
    STILL,
    STILL_LOW,
    TENTH,
    Story,
    at_fifty,
    at_ten,
    prepared,
    signed_ten,
)


def test_with_everything_before_it_done_it_is_asked_for_and_verified() -> None:
    """A forward change with nothing in its way is journaled as an intent with the value read before, then verified."""
    story = prepared()
    assert story.waits_for(TENTH) == []
    assert story.ask(a.SetFlags(TENTH, "10", (("canary", 0),))) == (e.FlagAsked(1, "canary", 10, 0, "forward", TENTH),)
    assert (story.state.changes[1].result, story.outcome(TENTH)) == ("verified", "passed")


def test_every_earlier_step_is_resolved() -> None:
    """An open step before it blocks, by name and with the sentence that clears it."""
    story = Story().ticks(30).tick_off(SHORT).wait("T+0").tick()
    assert story.refused(a.SetFlags(TENTH, "10")) == "Not yet: 'Team ready' is open."


@pytest.mark.parametrize("outcome", ["failed", "deferred"])
def test_failed_and_deferred_block_until_waived_by_name(outcome: e.Outcome) -> None:
    """A failed or deferred step blocks; the lead waives it with a reason, nobody else."""
    story = prepared()
    story.ask(a.Resolve(READY, outcome, "nobody came"))
    assert story.refused(a.SetFlags(TENTH, "10")).startswith(f"Not yet: 'Team ready' is {outcome}: waive it by name")
    assert story.refused(a.Resolve(READY, "waived", "we go"), BOB).startswith("Only the lead (ana) may")
    story.ask(a.Resolve(READY, "waived", "we go"))
    assert story.waits_for(TENTH) == []


@pytest.mark.parametrize("outcome", ["skipped", "n/a"])
def test_skipped_and_not_applicable_let_it_go_on(outcome: e.Outcome) -> None:
    """A step without a gate that was set aside with a reason blocks nothing."""
    story = Story().ticks(30).tick_off(SHORT).wait("T+0").tick()
    assert story.refused(a.Resolve(READY, outcome)) == f"'{outcome}' needs a reason."
    story.ask(a.Resolve(READY, outcome, "a rehearsal yesterday"))
    assert story.waits_for(TENTH) == []


def test_every_earlier_checkpoint_is_signed() -> None:
    """One signature of two is none."""
    story = at_ten().wait("T+13m30s").ticks(90).tick_off(STILL)
    story.ask(a.Sign("ten", "cutover-lead"))
    assert story.waits_for(HALF) == ["the checkpoint of 'Ten' is not signed by monitoring-lead"]
    story.ask(a.Sign("ten", "monitoring-lead"), BOB)
    assert story.waits_for(HALF) == []


def test_gates_of_the_last_checkpoint_must_pass() -> None:
    """A gate that was ticked and signed blocks again once it fails."""
    story = signed_ten().tick_off(STILL).ticks(5, errors=0.006)
    assert [text[:16] for text in story.waits_for(HALF)] == ["'Stable' is fail"]


def test_gates_of_earlier_steps_in_its_own_phase_must_pass() -> None:
    """The gate of a check before it in its own phase counts, though the check was ticked."""
    story = signed_ten().tick_off(STILL).ticks(5, queue=600)
    assert [text[:28] for text in story.waits_for(HALF)] == ["'Queue still short' is fail:"]


def test_gates_behind_it_do_not_count() -> None:
    """What judges the change cannot stop it: its own monitor's gate may be anything."""
    story = prepared().ticks(5, errors=None)
    assert story.last is not None
    assert story.last.gates[LOW].state == "unknown"
    assert story.waits_for(TENTH) == []


def test_a_gate_counts_whatever_became_of_its_step() -> None:
    """Skipping a sensed check does not go round its gate: only an override does."""
    story = prepared().ticks(5, queue=600)
    story.ask(a.Reopen(SHORT))
    story.ask(a.Resolve(SHORT, "skipped", "who cares"), BOB)
    story.wait("T+0")
    assert story.outcome(SHORT) == "skipped"
    story = signed_ten().ticks(5, queue=600)
    story.ask(a.Resolve(STILL, "n/a", "who cares"), BOB)
    assert [text[:28] for text in story.waits_for(HALF)] == ["'Queue still short' is fail:"]


def done_fifty() -> Story:
    story = at_fifty().tick_off(STILL_LOW, CONTENT).wait("T+44m").ticks(120)
    story.ask(a.Sign("fifty"))
    return story


AFTER = """
[[phases]]
id = "after"
at = "T+50m"
title = "After"
steps = [{ action = "Read only", set = { readonly = true } }]
"""


def after_all() -> Story:
    """All traffic is moved; a monitor without a checkpoint runs; one more change comes after it."""
    at = NIGHT.index('[[phases]]\nid = "last"')
    story = Story(NIGHT[:at] + AFTER + NIGHT[at:])
    story.time_passes().ticks(30).tick_off(READY, SHORT).wait("T+0").tick()
    story.set(TENTH).ticks(90).tick_off(LOW, STABLE).wait("T+14m").ticks(75)
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ask(a.Sign("ten", "monitoring-lead"), BOB)
    story.tick_off(STILL).set(HALF).ticks(15).tick_off(STILL_LOW, CONTENT).wait("T+45m").ticks(30)
    story.ask(a.Sign("fifty"))
    return story.set(EVERYTHING).ticks(20)


def test_a_monitor_without_a_checkpoint_blocks_only_on_fail() -> None:
    """Its steps may be open and its gate unknown; a failing gate stops the next change."""
    story = after_all()
    assert story.outcome(FINE) is None
    assert story.waits_for("after/read-only") == []
    assert story.ticks(5, queue=None).waits_for("after/read-only") == []
    assert [text[:20] for text in story.ticks(5, queue=600).waits_for("after/read-only")] == ["'Queue fine' is fail"]


def test_a_hold_stops_it() -> None:
    """No forward change while T is held."""
    story = prepared()
    story.ask(a.HoldClock("the vendor calls"), BOB)
    assert story.waits_for(TENTH) == ["T is held: the vendor calls"]


def test_a_firing_trigger_stops_it_armed_or_not() -> None:
    """A trigger that fires blocks, though nothing is armed before the first change; so it does in a countdown."""
    story = prepared().ticks(65, errors=0.02)
    assert story.waits_for(TENTH)[0] == "the trigger errors fires"
    story = at_fifty().ticks(65, errors=0.02)
    assert story.state.countdown is not None
    assert story.waits_for(EVERYTHING)[0] == "a rollback counts down for errors"
    story.ask(a.Veto("false alarm"), BOB)
    assert story.ticks(5, errors=0.02).waits_for(EVERYTHING)[0] == "the trigger errors fires"


def test_an_owed_change_stops_it() -> None:
    """A change that nobody knows the end of blocks every other one, until it is read back or decided."""
    story = prepared()
    story.misbehaves["canary"] = "unknown"
    story.set(TENTH)
    assert story.waits_for(TENTH) == ["the change of canary to 10 is unknown"]
    assert story.refused(a.SetFlags(TENTH, "10")) == "Not yet: the change of canary to 10 is unknown."
    story.ask(a.ReadBack(1))
    assert story.state.changes[1].result == "verified"


def test_drift_stops_it_until_accepted_or_gone() -> None:
    """A value that nobody here set blocks; the lead accepts it, or it goes away by itself."""
    story = prepared().read(brain=True)
    assert story.waits_for(TENTH) == ["brain is true, which nobody here set (it was false)"]
    assert story.read(brain=False).waits_for(TENTH) == []
    story.read(brain=True)
    assert story.refused(a.AcceptDrift("brain", True), BOB).startswith("Only the lead")
    assert "as you saw it" in story.refused(a.AcceptDrift("brain", False))
    story.ask(a.AcceptDrift("brain", True, "known"))
    assert story.waits_for(TENTH) == []
    assert story.ask(a.AcceptDrift("brain", True)) == ()


def test_true_is_not_one() -> None:
    """A flag that reads 1 where `true` was expected has drifted: JSON types are kept apart."""
    story = prepared().read(brain=True)
    story.ask(a.AcceptDrift("brain", True))
    story.read(brain=1)
    assert story.state.flag("brain").drift == 1
    assert story.read(brain=True).state.flag("brain").drift is None


def test_another_value_before_the_night_blocks_until_accepted() -> None:
    """`before` names the value at the start; another one is drift from the first read on."""
    book = NIGHT.replace('[flags.brain]\ntype = "boolean"', '[flags.brain]\ntype = "boolean"\nbefore = true')
    story = Story(book)
    assert "brain is false, which nobody here set (it was true)" in story.waits_for(TENTH)
    story.ask(a.AcceptDrift("brain", False, "they told us"))
    assert not [text for text in story.waits_for(TENTH) if "brain" in text]


def test_an_unfinished_rollback_stops_it() -> None:
    """While a confirmed rollback has writes missing, nothing goes forward."""
    story = at_fifty()
    story.misbehaves["canary"] = "mismatch"
    story.roll_back()
    assert story.waits_for(EVERYTHING)[0] == "a rollback is running"


def test_only_the_lead_goes_forward() -> None:
    """Anybody else is told who may."""
    assert prepared().refused(a.SetFlags(TENTH, "10"), BOB).startswith("Only the lead (ana) may move traffic")


@pytest.mark.parametrize("typed", ["", "1", "10 ", "production"])
def test_the_new_value_is_typed_exactly(typed: str) -> None:
    """A bare Enter, or anything but the value, changes nothing."""
    assert prepared().refused(a.SetFlags(TENTH, typed)) == f"Type 10 to confirm; '{typed}' changes nothing."


def test_several_flags_take_the_targets_name() -> None:
    """Where several flags change, the target's name is typed."""
    story = signed_ten().tick_off(STILL)
    assert story.refused(a.SetFlags(HALF, "50")) == "Type production to confirm; '50' changes nothing."
    story.set(HALF)
    assert (story.service["canary"], story.service["brain"], story.outcome(HALF)) == (50, True, "passed")


def test_somebody_elses_change_in_between_is_shown_not_overwritten() -> None:
    """A value that moved since the dialog showed it refuses the write and names both."""
    story = prepared()
    story.service["canary"] = 5
    said = story.refused(a.SetFlags(TENTH, "10", (("canary", 0),)))
    assert said == "canary is 5 now, not 0 as you saw it: somebody changed it. Nothing was written."


def test_only_what_is_missing_is_tried_again() -> None:
    """Of a set of two flags the one that was verified is left alone; for one flag its value is typed."""
    story = signed_ten().tick_off(STILL)
    story.misbehaves["brain"] = "refused"
    story.set(HALF)
    assert (story.outcome(HALF), story.state.changes[3].result) == (None, "refused")
    del story.misbehaves["brain"]
    assert story.refused(a.SetFlags(HALF, "production")) == "Type true to confirm; 'production' changes nothing."
    assert story.ask(a.SetFlags(HALF, "true")) == (e.FlagAsked(4, "brain", True, False, "forward", HALF),)
    assert story.outcome(HALF) == "passed"


def test_the_rest_of_a_set_stops_for_a_hold() -> None:
    """A hold that comes between two flags of a step stops the second one."""
    story = signed_ten().tick_off(STILL)
    facts = a.SetFlags(HALF, "production")
    story.happened(*_decided(story, facts), by=story.state.lead)
    story.ask(a.HoldClock("wait"), BOB)
    assert [c.flag for c in story.state.changes.values()] == ["canary", "canary"]
    assert story.outcome(HALF) is None


def _decided(story: Story, ask: a.Ask) -> tuple[e.Fact, ...]:
    from pags_tui.core.decide import decide

    return decide(ask, story.view())


def test_a_set_can_be_restored_whole() -> None:
    """What a half-done step changed goes back to what it was, as a rollback of its own; it is missing again then."""
    story = signed_ten().tick_off(STILL)
    story.misbehaves["brain"] = "refused"
    story.set(HALF)
    assert "Type restore" in story.refused(a.RestoreFlags(HALF, "yes"))
    del story.misbehaves["brain"]
    story.ask(a.RestoreFlags(HALF, "restore"), BOB)
    assert (story.service["canary"], story.state.rolling_back) == (10, False)
    story.ask(a.Resume("again"))
    assert story.typed(HALF) == "production"
    story.ticks(15).set(HALF)
    assert (story.service["canary"], story.service["brain"]) == (50, True)


def test_a_step_that_is_done_is_not_done_again() -> None:
    """A passed change is done; again only after a recycle. One set aside needs the same."""
    story = at_ten()
    assert story.refused(a.SetFlags(TENTH, "10")).startswith("'Send a tenth' is passed already.")
    story.roll_back().ask(a.Resume("we looked"))
    assert "recycle" in story.refused(a.SetFlags(TENTH, "10"))


def test_what_is_not_of_this_kind_of_run_or_not_written_from_here() -> None:
    """A manual step is ticked, a rollback's step belongs to its plan, an unknown one is unknown."""
    story = prepared()
    assert story.refused(a.SetFlags(READY, "x")) == "'Team ready' is worked by hand: do it, then tick it."
    assert "open its plan (F9)" in story.refused(a.SetFlags("rollback/features-off", "production"))
    assert "roll back (F9)" in story.refused(a.Resolve("rollback/features-off"))
    assert story.refused(a.SetFlags("nowhere/nothing", "x")).startswith("There is no step 'nowhere/nothing'")


OPTIONAL = """
[[phases]]
id = "one"
at = "T+0"
title = "One"
steps = [
  { action = "Perhaps", set = { brain = true }, optional = true },
  { check = "Sure", optional = true, gate = "queue <= 500" },
  { action = "Certainly", set = { canary = 10 } },
  "Afterwards",
]
"""


def test_optional_steps_block_nothing() -> None:
    """An optional step that is left open is waited for by nobody, nor is its gate."""
    story = Story(HEAD + OPTIONAL, t="T+0").ticks(20, queue=900)
    assert story.waits_for("one/certainly") == []
    assert story.waits_for("one/perhaps") == []
    assert story.set("one/certainly").why_not() == ["'Afterwards' is open"]


def test_a_service_that_cannot_be_read_back_is_unverified_and_the_leads_to_decide() -> None:
    """Its write is tried without a read; the result is `unverified` until the lead accepts it with a reason."""
    story = Story(NIGHT.replace('target = "production"', 'target = "production"\nread_path = ""'))
    story.ticks(30).tick_off(READY, SHORT).wait("T+0").tick()
    story.misbehaves["canary"] = "unverified"
    story.set(TENTH)
    assert story.waits_for(TENTH) == ["the change of canary to 10 is unverified"]
    assert story.refused(a.SettleChange(1, "accepted", "seen in the logs"), BOB).startswith("Only the lead")
    assert "needs a reason" in story.refused(a.SettleChange(1, "accepted", " "))
    story.ask(a.SettleChange(1, "accepted", "seen in the logs"))
    assert story.state.changes[1].holds
    assert story.refused(a.SettleChange(1, "accepted", "again")) == "That change is settled already."


def test_a_flag_that_cannot_be_read_just_now_refuses() -> None:
    """Nothing is written over a value that nobody could read."""
    story = prepared()
    del story.service["canary"]
    assert "cannot be read just now (it was not read)" in story.refused(a.SetFlags(TENTH, "10"))


def test_a_mismatch_is_given_up_and_not_accepted() -> None:
    """Theirs cannot be taken as ours; given up, the flag is as it reads, and the step may be tried again."""
    story = prepared()
    story.misbehaves["canary"] = "mismatch"
    story.service["canary"] = 0
    story.set(TENTH)
    assert "cannot be taken as 10" in story.refused(a.SettleChange(1, "accepted", "oh well"))
    story.ask(a.SettleChange(1, "given-up", "a typing slip of theirs"))
    assert story.waits_for(TENTH) == []
    assert story.refused(a.ReadBack(9)) == "That change is settled already."


def test_a_built_in_hold_comes_before_its_phases_change() -> None:
    """A change that would enter a phase with a built-in hold waits for the hold and its resume."""
    book = NIGHT.replace('id = "ten"\nat = "T+0"', 'id = "ten"\nat = "T+0"\nhold = true')
    story = Story(book).ticks(30).tick_off(READY, SHORT)
    assert "hold built into the runbook" in story.refused(a.SetFlags(TENTH, "10"))
    story.wait("T+0").tick().time_passes()
    assert story.refused(a.SetFlags(TENTH, "10")) == "Not yet: T is held: built into the runbook: Ten."
    story.ask(a.Resume("all here"))
    story.set(TENTH)
    assert story.outcome(TENTH) == "passed"


def test_nothing_goes_forward_once_the_run_is_closed() -> None:
    """A closed run takes no forward change."""
    story = prepared()
    story.ask(a.EndRun("abandoned"))
    assert story.refused(a.SetFlags(TENTH, "10")) == "The run was closed as abandoned. Start another with --new."
