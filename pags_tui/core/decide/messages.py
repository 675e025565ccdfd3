"""Asks about messages to people, and those that draft themselves. Facts out; nothing is sent here."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.view import View
from pags_tui.core.errors import Refused
from pags_tui.core.events import Fact
from pags_tui.core.plan.messages import to_draft, unresolved
from pags_tui.core.state import Message, RunState

LONGEST_SNOOZE = timedelta(minutes=15)


def drafts_due(view: View) -> tuple[Fact, ...]:
    """Messages that want to go out by now; a person completes and sends each."""
    first = len(view.state.messages) + 1
    due = to_draft(view.state, view.now)
    return tuple(e.MessageDrafted(first + n, comms, cause) for n, (comms, cause) in enumerate(due))


def unanswered_messages(state: RunState) -> tuple[Fact, ...]:
    """Of what a guard that died was sending nobody knows whether it arrived. It is not sent again by itself."""
    asked = (m.number for m in state.messages.values() if m.asked is not None and not m.result)
    return tuple(e.MessageSent(number, "unknown", "the guard died before the answer came") for number in asked)


def decide_messages(ask: a.MessageAsk, view: View) -> tuple[Fact, ...]:
    """The facts that the ask leads to. Raises Refused with the next move."""
    if isinstance(ask, a.SettleMessage):
        return _settle(ask, view.state)
    if ask.comms not in view.state.runbook.comms:
        raise Refused(f"There is no message '{ask.comms}' in this runbook.")
    match ask:
        case a.DraftMessage():
            cause = f"asked for by {view.by.shown}"
            return (e.MessageDrafted(len(view.state.messages) + 1, ask.comms, cause),)
        case a.SendMessage():
            return _send(ask, view.state)
        case a.SnoozeMessage():
            return _snooze(ask, view)
        case _:
            assert_never(ask)


def _send(ask: a.SendMessage, state: RunState) -> tuple[Fact, ...]:
    """One attempt, by a person. What went out, or may have, does not go out again."""
    if not ask.text.strip():
        raise Refused("The message is empty.")
    if left := unresolved(ask.text):
        raise Refused(f"'{left}' is still to be filled in: edit the text (tab), then send it.")
    number = ask.message or len(state.messages) + 1
    known = state.messages.get(number)
    if known is not None and known.result == "unknown":
        raise Refused("Nobody knows whether it arrived. Look where it should be, then say: arrived, or lost.")
    if _went_out(known):
        return ()
    asked = e.MessageAsked(number, ask.comms, ask.text)
    return (asked, e.MessageSent(number, "copied")) if ask.copied else (asked,)


def _went_out(message: Message | None) -> bool:
    """It was sent or copied, or is on its way; only what failed goes out again."""
    return message is not None and message.asked is not None and message.result != "failed"


def _settle(ask: a.SettleMessage, state: RunState) -> tuple[Fact, ...]:
    """Somebody looked whether it arrived."""
    known = state.messages.get(ask.message)
    if known is None or known.result != "unknown":
        return ()
    if ask.arrived:
        return (e.MessageSent(ask.message, "sent", "seen where it was to arrive"),)
    return (e.MessageSent(ask.message, "failed", "it did not arrive"),)


def _snooze(ask: a.SnoozeMessage, view: View) -> tuple[Fact, ...]:
    """Once between two that went out, and not for long."""
    if not 0 < ask.seconds <= LONGEST_SNOOZE.total_seconds():
        raise Refused("A message can be put off by at most 15 minutes.")
    if ask.comms in view.state.snoozed:
        raise Refused("It was put off once already. Send it, or copy it.")
    return (e.MessageSnoozed(ask.comms, view.now + timedelta(seconds=ask.seconds)),)
