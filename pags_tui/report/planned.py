"""Planned against actual: every phase and step, the ends of the night, and how long things took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pags_tui.core import events as e
from pags_tui.core.plan.afterwards import deadlines, ending
from pags_tui.core.plan.progress import applies, begun_t, changes_of, due_at, phase_done, sign_due
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import Seconds
from pags_tui.core.state import Signature as Signed
from pags_tui.report.shapes import (
    Counts,
    Criteria,
    DurationLine,
    FollowUpGroup,
    PhaseLine,
    Signature,
    StepLine,
    StepOutcome,
)
from pags_tui.report.telling import Told, seconds


def phases(told: Told) -> tuple[PhaseLine, ...]:
    """Every phase of the runbook as last amended, in file order."""
    return tuple(_phase(told, phase) for phase in told.book.phases)


def _phase(told: Told, phase: Phase) -> PhaseLine:
    state = told.state
    entered, begun, done = state.entered.get(phase.id), begun_t(state, phase), _done(told, phase)
    planned_at = state.t0_first + timedelta(seconds=phase.at) if state.t0_first else None
    monitor = phase.monitor.period if phase.monitor else None
    return PhaseLine(
        id=phase.id,
        title=phase.title,
        planned_t=phase.at,
        planned_end_t=phase.ends,
        planned_at=planned_at,
        entered=told.maybe(entered),
        begun_t=begun,
        done=told.maybe(done),
        drift=None if begun is None else begun - phase.at,
        wall_drift=seconds(planned_at, entered) if planned_at else None,
        planned_duration=phase.ends - phase.at,
        took=seconds(entered, done) if entered else None,
        held=held_between(told, entered, done) if entered and done else 0.0,
        monitor_planned=monitor or None,
        checkpoint=phase.checkpoint is not None,
        sign_off_planned_t=sign_due(phase) if phase.checkpoint else None,
        signatures=tuple(_signatures(told, phase)),
        steps=tuple(step_line(told, step, due_at(phase, step), entered) for step in phase.all_steps),
    )


def _done(told: Told, phase: Phase) -> datetime | None:
    state = told.state
    if not phase_done(state, phase):
        return None
    resolved = [at for step in phase.all_steps if state.step(step.id).settled and (at := state.step(step.id).at)]
    signed = [signature.at for signature in state.signatures.get(phase.id, ())]
    return max((*resolved, *signed), default=state.entered.get(phase.id))


def _signatures(told: Told, phase: Phase) -> Iterator[Signature]:
    """Those that count, then those that no longer do."""
    past = (signature for of, signature in told.state.past_signatures if of == phase.id)
    for signature in told.state.signatures.get(phase.id, ()):
        yield _signature(told, signature, "")
    for signature in past:
        yield _signature(told, signature, signature.voided or "T was set back to before it")


def _signature(told: Told, given: Signed, voided: str) -> Signature:
    evidence = told.evidence(given.evidence)
    role = told.role_title(given.role)
    return Signature(role, given.name, given.user, told.when(given.at), given.same_account, voided, evidence)


def step_line(told: Told, step: Step, due: Seconds | None = None, begun: datetime | None = None) -> StepLine:
    """One step; `due` is its T, `begun` when its phase was entered."""
    state, done = told.state, told.state.step(step.id)
    outcome: StepOutcome = done.outcome or ("open" if applies(state, step) else "not-in-this-run")
    when = told.maybe(done.at)
    return StepLine(
        id=step.id,
        section=step.section,
        kind=step.kind,
        text=told.step_text(step.id),
        optional=step.optional,
        planned_t=due,
        outcome=outcome,
        reason=done.reason,
        value=done.value,
        by=done.by.shown if done.outcome else "",
        done=when,
        drift=when.t - due if when and when.t is not None and due is not None else None,
        planned_duration=step.duration,
        took=_took(told, step, begun),
        evidence=told.evidence(done.evidence),
    )


def _took(told: Told, step: Step, begun: datetime | None) -> Seconds | None:
    """From its first write asked, else from the outcome before it in its place, else from its phase's entry."""
    done = told.state.step(step.id).at
    if done is None:
        return None
    if changes := changes_of(told.state, step):
        return seconds(changes[0].at, max(changes[-1].answered or done, done))
    earlier = [
        event.at
        for event, fact in told.of(e.StepResolved)
        if event.at < done and fact.step.partition("/")[0] == step.place and fact.step != step.id
    ]
    first = max([*earlier, *([begun] if begun and begun <= done else [])], default=None)
    return seconds(first, done) if first else None


