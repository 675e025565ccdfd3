"""Two runs beside one another: how long each phase took, how late it began, which steps came out differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pags_tui.core.series import Seconds
from pags_tui.core.units import show_duration
from pags_tui.report.shapes import Comparison, Difference, PhaseLine, Report, StepLine


def compared(report: Report, other: Report) -> Report:
    """The report with its comparison against another run. What only one of them has stands beside nothing."""
    mine, theirs = _phases(report), _phases(other)
    both = {**theirs, **mine}
    order = [phase.id for phase in report.phases] + [phase.id for phase in other.phases if phase.id not in mine]
    found = Comparison(
        run=other.summary.run,
        kind=other.summary.kind,
        started=other.summary.started,
        ending=other.summary.ending,
        same_runbook=report.summary.sha256 == other.summary.sha256,
        totals=tuple(_totals(report, other)),
        phases=tuple(_took(both[name], mine.get(name), theirs.get(name)) for name in order),
        drifts=tuple(_drift(both[name], mine.get(name), theirs.get(name)) for name in order),
        outcomes=tuple(_outcomes(report, other)),
    )
    return replace(report, against=found)


def _phases(report: Report) -> dict[str, PhaseLine]:
    return {phase.id: phase for phase in report.phases}


def _took(line: PhaseLine, mine: PhaseLine | None, theirs: PhaseLine | None) -> Difference:
    this, other = (one.took if one else None for one in (mine, theirs))
    return _row(line.id, line.title, line.planned_duration, this, other)


def _drift(line: PhaseLine, mine: PhaseLine | None, theirs: PhaseLine | None) -> Difference:
    this, other = (one.drift if one else None for one in (mine, theirs))
    return _row(line.id, line.title, None, this, other)


def _row(name: str, text: str, planned: Seconds | None, this: Seconds | None, other: Seconds | None) -> Difference:
    delta = this - other if this is not None and other is not None else None
    return Difference(name, text, planned, _words(this), _words(other), this, other, delta)


def _words(seconds: Seconds | None) -> str:
    return "-" if seconds is None else show_duration(seconds)


def _totals(report: Report, other: Report) -> Iterator[Difference]:
    mine, theirs = report.summary, other.summary
    yield _row("lasted", "Whole run", mine.planned, mine.lasted, theirs.lasted)
    yield _row("held", "T held", None, mine.held, theirs.held)
    yield _row("drift", "Drift of the last phase", None, mine.drift, theirs.drift)
    yield Difference("ending", "Ending", None, mine.ending, theirs.ending, None, None, None)
    counted = (
        ("changes", "Flag changes", len(report.changes), len(other.changes)),
        ("fired", "Triggers fired", sum(t.fired for t in report.triggers), sum(t.fired for t in other.triggers)),
        ("overrides", "Overrides", _kinds(report, "override"), _kinds(other, "override")),
        ("holds", "Holds", _kinds(report, "hold"), _kinds(other, "hold")),
    )
    for name, text, this, that in counted:
        yield Difference(name, text, None, str(this), str(that), None, None, None)


def _kinds(report: Report, kind: str) -> int:
    return sum(decision.kind == kind for decision in report.decisions)


def _outcomes(report: Report, other: Report) -> Iterator[Difference]:
    mine, theirs = _steps(report), _steps(other)
    for name in dict.fromkeys((*mine, *theirs)):
        this, that = mine.get(name), theirs.get(name)
        words = (this.outcome if this else "not there", that.outcome if that else "not there")
        if words[0] != words[1]:
            text = (this or that).text  # type: ignore[union-attr]  # one of them is there
            yield Difference(name, text, None, words[0], words[1], None, None, None)


def _steps(report: Report) -> dict[str, StepLine]:
    return {step.id: step for phase in report.phases for step in phase.steps}
