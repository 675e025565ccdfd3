"""Messages that draft themselves: when, why, once; put off once; and what nobody knows is not sent again."""

from __future__ import annotations

import pytest

from pags_tui.comms import template_values
from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.messages import drafts_due, unanswered_messages
from pags_tui.core.events import GUARD
from pags_tui.core.plan.messages import next_due, seconds_to_next, unresolved
from pags_tui.core.state import fold
from tests.core.stories import NIGHT, Story, moment

COMMS = (
    NIGHT
    + """
[comms.updates]
title = "Updates"
every = "30m"
during = "ten..all"
template = "hello"
[comms.escalation]
title = "Escalation"
on = ["rollback", "major-issue"]
template = "help"
"""
)


def begun() -> Story:
    """T+0: the first of the phases in which updates are due was entered."""
    return Story(COMMS, t="T+0").happened(e.PhaseEntered("prepare"), e.PhaseEntered("ten"))


def drafted(story: Story) -> list[tuple[str, str]]:
    """What drafts itself now; it has happened then."""
    facts = drafts_due(story.view(GUARD))
    if facts:
        story.happened(*facts)
    return [(fact.comms, fact.cause) for fact in facts if isinstance(fact, e.MessageDrafted)]


def send(story: Story, number: int, text: str = "all is well") -> None:
    """A person sends that draft, and it goes out."""
    story.ask(a.SendMessage(story.state.messages[number].comms, text, number))
    story.happened(e.MessageSent(number, "sent"))


def test_a_periodic_message_counts_from_the_one_before_it() -> None:
    """First from the beginning of its phases; then from the last one sent, however late that was."""
    story = begun().wait("T+29m")
    assert drafted(story) == []
    assert seconds_to_next(story.state, story.now) == 60.0
    assert drafted(story.wait("T+30m")) == [("updates", "30m since the cutover began")]
    assert drafted(story.wait("T+38m")) == []
    send(story, 1)
    assert drafted(story.wait("T+67m")) == []
    assert drafted(story.wait("T+68m")) == [("updates", "30m since the last one")]


def test_a_draft_that_nobody_sends_stays_the_only_one() -> None:
    """It is overdue, not doubled."""
    story = begun().wait("T+30m")
    drafted(story)
    assert drafted(story.wait("T+95m")) == []
    assert len(story.state.messages) == 1


def test_a_hold_a_breach_and_a_rollback_make_it_due_at_once() -> None:
    """Each of them alone, after the last one that went out."""
    held = begun().wait("T+5m")
    held.ask(a.HoldClock("the queue grows"))
    assert drafted(held) == [("updates", "T is held: the queue grows")]
    breach = begun().wait("T+5m").happened(e.TriggerFired("queue", "ask", 900.0, "900 > 800"))
    assert drafted(breach) == [("updates", "breach: Queue above 800 for a minute")]
    back = begun().wait("T+5m").happened(e.RollbackConfirmed(1, "Back", (), "queue"))
    assert dict(drafted(back)) == {"updates": "rollback: queue", "escalation": "rollback: queue"}


def test_what_was_told_is_not_told_again() -> None:
    """A hold before the last message that went out is no news; T runs again, and the half hour counts from that one."""
    story = begun().wait("T+5m")
    story.ask(a.HoldClock("wait"))
    drafted(story)
    send(story.later(60), 1)
    story.ask(a.Resume("go on"))
    assert drafted(story.later(60)) == []
    assert next_due(story.state, story.state.runbook.comms["updates"]).at == moment("T+36m")


def test_a_trigger_that_is_not_armed_calls_nobody() -> None:
    """It would fire: the log has it, people are not told."""
    story = begun().wait("T+5m").happened(e.TriggerFired("queue", None, 900.0, "900 > 800"))
    assert drafted(story) == []


def test_not_before_its_phases_nor_after_them() -> None:
    """Before the first is entered it is not due; from the phase after the last one on it is over."""
    before = Story(COMMS, t="T-10m").happened(e.PhaseEntered("prepare"))
    before.ask(a.HoldClock("early"))
    assert drafted(before) == []
    after = begun().happened(e.PhaseEntered("fifty"), e.PhaseEntered("all")).wait("T+59m")
    assert drafted(after) == [("updates", "30m since the cutover began")]
    send(after, 1)
    assert drafted(after.wait("T+95m").happened(e.PhaseEntered("last"))) == []
    assert drafted(after.happened(e.RollbackConfirmed(1, "Back", (), "late"))) != []


def test_nothing_drafts_itself_once_the_run_is_closed() -> None:
    """The run is over: nobody has to write any more."""
    story = begun().wait("T+40m").happened(e.RunEnded("abandoned", ""))
    assert drafted(story) == []


def test_an_escalation_drafts_itself_for_each_rollback_and_each_major_issue() -> None:
    """Once each; a minor issue calls nobody; while one waits there is no second."""
    story = begun()
    story.ask(a.OpenIssue("minor", "slow"))
    assert drafted(story) == []
    story.later(5).ask(a.OpenIssue("major", "login fails"))
    assert drafted(story) == [("escalation", "major issue: login fails")]
    assert drafted(story.later(5)) == []
    send(story, 1)
    story.later(5).ask(a.OpenIssue("major", "so does logout"))
    assert drafted(story) == [("escalation", "major issue: so does logout")]