def held_between(told: Told, first: datetime, last: datetime) -> Seconds:
    """How long T stood between two moments."""
    return sum(max(0.0, (min(end, last) - max(begin, first)).total_seconds()) for begin, end in holds(told))


def holds(told: Told) -> Iterator[tuple[datetime, datetime]]:
    """Each hold, from its beginning to its end (or to the end of the record)."""
    began: datetime | None = None
    for event in told.events:
        if isinstance(event.fact, e.HoldBegan):
            began = began or event.at
        elif isinstance(event.fact, e.Resumed) and began:
            yield began, event.at
            began = None
    if began:
        yield began, told.until


# ---------------------------------------------------------------- the ends of the night


def counts(lines: Iterable[PhaseLine]) -> Counts:
    """The steps of the phases by outcome, each kept apart."""
    found = [step.outcome for phase in lines for step in phase.steps]
    return Counts(
        passed=found.count("passed"),
        failed=found.count("failed"),
        skipped=found.count("skipped"),
        not_applicable=found.count("n/a"),
        waived=found.count("waived"),
        deferred=found.count("deferred"),
        open=found.count("open"),
        not_in_this_run=found.count("not-in-this-run"),
    )


def success(told: Told) -> tuple[Criteria, ...]:
    """The success criteria, group by group."""
    groups = told.book.success
    return tuple(Criteria(group.title, tuple(step_line(told, step) for step in group.criteria)) for group in groups)


def follow_ups(told: Told) -> tuple[FollowUpGroup, ...]:
    """The follow-ups, group by group, with their deadlines where this ending calls for them."""
    due = {one.group.id: one.due for one in deadlines(told.state, told.until)}
    return tuple(
        FollowUpGroup(
            group.title, group.since, group.id in due, due.get(group.id),
            tuple(step_line(told, step) for step in group.items),
        )
        for group in told.book.follow_ups
    )  # fmt: skip


def rollback_steps(told: Told) -> tuple[StepLine, ...]:
    """The steps of the ways back that got an outcome, and those by hand of a way that was gone, done or still open."""
    back = told.book.rollback
    written = {move.step for rollback in told.state.rollbacks for move in rollback.moves}
    gone = [option for option in (back.every_option if back else ()) if any(s.id in written for s in option.steps)]
    by_hand = {step.id for option in gone for step in option.steps if step.manual}
    steps = (step for step in told.book.rollback_steps if told.state.step(step.id).outcome or step.id in by_hand)
    return tuple(step_line(told, step) for step in steps)


def ended_how(told: Told) -> str:
    """`done`, `rolled-back`, `abandoned` or `going-on`."""
    over = ending(told.state, told.until)
    return over.how if over else "going-on"


def durations(told: Told, lines: Iterable[PhaseLine]) -> Iterator[DurationLine]:
    """How long phases took, and steps that have a duration or write flags."""
    for phase in lines:
        if phase.took is not None:
            yield DurationLine(phase.id, phase.title, phase.planned_duration, phase.took - phase.held)
        for step in phase.steps:
            known = step.planned_duration is not None or told.book.step(step.id).set
            if known and step.took is not None:
                yield DurationLine(step.id, step.text, step.planned_duration, step.took)
