"""What the night proposes for the runbook: times as they really were, lines that were waived, amendments.

It makes a text for a person to read and to apply. A proposal that would not load as a runbook is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pags_tui.core.errors import RunbookError, said
from pags_tui.core.runbook import load
from pags_tui.core.runbook.base import Path
from pags_tui.core.runbook.positions import Positions, locate
from pags_tui.core.series import Seconds
from pags_tui.core.units import show_duration, show_offset
from pags_tui.report.happening import difference
from pags_tui.report.shapes import Change, PhaseLine, Proposal, StepLine
from pags_tui.report.telling import Told

WORTH: Seconds = 120.0
"""A begin or a sign-off that was less off than this is as planned."""
SHARE = 0.2
"""A duration that was off by less than this share of its plan is as planned."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """One place of the text, and what should stand there; without `old`: a comment above that line."""

    line: int
    column: int
    old: str
    new: str
    why: str


def proposal(told: Told, phases: Iterable[PhaseLine]) -> Proposal:
    """The proposed difference from the runbook as the run began."""
    book = told.book
    places = locate(book.text)
    lines = tuple(phases)
    times, remarks = list(_times(told, lines, places)), list(_remarks(told, lines, places))
    for edits in ([*times, *remarks], remarks, []):
        text = _edited(book.text, edits)
        if not edits or _loads(text):
            break
    first = told.first.text
    changes = [Change(edit.line, edit.why) for edit in sorted(edits, key=lambda edit: (edit.line, edit.column))]
    if book.text != first:
        changes.insert(0, Change(0, "the runbook as it was amended during the run"))
    return Proposal(tuple(changes), difference(first, text, "proposed"))


def _loads(text: str) -> bool:
    try:
        load(text, "runbook.toml")
    except RunbookError:
        return False
    return True


# ---------------------------------------------------------------- times


def _times(told: Told, lines: tuple[PhaseLine, ...], places: Positions) -> Iterator[_Edit]:
    for line in lines:
        phase = told.book.phase(line.id)
        if line.begun_t is not None and abs(line.begun_t - line.planned_t) >= WORTH:
            yield from _offset(places, (*phase.path, "at"), line.begun_t, f"{line.title}: began")
        signed = [given.when.t for given in line.signatures if not given.voided and given.when.t is not None]
        due = line.sign_off_planned_t
        if signed and due is not None and abs(max(signed) - due) >= WORTH:
            yield from _offset(places, (*phase.path, "checkpoint", "at"), max(signed), f"{line.title}: signed")
        for step in line.steps:
            yield from _duration(told, places, step)


def _offset(places: Positions, path: Path, t: Seconds, what: str) -> Iterator[_Edit]:
    """The offset as it was, up to the next full minute."""
    actual = show_offset(60.0 * math.ceil(t / 60.0))
    if path in places.strings and places.strings[path].strip("\"'") != actual:
        line, column = places.values[path]
        written = places.strings[path]
        yield _Edit(
            line, column, written, f'"{actual}"', f"{what} at {show_offset(t)}, not at {written.strip(chr(34))}"
        )


def _duration(told: Told, places: Positions, step: StepLine) -> Iterator[_Edit]:
    planned, took = step.planned_duration, step.took
    path = (*told.book.step(step.id).path, "duration")
    if not planned or took is None or path not in places.strings or abs(took - planned) < SHARE * planned:
        return
    line, column = places.values[path]
    actual = show_duration(10.0 * max(1, math.ceil(took / 10.0)))
    why = f"{step.text}: took {show_duration(took)}, not {show_duration(planned)}"
    yield _Edit(line, column, places.strings[path], f'"{actual}"', why)


# ---------------------------------------------------------------- waivers


def _remarks(told: Told, lines: tuple[PhaseLine, ...], places: Positions) -> Iterator[_Edit]:
    """A comment above each step that was waived, skipped, failed or deferred."""
    for step in (step for line in lines for step in line.steps):
        if step.outcome not in ("waived", "skipped", "failed", "deferred") or step.optional:
            continue
        path = told.book.step(step.id).path
        if path not in places.keys:
            continue
        line, _ = places.keys[path]
        reason = f": {said(step.reason)}" if step.reason else ""
        remark = f"# {told.start:%Y-%m-%d}: {step.outcome} by {said(step.by)}{reason}"
        yield _Edit(line, 0, "", remark, f"{step.text}: {step.outcome}{reason}")


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    """The text with its edits made, from the last to the first."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: (-edit.line, -edit.column)):
        line = lines[edit.line - 1]
        start = edit.column - 1
        if edit.old and line[start:].startswith(edit.old):
            lines[edit.line - 1] = line[:start] + edit.new + line[start + len(edit.old) :]
        elif not edit.old:
            lines.insert(edit.line - 1, line[: len(line) - len(line.lstrip())] + edit.new)
    return "\n".join(lines)
