"""The values that judging a gate takes and gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pags_tui.core.conditions import (
    AllSlos,
    Condition,
    FlagCondition,
    FlagsReadable,
    MetricCondition,
    NoTriggers,
    Test,
    excess,
)
from pags_tui.core.observe import TriggerState
from pags_tui.core.series import Labels, Seconds

Part = MetricCondition | NoTriggers | FlagCondition | FlagsReadable
"""What is judged on its own: every condition but `all slos`, which is one part per metric."""
FROM_THE_START = float("-inf")
"""A `since` before every tick."""


class GateState(StrEnum):
    """A gate's answer, from best to worst."""

    PASS = "pass"  # noqa: S105  # a gate's word, no secret
    SETTLING = "settling"
    STALE = "stale"
    UNKNOWN = "unknown"
    FAIL = "fail"

    @property
    def rank(self) -> int:
        """0 for the best, 4 for the worst."""
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(GateState)}


class Answer(StrEnum):
    """What one tick says of a condition or of one series under it."""

    OK = "ok"
    BAD = "bad"
    UNKNOWN = "unknown"
    FAILED = "failed"
    """The query has no answer: the tick is skipped."""
    EARLY = "early"
    """Answered, but from before the evidence counts."""


@dataclass(frozen=True, slots=True)
class GateSpec:
    """A gate of the runbook."""

    id: str
    """`phase/step`."""
    conditions: tuple[Condition, ...]
    """All must hold."""
    parts: tuple[Part, ...] = field(init=False, repr=False)
    """What is judged one by one: the conditions, with `all slos` as one part per metric."""

    def __post_init__(self) -> None:
        parts: list[Part] = []
        for condition in self.conditions:
            parts += condition.slos if isinstance(condition, AllSlos) else [condition]
        object.__setattr__(self, "parts", tuple(parts))


@dataclass(frozen=True, slots=True)
class TriggerStanding:
    """A trigger as `no triggers` asks for it."""

    state: TriggerState
    """Latched."""
    fired_at: Seconds | None = None
    """When it last began to fire; None: never in this run."""


@dataclass(frozen=True, slots=True)
class GateContext:
    """What a gate is judged against besides its metrics."""

    every: Seconds
    """Time between two ticks."""
    since: Seconds | None = FROM_THE_START
    """Evidence counts from here on; None: not begun, so nothing counts yet."""
    places: Mapping[str, Seconds | None] = field(default_factory=dict)
    """The same for each place that some condition names after `since`."""
    triggers: Mapping[str, TriggerStanding] = field(default_factory=dict)
    flags: Collection[str] = ()
    """Every flag of the runbook, for `flags readable`."""


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """What is said of one condition of a gate."""

    text: str
    """The condition as a sentence."""
    state: GateState
    test: Test | None = field(repr=False)
    """None where the condition is no metric's."""
    reason: str
    """In words, with both numbers."""
    value: float | None = None
    """Of the worst series, in the metric's unit; None: no number."""
    bound: str = ""
    """The test as text; "" where it is no metric's."""
    metric: str | None = None
    series: Labels | None = None
    """The series that decides; None: none is known."""
    row: int = 0
    """Live OK ticks in a row."""
    clock: Seconds = 0.0
    """Unbroken OK seconds."""
    for_: Seconds = 0.0
    """Seconds it has to last."""
    age: Seconds | None = None
    """Since the last answer; None: never answered."""
    data_age: Seconds | None = None
    """Age of the data in that answer, where it is known."""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What is said of a gate. Where the parts differ it speaks of the worst; `row` and `clock` are the least."""

    id: str
    state: GateState
    reason: str
    value: float | None
    bound: str
    metric: str | None
    series: Labels | None
    row: int
    clock: Seconds
    for_: Seconds
    age: Seconds | None
    data_age: Seconds | None
    parts: tuple[PartVerdict, ...]
    metrics: frozenset[str]
    """All metrics that it looks at."""
    test: Test | None = None
    """What `value` is held against; None where that is no metric's."""

    def no_worse_than(self, value: float | None) -> bool:
        """Whether `self.value` breaks the test no further than `value` does.

        What has no number (a flag, a trigger) is no worse than what had none either; a number and none: no.
        """
        if self.test is None or self.value is None or value is None:
            return self.value is None and value is None
        return excess(self.test, self.value) >= excess(self.test, value)


@dataclass(frozen=True, slots=True)
class PartMemory:
    """What is remembered of one condition from tick to tick."""

    of: Part | None = None
    """The condition that it belongs to: another one (after an amendment) begins anew."""
    row: int = 0
    start: Seconds | None = None
    """The first tick of the unbroken OK ticks."""
    last_ok: Seconds = 0.0
    answered_at: Seconds | None = None
    since: Seconds | None = None
    last: PartVerdict | None = None
    """The last verdict that rests on an answer."""


@dataclass(frozen=True, slots=True)
class GateMemory:
    """What is remembered of one gate, part by part."""

    parts: tuple[PartMemory, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What this tick alone says of one condition."""

    answer: Answer
    reason: str
    value: float | None = None
    metric: str | None = None
    series: Labels | None = None
    answered_at: Seconds | None = None
    """When what it rests on was read."""
    data_age: Seconds | None = None


@dataclass(frozen=True, slots=True)
class SeriesFinding:
    """What this tick says of one series under one condition of a gate."""

    part: int
    """Index into `GateSpec.parts`."""
    metric: str
    series: Labels
    answer: Answer
    value: float | None
    reason: str
