"""Rollback: its plan, its choices, what is missing of a confirmed one, and whether it is ready."""

from __future__ import annotations

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.plan.confirmed import missing_moves, not_made
from pags_tui.core.plan.rollback import choices, flags_at, option_plan, readiness, signed_plan
from tests.core.stories import BOB, HALF, NIGHT, STILL, Story, at_fifty, at_ten, prepared, signed_ten

OPTIONS = """
[rollback.halfway]
title = "Back to a tenth"
valid = "fifty..all"
loses = "half the fun"
duration = "4m"
steps = [{ action = "A tenth", set = { canary = 10 } }]
"""
WITH_OPTIONS = NIGHT.replace("[comms.internal]", OPTIONS + "[comms.internal]")


def plan(story: Story):
    return option_plan(story.state, story.state.runbook.option(""))


def test_the_plan_shows_now_and_after_and_what_is_so_already() -> None:
    """One line a flag in written order; manual steps listed apart."""
    found = plan(at_fifty())
    assert [(line.flag, line.now, line.after, line.already) for line in found.lines] == [
        ("brain", True, False, False),
        ("canary", 50, 0, False),
        ("readonly", False, True, False),
    ]
    assert [step.text for step in found.manual] == ["Tell support"]
    assert [line.already for line in plan(prepared()).lines] == [True, True, False]


def test_what_cannot_be_read_just_now_is_not_said_to_be_so_already() -> None:
    """The last known value stands there, and nothing more: unknown is not done."""
    lost = prepared().happened(e.FlagSeen("canary", None, "no answer"))
    lines = {line.flag: line for line in plan(lost).lines}
    assert (lines["canary"].already, lines["brain"].already) == (False, True)


def test_the_plan_names_what_this_run_changed_and_it_leaves_alone() -> None:
    """A flag that is not as before the night and in no line can be added."""
    book = NIGHT.replace("set = { brain = false, canary = 0 }", "set = { canary = 0 }")
    story = Story(book)
    story.happened(e.FlagAsked(1, "brain", True, False, "forward", HALF), e.FlagAnswered(1, "verified", True))
    assert plan(story).left == (("brain", True, False),)
    story.happened(e.FlagAsked(2, "brain", False, True, "restore"), e.FlagAnswered(2, "verified", False))
    assert plan(story).left == ()


def test_every_way_back() -> None:
    """The default, the named ones that apply now, as before the night, and as at each signed checkpoint."""
    story = Story(WITH_OPTIONS)
    assert [one.title for one in choices(story.state)] == ["Back"]
    story = at_fifty()
    told = Story(WITH_OPTIONS)
    for event in story.events[1:]:
        told.now = event.at
        told.happened(event.fact, by=event.by)
    assert [one.title for one in choices(told.state)] == [
        "Back",
        "Back to a tenth",
        "As before the night",
        "As at the signed checkpoint of Ten",
    ]
    assert (choices(told.state)[1].loses, choices(told.state)[1].takes) == ("half the fun", 240)


def test_as_before_the_night_and_as_at_a_signed_checkpoint() -> None:
    """Each flag that this run changed, to the value read first, or to what it was when that was signed."""
    story = at_fifty()
    before, signed = choices(story.state)[1:]
    assert [(line.flag, line.after) for line in before.lines] == [("canary", 0), ("brain", False)]
    assert [(line.flag, line.after) for line in signed.lines] == [("canary", 10), ("brain", False)]
    assert signed_plan(story.state, "fifty").lines == ()
    assert flags_at(story.state, 0)["canary"] == 0


def test_it_needs_the_word_and_nothing_else() -> None:
    """No lead, no gate, no hold, no lease: anybody, at any time, who types the word."""
    story = at_fifty().ticks(10, errors=None)
    story.ask(a.HoldClock("x"))
    moves = (e.Move("canary", 0),)
    assert story.refused(a.RollBack("Rollback", moves), BOB) == "Type rollback to run it; 'Rollback' changes nothing."
    assert story.refused(a.RollBack("rollback", ()), BOB) == "Nothing is chosen to roll back."
    assert story.ask(a.RollBack("rollback", moves), BOB)
    assert story.service["canary"] == 0


def test_also_once_the_run_is_closed() -> None:
    """A closed run can still be rolled back."""
    story = at_fifty()
    story.ask(a.EndRun("abandoned"))
    assert story.roll_back(BOB).service["canary"] == 0


