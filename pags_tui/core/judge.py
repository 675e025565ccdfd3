"""Judges a whole runbook at one tick: every gate, every trigger, with what the run's state says about them.

It holds the memory of the judging from tick to tick, and nothing else: the same ticks and states give the same
verdicts, live, in a backtest and in a replay.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from pags_tui.core import gates, triggers
from pags_tui.core.conditions import AllSlos, Condition, MetricCondition
from pags_tui.core.errors import JournalError
from pags_tui.core.events import adapter
from pags_tui.core.gates import GateContext, GateMemory, GateSpec, GateVerdict, TriggerStanding
from pags_tui.core.observe import MetricSpec, Sights, TriggerState, Watch, observe
from pags_tui.core.plan.arming import armed_mode
from pags_tui.core.plan.evidence import evidence_since, place_since
from pags_tui.core.runbook import Runbook, Step
from pags_tui.core.series import Seconds, Tick
from pags_tui.core.state import RunState
from pags_tui.core.triggers import Posture, TriggerContext, TriggerMemory, TriggerSpec, TriggerVerdict, unlatch


@dataclass(frozen=True, slots=True)
class Judged:
    """One tick with all that it showed and all that was said of it."""

    number: int
    """Counted from 1 within the run."""
    at: datetime
    """When it was taken, on the run's own wall clock."""
    tick: Tick
    gates: Mapping[str, GateVerdict]
    """By step id."""
    triggers: Mapping[str, TriggerVerdict]
    """By trigger id."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What there is to judge in a runbook."""

    metrics: Mapping[str, MetricSpec]
    gates: Mapping[str, GateSpec]
    """By step id, in file order."""
    triggers: Mapping[str, TriggerSpec]
    """By trigger id, in file order."""
    places: frozenset[str]
    """Every place that some condition names after `since`."""

    def of(self, only: frozenset[str]) -> Rules:
        """Those gates and triggers alone, and the metrics that they look at."""
        judged = {name: spec for name, spec in self.gates.items() if name in only}
        watching = {name: spec for name, spec in self.triggers.items() if name in only}
        specs: list[GateSpec | TriggerSpec] = [*judged.values(), *watching.values()]
        named = {metric for spec in specs for metric in metrics_of(spec)}
        metrics = {name: spec for name, spec in self.metrics.items() if name in named}
        return replace(self, metrics=metrics, gates=judged, triggers=watching)


def rules_of(runbook: Runbook, every: Seconds, *, manual: bool = False) -> Rules:
    """The rules of a runbook whose ticks are `every` seconds apart.

    `manual`: also those that nobody judges live, as no service for them is configured.
    """
    metrics = {
        m.id: MetricSpec(m.id, m.max_age, max(m.stale_after, 2 * every), m.expect) for m in runbook.metrics.values()
    }
    judged = {step.id: GateSpec(step.id, step.gate) for step in runbook.steps if step.gate and (manual or step.judged)}
    watched = manual or runbook.services.prometheus is not None
    watching = {t.id: TriggerSpec(t.id, t.when) for t in runbook.triggers.values()} if watched else {}
    specs: list[GateSpec | TriggerSpec] = [*judged.values(), *watching.values()]
    return Rules(metrics, judged, watching, frozenset(place for spec in specs for place in _places(spec)))


