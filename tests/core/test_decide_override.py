"""An override: what it covers, for how long, and what ends it."""

from __future__ import annotations

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.blockers import forward_blockers
from tests.core.stories import BOB, HALF, LOW, NIGHT, READY, STILL, Story, at_ten, prepared, signed_ten

FAILING = {"queue": 600.0}


def blocked() -> Story:
    """The check before the second change fails."""
    story = signed_ten().ticks(5, **FAILING)
    assert story.waits_for(HALF)
    return story


def override(value: float | None = 600.0, state: str = "fail", reason: str = "known spike") -> a.GiveOverride:
    return a.GiveOverride(STILL, state, value, reason)


def given() -> Story:
    """It is overridden, and ticked."""
    story = blocked()
    story.ask(override())
    return story.tick_off(STILL)


def voided(story: Story) -> list[str]:
    """Why overrides ended, oldest first."""
    return [event.fact.reason for event in story.events if isinstance(event.fact, e.OverrideVoided)]


def test_it_takes_the_lead_a_name_and_a_reason() -> None:
    """Only the lead overrides, with a reason; repeated, the same ask gives no further quarter of an hour."""
    story = blocked()
    assert story.refused(override(), BOB) == (
        "Only the lead (ana) may override a gate. Take the lead first, or ask for it."
    )
    assert story.refused(override(reason=" ")) == "An override needs a reason."
    [fact] = story.ask(override())
    assert isinstance(fact, e.OverrideGiven)
    assert (fact.gate, fact.state, fact.value, fact.metric) == (STILL, "fail", 600.0, "queue")
    assert (fact.until - story.now).total_seconds() == 900
    assert story.later(60).ask(override()) == ()


def test_it_lets_tick_and_go_forward() -> None:
    """An overridden gate counts as passed for a tick, a change and a signature; the evidence says so."""
    story = given()
    assert story.waits_for(HALF) == []
    resolved = next(f for f in reversed(story.events) if isinstance(f.fact, e.StepResolved)).fact
    assert isinstance(resolved, e.StepResolved)
    assert resolved.evidence[0].overridden


def test_it_lasts_fifteen_minutes() -> None:
    """After its quarter of an hour it covers nothing, from that moment on, and the next tick journals it."""
    story = given().later(899)
    assert story.waits_for(HALF) == []
    story.later(1)
    assert story.waits_for(HALF)
    story.tick(**FAILING)
    assert voided(story) == ["its time is over"]


def test_the_next_verified_forward_change_ends_it() -> None:
    """It does not outlive the change that it was given for."""
    story = given().set(HALF)
    assert story.view().override(STILL) is None
    story.ticks(5, **FAILING)
    assert voided(story) == ["the next forward change is verified"]


def test_a_change_that_is_not_verified_leaves_it() -> None:
    """A refused write is no verified change: the override still stands for the next try."""
    story = given()
    story.misbehaves["canary"] = "refused"
    story.set(HALF)
    assert story.view().override(STILL) is not None


def test_a_worse_verdict_voids_it() -> None:
    """Given for an unknown gate, it does not cover a failing one."""
    story = signed_ten().ticks(5, queue=None)
    story.ask(override(None, "unknown"))
    assert story.waits_for(HALF)[0] == "'Queue still short' is open"
    story.ticks(5, queue=600)
    assert voided(story)[0].startswith("fail is worse than the unknown that was overridden")


def test_it_covers_better_verdicts() -> None:
    """Given for a failing gate, it covers an unknown and a settling one."""
    story = given().ticks(5, queue=None)
    assert story.view().override(STILL) is not None
    assert story.ticks(5).view().override(STILL) is not None
    assert voided(story) == []


def test_failing_again_after_a_pass_voids_it() -> None:
    """Once the gate has passed, the old excuse is used up."""
    story = given().ticks(20)
    assert voided(story) == []
    assert story.last is not None
    assert story.last.gates[STILL].state == "pass"
    story.ticks(5, **FAILING)
    assert voided(story)[0].startswith("the gate passed, and fails again")


@pytest.mark.parametrize(("value", "covered"), [(600.0, True), (550.0, True), (601.0, False), (float("inf"), False)])
def test_of_a_fail_it_covers_no_worse_value(value: float, covered: bool) -> None:
    """A failing value as bad as the one named, or better, is covered; a worse one is not."""
    story = given().ticks(5, queue=value)
    assert (story.view().override(STILL) is not None) is covered


TWO = NIGHT.replace(
    '{ check = "Queue still short", gate = "queue <= 500" }',
    '{ check = "Queue still short", gate = ["queue <= 500", "errors < 1"] }',
)


