"""Ticking, signing, what is frozen and what voids it."""

from __future__ import annotations

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.blockers import forward_blockers
from pags_tui.core.events import Actor
from pags_tui.core.plan.polls import silent
from pags_tui.core.plan.progress import done_at, is_done
from tests.core.stories import (
    ANA,
    BOB,
    CONTENT,
    FINE,
    HALF,
    LOW,
    NIGHT,
    READY,
    SHORT,
    STABLE,
    STILL,
    STILL_LOW,
    TENTH,
    THANKS,
    Story,
    at_fifty,
    at_ten,
    prepared,
    signed_ten,
)
from tests.core.test_decide_forward import done_fifty


def test_ticking_is_absolute() -> None:
    """The same tick twice is one event; two desks never undo each other."""
    story = Story()
    assert story.ask(a.Resolve(READY), BOB)
    assert story.ask(a.Resolve(READY), ANA) == ()
    assert story.ask(a.Reopen(READY))
    assert story.ask(a.Reopen(READY)) == ()


def test_ticking_a_sensed_check_needs_its_gate() -> None:
    """A gate that does not pass refuses the tick, with what it says and the way round."""
    story = prepared().ticks(5, queue=600)
    story.ask(a.Reopen(SHORT))
    said = story.refused(a.Resolve(SHORT))
    assert said.startswith("'Queue short' is fail: queue 600")
    assert said.endswith("Wait, or override it with a reason (o).")
    assert story.ticks(20).ask(a.Resolve(SHORT))


def test_the_first_press_on_a_sensed_check_enters_its_phase() -> None:
    """Evidence counts from the entry, so the touch that enters ticks nothing yet."""
    story = Story(t="T-20m").ticks(10)
    assert story.ask(a.Resolve(SHORT)) == (e.PhaseEntered("prepare"),)
    assert story.ticks(20).ask(a.Resolve(SHORT))


def test_a_captured_value_must_be_typed() -> None:
    """A check that captures is passed with its value, which is kept."""
    book = NIGHT.replace('"Team ready"', '{ check = "Team ready", capture = "replicas" }')
    story = Story(book)
    assert "needs the value that it captures (replicas)" in story.refused(a.Resolve(READY))
    story.ask(a.Resolve(READY, value=" 12 "))
    assert story.state.captures["replicas"] == "12"


def test_a_step_of_another_kind_of_run_is_refused() -> None:
    """A live step is not done in a rehearsal, and is waited for by nobody."""
    book = NIGHT.replace('"Team ready"', '{ check = "Team ready", when = "live" }')
    story = Story(book, kind="rehearsal")
    assert story.refused(a.Resolve(READY)) == "'Team ready' is for a live run only."
    assert not [text for text in story.waits_for(TENTH) if "Team" in text]
    assert Story(book, kind="demo").ask(a.Resolve(READY))


def test_a_change_ticks_itself_and_a_tick_cannot_take_it_back() -> None:
    """A step that writes flags is performed, not ticked, and not unticked."""
    assert "perform it (a)" in prepared().refused(a.Resolve(TENTH))
    assert "a tick cannot take that back" in at_ten().refused(a.Reopen(TENTH))


def test_only_the_lead_sets_a_change_aside() -> None:
    """Skipping a step that moves traffic is the lead's."""
    assert prepared().refused(a.Resolve(TENTH, "skipped", "x"), BOB).startswith("Only the lead")


# ---------------------------------------------------------------- signing


def test_signing_needs_every_step_resolved() -> None:
    """An open step refuses the signature by name."""
    story = at_ten()
    story.ask(a.Reopen(LOW))
    assert story.refused(a.Sign("ten")) == "'Ten' cannot be signed yet: 'Errors low' is open."


def test_signing_needs_its_gates() -> None:
    """Ticked an hour ago and failing now is not signed."""
    assert "'Errors low' is fail" in at_ten().ticks(5, errors=0.006).refused(a.Sign("ten"))


def test_signing_needs_the_monitor_period_over() -> None:
    """Thirty minutes from the last verified change, on wall time, whatever T does."""
    story = at_fifty().tick_off(STILL_LOW, CONTENT)
    assert story.refused(a.Sign("fifty")) == (
        "'Fifty' cannot be signed yet: the monitor period of 'Fifty' runs for another 29:45."
    )
    story.ask(a.HoldClock("x"))
    assert story.later(1785 - 30).ticks(30).ask(a.Sign("fifty"))


def test_the_evidence_is_frozen() -> None:
    """A signature keeps what each gate of the phase said."""
    [fact] = at_ten().ask(a.Sign("ten", "cutover-lead"))
    assert isinstance(fact, e.Signed)
    assert [(one.gate, one.state, one.value, one.bound) for one in fact.evidence] == [
        (LOW, "pass", 0.001, "< 0.5%"),
        (STABLE, "pass", 0.001, "< 0.5%"),
    ]


