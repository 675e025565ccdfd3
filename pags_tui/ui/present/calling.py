"""Whom the run waits for: everything now that a person should be called to the screen for. Calls nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pags_tui.core.plan import messages
from pags_tui.ui.present.words import clean
from pags_tui.ui.scene import Scene

Kind = Literal["countdown", "ask", "firing", "message"]


@dataclass(frozen=True, slots=True)
class Call:
    """One reason to call somebody, once."""

    id: str
    """The same for as long as the reason stands; another one when it comes again."""
    kind: Kind
    text: str


def calls(scene: Scene) -> tuple[Call, ...]:
    """Every reason now. A replay, and a run that has ended, call for nobody."""
    if scene.seat == "replay" or scene.state.run is None or scene.state.ended:
        return ()
    return tuple(_calls(scene))


def _calls(scene: Scene) -> Iterator[Call]:
    state, target = scene.state, clean(scene.state.runbook.target)
    if state.countdown is not None:
        why = ", ".join(map(clean, state.countdown.triggers))
        yield Call(f"countdown {state.countdown.began}", "countdown", f"{target} rolls back by itself soon: {why}")
    if state.band:
        yield Call("ask", "ask", f"{target}: roll back? {', '.join(map(clean, state.band))}")
    for trigger in state.runbook.triggers.values():
        fired = state.firing(trigger.id).fired
        if fired is not None:
            yield Call(f"firing {trigger.id} {fired}", "firing", f"{target}: fired: {clean(trigger.title)}")
    if scene.seat == "desk":
        yield from _messages(scene)


def _messages(scene: Scene) -> Iterator[Call]:
    for comms, message in scene.state.runbook.comms.items():
        draft = messages.waiting(scene.state, comms)
        if draft is not None and (draft.result or draft.asked is None):
            yield Call(f"message {draft.number}", "message", f"a message waits to be sent: {clean(message.title)}")


__all__ = ["Call", "calls"]
