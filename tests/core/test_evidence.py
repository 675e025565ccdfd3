"""From when on a gate's readings count. Evidence from before a change never counts for what comes after it."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.plan.evidence import evidence_since, place_since
from pags_tui.core.series import Tick
from tests.core.stories import (
    EVERYTHING,
    HALF,
    HEAD,
    LOW,
    NIGHT,
    SHORT,
    STABLE,
    STILL,
    STILL_LOW,
    T0,
    TENTH,
    Story,
    at_fifty,
    at_ten,
    moment,
    signed_ten,
)

CRITERION = "success.technical/a-minute-without-errors-after-all"


def since(story: Story, step: str) -> datetime | None:
    return evidence_since(story.state, story.state.runbook.step(step), None)


def test_without_a_change_before_it_from_the_entry_of_its_phase() -> None:
    """Nothing was changed yet: the phase's entry; not entered, nothing counts."""
    story = Story(t="T-20m")
    assert since(story, SHORT) is None
    assert since(story.wait("T-10m").time_passes(), SHORT) == moment("T-10m")


def test_since_the_last_verified_change_before_it_in_the_file() -> None:
    """Its own phase's change, the checkpoint's too; a later phase's checks before their change the one before."""
    story = signed_ten()
    assert since(story, LOW) == since(story, STABLE) == since(story, STILL) == T0


def test_a_change_begins_the_evidence_of_what_stands_behind_it_anew() -> None:
    """After the second change its monitor starts from nothing, the first phase's gates go on."""
    story = at_fifty()
    assert since(story, "fifty/errors-still-low") == story.state.changes[3].answered
    assert since(story, LOW) == T0


def test_a_change_that_is_half_verified_counts_already() -> None:
    """One flag of two has changed: evidence from before that does not count for what comes after it."""
    story = signed_ten().tick_off(STILL)
    story.misbehaves["brain"] = "refused"
    story.set(HALF)
    assert since(story, "fifty/errors-still-low") == story.state.changes[2].answered


def test_an_unknown_change_does_not_begin_it() -> None:
    """Not verified, it has begun nothing; read back, it has."""
    story = signed_ten().tick_off(STILL)
    story.misbehaves["canary"] = "unknown"
    story.set(HALF)
    assert since(story, "fifty/errors-still-low") == T0
    story.later(20).ask(a.ReadBack(2))
    assert since(story, "fifty/errors-still-low") == story.now


def test_a_pass_from_before_a_change_is_settling_after_it() -> None:
    """The verdict itself starts again with the change."""
    story = at_ten().wait("T+13m30s").ticks(90)
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ask(a.Sign("ten", "monitoring-lead"))
    story.time_passes().tick_off(STILL).set(HALF)
    story.ticks(5)
    assert story.last is not None
    assert story.last.gates["fifty/errors-still-low"].state == "settling"
    assert story.last.gates[LOW].state == "pass"


def test_after_a_recycle_the_reopened_change_counts_no_more() -> None:
    """Opened again, the step has written nothing; the phase must be entered again."""
    story = at_ten()
    story.ask(a.Recycle(-30.0, "x"))
    assert since(story, LOW) is None


def test_a_change_made_by_hand_counts_from_its_tick() -> None:
    """Where no flag service is configured the tick is the change."""
    book = NIGHT.replace('[services.flags]\nurl = "${FLAGS}"\ntarget = "production"\n', "")
    story = Story(book, t="T+0").time_passes().later(30).tick_off(TENTH)
    assert since(story, LOW) == story.now


def test_since_a_phase_or_a_step() -> None:
    """`since` names a place: its last verified write, else its entry."""
    story = at_fifty()
    assert place_since(story.state, "ten") == place_since(story.state, TENTH) == T0
    assert place_since(story.state, "prepare") == moment("T-10m")
    assert place_since(story.state, SHORT) == story.state.step(SHORT).at
    assert place_since(story.state, "fifty/users-content") == story.state.entered["fifty"]
    assert place_since(story.state, EVERYTHING) is None
    assert place_since(story.state, CRITERION) is None


def test_a_success_criterion_since_a_phase() -> None:
    """`since all`: nothing counts before that change is verified, then a minute of it passes."""
    story = at_fifty().ticks(120)
    assert story.last is not None
    assert story.last.gates[CRITERION].state == "settling"
    story.happened(e.FlagAsked(9, "canary", 100, 50, "forward", EVERYTHING), e.FlagAnswered(9, "verified", 100))
    story.ticks(30)
    assert story.last.gates[CRITERION].state == "settling"
    story.ticks(40)
    assert story.last.gates[CRITERION].state == "pass"
    assert story.ask(a.Resolve(CRITERION))
    assert story.outcome(CRITERION) == "passed"


def test_a_criterion_without_a_place_counts_from_the_last_change_of_all() -> None:
    """Success criteria stand behind every phase; before any change they count from the start of the run."""
    phase = '[[phases]]\nid = "p"\nat = "T+0"\nsteps = ["x"]\n'
    success = '[[success]]\ntitle = "S"\ncriteria = [{ check = "Q", gate = "queue <= 500" }]\n'
    book = HEAD + phase + success
    story = Story(book)
    assert since(story, "success.s/q") == story.now


def test_a_rollbacks_check_counts_from_its_last_verified_write() -> None:
    """How we know that it worked: from the last write on, not from before it; without a rollback never."""
    check = "rollback.checkpoint/errors-gone"
    story = at_ten()
    assert since(story, check) is None
    story.happened(e.RollbackConfirmed(1, "Back", (e.Move("canary", 0),)))
    assert since(story, check) == story.now
    story.later(10).roll_on()
    assert since(story, check) == story.now
    assert story.ticks(20).ask(a.Resolve(check))


def test_a_pass_from_before_a_change_does_not_outlive_it_until_the_next_tick() -> None:
    """Between the verified write and the next tick the last verdict is from before it: nothing rests on it."""
    story = signed_ten().ticks(30)
    story.ask(a.Resolve(STILL))
    later = story.state.runbook.step(STILL_LOW)
    assert story.view().gate_ok(later)
    story.set(HALF)
    assert story.last.gates[STILL_LOW].state == "pass"
    assert not story.view().gate_ok(later)
    gate = story.view().gates[STILL_LOW]
    assert (gate.state, gate.row, gate.clock) == ("settling", 0, 0)
    assert gate.reason == "errors 0.1% < 0.5%; counts from the change on"
    assert story.refused(a.Resolve(STILL_LOW)).startswith("'Errors still low' is settling 0 of 3: errors 0.1% < 0.5%")
    tick = Tick(story.now.timestamp() + 1, story.last.tick.readings)
    worsened = story.judge.worsened(story.last, tick, story.state, story.now)
    assert worsened[STILL_LOW].state == "settling", "and a reading at the moment of confirming mends nothing"
    assert story.ticks(20).view().gate_ok(later)
