"""Builds a report from what was journaled: events first, then every tick once. It reads no file and no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pags_tui.core import events as e
from pags_tui.core.errors import Refused
from pags_tui.core.events import Event
from pags_tui.core.judge import Judged
from pags_tui.core.plan.progress import word
from pags_tui.core.series import Seconds
from pags_tui.core.units import show_duration
from pags_tui.report import happening, planned
from pags_tui.report.deciding import decisions
from pags_tui.report.proposing import proposal
from pags_tui.report.seeing import Seen, marks, triggers
from pags_tui.report.shapes import SHAPE, Counts, Person, PhaseLine, Report, Summary
from pags_tui.report.telling import Told, tell

EVERY: Seconds = 5.0
"""Spacing of ticks where the runbook names none."""


def build(events: Sequence[Event], ticks: Iterable[Judged] = (), *, until: datetime | None = None) -> Report:
    """The report of one run.

    `until`: the time of the last tick, when it is later than the last event. Raises Refused for a run without events,
    RunbookError for a runbook that this version cannot read.
    """
    if not events or not any(isinstance(event.fact, e.RunStarted) for event in events):
        raise Refused("This record does not tell how the run began, so there is nothing to report.")
    told = tell(events, until)
    service = told.book.services.prometheus
    seen = Seen(told, service.every if service else EVERY)
    seen.read(ticks)
    phases = planned.phases(told)
    return Report(
        shape=SHAPE,
        summary=_summary(told, phases),
        phases=phases,
        decisions=decisions(told),
        triggers=triggers(told),
        changes=happening.changes(told),
        drift=happening.drift(told),
        rollbacks=happening.rollbacks(told),
        messages=happening.messages(told),
        notices=happening.notices(told),
        notes=happening.notes(told),
        issues=happening.issues(told),
        polls=happening.polls(told),
        success=planned.success(told),
        follow_ups=planned.follow_ups(told),
        rollback_steps=planned.rollback_steps(told),
        watched=seen.watched(),
        metrics=seen.metrics(),
        marks=marks(told),
        durations=tuple(planned.durations(told, phases)),
        amendments=happening.amendments(told),
        proposal=proposal(told, phases),
    )


def _summary(told: Told, phases: Sequence[PhaseLine]) -> Summary:
    state, book = told.state, told.book
    started = next(fact for _, fact in told.of(e.RunStarted))
    counts, how = planned.counts(phases), planned.ended_how(told)
    complete = how == "done" and not (counts.failed or counts.deferred or counts.open or counts.waived)
    begun = [phase for phase in phases if phase.drift is not None]
    closing = next((fact.note for _, fact in told.of(e.RunEnded)), "")
    return Summary(
        run=started.run,
        runbook=book.id,
        title=book.title,
        timezone=book.timezone,
        kind=started.kind,
        target=started.target,
        lead=state.lead.shown,
        people=tuple(Person(role.title, state.roles.get(key) or role.name) for key, role in book.roles.items()),
        started=told.start,
        t0=state.t0,
        t0_planned=state.t0_first,
        ended=state.ended_at,
        until=told.until,
        state=word(state, told.until),
        ending=how,  # type: ignore[arg-type]  # one of its words
        complete=complete,
        verdict=_verdict(told, how, counts, complete),
        note=closing,
        lasted=(told.until - told.start).total_seconds(),
        held=sum((end - begin).total_seconds() for begin, end in planned.holds(told)),
        drift=begun[-1].drift if begun else None,
        planned=max(phase.ends for phase in book.phases) - min(phase.at for phase in book.phases),
        counts=counts,
        version=started.version,
        sha256=started.sha256,
    )


OPENINGS = {
    "done": "The run is done",
    "rolled-back": "The run was rolled back",
    "abandoned": "The run was abandoned",
    "going-on": "The run goes on",
}


def _verdict(told: Told, how: str, counts: Counts, complete: bool) -> str:
    """One sentence. It says `complete` of nothing that is not."""
    found = f"{OPENINGS[how]} after {show_duration((told.until - told.start).total_seconds())}"
    if complete:
        return f"{found}, and complete: no step is open, failed, deferred or waived."
    left = {
        "open": counts.open, "failed": counts.failed, "deferred": counts.deferred, "waived": counts.waived,
    }  # fmt: skip
    words = ", ".join(f"{count} {name}" for name, count in left.items() if count)
    rollback = told.state.rollback
    back = f" {rollback.verified} of {len(rollback.moves)} flags were verified." if rollback else ""
    return f"{found}. Steps: {words or 'none left'}.{back}"


__all__ = ["build"]
