"""What the war room says to the outside: lines and pages that go out by themselves. Makes text, sends nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pags_tui.core import events as e
from pags_tui.core.conditions import excess, show_flag_value
from pags_tui.core.gates import GateState
from pags_tui.core.judge import Judged
from pags_tui.core.plan.messages import happened, last_sent
from pags_tui.core.plan.progress import expected_finish, next_checkpoint
from pags_tui.core.ports import Mark
from pags_tui.core.runbook import Runbook, template_name
from pags_tui.core.state import Hold, RunState
from pags_tui.core.units import show, show_duration, show_offset

NEVER = datetime.min.replace(tzinfo=UTC)
"""Before everything that happened."""


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


MARKED: Mapping[type, str] = {
    e.TZeroSet: "t-zero", e.Signed: "sign-off", e.FlagAnswered: "flag", e.HoldBegan: "hold", e.Resumed: "hold",
    e.TriggerFired: "trigger", e.CountdownBegan: "trigger", e.Vetoed: "trigger", e.RollbackConfirmed: "rollback",
    e.RollbackFinished: "rollback", e.OverrideGiven: "override", e.RunEnded: "end",
}  # fmt: skip
"""What is marked on graphs, and the tag that says what it is."""


def mark_of(event: e.Event, state: RunState) -> Mark | None:
    """The mark that an event makes on the graphs of others; None: it makes none. `state` is the one after it."""
    kind, run = MARKED.get(type(event.fact)), state.run
    if kind is None:
        return None
    tags = tuple(filter(None, dict.fromkeys(("pags-tui", state.runbook.id, run.target if run else "", kind))))
    text = _headed(state.runbook, state, _line(event, state) or _marked(event))
    match event.fact:
        case e.RollbackFinished() if state.rollback:
            return Mark(state.rollback.at, text, tags, event.at)
        case e.HoldBegan() if state.hold and state.hold.since == event.at:
            return Mark(event.at, text, tags, lasts=True)
        case e.Resumed() if state.past_holds and state.past_holds[-1][1] == event.at:
            hold, over = state.past_holds[-1]
            return Mark(hold.since, _headed(state.runbook, state, _held(hold, event)), tags, over, lasts=True)
        case _:
            return Mark(event.at, text, tags)


def _held(hold: Hold, event: e.Event) -> str:
    """The whole of a hold that is over."""
    reason = f": {hold.reason}" if hold.reason else ""
    lasted = show_duration((event.at - hold.since).total_seconds())
    return f"T was held for {lasted} by {hold.by.shown}{reason}; it runs again ({event.by.shown})"


def _marked(event: e.Event) -> str:
    """What only graphs are told."""
    match event.fact:
        case e.TZeroSet(t0=t0):
            return f"T+0 is {t0:%H:%M:%S} UTC"
        case e.OverrideGiven(gate=gate, state=verdict, reason=reason):
            return f"{gate} ({verdict}) overridden by {event.by.shown}: {reason}"
        case e.RunEnded(outcome=outcome):
            return f"the run was closed as {outcome}"
        case _:
            return ""


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


# ---------------------------------------------------------------- messages that a person sends


def template_values(
    state: RunState, judged: Judged | None, now: datetime, fields: Mapping[str, str], comms: str = ""
) -> dict[str, object]:
    """What a message's template may name, printed as on the screen; hyphens in ids are underscores.

    `fields` are what a person typed. A metric without a reading prints `no reading`. `status` and `issues` are of what
    happened since the last message of the kind `comms` went out.
    """
    book, t = state.runbook, state.t(now)
    zone = ZoneInfo(book.timezone)
    finish, since = expected_finish(state, now), last_sent(state, comms) or NEVER
    values: dict[str, object] = {
        "t": "T not set" if t is None else show_offset(60 * (t // 60)),
        "wall": f"{now.astimezone(zone):%H:%M} {book.timezone}",
        "lead": state.lead.shown,
        "status": status_words(state, since),
        "traffic": traffic_words(state),
        "flags": _names({key: _flag_words(state, key) for key in book.flags}),
        "metrics": _names({key: metric_words(state, judged, key) for key in book.metrics}),
        "gates": gate_words(judged),
        "issues": "; ".join(issue_words(state, since, zone)),
        "next_checkpoint": _checkpoint_words(state, now, zone),
        "expected_completion": f"{finish.astimezone(zone):%H:%M} {book.timezone}" if finish else "not known yet",
        "contacts": _names({key: state.contacts.get(key) or contact.value for key, contact in book.contacts.items()}),
    }
    return {**values, **_names(state.captures), **_names(dict(fields))}


def _names(values: Mapping[str, str]) -> dict[str, str]:
    return {template_name(key): value for key, value in values.items()}


def status_words(state: RunState, since: datetime = NEVER) -> str:
    """On Track, Issue or Resolved: as the run stands, and as it stood at any time since the last message."""
    if state.rolling_back or state.open_issues or state.countdown or state.band or _stopped(state):
        return "Issue"
    closed = any(issue.closed and issue.closed > since for issue in state.issues)
    finished = any(one.finished and one.finished > since for one in state.rollbacks)
    held = any(hold.cause == "operator" and end > since for hold, end in state.past_holds)
    if closed or finished or held or (state.rollback and state.observing) or happened(state, since):
        return "Resolved"
    return "On Track"


def _stopped(state: RunState) -> bool:
    """Somebody stopped T; a hold of the plan is no trouble, and after a rollback T stands anyway."""
    return state.hold is not None and state.hold.cause == "operator" and not state.observing


def issue_words(state: RunState, since: datetime, zone: ZoneInfo) -> Iterator[str]:
    """What is wrong: open issues, then what stopped the run or set it back since the last message."""
    yield from (issue.text for issue in state.open_issues)
    for hold, end in state.past_holds:
        if hold.cause == "operator" and end > since:
            yield f"T was held {_at(hold.since, zone)}-{_at(end, zone)}{_why(hold.reason)}"
    if state.hold and _stopped(state):
        yield f"T is held since {_at(state.hold.since, zone)}{_why(state.hold.reason)}"
    for name, firing in state.triggers.items():
        if firing.acted and firing.acted > since and name in state.runbook.triggers:
            yield f"{state.runbook.triggers[name].title} (fired {_at(firing.acted, zone)})"
    for rollback in state.rollbacks:
        if rollback.finished is None:
            yield f"rolling back since {_at(rollback.at, zone)}{_why(rollback.cause)}"
        elif rollback.finished > since:
            count = f"{rollback.verified} of {len(rollback.moves)} verified"
            yield f"rolled back {_at(rollback.finished, zone)}, {count}{_why(rollback.cause)}"


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def _why(reason: str) -> str:
    return f": {reason}" if reason else ""


def traffic_words(state: RunState) -> str:
    """The traffic flag's value as the header shows it."""
    key = state.runbook.traffic
    if key is None:
        return "not measured"
    seen = state.flag(key).seen
    if seen is None:
        return "not read"
    return f"{seen}%" if state.runbook.flags[key].range == (0, 100) else show_flag_value(seen)