def test_left_out_the_role_is_the_first_that_is_missing_and_signing_twice_is_nothing() -> None:
    """Absolute, like every ask."""
    story = at_ten()
    assert story.ask(a.Sign("ten"))[0] == story.facts[0]
    assert story.ask(a.Sign("ten", "cutover-lead")) == ()
    assert story.state.signatures["ten"][0].role == "cutover-lead"


def test_who_may_sign_for_a_role() -> None:
    """The lead's role is the lead's; `users` limits a role; left out, anyone attached, named."""
    story = at_ten()
    assert story.refused(a.Sign("ten", "cutover-lead"), BOB).startswith("Only the lead (ana) may speak for the lead")
    assert story.refused(a.Sign("ten", "database-lead")) == (
        "'Ten' is signed by cutover-lead, monitoring-lead, not by database-lead."
    )
    [fact] = story.ask(a.Sign("ten", "monitoring-lead"), Actor("bob", "Mo"))
    assert (fact.name, fact.user) == ("Mo", "bob")  # type: ignore[union-attr]
    book = NIGHT.replace('sign_off = ["cutover-lead", "monitoring-lead"]', 'sign_off = ["database-lead"]')
    limited = Story(book, t="T+0").ticks(120)
    limited.happened(*(e.StepResolved(step, "passed") for step in (TENTH, LOW, STABLE)))
    assert limited.refused(a.Sign("ten"), BOB) == "bob may not sign as database-lead; dbl may."
    assert limited.ask(a.Sign("ten"), Actor("dbl"))


def test_two_signatures_of_one_account_are_marked() -> None:
    """Two signatures need two Unix users, or say `same account`."""
    story = at_ten()
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ask(a.Sign("ten", "monitoring-lead"), Actor("ana", "Mo"))
    assert [s.same_account for s in story.state.signatures["ten"]] == [False, True]
    story = signed_ten()
    assert [s.same_account for s in story.state.signatures["ten"]] == [False, False]


def test_a_fail_between_two_signatures_voids_the_first() -> None:
    """The first signature is history with the reason; a fail after the second changes nothing."""
    story = at_ten()
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ticks(5, errors=0.006)
    assert story.state.signatures["ten"] == ()
    [(phase, signature)] = story.state.past_signatures
    assert (phase, signature.role, signature.voided) == (
        "ten",
        "cutover-lead",
        "'Errors low' failed before the next signature",
    )
    assert len(signed_ten().ticks(5, errors=0.006).state.signatures["ten"]) == 2


def test_what_was_signed_is_not_altered() -> None:
    """Another outcome between two signatures voids the first; after both only a recycle opens it again."""
    story = at_ten()
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ask(a.Resolve(LOW, "failed", "it lies"), BOB)
    assert (story.state.signatures["ten"], story.outcome(LOW)) == ((), "failed")
    story = signed_ten()
    assert story.refused(a.Resolve(LOW, "failed", "it lies")) == "'Ten' is signed. Recycle to open it again."
    assert story.refused(a.Reopen(LOW)) == "'Ten' is signed. Recycle to open it again."


def test_there_must_be_a_checkpoint_to_sign() -> None:
    """A phase without one, and an unknown one, say so."""
    assert prepared().refused(a.Sign("prepare")) == "'Prepare' has no checkpoint to sign."
    assert prepared().refused(a.Sign("tomorrow")) == "There is no phase 'tomorrow' in this runbook."


# ---------------------------------------------------------------- done


def almost() -> Story:
    """T+60m: all traffic is moved; the last phase and the monitor's steps are open."""
    story = done_fifty().set("all/send-all").ticks(30).wait("T+60m").ticks(20)
    return story.time_passes()


def test_done_does_not_wait_for_a_running_monitor_without_a_checkpoint() -> None:
    """With every other step resolved and every checkpoint signed the run is DONE, while the monitor runs on."""
    story = almost()
    assert not is_done(story.state, story.now)
    story.tick_off(THANKS)
    assert is_done(story.state, story.now)
    assert done_at(story.state, story.now) == story.now
    story.ask(a.EndRun("done", "well done"))
    assert (story.state.ended, story.state.ended_at) == ("done", story.now)


def test_once_its_period_is_over_the_monitors_steps_count() -> None:
    """A monitor that does not run any more leaves nothing open behind a DONE."""
    story = almost().tick_off(THANKS).wait("T+110m").ticks(20)
    assert not is_done(story.state, story.now)
    assert story.why_not() == ["'Queue fine' is open", "'Users still content' is open"]
    assert "'Queue fine' is not finished" in story.refused(a.EndRun("done"))
    story.tick_off(FINE, "all/users-still-content")
    assert is_done(story.state, story.now)


