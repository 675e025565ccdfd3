"""The facts about messages, folded."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.state.draft import Draft, put, without
from pags_tui.core.state.parts import Message


def fold_messages(draft: Draft, event: e.Event, fact: e.MessageFact) -> None:
    """Messages to people."""
    match fact:
        case e.MessageDrafted():
            message = Message(fact.message, fact.comms, fact.cause, event.at)
            draft.messages = put(draft.messages, fact.message, message)
        case e.MessageAsked():
            old = draft.messages.get(fact.message, Message(fact.message, fact.comms, "", None))
            draft.messages = put(draft.messages, fact.message, replace(old, text=fact.text, asked=event.at))
        case e.MessageSent():
            old = draft.messages.get(fact.message, Message(fact.message, "", "", None))
            sent = replace(old, result=fact.result, detail=fact.detail, at=event.at)
            draft.messages = put(draft.messages, fact.message, sent)
            went_out = fact.result in ("sent", "copied")
            draft.snoozed = without(draft.snoozed, old.comms) if went_out else draft.snoozed
        case e.MessageSnoozed():
            draft.snoozed = put(draft.snoozed, fact.comms, fact.until)
        case e.Notified():
            return
        case _:
            assert_never(fact)
