"""The log of the screen: the events that a person wants to see, each with how loud it is."""

from __future__ import annotations

from collections.abc import Mapping

from pags_tui.core import events as e
from pags_tui.core.events import Event, Fact
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import RunState
from pags_tui.ui.present.sentences import sentence as sentence
from pags_tui.ui.present.words import hms, who
from pags_tui.ui.rows import Level, LogRow
from pags_tui.ui.scene import Scene

LOUD: Mapping[type, Level] = {
    e.RollbackConfirmed: Level.BAD, e.CountdownBegan: Level.BAD, e.CountdownJoined: Level.BAD, e.BandRaised: Level.BAD,
    e.SourceLost: Level.BAD, e.DriftFound: Level.WARN, e.GuardStopped: Level.WARN, e.HoldBegan: Level.WARN,
    e.Recycled: Level.WARN, e.SignatureVoided: Level.WARN, e.OverrideGiven: Level.WARN, e.OverrideVoided: Level.WARN,
    e.Vetoed: Level.WARN, e.TriggerMuted: Level.WARN, e.SeriesRetired: Level.WARN, e.TicksLost: Level.WARN,
    e.CountdownEnded: Level.WARN, e.DriftAccepted: Level.WARN, e.FlagSettled: Level.WARN, e.Signed: Level.OK,
}  # fmt: skip
"""How loud a fact is by its class, where its content does not matter."""

STATES = {
    "fail": Level.BAD, "firing": Level.BAD, "pending": Level.WARN, "unknown": Level.UNKNOWN, "stale": Level.WARN,
    "pass": Level.OK, "refused": Level.BAD, "mismatch": Level.BAD, "unverified": Level.UNKNOWN, "verified": Level.OK,
    "failed": Level.BAD, "deferred": Level.WARN, "waived": Level.WARN, "major": Level.BAD, "minor": Level.WARN,
    "no-go": Level.BAD,
}  # fmt: skip
"""How loud a state, result, outcome or answer is."""


def level_of(fact: Fact) -> Level:
    """How loud a fact is in the log."""
    if isinstance(fact, e.TriggerFired):
        return Level.BAD if fact.mode and not (fact.muted or fact.observing) else Level.WARN
    if isinstance(fact, e.RollbackFinished):
        return Level.OK if fact.verified == fact.of else Level.BAD
    if isinstance(fact, e.FlagSeen):
        return Level.WARN if fact.value is None else Level.CALM
    if isinstance(fact, e.Notified):
        return Level.WARN if fact.failed else Level.CALM
    for name in ("state", "result", "outcome", "severity", "answer"):
        if (word := getattr(fact, name, None)) in STATES and not isinstance(fact, e.OverrideGiven):
            return STATES[word]
    return LOUD.get(type(fact), Level.CALM)


def quiet(fact: Fact) -> bool:
    """What the journal needs and nobody wants to read: settling gates, flags as expected, lines that went out."""
    if isinstance(fact, e.GateChanged):
        return fact.state == "settling"
    if isinstance(fact, e.FlagSeen):
        return fact.value is not None
    return isinstance(fact, e.Notified) and not fact.failed


def log(scene: Scene) -> tuple[LogRow, ...]:
    """The events that a person wants to see, oldest first."""
    return tuple(_row(scene, event) for event in scene.events if not quiet(event.fact))


def _row(scene: Scene, event: Event) -> LogRow:
    book = scene.state.runbook
    name = "" if event.by == e.GUARD else who(event.by)
    return LogRow(str(event.seq), hms(event.at, book), sentence(event, book, scene.state), level_of(event.fact), name)


def told(event: Event, runbook: Runbook, state: RunState | None = None) -> str:
    """The sentence with who did it: `ana: hold: T stands`."""
    name = "" if event.by == e.GUARD else f"{who(event.by)}: "
    return f"{name}{sentence(event, runbook, state)}"
