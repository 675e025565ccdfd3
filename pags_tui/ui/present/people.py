"""Views for dialogs about people and messages, and the help. Nothing is rendered or sent here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pags_tui.core.errors import PagsError
from pags_tui.core.plan import messages, polls
from pags_tui.core.runbook import Message as Planned
from pags_tui.core.state import Message, Poll
from pags_tui.core.units import show_duration
from pags_tui.ui.present.views import HelpView, LeadView, MessageView, Pair, Pairs, PollRow, PollView
from pags_tui.ui.present.words import clean, hms, minutes, role_name, since, tail, who
from pags_tui.ui.rows import (
    FAIL,
    PASS,
    SETTLING,
    STALE,
    UNKNOWN,
    Fact,
    FooterKey,
    Level,
    Mark,
    Status,
)
from pags_tui.ui.scene import Scene

Render = Callable[[str, Mapping[str, str]], str]
"""Message id and typed fields to the text; raises PagsError with a plain sentence."""

LEAD_WORD = "lead"
"""What is typed to take the lead."""


def lead_view(scene: Scene) -> LeadView:
    """The lead's seat."""
    state, mine = scene.state, scene.view.is_lead
    lead = state.lead
    account = f" ({clean(lead.user)})" if lead.user and lead.user != lead.shown else ""
    facts = [
        ("lead", f"{who(lead)}{account}" if lead.shown else "nobody"),
        ("you", f"{who(scene.me)} ({clean(scene.me.user)})" if scene.me.name else who(scene.me)),
        ("the lead alone", "moves traffic, overrides, resumes, recycles, mutes; a hold or a rollback is anyone's"),
    ]
    people = [(role_name(state.runbook, role), _person(scene, role)) for role in state.runbook.roles]
    return LeadView(
        "Give the lead" if mine else "Take the lead",
        who(lead),
        mine,
        tuple(facts),
        f"Type  {LEAD_WORD}  to {'give it' if mine else 'take it'}:",
        LEAD_WORD,
        tuple(pair for pair in people if pair[1]),
    )


def _person(scene: Scene, role: str) -> str:
    return clean(scene.state.roles.get(role) or scene.state.runbook.roles[role].name)


# ---------------------------------------------------------------- messages


def message_view(scene: Scene, comms: str, render: Render, fields: Mapping[str, str] | None = None) -> MessageView:
    """A message, drafted by `render`. KeyError for an unknown one."""
    known, typed = scene.state.runbook.comms[comms], fields or {}
    old = messages.waiting(scene.state, comms)
    as_it_was = old is not None and bool(old.text)
    text, problem = (old.text, "") if old and as_it_was else _drafted(comms, render, known, typed)
    return MessageView(
        comms,
        old.number if old else 0,
        clean(known.title),
        _message_facts(scene, known, old),
        () if as_it_was else tuple((clean(name), clean(typed.get(name, ""))) for name in known.fields),
        "\n".join(clean(line) for line in text.splitlines()),
        known.webhook is not None,
        problem,
        old is not None and old.result == "unknown",
    )


def _drafted(comms: str, render: Render, known: Planned, typed: Mapping[str, str]) -> tuple[str, str]:
    """The text, or why there is none."""
    try:
        return render(comms, {name: typed.get(name, "") for name in known.fields}), ""
    except PagsError as error:
        return "", clean(str(error))


def message_note(scene: Scene, comms: str) -> str:
    """How that message stands, in a few words: `due in 07:19`, `drafted: rollback`."""
    old, due = messages.waiting(scene.state, comms), messages.next_due(scene.state, scene.state.runbook.comms[comms])
    if old is not None and old.asked is not None:
        return {"failed": "NOT sent", "unknown": "IN DOUBT"}.get(old.result, "goes out now")
    left = _left(None if due is None else -since(due.at, scene.now))
    late = f"due {left}" if left.startswith("in") else left
    drafted = f"drafted{tail(clean(old.cause))}" if old else ""
    return ", ".join(filter(None, (late, drafted)))


def _left(left: float | None) -> str:
    return "" if left is None else f"in {minutes(left)}" if left > 0 else f"OVERDUE {minutes(left)}"