def test_the_run_is_ended_by_the_lead_and_done_only_when_it_is() -> None:
    """Before DONE it can only be abandoned."""
    story = prepared()
    assert story.refused(a.EndRun("abandoned"), BOB).startswith("Only the lead")
    assert story.refused(a.EndRun("done")) == ("'Ten' is not finished. Finish it, or end the run as abandoned.")
    story.ask(a.EndRun("abandoned", "the vendor never came"))
    assert story.ask(a.EndRun("abandoned")) == ()
    assert "closed as abandoned" in story.refused(a.HoldClock())


# ---------------------------------------------------------------- polls, notes, issues


def test_a_poll_is_answered_by_role_and_voiced_by_the_lead() -> None:
    """Who may sign may answer; the lead records what was said aloud, marked so; it is no signature."""
    story = at_ten()
    story.ask(a.OpenPoll())
    assert story.refused(a.OpenPoll()) == "A poll is open already. Close it first."
    assert story.refused(a.AnswerPoll(1, "database-lead", "go"), BOB).startswith("bob may not sign as database-lead")
    assert story.refused(a.AnswerPoll(1, "database-lead", "go", voiced=True), BOB).startswith("Only the lead")
    assert story.refused(a.AnswerPoll(1, "king", "go")) == "There is no role 'king' in this runbook."
    story.ask(a.AnswerPoll(1, "database-lead", "no-go", voiced=True))
    assert story.ask(a.AnswerPoll(1, "database-lead", "no-go", voiced=True)) == ()
    answer, by, _, voiced = story.state.polls[0].answers["database-lead"]
    assert (answer, by, voiced) == ("no-go", ANA, True)
    assert not story.state.signatures.get("ten")
    assert story.ask(a.ClosePoll(1))
    assert story.ask(a.ClosePoll(1)) == ()
    assert story.refused(a.AnswerPoll(1, "monitoring-lead", "go")) == "That poll is closed. Open another one (p)."


def test_one_no_go_blocks_until_it_is_a_go() -> None:
    """Whoever says no-go is named among what is in the way; a go, or another poll, clears it. A rollback needs none."""
    story = at_ten()
    before = story.waits_for(HALF)
    story.ask(a.OpenPoll())
    story.ask(a.AnswerPoll(1, "database-lead", "no-go", voiced=True))
    story.ask(a.ClosePoll(1))
    assert story.waits_for(HALF) == ["Database Lead says no-go in the poll", *before]
    story.ask(a.OpenPoll())
    assert story.waits_for(HALF) == before
    story.ask(a.AnswerPoll(2, "database-lead", "no-go", voiced=True))
    story.ask(a.AnswerPoll(2, "database-lead", "go", voiced=True))
    assert story.waits_for(HALF) == before


def test_the_silent_are_named_after_three_minutes() -> None:
    """Those who have not answered, while the poll is open."""
    story = at_ten()
    story.ask(a.OpenPoll())
    story.ask(a.AnswerPoll(1, "database-lead", "go", voiced=True))
    assert silent(story.later(179).state, story.now) == ()
    assert silent(story.later(1).state, story.now) == ("cutover-lead", "monitoring-lead")
    story.ask(a.ClosePoll(1))
    assert silent(story.state, story.now) == ()


@pytest.mark.parametrize("ask", [a.AddNote(" "), a.OpenIssue("minor", ""), a.OpenPoll(" ")])
def test_what_people_write_holds_something(ask: a.Ask) -> None:
    """An empty note, issue or question is refused."""
    assert prepared().refused(ask).endswith("needs a text.")


def test_issues_stay_until_closed() -> None:
    """An issue is open until somebody closes it, once."""
    story = prepared()
    story.ask(a.OpenIssue("major", "login fails"), BOB)
    assert [issue.text for issue in story.state.open_issues] == ["login fails"]
    story.ask(a.CloseIssue(1, "fixed"))
    assert story.refused(a.CloseIssue(1)) == "There is no open issue 1."
    story.ask(a.AddNote("the vendor is on the line", STILL))
    assert story.refused(a.AddNote("x", "no/where")).startswith("There is no step 'no/where'")
    assert story.state.notes[0].step == STILL


# ---------------------------------------------------------------- what `w` says of gates


def rows(story: Story) -> list[tuple[str, str]]:
    """The rows about the queue before the first flag change: what is in the way, and the key that clears it."""
    blockers = forward_blockers(story.view(), story.state.runbook.step(TENTH))
    return [(one.text, one.key) for one in blockers if one.step == SHORT]


def test_an_open_step_with_a_gate_that_does_not_pass_is_not_to_be_ticked() -> None:
    """It says once what its gate waits for and how far it is; ticking is offered only once the gate passes."""
    story = prepared().ticks(5, queue=600)
    story.ask(a.Reopen(SHORT))
    assert rows(story) == [("'Queue short' is open; fail: queue 600 > 500", "override")]
    story = story.ticks(5)
    assert rows(story) == [("'Queue short' is open; settling 1 of 3: queue 10 <= 500", "override")]
    story = story.ticks(20)
    assert rows(story) == [("'Queue short' is open", "tick")]
