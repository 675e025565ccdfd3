"""The parts of the page about steps: planned against actual, sign-offs, success criteria, follow-ups."""

from __future__ import annotations

from collections.abc import Iterator

from pags_tui.report import words
from pags_tui.report.document.blocks import Block, Heading, Table
from pags_tui.report.shapes import PhaseLine, Report, StepLine
from pags_tui.report.words import Times, evidence, long, off, t


def planned_actual(report: Report, times: Times) -> Iterator[Block]:
    """All phases in one table, then each phase's steps."""
    columns = (
        "Phase", "Planned", "Entered", "Work began", "Late on T", "Late by the wall", "Planned length", "Took",
        "Of it held", "Done",
    )  # fmt: skip
    yield Table("Phases", columns, tuple(_phase(phase, times) for phase in report.phases))
    for phase in report.phases:
        if phase.steps:
            yield Heading(phase.title)
            yield _steps(f"Steps of {phase.title}", phase.steps, times)
    if report.rollback_steps:
        yield Heading("Ways back")
        yield _steps("Steps of the ways back", report.rollback_steps, times)


def _phase(phase: PhaseLine, times: Times) -> tuple[str, ...]:
    planned = f"{t(phase.planned_t)}, {times.clock(phase.planned_at)}" if phase.planned_at else t(phase.planned_t)
    return (
        phase.title, planned, times.when(phase.entered), t(phase.begun_t), off(phase.drift), off(phase.wall_drift),
        long(phase.planned_duration), long(phase.took), long(phase.held) if phase.held else words.NONE,
        times.when(phase.done) if phase.done else "not done",
    )  # fmt: skip


def _steps(caption: str, steps: tuple[StepLine, ...], times: Times) -> Table:
    columns = ("Step", "Due", "Outcome", "When", "Late", "By", "Took", "Reason, value", "Evidence")
    return Table(caption, columns, tuple(_step(step, times) for step in steps))


def _step(step: StepLine, times: Times) -> tuple[str, ...]:
    said = "; ".join(filter(None, (step.reason, f"value: {step.value}" if step.value else "")))
    optional = " (optional)" if step.optional else ""
    took = f"{long(step.took)} of {long(step.planned_duration)}" if step.planned_duration else long(step.took)
    return (
        f"{step.text}{optional}", t(step.planned_t), step.outcome, times.when(step.done), off(step.drift),
        step.by or words.NONE, took, said or words.NONE, evidence(step.evidence, step.id),
    )  # fmt: skip


def signatures(report: Report, times: Times) -> Iterator[Block]:
    """Every checkpoint with its signatures and the evidence frozen in them."""
    rows = []
    for phase in report.phases:
        for given in phase.signatures:
            account = f"{given.name} ({given.user})" if given.user != given.name else given.name
            note = "; ".join(
                filter(None, ("same account" * given.same_account, given.voided and f"VOID: {given.voided}"))
            )
            cells = (given.role, account, times.when(given.when), note or "counts", evidence(given.evidence))
            rows.append((phase.title, t(phase.sign_off_planned_t), *cells))
        if phase.checkpoint and not any(not given.voided for given in phase.signatures):
            rows.append((phase.title, t(phase.sign_off_planned_t), "nobody", words.NONE, words.NONE, "not signed", ""))
    if rows:
        columns = ("Checkpoint", "Due", "Role", "Signed by", "When", "Standing", "Evidence")
        yield Table("Sign-offs", columns, tuple(rows))


def endings(report: Report, times: Times) -> Iterator[Block]:
    """What the night is judged by, and what is left to do."""
    columns = ("Item", "Outcome", "When", "By", "Reason, value", "Evidence")
    for group in report.success:
        yield Table(f"Success: {group.title}", columns, tuple(_line(line, times) for line in group.lines))
    for follow in report.follow_ups:
        due = f"due {times.full(follow.due)}" if follow.due else "no time is written"
        called = due if follow.called_for else f"not called for: counts from {follow.counts_from}"
        rows = tuple(_line(line, times) for line in follow.lines)
        yield Table(f"Follow-ups: {follow.title} ({called})", columns, rows)


def _line(line: StepLine, times: Times) -> tuple[str, ...]:
    said = "; ".join(filter(None, (line.reason, line.value)))
    when, by = times.when(line.done), line.by or words.NONE
    return line.text, line.outcome, when, by, said or words.NONE, evidence(line.evidence, line.id)
