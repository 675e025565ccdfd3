"""Gates and triggers: the board, and the same gates in one narrow line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from pags_tui.core.gates import GateVerdict, PartVerdict
from pags_tui.core.plan.arming import range_mode
from pags_tui.core.runbook import Runbook, Step
from pags_tui.ui.present.verdicts import (
    MODES,
    WORST_FIRST,
    arming,
    counts,
    fresh,
    gate_note,
    gate_status,
    gates_now,
    overridden,
    running_status,
    state_status,
    trigger_clock,
    trigger_of,
    trigger_status,
    verdict_of,
)
from pags_tui.ui.present.words import bound_text, clean, step_text, tight, value_text
from pags_tui.ui.rows import BoardRow, GateRow, HeadingRow, TriggerRow
from pags_tui.ui.scene import Scene


def board(scene: Scene) -> tuple[BoardRow, ...]:
    """The gates that count now, then the triggers."""
    gates = gates_now(scene)
    rows: list[BoardRow] = []
    if gates:
        note = " ".join(fact.text for fact in counts(scene, gates))
        rows += [HeadingRow("#gates", "GATES", note), *(gate_row(scene, step) for step in gates)]
    if scene.state.runbook.triggers:
        rows.append(HeadingRow("#triggers", "TRIGGERS", armed_words(scene)))
        rows += [trigger_row(scene, name) for name in scene.state.runbook.triggers]
    return tuple(rows)


def armed_words(scene: Scene) -> str:
    """`armed: countdown`, `unarmed`, `observing` (after a rollback)."""
    if scene.state.observing:
        return "observing"
    mode = range_mode(scene.state, scene.now)
    return MODES[mode] if mode else "unarmed"


def gate_row(scene: Scene, step: Step) -> GateRow:
    """A gate with its numbers. What is known of it is worth nothing once nobody watches; the word says so."""
    verdict, status = verdict_of(scene, step), gate_status(scene, step)
    value, bound = _numbers(scene.state.runbook, verdict)
    reason = clean(verdict.reason) if verdict else "not judged yet"
    return GateRow(
        step.id,
        step_text(scene, step),
        status,
        value,
        bound,
        gate_note(scene, verdict) if status.word == "settling" else "" if value and status.word == "pass" else reason,
        overridden(scene, step.id),
        step.hard,
    )


def _numbers(book: Runbook, said: GateVerdict | PartVerdict | None) -> tuple[str, str]:
    """Value and bound: of a fail what is true, else what ought to be."""
    if said is None or said.value is None:
        return "", ""
    return value_text(book, said.metric, said.value), bound_text(said.bound, broken=str(said.state) == "fail")


def trigger_row(scene: Scene, name: str) -> TriggerRow:
    """A trigger with its clock, and whether it acts."""
    verdict, status = trigger_of(scene, name), trigger_status(scene, name)
    now = running_status(str(verdict.now), fresh(scene)) if verdict else None
    book = scene.state.runbook
    return TriggerRow(
        name,
        clean(book.triggers[name].title),
        status,
        trigger_clock(verdict),
        min(1.0, verdict.clock / verdict.for_) if verdict and verdict.for_ else None,
        arming(scene, name),
        now if now != status else None,
        value_text(book, verdict.metric, verdict.value) if verdict and verdict.value is not None else "",
        bound_text(verdict.bound, broken=verdict.now == "inactive") if verdict and verdict.value is not None else "",
    )


# ---------------------------------------------------------------- one narrow line


def strip(scene: Scene) -> tuple[GateRow, ...]:
    """What the gates look at, one item a metric, under short names; the worst first."""
    items: dict[str, GateRow] = {}
    for step in gates_now(scene):
        for row in _items(scene, step):
            known = items.get(row.id)
            if known is None or _rank(row) < _rank(known):
                items[row.id] = row
    return tuple(sorted(items.values(), key=_rank))


RANKS = {word.lower(): rank for rank, word in enumerate(WORST_FIRST)}


def _rank(row: GateRow) -> int:
    return RANKS[row.status.word.lower()]


def _items(scene: Scene, step: Step) -> list[GateRow]:
    verdict = verdict_of(scene, step)
    parts = [part for part in verdict.parts if part.metric] if verdict else []
    if not parts:
        return [GateRow(step.id, step_text(scene, step)[:20], gate_status(scene, step))]
    return [_part(scene, part) for part in parts]


def _part(scene: Scene, part: PartVerdict) -> GateRow:
    book = scene.state.runbook
    status = state_status(str(part.state), fresh(scene))
    value, bound = _numbers(book, part)
    return GateRow(part.metric or "", short_name(book, part.metric or ""), status, value, tight(bound))


def short_name(book: Runbook, metric: str) -> str:
    """The first word of a metric's id where no other metric begins with it, else the whole id."""
    word = metric.split("-")[0]
    return clean(word if _first_words(tuple(book.metrics))[word] == 1 else metric)


@lru_cache(maxsize=4)
def _first_words(metrics: tuple[str, ...]) -> Mapping[str, int]:
    """How many of the metrics begin with which word: asked each second, and the same all night."""
    return Counter(name.split("-")[0] for name in metrics)