def test_of_a_fail_it_covers_only_the_metric_named() -> None:
    """Another metric of the same gate that fails instead is not what was overridden."""
    story = Story(TWO, t="T+0").ticks(30, queue=600)
    story.ask(override())
    assert story.view().override(STILL) is not None
    assert story.ticks(5, errors=2.0).view().override(STILL) is None


def test_none_while_a_trigger_on_that_metric_is_pending_or_firing() -> None:
    """Of a failing gate none is given while a trigger on its metric runs, and one that was given ends."""
    story = blocked()
    story.ticks(5, queue=900)
    assert story.refused(override(900.0)) == "The trigger queue on the same metric is pending: no override now."
    story.ticks(60, queue=900)
    assert "no override now" in story.refused(override(900.0))
    story = signed_ten().ticks(5, queue=900).ticks(5, queue=600)
    story.ask(override(600.0))
    story.ticks(5, queue=900)
    assert voided(story)[0].startswith("worse than what was overridden")


def test_a_trigger_on_another_metric_does_not_matter() -> None:
    """Only a trigger on the failing metric forbids it."""
    story = signed_ten().ticks(5, queue=600, errors=0.02)
    assert story.ask(override())


def test_of_an_unknown_gate_it_may_be_given_while_a_trigger_runs() -> None:
    """The trigger forbids the override of a `fail` only."""
    story = signed_ten().ticks(5, queue=900).ticks(5, queue=None)
    assert story.ask(override(None, "unknown"))


def test_hard_gates_take_none() -> None:
    """Nobody may override a hard gate."""
    check = '"Queue still short", gate = "queue <= 500"'
    hard = NIGHT.replace(check, f"{check}, hard = true")
    story = Story(hard, t="T+0").ticks(15, **FAILING)
    assert story.refused(override()) == "'Queue still short' is a hard gate: nobody may override it."
    assert offered(story) == [("'Queue still short' is open; fail: queue 600 > 500", "")]


def offered(story: Story) -> list[tuple[str, str]]:
    """What stands in the second change's way of the check before it, each with the key that clears it."""
    blockers = forward_blockers(story.view(), story.state.runbook.step(HALF))
    return [(one.text, one.key) for one in blockers if one.step == STILL]


def test_a_gate_in_the_way_is_said_once() -> None:
    """Open, it says what its gate waits for; ticked, the failing gate alone is in the way; failed, both are."""
    story = blocked()
    assert offered(story) == [("'Queue still short' is open; fail: queue 600 > 500", "override")]
    story = signed_ten().ticks(20).tick_off(STILL).ticks(5, **FAILING)
    assert offered(story) == [("'Queue still short' is fail: queue 600 > 500", "override")]
    story = blocked()
    story.ask(a.Resolve(STILL, "failed", "it grows"))
    assert [key for _, key in offered(story)] == ["outcome", "override"]


def test_what_got_worse_since_it_was_seen_is_refused() -> None:
    """The lead overrides what the dialog showed, not what has become of it."""
    story = signed_ten().ticks(5, queue=None)
    story.ticks(5, **FAILING)
    assert "worse than the unknown that you saw" in story.refused(override(None, "unknown"))
    assert "worse now than what you saw" in story.refused(override(550.0))
    assert story.refused(override(state="lovely")) == "'lovely' is no state of a gate."


def test_a_pass_and_a_gate_that_nobody_judges_need_none() -> None:
    """There must be something to override."""
    assert "passes" in signed_ten().refused(override(10.0))
    assert "no gate that is judged" in prepared().refused(a.GiveOverride(READY, "fail", None, "x"))


def test_a_gate_that_an_amendment_took_away_ends_it() -> None:
    """What is not judged any more is not overridden any more."""
    import hashlib

    story = given()
    text = NIGHT.replace('{ check = "Queue still short", gate = "queue <= 500" }', '"Queue still short"')
    story.ask(a.Amend(text, hashlib.sha256(text.encode()).hexdigest(), "amend"))
    from pags_tui.core.judge import Judge

    story.judge = Judge(story.state.runbook, 5.0)
    story.ticks(5)
    assert voided(story) == ["the gate is gone"]


def test_signing_over_an_override_keeps_the_first_signature() -> None:
    """A fail that is overridden does not void the first of two signatures."""
    story = at_ten().ticks(5, errors=0.006)
    for gate in (LOW, "ten/stable"):
        story.ask(a.GiveOverride(gate, "fail", 0.006, "a robot"))
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ticks(5, errors=0.006)
    assert len(story.state.signatures["ten"]) == 1