def test_its_first_write_holds_t() -> None:
    """T stands from the confirmation on."""
    story = at_fifty().roll_back()
    assert story.state.hold is not None
    assert story.state.hold.cause == "rollback"
    t = story.t()
    assert story.later(60).t() == t


def test_it_is_no_back_door() -> None:
    """A value that no way back names, and that the flag never had, is no rollback."""
    story = at_ten()
    assert story.refused(a.RollBack("rollback", (e.Move("canary", 100),)), BOB) == (
        "No way back sets canary to 100, and it never was that in this run."
    )
    assert "There is no flag 'rain'" in story.refused(a.RollBack("rollback", (e.Move("rain", 1),)))
    assert story.ask(a.RollBack("rollback", (e.Move("canary", 0),)), BOB)


def test_confirming_it_again_changes_nothing_and_another_one_takes_over_what_is_owed() -> None:
    """A second desk's same order is no second rollback; a further one keeps what the first still has to do."""
    story = at_fifty()
    story.misbehaves.update(canary="mismatch", brain="mismatch", readonly="mismatch")
    story.roll_back()
    assert story.ask(a.RollBack("rollback", (e.Move("canary", 0),))) == ()
    story.ask(a.RollBack("rollback", (e.Move("canary", 10),), "Only to a tenth"))
    assert story.state.rollback is not None
    assert [(move.flag, move.value) for move in story.state.rollback.moves] == [
        ("canary", 10),
        ("brain", False),
        ("readonly", True),
    ]
    story.misbehaves.clear()
    story.roll_on()
    assert (story.service, story.state.rolling_back) == ({"canary": 10, "brain": False, "readonly": True}, False)


def test_of_two_moves_of_one_flag_the_last_one_holds() -> None:
    """The order ends where it was written to end, and it ends."""
    story = at_fifty()
    story.ask(a.RollBack("rollback", (e.Move("canary", 10), e.Move("brain", False), e.Move("canary", 0))))
    assert (story.service["canary"], story.state.rolling_back) == (0, False)


@pytest.mark.parametrize("result", ["refused", "mismatch", "unknown"])
def test_what_is_not_verified_is_missing(result: e.Result) -> None:
    """Only what was read back is done; a write that nobody can read back is done once accepted by the service."""
    story = at_fifty()
    story.misbehaves["canary"] = result
    story.roll_back()
    rollback = story.state.rollback
    assert rollback is not None
    assert [move.flag for move in missing_moves(story.state, rollback)] == ["canary"]
    story.misbehaves["canary"] = "unverified"
    story.roll_on()
    assert missing_moves(story.state, rollback) == ()


def test_what_moved_after_it_was_verified_is_missing_again() -> None:
    """The late second read finds somebody's late write: that flag is owed again."""
    story = at_fifty()
    story.misbehaves["readonly"] = "mismatch"
    story.roll_back()
    rollback = story.state.rollback
    assert rollback is not None
    number = next(c.number for c in story.state.changes.values() if c.flag == "canary" and c.purpose == "rollback")
    story.happened(e.FlagAnswered(number, "mismatch", 50))
    assert {move.flag for move in missing_moves(story.state, rollback)} == {"canary", "readonly"}


def test_of_what_was_confirmed_under_a_title_what_does_not_hold() -> None:
    """All of it while no rollback was confirmed; then what is not made; and who took over, if somebody did."""
    story, canary, brain = at_fifty(), e.Move("canary", 0), e.Move("brain", False)
    assert not_made(story.state, "Back", (e.Move("canary", 10), brain, canary)) == ((canary, brain), None)
    story.misbehaves["canary"] = "mismatch"
    story.roll_back()
    assert not_made(story.state, "Back", (canary, brain)) == ((canary,), None)
    story.ask(a.RollBack("rollback", (e.Move("canary", 10),), "Only to a tenth"))
    assert not_made(story.state, "Back", (canary, brain)) == ((canary,), story.state.rollback)
    story.misbehaves.clear()
    story.roll_on()
    assert not_made(story.state, "Only to a tenth", (e.Move("canary", 10),)) == ((), None)
    assert not_made(story.state, "Back", (canary, brain)) == ((canary,), story.state.rollback)


