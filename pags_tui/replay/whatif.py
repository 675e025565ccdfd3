"""What the gates and triggers of a recorded run would have answered, had its runbook said otherwise.

The world stays as it was recorded: samples, flags, holds, mutes and vetoes. What another answer would have led to is
not played, and neither is what a guard that was started anew asked of the metric service.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Literal

from pags_tui.core.conditions import NoTriggers
from pags_tui.core.errors import PagsError
from pags_tui.core.events import GateChanged, TriggerChanged
from pags_tui.core.gates import GateSpec
from pags_tui.core.judge import Judge, Rules, metrics_of, rules_of
from pags_tui.core.runbook import Runbook, load
from pags_tui.core.runbook.whatif import load_changed
from pags_tui.core.series import Seconds
from pags_tui.core.state import RunState, fold
from pags_tui.core.supposed import Supposed, SupposedLine, Turn, turns
from pags_tui.core.triggers import TriggerSpec
from pags_tui.replay.recording import KEPT_TICKS, Recording

EVERY: Seconds = 5.0
"""Between two ticks, where the runbook does not say."""
SLOWER = 1.5
"""So much farther apart than the runbook says, ticks were taken at a pace of their own (a demo)."""


class WhatIf:
    """One supposition over one recording. `play` judges it, tick by tick; then `found` has the answers."""

    def __init__(self, recording: Recording, changes: Sequence[str]) -> None:
        """Raises ChangeError for a change that cannot be made, RunbookError for a runbook that cannot be read."""
        self._recording = recording
        self.changes = tuple(changes)
        self._changed = lru_cache(maxsize=8)(self._changed_text)
        self.runbook = recording.state_after(len(recording.events)).runbook
        self._new = load_changed(self.runbook.text, self.runbook.file, self.changes)
        self._every = _pace(recording, self.runbook)
        self._before, self._after = (rules_of(book, self._every) for book in (self.runbook, self._new))
        self.touched = _touched(self._before, self._after)
        """The gates and triggers whose answers may be others."""
        self._would: dict[str, list[Turn]] = {name: [] for name in self.touched}

    def _changed_text(self, text: str, file: str) -> Runbook:
        """An earlier version of the runbook with the changes; as it was, where they do not fit it."""
        try:
            return load_changed(text, file, self.changes)
        except PagsError:
            return load(text, file)

    def play(self) -> Iterator[float]:
        """Judges every tick; gives, after each, which part of them is done."""
        recording, state, known = self._recording, RunState(), 0
        judge: Judge | None = None
        text = ""
        supposed = state
        for index, row in enumerate(recording.rows):
            if row.seq > known:
                state = fold(recording.events[known : row.seq], state)
                known = row.seq
                supposed = replace(state, runbook=self._changed(state.runbook.text, state.runbook.file))
            if judge is None or state.runbook.text != text:
                text = state.runbook.text
                judge = self._judge(supposed, index)
            self._take(judge, supposed, index)
            yield (index + 1) / len(recording.rows)

    def _judge(self, state: RunState, index: int) -> Judge:
        """A judge of that runbook; after an amendment it is taught from the kept ticks, as a guard's is."""
        judge = Judge(state.runbook, self._every, _with_triggers(self._after, self.touched))
        for place in range(max(0, index - KEPT_TICKS), index):
            one = self._recording.shown(place)
            judge.judge(one.number, one.tick, state, one.at, live=False)
        return judge

    def _take(self, judge: Judge, state: RunState, index: int) -> None:
        recorded = self._recording.shown(index)
        judged = judge.judge(recorded.number, recorded.tick, state, recorded.at)
        shown = self._recording.tick_times[index]
        for name, said in self._would.items():
            gate, trigger = judged.gates.get(name), judged.triggers.get(name)
            word = str(gate.state) if gate else str(trigger.now) if trigger else ""
            if word and (not said or said[-1][1] != word):
                said.append((shown, word))

    def found(self) -> Supposed:
        """Everything that may have been otherwise, triggers first."""
        triggers = [self._line("trigger", name) for name in self._after.triggers if name in self.touched]
        gates = [self._line("gate", name) for name in self._after.gates if name in self.touched]
        return Supposed(self.changes, (*triggers, *gates))

    def _line(self, kind: Literal["gate", "trigger"], name: str) -> SupposedLine:
        was, now = (_sentence(rules, name) for rules in (self._before, self._after))
        return SupposedLine(kind, name, was, now, turns(list(self._did(name))), turns(self._would[name]))

    def _did(self, name: str) -> Iterator[Turn]:
        """As the journal has it: every turn was written down when it came."""
        for event, at in zip(self._recording.events, self._recording.event_times, strict=True):
            match event.fact:
                case GateChanged(gate=gate, state=state) if gate == name:
                    yield self._tick_before(at), state
                case TriggerChanged(trigger=trigger, state=state) if trigger == name:
                    yield self._tick_before(at), state

    def _tick_before(self, at: datetime) -> datetime:
        """The tick that brought it: what is journaled of a tick is so a moment after it."""
        place = self._recording.ticks_until(at)
        return self._recording.tick_times[place - 1] if place else at


def _pace(recording: Recording, runbook: Runbook) -> Seconds:
    """Seconds between two ticks: as the runbook says, or as they were taken where that is much slower."""
    service = runbook.services.prometheus
    asked = service.every if service else EVERY
    gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(recording.tick_times)]
    usual = median(gaps) if gaps else asked
    return usual if usual > SLOWER * asked else asked


def _touched(before: Rules, after: Rules) -> frozenset[str]:
    """Gates and triggers that say, or look at, something else than before; and gates that look at such triggers."""
    metrics = {name for name, spec in after.metrics.items() if before.metrics.get(name) != spec}

    def other(old: GateSpec | TriggerSpec | None, new: GateSpec | TriggerSpec) -> bool:
        return old != new or bool(metrics & metrics_of(new))

    triggers = {name for name, spec in after.triggers.items() if other(before.triggers.get(name), spec)}
    gates = {name for name, spec in after.gates.items() if other(before.gates.get(name), spec)}
    watching = {name for name, spec in after.gates.items() if triggers and _watches_triggers(spec)}
    return frozenset(triggers | gates | watching)


def _with_triggers(rules: Rules, touched: frozenset[str]) -> frozenset[str]:
    """What has to be judged: a gate on triggers needs all of them."""
    needed = any(_watches_triggers(rules.gates[name]) for name in touched if name in rules.gates)
    return touched | frozenset(rules.triggers) if needed else touched


def _watches_triggers(spec: GateSpec) -> bool:
    return any(isinstance(condition, NoTriggers) for condition in spec.conditions)


def _sentence(rules: Rules, name: str) -> str:
    spec = rules.triggers.get(name) or rules.gates.get(name)
    return ", ".join(map(str, spec.conditions)) if spec else ""