class Judge:
    """The memory of judging one runbook. After an amendment: a new one, rebuilt from the kept ticks."""

    def __init__(self, runbook: Runbook, every: Seconds, only: frozenset[str] | None = None) -> None:
        """`only`: the ids of the gates and triggers to judge; None: all."""
        self.runbook = runbook
        self.every = every
        rules = rules_of(runbook, every)
        rules = rules if only is None else rules.of(only)
        self.metrics, self.gates, self.triggers, self._places = (
            rules.metrics,
            rules.gates,
            rules.triggers,
            rules.places,
        )
        self._watch = Watch()
        self._gates: dict[str, GateMemory] = {}
        self._triggers: dict[str, TriggerMemory] = {}
        self._unlatched: dict[str, int] = {}
        self._standings: dict[str, TriggerStanding] = {}
        self._server_times: dict[datetime, Seconds] = {}

    def _server(self, moment: datetime | None, offset: Seconds) -> Seconds | None:
        """A moment of our clock on the server's. Worked out once: an offset that trembles must not move evidence."""
        return None if moment is None else self._server_times.setdefault(moment, moment.timestamp() + offset)

    def judge(self, number: int, tick: Tick, state: RunState, at: datetime, live: bool = True) -> Judged:
        """The verdicts after this tick. `live` False: a past tick, played in after a restart."""
        self._watch, sights = observe(
            self.metrics, self._watch, tick, every=self.every, retired=state.retired, live=live
        )
        offset = tick.time - at.timestamp()
        said = {name: self._trigger(spec, sights, state, at, offset) for name, spec in self.triggers.items()}
        self._standings = {
            name: TriggerStanding(_standing_state(state, name, v), self._fired(state, name, v, offset))
            for name, v in said.items()
        }
        verdicts = {}
        for step_id, spec in self.gates.items():
            context = self._context(self.runbook.step(step_id), state, offset)
            memory = self._gates.get(step_id, GateMemory())
            self._gates[step_id], verdicts[step_id] = gates.judge(spec, memory, sights, context)
        return Judged(number, at, tick, verdicts, said)

    def standing(self, judged: Judged, state: RunState) -> Mapping[str, GateVerdict]:
        """The gates of `judged`, the last tick, as they stand now: a change may have come since."""
        offset = judged.tick.time - judged.at.timestamp()
        found = {}
        for step_id, spec in self.gates.items():
            if (verdict := judged.gates.get(step_id)) is not None:
                context = self._context(self.runbook.step(step_id), state, offset)
                memory = self._gates.get(step_id, GateMemory())
                found[step_id] = gates.standing(spec, memory, verdict, context)
        return found

    def worsened(self, judged: Judged, tick: Tick, state: RunState, at: datetime) -> Mapping[str, GateVerdict]:
        """The gates of `judged` after a further reading, taken at the moment of confirming: it can only worsen them."""
        _, sights = observe(self.metrics, self._watch, tick, every=self.every, retired=state.retired)
        offset = tick.time - at.timestamp()
        found = {}
        for step_id, verdict in self.standing(judged, state).items():
            context = self._context(self.runbook.step(step_id), state, offset)
            found[step_id] = gates.worsen(self.gates[step_id], verdict, sights, context)
        return found

    def _trigger(
        self, spec: TriggerSpec, sights: Sights, state: RunState, at: datetime, offset: Seconds
    ) -> TriggerVerdict:
        memory = self._triggers.get(spec.id, TriggerMemory())
        cleared = state.firing(spec.id).cleared
        if cleared > self._unlatched.get(spec.id, 0):
            self._unlatched[spec.id] = cleared
            memory = unlatch(memory)
        places = {place: self._server(place_since(state, place), offset) for place in _places(spec)}
        context = TriggerContext(self.every, posture(state, spec.id, at), places, tuple(self.runbook.flags))
        self._triggers[spec.id], verdict = triggers.judge(spec, memory, sights, context)
        return verdict

    def _context(self, step: Step, state: RunState, offset: Seconds) -> GateContext:
        since = self._server(evidence_since(state, step, None), offset)
        places = {place: self._server(place_since(state, place), offset) for place in self._places}
        return GateContext(self.every, since, places, self._standings, tuple(self._readable()))

    def _readable(self) -> list[str]:
        """The flags that a configured service holds."""
        return [key for key in self.runbook.flags if self.runbook.flag_service(key) is not None]

    def _fired(self, state: RunState, name: str, verdict: TriggerVerdict, offset: Seconds) -> Seconds | None:
        """When it last fired, by the journal or by this very tick, on the server's clock."""
        fired = state.firing(name).last
        told = self._server(fired, offset)
        return max((at for at in (told, verdict.fired_at) if at is not None), default=None)


def _standing_state(state: RunState, name: str, verdict: TriggerVerdict) -> TriggerState:
    """Firing by the journal stays firing, whatever the memory of a restarted guard says."""
    return TriggerState.FIRING if state.firing(name).fired else verdict.state


def posture(state: RunState, trigger: str, now: datetime) -> Posture:
    """Whether the trigger, firing now, would act."""
    firing = state.firing(trigger)
    mode = armed_mode(state, state.runbook.triggers[trigger], now)
    muted = firing.muted_until is not None and now < firing.muted_until
    vetoed = firing.vetoed_until is not None and now < firing.vetoed_until
    observing = state.observing or state.rolling_back or mode == "observe"
    return Posture(mode is not None, muted, observing, vetoed)


def metrics_of(spec: GateSpec | TriggerSpec) -> set[str]:
    """The metrics that its conditions name."""
    return {
        part.metric
        for condition in spec.conditions
        for part in (condition.slos if isinstance(condition, AllSlos) else (condition,))
        if isinstance(part, MetricCondition)
    }


def _places(spec: GateSpec | TriggerSpec) -> set[str]:
    return {place for condition in spec.conditions for place in _since(condition)}


def _since(condition: Condition) -> list[str]:
    inner = condition.slos if isinstance(condition, AllSlos) else (condition,)
    return [place for part in inner if (place := getattr(part, "since", None)) is not None]


def encode_judged(judged: Judged) -> bytes:
    """One tick as the journal keeps it. Raises JournalError where it holds half a character, which is no text."""
    try:
        return zlib.compress(adapter(Judged).dump_json(judged))
    except (PydanticSerializationError, UnicodeError):
        raise JournalError("a tick cannot be stored: what was read holds half a character, which is no text") from None


def decode_judged(payload: bytes) -> Judged:
    """The tick that `encode_judged` wrote. Raises JournalError for anything else."""
    try:
        judged: Judged = adapter(Judged).validate_json(zlib.decompress(payload))
    except (zlib.error, ValidationError) as error:
        raise JournalError("a stored tick cannot be read: it is damaged, or from another version") from error
    return judged
