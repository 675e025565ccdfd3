"""What the war room says to the outside: lines and pages that go out by themselves. Makes text, sends nothing."""

from __future__ import annotations

from dataclasses import dataclass

from pags_tui.core import events as e
from pags_tui.core.conditions import show_flag_value
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import RunState


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for one webhook."""

    webhook: str
    text: str


def notices(event: e.Event, state: RunState) -> tuple[Notice, ...]:
    """The lines that an event sends out by itself; `state` is the one after it."""
    book = state.runbook
    line, page = _line(event, state), _page(event)
    found = []
    if line and book.notify.events:
        found.append(Notice(book.notify.events, _headed(book, state, line)))
    if page and book.notify.page and page in book.notify.page.on:
        found.append(Notice(book.notify.page.webhook, _headed(book, state, line or page)))
    return tuple(found)


def _headed(book: Runbook, state: RunState, text: str) -> str:
    return f"[{book.title} ▸ {state.run.target if state.run else ''}] {text}"


def _page(event: e.Event) -> str:
    """The name of the happening that pages someone; empty for the others."""
    match event.fact:
        case e.CountdownBegan():
            return "countdown"
        case e.RollbackConfirmed():
            return "rollback"
        case e.SourceLost():
            return "blind"
        case e.GuardStarted(token=token) if token > 1:
            return "guard-replaced"
        case _:
            return ""


def _line(event: e.Event, state: RunState) -> str:
    """What happened, in one line; empty for what nobody outside asked to hear."""
    who, book = event.by.shown, state.runbook
    match event.fact:
        case e.Signed(phase=phase, role=role, name=name):
            return f"{book.phase(phase).title}: checkpoint signed by {name} ({role})"
        case e.FlagAnswered(change=number, result=result):
            change = state.changes[number]
            return f"{change.flag} → {show_flag_value(change.value)}: {result}"
        case e.HoldBegan(reason=reason):
            return f"T is held by {who}{': ' + reason if reason else ''}"
        case e.Resumed():
            return f"T runs again ({who})"
        case e.TriggerFired(trigger=trigger, reason=reason):
            return f"trigger fired: {book.triggers[trigger].title} ({reason})"
        case e.CountdownBegan(ends=ends):
            return f"rollback at {ends:%H:%M:%S} UTC unless vetoed"
        case e.Vetoed(reason=reason):
            return f"vetoed by {who}: {reason}"
        case e.RollbackConfirmed(title=title, cause=cause):
            return f"ROLLING BACK ({title}){': ' + cause if cause else ''}, by {who}"
        case e.RollbackFinished(verified=verified, of=of):
            return f"rolled back: {verified} of {of} verified"
        case e.SourceLost(source=source, reason=reason):
            return f"{source} does not answer: {reason}"
        case e.GuardStarted(host=host, pid=pid, token=token) if token > 1:
            return f"the guard was replaced (now {host}, process {pid})"
        case _:
            return ""