def _flag_words(state: RunState, key: str) -> str:
    seen = state.flag(key).seen
    return "not read" if seen is None else show_flag_value(seen)


def metric_words(state: RunState, judged: Judged | None, key: str) -> str:
    """The worst series' present value in the metric's unit."""
    reading = judged.tick.readings.get(key) if judged and not judged.tick.failed else None
    values = [point.value for point in reading.points if point.value == point.value] if reading else []
    if reading is None or reading.failed or not values:
        return "no reading"
    metric = state.runbook.metrics[key]
    test = metric.slo_test
    worst = max(values, key=lambda value: excess(test, value)) if test else max(values)
    return show(worst, metric.unit)


def gate_words(judged: Judged | None) -> str:
    """How many gates stand how."""
    counts = Counter(str(verdict.state) for verdict in judged.gates.values()) if judged else Counter()
    return ", ".join(f"{counts[state]} {state}" for state in GateState if counts[state]) or "not judged"


def _checkpoint_words(state: RunState, now: datetime, zone: ZoneInfo) -> str:
    found = next_checkpoint(state)
    if found is None:
        return "none"
    phase, t = found
    wall = state.clock.wall(t, now).astimezone(zone) if state.clock else None
    return f"{show_offset(t)} {phase.title}" + (f" ({wall:%H:%M})" if wall else "")
