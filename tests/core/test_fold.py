"""The fold: each fact's mark on the state; pure outside, quick inside."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from types import MappingProxyType

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.errors import RunbookError
from pags_tui.core.events import FACTS, Actor, Event
from pags_tui.core.state import RunState, fold
from pags_tui.core.state.draft import Draft
from pags_tui.core.state.fold import FAMILIES
from tests.core.stories import ANA, BOB, NIGHT, READY, T0, TENTH, Story, at_fifty, prepared


def test_nothing_folded_is_the_state_as_it_was() -> None:
    """No event, no change; not even a copy."""
    state = at_fifty().state
    assert fold((), state) is state
    assert fold(()) == RunState()


def test_a_prefix_and_the_rest_are_the_whole() -> None:
    """One by one, cut anywhere or all at once: the same state."""
    story = at_fifty()
    whole = fold(story.events)
    one_by_one = RunState()
    for event in story.events:
        one_by_one = fold((event,), one_by_one)
    assert whole == one_by_one == story.state
    for cut in range(0, len(story.events), 7):
        assert fold(story.events[cut:], fold(story.events[:cut])) == whole


def test_an_earlier_state_stays_as_it_was() -> None:
    """Folding on changes nothing that somebody else still holds."""
    story = prepared()
    before, steps = story.state, dict(story.state.steps)
    story.set(TENTH).ask(a.AddNote("x"))
    assert (dict(before.steps), before.changes, before.notes) == (steps, {}, ())
    assert story.state.changes


def test_a_state_cannot_be_changed() -> None:
    """Every mapping in it refuses writes, every row is a tuple."""
    state = at_fifty().state
    for field in fields(state):
        assert not isinstance(getattr(state, field.name), dict | list), field.name
    with pytest.raises(TypeError):
        state.steps["x"] = None  # type: ignore[index]


def test_every_fact_has_its_family() -> None:
    """No class of fact is without a fold, and the draft has every field of a state."""
    assert set(FAMILIES) == set(FACTS.values())
    assert set(Draft.__annotations__) == {field.name for field in fields(RunState)}


def test_ten_thousand_events_are_one_pass() -> None:
    """The state after a long night is made once: mappings are copied once, not once an event."""
    story = prepared()
    at, first = story.now, len(story.events) + 1
    many = [Event(first + n, at, ANA, e.NoteAdded(f"note {n}", READY)) for n in range(10_000)]
    state = fold(many, story.state)
    assert (len(state.notes), state.seq) == (10_000, first + 9_999)


def test_a_runbook_that_this_version_cannot_read_is_said_so() -> None:
    """A recording whose runbook does not load is refused with the faults, not half folded."""
    started = e.RunStarted("r", "live", "nonsense", "0", "f.toml", "p", "ana", "ana", "1")
    with pytest.raises(RunbookError, match=r"f\.toml:1:"):
        fold((Event(1, T0, ANA, started),))


def test_people_and_places() -> None:
    """Lead, roles, contacts, guards."""
    story = prepared()
    story.ask(a.TakeLead(reason="ana sleeps"), BOB)
    assert story.state.lead == Actor("bob", "bob")
    assert story.ask(a.TakeLead(), BOB) == ()
    assert story.refused(a.TakeLead("Cy", "cy"), ANA).startswith("Only the lead (bob) may give the lead")
    story.ask(a.TakeLead("Ana", "ana"), BOB)
    assert (story.state.lead.user, story.state.lead.shown) == ("ana", "Ana")
    story.ask(a.NameRole("monitoring-lead", " Mo "))
    assert story.ask(a.NameRole("monitoring-lead", "Mo")) == ()
    assert story.state.roles == {"monitoring-lead": "Mo"}
    assert story.refused(a.NameRole("king", "x")) == "There is no role 'king' in this runbook."
    assert story.refused(a.NoteContact("moon", "x")) == "There is no contact 'moon' in this runbook."
    story.happened(e.GuardStarted(7, "jump", 3), e.GuardStopped("SIGTERM"))
    assert story.state.guard is not None
    assert (story.state.guard.token, story.state.guard.stopped) == (3, "SIGTERM")


def test_contacts_left_empty_are_filled_in() -> None:
    """A contact is noted once."""
    story = Story(NIGHT + '[contacts.status-page]\ntitle = "Status Page"\nvalue = ""\n')
    assert story.ask(a.NoteContact("status-page", "https://status.example"))
    assert story.ask(a.NoteContact("status-page", "https://status.example")) == ()
    assert story.state.contacts["status-page"] == "https://status.example"


def test_what_needs_no_state_leaves_none() -> None:
    """Lines that went out and ticks that were lost are history only."""
    story = prepared()
    before = story.state
    story.happened(e.Notified("war-room", "x"), e.TicksLost(60, "asleep"))
    assert (story.state.messages, story.state.lost, story.state.steps) == (before.messages, before.lost, before.steps)


def test_sources_lost_and_back() -> None:
    """A lost source is named until it is back."""
    story = prepared().happened(e.SourceLost("prometheus", "refused"))
    assert story.state.lost == {"prometheus": "refused"}
    assert story.happened(e.SourceBack("prometheus")).state.lost == {}


def test_a_hold_is_counted_and_begins_once() -> None:
    """A second hold during one changes nothing of the first."""
    story = prepared().happened(e.HoldBegan("one"), by=BOB).later(60).happened(e.HoldBegan("two"))
    assert story.state.hold is not None
    assert (story.state.hold.reason, story.state.hold.by) == ("one", BOB)
    assert story.later(60).happened(e.Resumed()).state.held == 120
    assert story.happened(e.HoldExplained("late")).state.hold is None
    assert Story(t0=False).happened(e.HoldBegan()).later(5).happened(e.Resumed()).state.clock is None


def test_messages_from_draft_to_sent() -> None:
    """Drafted, asked, sent; put off once; sent twice never."""
    story = prepared()
    story.ask(a.DraftMessage("internal"), BOB)
    assert story.refused(a.SendMessage("internal", " ", 1)) == "The message is empty."
    assert story.refused(a.DraftMessage("external")) == "There is no message 'external' in this runbook."
    assert story.ask(a.SendMessage("internal", "hello", 1)) == (e.MessageAsked(1, "internal", "hello"),)
    assert story.ask(a.SendMessage("internal", "hello", 1)) == ()
    story.happened(e.MessageSent(1, "failed", "503"))
    assert story.ask(a.SendMessage("internal", "hello", 1, copied=True))[1] == e.MessageSent(1, "copied")
    assert story.ask(a.SendMessage("internal", "hello", 1)) == ()
    assert (story.state.messages[1].result, story.state.messages[1].text) == ("copied", "hello")
    story.ask(a.SnoozeMessage("internal", 600))
    assert story.refused(a.SnoozeMessage("internal", 600)) == "It was put off once already. Send it, or copy it."
    assert story.refused(a.SnoozeMessage("internal", 6000)) == "A message can be put off by at most 15 minutes."
    story.happened(e.MessageSent(9, "sent"), e.MessageAsked(8, "internal", "old"))
    assert story.state.messages[8].text == "old"


def test_t_stands_and_runs() -> None:
    """T is read off a clock that the facts set, never off one of its own."""
    story = Story(t0=False)
    assert story.state.t(T0) is None
    story.happened(e.TZeroSet(T0))
    assert story.state.clock is not None
    assert story.state.clock.wall(60.0, T0 + timedelta(seconds=30)) == T0 + timedelta(seconds=60)


def test_the_empty_state_shares_nothing_that_can_be_written() -> None:
    """Defaults are read-only, so one state cannot leak into another."""
    assert isinstance(RunState().steps, MappingProxyType)


def test_a_step_that_the_runbook_does_not_have_is_folded_all_the_same() -> None:
    """The fold refuses nothing: of a journal whose beginning is lost, what is left is folded. (Found by fuzzing.)"""
    state = fold((Event(7, T0, ANA, e.StepResolved("nowhere/at-all", "passed", value="3")),))
    assert state.step("nowhere/at-all").outcome == "passed"
    assert not state.captures


def test_an_answer_to_a_change_that_is_lost_is_passed_over() -> None:
    """Of a damaged journal whose intents are lost, answers alone say nothing of any flag. (Found by fuzzing.)"""
    answered, settled = e.FlagAnswered(2, "verified", 10), e.FlagSettled(3, "accepted", "seen")
    state = fold((Event(7, T0, ANA, answered), Event(8, T0, ANA, settled)))
    assert not state.changes
    assert not state.flags
