"""What `check` warns of in a condition: legal, but probably not meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pags_tui.core.conditions.sentences import (
    Condition,
    FlagsReadable,
    MetricCondition,
    Names,
    Quantifier,
    Range,
    Use,
)
from pags_tui.core.units import Unit


@dataclass(frozen=True, slots=True)
class Hint:
    """Something legal that is probably not meant."""

    code: str
    """A stable short name for scripts: `ratio-above-one`, `any-in-gate`, `flags-readable-trigger`, `no-flags`."""
    message: str


def hints(condition: Condition, names: Names, use: Use = Use.GATE) -> tuple[Hint, ...]:
    """What `check` warns of in a condition that can be used."""
    if isinstance(condition, MetricCondition):
        return tuple(_of_metric(condition, use))
    if isinstance(condition, FlagsReadable):
        return tuple(_of_flags_readable(names, use))
    return ()


def _of_metric(condition: MetricCondition, use: Use) -> Iterable[Hint]:
    test = condition.test
    if condition.unit is Unit.RATIO and not condition.within_slo:
        for end in (test.low, test.high) if isinstance(test, Range) else (test.bound,):
            if end.bare and abs(end.value) > 1:
                yield Hint(
                    "ratio-above-one",
                    f"`{end}` on the ratio {condition.metric} means {end.value * 100:g}%; "
                    f"write {end}% if that is meant",
                )
    if use is Use.GATE and condition.quantifier is Quantifier.ANY:
        yield Hint("any-in-gate", f"`any` lets {condition.metric} pass while a single one of its series is good")


def _of_flags_readable(names: Names, use: Use) -> Iterable[Hint]:
    if use is Use.TRIGGER:
        yield Hint("flags-readable-trigger", "in a trigger, `flags readable` is bad as long as the flags can be read")
    if not names.flags:
        yield Hint("no-flags", "`flags readable` never passes, as the runbook names no flag")
