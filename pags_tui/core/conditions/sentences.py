"""What a condition is once it is read: frozen values that print themselves as the sentence they came from.

Units and SLOs are resolved here, so that a judge compares floats. Nothing here parses, and nothing here judges.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.units import ALL_SUFFIXES, Unit, show_duration

Op = Literal["<", "<=", ">", ">=", "==", "!="]
FlagType = Literal["boolean", "integer", "string"]


class Use(StrEnum):
    """Where a condition stands: what holds before going forward, or what means to go back."""

    GATE = "gate"
    TRIGGER = "trigger"


class Quantifier(StrEnum):
    """How the series of one metric make one answer, where it is written out."""

    EVERY = "every"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class MetricNames:
    """What a condition has to know of one metric."""

    unit: Unit
    slo: str | None = None
    """A `test` as text, such as `< 0.5%`."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a condition may name."""

    metrics: Mapping[str, MetricNames] = field(default_factory=dict)
    flags: Mapping[str, FlagType] = field(default_factory=dict)
    """The type of each flag, by key."""
    places: Collection[str] = ()
    """Ids that may stand after `since`: phases, and steps as `phase/step` or by their own id."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a test."""

    text: str
    """As written: `0.5%`, `300ms`, `500`, `200% of slo`."""
    value: float
    """In the metric's own unit."""

    @property
    def bare(self) -> bool:
        """Written without a unit."""
        return not self.of_slo and not self.text.endswith(ALL_SUFFIXES)

    @property
    def of_slo(self) -> bool:
        """Written as a share of the metric's SLO."""
        return self.text.endswith("slo")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Comparison:
    """`op bound`."""

    op: Op
    bound: Bound

    def __str__(self) -> str:
        return f"{self.op} {self.bound}"


@dataclass(frozen=True, slots=True)
class Range:
    """`in low..high`; both ends belong to it."""

    low: Bound
    high: Bound

    def __str__(self) -> str:
        return f"in {self.low}..{self.high}"


Test = Comparison | Range


@dataclass(frozen=True, slots=True)
class MetricCondition:
    """A test of one metric's series."""

    metric: str
    test: Test
    unit: Unit
    quantifier: Quantifier | None = None
    """None: the default of its use (a gate: every series; a trigger: each series has its own clock)."""
    for_: Seconds = 0.0
    since: str | None = None
    """The place whose last verified write starts the evidence; None: the default of its phase."""
    within_slo: bool = False
    """Written `within slo`: the test is the metric's own SLO."""

    def __str__(self) -> str:
        quantifier = f"{self.quantifier} " if self.quantifier else ""
        test = "within slo" if self.within_slo else str(self.test)
        return f"{quantifier}{self.metric} {test}{_tail(self.for_, self.since)}"


@dataclass(frozen=True, slots=True)
class AllSlos:
    """Every metric that has an SLO is within it."""

    slos: tuple[MetricCondition, ...]
    """One `within slo` per metric with an SLO, carrying the same `for_` and `since`."""
    for_: Seconds = 0.0
    since: str | None = None

    def __str__(self) -> str:
        return f"all slos{_tail(self.for_, self.since)}"


@dataclass(frozen=True, slots=True)
class NoTriggers:
    """Every trigger is inactive and none fired since."""

    since: str | None = None

    def __str__(self) -> str:
        return f"no triggers{_tail(0.0, self.since)}"


@dataclass(frozen=True, slots=True)
class FlagCondition:
    """A flag holds, or does not hold, a value."""

    key: str
    op: Literal["==", "!="]
    value: FlagValue

    def __str__(self) -> str:
        return f"flag {self.key} {self.op} {show_flag_value(self.value)}"


@dataclass(frozen=True, slots=True)
class FlagsReadable:
    """The flag service answers for every flag of the runbook."""

    def __str__(self) -> str:
        return "flags readable"


Condition = MetricCondition | AllSlos | NoTriggers | FlagCondition | FlagsReadable


def same_value(left: FlagValue, right: FlagValue) -> bool:
    """The same JSON type and value: 10 is 10.0, `true` is not 1, "10" is not 10."""
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left == right
    return left == right


def show_flag_value(value: FlagValue) -> str:
    """A flag's value as a condition writes it: `true`, `10`, `blue`, `"two words"`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def true_of(test: Test, value: float) -> bool:
    """Whether the test is true of a value. Raw floats are compared; NaN is for the caller to sort out."""
    if isinstance(test, Range):
        return test.low.value <= value <= test.high.value
    return _COMPARE[test.op](value, test.bound.value)


def all_true(test: Test, values: Mapping[int, float]) -> list[int]:
    """The keys of the values of which the test is true. `true_of` for thousands at once, without a call for each."""
    if isinstance(test, Range):
        low, high = test.low.value, test.high.value
        return [key for key, value in values.items() if low <= value <= high]
    compare, bound = _COMPARE[test.op], test.bound.value
    return [key for key, value in values.items() if compare(value, bound)]


def excess(test: Test, value: float) -> float:
    """How far inside the test a value is: the larger the truer. For picking the series to name, not for judging."""
    if isinstance(test, Range):
        return min(value - test.low.value, test.high.value - value)
    apart = value - test.bound.value
    match test.op:
        case ">" | ">=":
            return apart
        case "<" | "<=":
            return -apart
        case "==":
            return -abs(apart)
        case _:
            return abs(apart)


_COMPARE: Mapping[Op, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_PLAIN = re.compile(r"[A-Za-z0-9_./:+-]+")


def _tail(for_: Seconds, since: str | None) -> str:
    return (f" for {show_duration(for_)}" if for_ else "") + (f" since {since}" if since else "")
