"""The run itself: amended, stopped, ended; asks as they travel; facts as they are written."""

from __future__ import annotations

import hashlib

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.errors import JournalError, Refused, RunbookError
from pags_tui.core.events import decode, encode
from tests.core.stories import BOB, NIGHT, TENTH, Story, at_fifty, at_ten, prepared

FIXED = NIGHT.replace('query = "queue"', 'query = "max(queue)"')


def amend(text: str, typed: str = "amend") -> a.Amend:
    return a.Amend(text, hashlib.sha256(text.encode()).hexdigest(), typed)


def test_an_amendment_is_typed_by_the_lead_for_the_text_that_was_shown() -> None:
    """A word, the lead, and the very text of the difference."""
    story = at_ten()
    assert story.refused(amend(FIXED), BOB).startswith("Only the lead (ana) may amend")
    assert story.refused(amend(FIXED, "yes")) == "Type amend to confirm; 'yes' changes nothing."
    assert "changed after the difference was shown" in story.refused(a.Amend(FIXED, "0" * 64, "amend"))
    [fact] = story.ask(amend(FIXED))
    assert fact == e.RunbookAmended(FIXED, hashlib.sha256(FIXED.encode()).hexdigest())
    assert story.state.runbook.metrics["queue"].query == "max(queue)"


def test_an_amendment_alters_nothing_signed_or_done() -> None:
    """Outcomes and evidence stay as they were; a runbook without what has begun is refused by name."""
    story = at_ten()
    before = story.state.steps
    story.ask(amend(FIXED))
    assert story.state.steps == before
    assert "ten/errors-low" in story.refused(amend(NIGHT.replace('"Errors low"', '"Errors very low"')))
    story = at_ten().ticks(65, errors=0.02)
    assert "errors" in story.refused(amend(NIGHT.replace("[triggers.errors]", "[triggers.mistakes]")))
    with pytest.raises(RunbookError):
        at_ten().ask(amend("nonsense"))


def test_an_amendment_keeps_phases_and_flags_that_the_story_names() -> None:
    """An entered phase and a changed flag may not vanish."""
    story = Story().time_passes()
    assert story.refused(amend(NIGHT.replace('id = "prepare"', 'id = "ready"'))) == (
        "The amended runbook drops what this run has begun: prepare. Put it back."
    )
    story = Story().happened(e.FlagAsked(1, "readonly", True, False, "restore"))
    without = NIGHT.replace('[flags.readonly]\ntype = "boolean"\n', "")
    without = without.replace('  { action = "Read only", set = { readonly = true } },\n', "")
    assert "drops what this run has begun: readonly" in story.refused(amend(without))


def test_an_amendment_keeps_the_services_that_the_guard_holds() -> None:
    """Another target, service or id in the file would not be what the living guard writes to: it is refused."""
    story = at_ten()
    before = story.state.runbook
    assert "changes the runbook's id" in story.refused(amend(FIXED.replace(f'id = "{before.id}"', 'id = "other"', 1)))
    moved = FIXED + '\n[services.webhooks]\nelsewhere = "${ELSEWHERE}"\n'
    assert "changes [services]" in story.refused(amend(moved))
    assert story.state.runbook == before


def test_the_guard_stops_when_asked_but_not_during_a_rollback() -> None:
    """A standing order is finished first."""
    assert prepared().ask(a.StopGuard(), BOB) == (e.GuardStopped("stopped by bob"),)
    story = at_fifty()
    story.misbehaves["canary"] = "mismatch"
    story.roll_back()
    assert "the guard ends when it is finished" in story.refused(a.StopGuard())
    assert "End the run when it is finished" in story.refused(a.EndRun("abandoned"))


def test_follow_ups_are_worked_off_in_a_closed_run_and_nothing_else() -> None:
    """Ticked and opened again behind its end; a step of a phase stays as it was."""
    story = prepared()
    item = story.state.runbook.follow_up_steps[0].id
    story.ask(a.EndRun("abandoned"))
    assert story.ask(a.Resolve(item, "skipped", "not tonight")) == (e.StepResolved(item, "skipped", "not tonight"),)
    assert story.ask(a.Reopen(item)) == (e.StepReopened(item),)
    assert story.refused(a.Resolve(TENTH, "skipped", "no")).startswith("The run was closed as abandoned.")
    assert story.state.ended == "abandoned"


def test_reading_the_flags_is_no_event() -> None:
    """A read tells only what is new."""
    assert prepared().ask(a.ReadFlags(), BOB) == ()


def test_a_read_back_needs_a_read() -> None:
    """A change whose flag cannot be read stays owed."""
    story = prepared()
    story.misbehaves["canary"] = "unknown"
    story.set(TENTH)
    del story.service["canary"]
    assert story.refused(a.ReadBack(1)) == "canary cannot be read (not asked). Try again, or decide."
    story.service["canary"] = 5
    assert story.ask(a.ReadBack(1)) == (e.FlagAnswered(1, "mismatch", 5, "the service says 5, not 10"),)
    story.service["canary"] = "10"
    assert story.ask(a.ReadBack(1)) == (e.FlagAnswered(1, "mismatch", "10", 'the service says "10", not 10'),)


@pytest.mark.parametrize("ask", [a.HoldClock("x"), a.RollBack("rollback", (e.Move("canary", 0),)), a.Begin("ten/x")])
def test_asks_travel_as_json(ask: a.Ask) -> None:
    """What was asked comes out as it went in."""
    assert a.decode_ask(*a.encode_ask(ask)) == ask


def test_an_ask_of_another_version_is_refused_with_a_sentence() -> None:
    """Unknown, or of another shape."""
    with pytest.raises(Refused, match="does not know 'dance'"):
        a.decode_ask("dance", "{}")
    with pytest.raises(Refused, match="another shape"):
        a.decode_ask("resume", '{"reason": 1}')


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_flag_value_that_is_no_number_is_not_journaled(value: float) -> None:
    """JSON has no NaN and no infinity: nothing may come back as another value than it went in."""
    facts = (
        e.FlagSeen("canary", value),
        e.FlagAsked(1, "canary", value, 0, "forward"),
        e.FlagAnswered(1, "mismatch", value),
        e.DriftFound("canary", 1, value),
        e.RollbackConfirmed(1, "Back", (e.Move("canary", value),)),
    )
    for fact in facts:
        with pytest.raises(JournalError, match="no finite number"):
            encode(fact)
    assert decode(*encode(e.GateChanged("g", "fail", value, "", ""))).value is not None  # type: ignore[union-attr]


def test_half_a_character_is_not_journaled() -> None:
    """A lone surrogate is a plain sentence, not a fault of the program."""
    with pytest.raises(JournalError, match="holds what is no text"):
        encode(e.NoteAdded("a\udc80"))


def test_a_fact_of_another_version_is_said_so() -> None:
    """Unknown, or of another shape."""
    with pytest.raises(JournalError, match="does not know"):
        decode("moon-landed", "{}")
    with pytest.raises(JournalError, match="1 fields are wrong"):
        decode("note-added", "{}")
