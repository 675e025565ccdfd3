"""What happened besides decisions: flag changes, rollbacks, messages, notes, issues, polls, amendments."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from pags_tui.core import events as e
from pags_tui.core.plan.confirmed import last_write
from pags_tui.core.state import Change, Rollback, RunState, fold
from pags_tui.report.shapes import (
    Amendment,
    ChangeLine,
    DriftLine,
    IssueLine,
    MessageLine,
    NoteLine,
    NoticeLine,
    PollAnswer,
    PollLine,
    RollbackFlag,
    RollbackLine,
)
from pags_tui.report.telling import Told, seconds


def changes(told: Told) -> tuple[ChangeLine, ...]:
    """Every flag write, in the order in which they were asked."""
    return tuple(_change(told, change) for change in told.state.changes.values())


def _change(told: Told, change: Change) -> ChangeLine:
    flag = told.book.flags.get(change.flag)
    return ChangeLine(
        number=change.number,
        flag=change.flag,
        env=(flag.env or "") if flag else "",
        before=change.before,
        value=change.value,
        purpose=change.purpose,
        step=told.step_text(change.step) if change.step else "",
        rollback=change.rollback,
        by=change.by.shown,
        reason=change.reason,
        asked=told.when(change.at),
        result=change.result or "no answer",
        found=change.found,
        answered=told.maybe(change.answered),
        took=seconds(change.at, change.answered),
        settled=change.settled,
        detail=change.detail,
        curl=change.curl,
    )


def drift(told: Told) -> tuple[DriftLine, ...]:
    """Flags that somebody else changed, and what became of each."""
    state = RunState()
    standing: dict[str, int] = {}
    ended: dict[int, e.Event] = {}
    for event in told.events:
        state = fold((event,), state)
        if isinstance(event.fact, e.DriftFound):
            standing[event.fact.flag] = event.seq
        for key in [key for key in standing if state.flag(key).drift is None]:
            ended[standing.pop(key)] = event
    return tuple(_drift(told, event, fact, ended.get(event.seq)) for event, fact in told.of(e.DriftFound))


def _drift(told: Told, event: e.Event, fact: e.DriftFound, end: e.Event | None) -> DriftLine:
    how, reason, by = "", "", ""
    match end.fact if end else None:
        case e.DriftAccepted(reason=reason):
            how, by = "accepted", end.by.shown if end else ""
        case e.FlagSeen():
            how = "back at what it should be"
        case None:
            pass
        case _:
            how = "set by this run"
    ended = told.when(end.at) if end else None
    return DriftLine(fact.flag, fact.expected, fact.found, told.when(event.at), ended, how, by, reason)


def rollbacks(told: Told) -> tuple[RollbackLine, ...]:
    """Every rollback, with each of its flags."""
    return tuple(_rollback(told, rollback) for rollback in told.state.rollbacks)


def _rollback(told: Told, one: Rollback) -> RollbackLine:
    flags = tuple(_rolled(told, one, flag) for flag in dict.fromkeys(move.flag for move in one.moves))
    return RollbackLine(
        number=one.number,
        title=one.title,
        cause=one.cause,
        by=one.by.shown,
        confirmed=told.when(one.at),
        finished=told.maybe(one.finished),
        verified=one.verified if one.finished else sum(flag.result == "verified" for flag in flags),
        of=len(one.moves),
        took=seconds(one.at, one.finished),
        flags=flags,
    )


def _rolled(told: Told, rollback: Rollback, flag: str) -> RollbackFlag:
    value = next(move.value for move in reversed(rollback.moves) if move.flag == flag)
    mine = [c for c in told.state.changes.values() if c.rollback == rollback.number and c.flag == flag]
    last = last_write(told.state, rollback, flag)
    if last is None:
        return RollbackFlag(flag, None, value, "not tried", None, 0, None, "")
    took = seconds(rollback.at, last.answered)
    before = mine[0].before if mine else last.before  # a rollback that this one took over had set it
    return RollbackFlag(flag, before, value, last.result or "no answer", last.found, len(mine), took, last.curl)


def messages(told: Told) -> tuple[MessageLine, ...]:
    """Every message that was drafted or sent by a person."""
    asked = {fact.message: event for event, fact in told.of(e.MessageAsked)}
    found = []
    for message in told.state.messages.values():
        known, by = told.book.comms.get(message.comms), asked.get(message.number)
        at = message.at or message.asked or message.drafted or told.start
        result = message.result or ("no answer" if message.asked else "drafted")
        channel = (known.channel or ", ".join(known.to)) if known else ""
        title = known.title if known else message.comms
        who = by.by.shown if by else ""
        found.append(
            MessageLine(
                message.number, title, channel, message.cause, message.text, who, told.when(at), result, message.detail
            )
        )
    return tuple(found)


def notices(told: Told) -> tuple[NoticeLine, ...]:
    """Lines and pages that went out by themselves."""
    return tuple(NoticeLine(told.when(event.at), f.to, f.text, f.failed) for event, f in told.of(e.Notified))


def notes(told: Told) -> tuple[NoteLine, ...]:
    """What was written down."""
    return tuple(
        NoteLine(told.when(n.at), n.happened, n.by.shown, told.step_text(n.step) if n.step else "", n.text)
        for n in told.state.notes
    )


def issues(told: Told) -> tuple[IssueLine, ...]:
    """What was wrong, and how it was closed."""
    closing = {fact.issue: fact.text for _, fact in told.of(e.IssueClosed)}
    return tuple(
        IssueLine(
            one.number, one.severity, one.text, one.by.shown, told.when(one.at), told.maybe(one.closed),
            closing.get(one.number, ""), seconds(one.at, one.closed),
        )
        for one in told.state.issues
    )  # fmt: skip


def polls(told: Told) -> tuple[PollLine, ...]:
    """Go/no-go polls, with the roles that did not answer."""
    found = []
    for poll in told.state.polls:
        answers = tuple(
            PollAnswer(told.role_title(role), answer, by.shown, at, voiced)  # type: ignore[arg-type]  # go or no-go
            for role, (answer, by, at, voiced) in poll.answers.items()
        )
        missing = tuple(role.title for key, role in told.book.roles.items() if key not in poll.answers)
        found.append(PollLine(poll.number, poll.question, told.when(poll.at), poll.closed, answers, missing))
    return tuple(found)


def amendments(told: Told) -> tuple[Amendment, ...]:
    """Each time that the runbook was read anew, with its difference."""
    return tuple(_amendments(told))


def _amendments(told: Told) -> Iterator[Amendment]:
    before = told.first.text
    for event, fact in told.of(e.RunbookAmended):
        yield Amendment(told.when(event.at), event.by.shown, fact.sha256, difference(before, fact.runbook, "amended"))
        before = fact.runbook


def difference(old: str, new: str, name: str) -> str:
    """The unified difference of two texts of a runbook; empty when they are the same."""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), "runbook.toml", f"runbook.toml ({name})", lineterm=""
    )
    return "\n".join(lines)