def _message_facts(scene: Scene, message: Planned, old: Message | None) -> Pairs:
    state = scene.state
    due, last = messages.next_due(state, message), messages.last_sent(state, message.id)
    left = None if due is None else -since(due.at, scene.now)
    pairs: list[Pair] = [
        ("channel", clean(message.channel or "")),
        ("to", clean(", ".join(message.to))),
        ("goes out", f"by webhook {clean(message.webhook)}" if message.webhook else "by hand: copy it"),
        ("because", clean(old.cause) if old else ""),
        ("due", _left(left)),
        ("why", clean(old.detail) if old else ""),
        ("every", show_duration(message.every) if message.every else ""),
        ("next because", clean(due.cause) if due and not old else ""),
        ("last one out", hms(last, state.runbook) if last else ""),
    ]
    if message.id in state.snoozed:
        pairs.append(("put off until", hms(state.snoozed[message.id], state.runbook)))
    return tuple(pair for pair in pairs if pair[1])


# ---------------------------------------------------------------- polls

GO = Status(Mark.PASS, "go", Level.OK)
NO_GO = Status(Mark.FAIL, "NO-GO", Level.BAD)
WAITING = Status(Mark.FUTURE, "no answer", Level.MUTED)


def poll_view(scene: Scene) -> PollView:
    """The last poll, with every role."""
    poll = scene.state.polls[-1] if scene.state.polls else None
    roles = polls.asked(scene.state)
    rows = tuple(_poll_row(scene, poll, role) for role in roles)
    if poll is None:
        return PollView(0, "", False, rows, ())
    said = [sum(row.status is status for row in rows) for status in (GO, NO_GO, WAITING)]
    counts = (
        Fact(f"{said[0]} go", Level.OK if said[0] else Level.MUTED),
        Fact(f"{said[1]} NO-GO", Level.BAD if said[1] else Level.MUTED),
        Fact(f"{said[2]} open", Level.WARN if said[2] and not poll.closed else Level.MUTED),
    )
    return PollView(poll.number, clean(poll.question), not poll.closed, rows, counts)


def _poll_row(scene: Scene, poll: Poll | None, role: str) -> PollRow:
    title = role_name(scene.state.runbook, role)
    name = _person(scene, role) if role in scene.state.runbook.roles else who(scene.state.lead)
    answer = poll.answers.get(role) if poll else None
    if answer is None:
        return PollRow(role, title, name, "", WAITING)
    word, by, at, voiced = answer
    when = hms(at, scene.state.runbook)
    note = f"said aloud, recorded by {who(by)} {when}" if voiced else f"{who(by)} {when}"
    return PollRow(role, title, name, word, GO if word == "go" else NO_GO, note)


# ---------------------------------------------------------------- help

MARKS: tuple[tuple[Status, str], ...] = (
    (PASS, "proven: three good ticks in a row, and its time"),
    (FAIL, "bad now"),
    (UNKNOWN, "nobody knows: no data, NaN, little traffic, a series missing"),
    (STALE, "the last answer is too old"),
    (SETTLING, "good, but not for long enough yet"),
    (Status(Mark.CURRENT, "now"), "the present phase"),
    (Status(Mark.FUTURE, "to come", Level.MUTED), "not begun"),
    (Status(Mark.CHECKPOINT, "checkpoint"), "somebody signs here"),
    (Status(Mark.ALARM, "pending, FIRING", Level.BAD), "a trigger's clock runs, or has run out"),
)

HERE: Mapping[str, tuple[str, ...]] = {
    "timeline": ("Phases and checkpoints with their time on T, and how late each one began.",),
    "checklist": (
        "The steps of a phase: at the left what became of each, at the right what its gate says and what its flags do.",
        "An action that moves flags ticks itself once every flag was read back.",
    ),
    "metrics": ("The worst series of each metric, its bound, and its recent course. A gap is a gap: nobody knew.",),
    "gates": (
        "The gates that count now, then the triggers with their clocks.",
        "A trigger fires when its clock is full and the tick is bad; unknown neither fires nor clears.",
    ),
    "log": ("What happened, one line an event. The journal has all of it.",),
}


def help_view(scene: Scene, where: str, keys: Iterable[FooterKey]) -> HelpView:
    """Help for where I am: `timeline`, `checklist`, `metrics`, `gates`, `log`, or the title of a dialog."""
    here = list(HERE.get(where, ()))
    if where in HERE and scene.state.run:
        here.append("No single letter changes production: a word or a value must be typed first.")
    shown = tuple((key.key, f"{key.label} (off: {key.why_not})" if key.why_not else key.label) for key in keys)
    return HelpView(f"Help: {where}", tuple(here), shown, MARKS)