def test_put_off_once_between_two_that_went_out() -> None:
    """By at most a quarter of an hour; the next one may be put off again."""
    story = begun().wait("T+30m")
    assert story.refused(a.SnoozeMessage("updates", 901)) == "A message can be put off by at most 15 minutes."
    story.ask(a.SnoozeMessage("updates", 900))
    assert drafted(story.wait("T+44m")) == []
    assert drafted(story.wait("T+45m")) == [("updates", "30m since the cutover began")]
    assert story.refused(a.SnoozeMessage("updates", 60)) == "It was put off once already. Send it, or copy it."
    send(story, 1)
    story.ask(a.SnoozeMessage("updates", 60))


def test_what_nobody_knows_is_decided_by_a_person() -> None:
    """In doubt: no second attempt, no new draft; arrived counts as sent, lost may be sent again."""
    story = begun().wait("T+30m")
    drafted(story)
    story.ask(a.SendMessage("updates", "all is well", 1))
    story.happened(e.MessageSent(1, "unknown", "no answer within 10 s"))
    assert "Nobody knows whether it arrived" in story.refused(a.SendMessage("updates", "all is well", 1))
    assert drafted(story.wait("T+65m")) == []
    assert story.ask(a.SettleMessage(1, arrived=False)) == (e.MessageSent(1, "failed", "it did not arrive"),)
    assert story.ask(a.SettleMessage(1, arrived=False)) == ()
    assert story.ask(a.SendMessage("updates", "all is well", 1)) == (e.MessageAsked(1, "updates", "all is well"),)
    story.happened(e.MessageSent(1, "unknown", "cut"))
    story.ask(a.SettleMessage(1, arrived=True))
    assert next_due(story.state, story.state.runbook.comms["updates"]).at == moment("T+95m")


def test_a_guard_that_died_while_sending_leaves_doubt() -> None:
    """Asked and never answered: unknown, as with a flag."""
    story = begun()
    story.ask(a.SendMessage("updates", "all is well"))
    assert unanswered_messages(story.state) == (e.MessageSent(1, "unknown", "the guard died before the answer came"),)
    story.happened(e.MessageSent(1, "sent"))
    assert unanswered_messages(story.state) == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Problem: {{ problem }}", "{{ problem }}"),
        ("Status: [On Track/Issue/Resolved]", "[On Track/Issue/Resolved]"),
        ("Impact: [User impact]", "[User impact]"),
        ("Error rate X.X%", "X.X%"),
        ("latency XXXms", "XXXms"),
        ("PAGS Cutover Update [T+22m], 5% of XL pages, see [1]", ""),
    ],
)
def test_a_placeholder_is_found(text: str, left: str) -> None:
    """What a template or a document leaves to be written; a T in brackets is none."""
    assert unresolved(text) == left


def test_a_message_with_a_placeholder_does_not_go_out() -> None:
    """Neither by webhook nor as copied."""
    story = begun()
    for copied in (False, True):
        said = story.refused(a.SendMessage("updates", "ETA: [Resolution time]", copied=copied))
        assert said == "'[Resolution time]' is still to be filled in: edit the text (tab), then send it."


def values(story: Story) -> tuple[object, object]:
    """Status and issues of an update drafted now."""
    found = template_values(story.state, story.last, story.now, {}, "updates")
    return found["status"], found["issues"]


def test_the_draft_tells_what_happened_since_the_last_one() -> None:
    """On Track, Issue while T is held, Resolved in the next one, and On Track again after that."""
    story = begun()
    assert values(story) == ("On Track", "")
    story.wait("T+5m").ask(a.HoldClock("the queue grows"))
    assert values(story) == ("Issue", "T is held since 22:05: the queue grows")
    story.ask(a.SendMessage("updates", "we hold"))
    story.happened(e.MessageSent(1, "sent"))
    story.wait("T+9m").ask(a.Resume("drained"))
    assert values(story) == ("Resolved", "T was held 22:05-22:09: the queue grows")
    story.ask(a.SendMessage("updates", "on we go"))
    story.happened(e.MessageSent(2, "sent"))
    assert values(story.later(60)) == ("On Track", "")


def test_a_rollback_is_an_issue_while_it_runs_and_resolved_after() -> None:
    """With its cause and how many flags were verified."""
    story = begun().wait("T+5m").happened(e.TriggerFired("queue", "countdown", 900.0, "900 > 800"))
    story.happened(e.RollbackConfirmed(1, "Back", (), "queue"))
    fired = "Queue above 800 for a minute (fired 22:05)"
    assert values(story) == ("Issue", f"{fired}; rolling back since 22:05: queue")
    story.later(60).happened(e.RollbackFinished(1, 0, 0))
    assert values(story) == ("Resolved", f"{fired}; rolled back 22:06, 0 of 0 verified: queue")


def test_holds_that_are_over_are_kept() -> None:
    """Each with its end; the fold of the whole equals that of its halves."""
    story = begun().wait("T+5m")
    story.ask(a.HoldClock("one"))
    story.later(60).ask(a.Resume("on"))
    assert [(hold.reason, end) for hold, end in story.state.past_holds] == [("one", moment("T+6m"))]
    assert fold(story.events[3:], fold(story.events[:3])) == story.state