def test_a_second_rollback_opens_the_first_ones_checks_again() -> None:
    """Support was told the first time; the second time it is told again."""
    story = at_fifty().roll_back().tick_off("rollback/tell-support")
    story.ask(a.Resume("x"))
    story.roll_back()
    assert story.outcome("rollback/tell-support") is None


def test_one_flag_back_to_a_value_it_had() -> None:
    """Anybody, for a reason, with the value typed; only values that it had before. Its write holds T."""
    story = at_fifty()
    assert "never was 70" in story.refused(a.SetOneFlag("canary", 70, "70", "x"))
    assert "There is no flag 'rain'" in story.refused(a.SetOneFlag("rain", 70, "70", "x"))
    assert "needs a reason" in story.refused(a.SetOneFlag("canary", 10, "10", ""))
    asked, held = story.ask(a.SetOneFlag("canary", 10, "10", "too much"), BOB)
    assert held == e.HoldBegan("canary goes back to 10", "rollback")
    assert asked == e.FlagAsked(4, "canary", 10, 50, "restore", reason="too much")
    assert story.service["canary"] == 10
    story.misbehaves["canary"] = "mismatch"
    story.roll_back()
    assert "A rollback is running" in story.refused(a.SetOneFlag("canary", 50, "50", "x"))


def test_a_forward_answer_that_comes_late_says_nothing_of_the_flag() -> None:
    """A write that a rollback has overtaken may answer `verified` afterwards: the flag is as the rollback left it."""
    story = signed_ten().tick_off(STILL)
    story.happened(e.FlagAsked(2, "canary", 50, 10, "forward", HALF))
    story.happened(e.RollbackConfirmed(1, "Back", (e.Move("canary", 0),)))
    story.roll_on()
    story.happened(e.FlagAnswered(2, "verified", 50))
    assert (story.state.flag("canary").expected, story.state.flag("canary").seen) == (0, 0)
    assert story.read().state.flag("canary").drift is None


# ---------------------------------------------------------------- ready or not


def ready(story: Story) -> tuple[bool, str]:
    tick, taken = (story.last.tick, story.last.at) if story.last else (None, None)
    return readiness(story.state, story.now, tick, taken)


def test_ready_by_the_last_read_of_all_its_flags() -> None:
    """The journal notes only what is new; the tick knows of every read."""
    story = prepared()
    assert ready(story) == (True, "")
    assert readiness(story.state, story.now) == (False, "its flags were read 10m ago")


def test_not_ready_when_the_last_read_is_old() -> None:
    """More than ninety seconds without a read say nothing about writing now."""
    story = prepared().later(90)
    assert ready(story) == (True, "")
    assert ready(story.later(1)) == (False, "its flags were read 1m31s ago")


def test_not_ready_when_a_flag_cannot_be_read_or_was_not() -> None:
    """The reason is named, flag by flag."""
    story = prepared().read(readonly=None)
    assert ready(story) == (False, "readonly: connection refused")
    fresh = Story.__new__(Story)
    fresh.__dict__ = {**story.__dict__, "state": type(story.state)(run=story.state.run, runbook=story.state.runbook)}
    assert ready(fresh) == (False, "brain not read yet")


def test_by_hand_and_without_a_rollback() -> None:
    """No flag to write: by hand. No rollback in the runbook: not ready, and why. Never read back: nobody can say."""
    assert ready(Story(NIGHT[: NIGHT.index("[rollback]")])) == (False, "no rollback in the runbook")
    by_hand = NIGHT.replace("set = { brain = false, canary = 0 }, parallel = true", 'command = "x"')
    assert ready(Story(by_hand.replace("set = { readonly = true }", 'command = "y"'))) == (True, "by hand")
    blind = Story(NIGHT.replace('target = "production"', 'target = "production"\nread_path = ""'))
    assert ready(blind) == (True, "never read back")


def test_every_way_back_names_the_points_of_no_return_that_were_passed() -> None:
    """A rollback by hand goes past them, and says what no flag brings back; before that it is silent."""
    book = NIGHT.replace('"Team ready"', '{ action = "Merge the DNS patch", point_of_no_return = true }')
    story = Story(book)
    assert option_plan(story.state, story.state.runbook.option("")).loses == ""
    story.happened(e.StepResolved("prepare/merge-the-dns-patch", "passed"))
    plan = option_plan(story.state, story.state.runbook.option(""))
    assert plan.loses == "'Merge the DNS patch', past its point of no return"
