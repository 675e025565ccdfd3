"""What a line of a runbook may refer to, and the readers of such references: conditions, values, ranges, roles.

A reference that leads nowhere is noted in the draft with the close match.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, assert_never

from pags_tui.core.conditions import (
    AllSlos,
    Condition,
    ConditionError,
    FlagCondition,
    FlagsReadable,
    FlagType,
    MetricCondition,
    MetricNames,
    Names,
    NoTriggers,
    Use,
    parse,
)
from pags_tui.core.runbook.base import Path, PhaseId
from pags_tui.core.runbook.draft import Draft, kind_of
from pags_tui.core.runbook.services import Services
from pags_tui.core.runbook.sheets import Outline
from pags_tui.core.runbook.signals import Flag, Metric
from pags_tui.core.series import FlagValue
from pags_tui.core.units import Unit


@dataclass
class Scope:
    """Every name of one file."""

    draft: Draft
    outline: Outline
    services: Services
    metrics: Mapping[str, Metric]
    flags: Mapping[str, Flag]
    known_metrics: tuple[str, ...]
    """All that are written, the faulty ones too."""
    known_flags: tuple[str, ...]
    roles: tuple[str, ...]
    triggers: tuple[str, ...]

    @cached_property
    def phase_ids(self) -> tuple[PhaseId, ...]:
        return tuple(sheet.id for sheet in self.outline.phases)

    @cached_property
    def names(self) -> Names:
        """The names that conditions know; a faulty metric or flag keeps its name, so that its fault is told once."""
        metrics = {name: MetricNames(Unit.COUNT) for name in self.known_metrics}
        metrics |= {name: MetricNames(metric.unit, metric.slo) for name, metric in self.metrics.items()}
        flags: dict[str, FlagType] = dict.fromkeys(self.known_flags, "string")
        flags |= {key: flag.type for key, flag in self.flags.items()}
        return Names(metrics, flags, frozenset((*self.phase_ids, *self.by_name, *self.step_ids)))

    @cached_property
    def step_ids(self) -> frozenset[str]:
        return frozenset(line.id for line in self.outline.lines)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """The whole names of the steps that share a short one."""
        found: dict[str, tuple[str, ...]] = {}
        for line in self.outline.lines:
            found[line.name] = (*found.get(line.name, ()), line.id)
        return found

    def conditions(self, value: object, path: Path, place: str | None, use: Use) -> tuple[Condition, ...]:
        """A gate or trigger: one condition or a list of them."""
        if not isinstance(value, list):
            made = self.condition(value, path, place, use)
            return (made,) if made else ()
        if not value:
            self.draft.fault(path, "this list is empty; write a condition, or leave the key out", "empty")
        read = (self.condition(item, (*path, index), place, use) for index, item in enumerate(value))
        return tuple(made for made in read if made)

    def condition(self, value: object, path: Path, place: str | None, use: Use) -> Condition | None:
        """One condition; None with its fault noted."""
        if not isinstance(value, str):
            self.draft.fault(
                path, f'a condition is a text such as "error-rate < 0.5%", not {kind_of(value)}', "wrong-type"
            )
            return None
        try:
            return self._placed(parse(value, self.names, use), path, value, place)
        except ConditionError as error:
            if not self._follows_from_another_fault(value):
                self.draft.fault(path, error.message, error.code, offset=error.column - 1)
            return None

    def _follows_from_another_fault(self, text: str) -> bool:
        faulty = {*self.known_metrics, *self.known_flags} - {*self.metrics, *self.flags}
        return bool(faulty.intersection(text.split())) or (text.startswith("all slos") and bool(faulty))

    def _placed(self, condition: Condition, path: Path, text: str, place: str | None) -> Condition:
        """The condition with its `since` as a whole name; a flag's value must be one that the flag can hold."""
        if isinstance(condition, FlagCondition):
            flag = self.flags.get(condition.key)
            if flag and (why := flag.refuses(condition.value)):
                self.draft.fault(path, why, "flag-value", offset=text.rfind(condition.op))
            return condition
        if isinstance(condition, FlagsReadable) or condition.since is None:
            return condition
        since = self._place(condition.since, path, text, place)
        if isinstance(condition, AllSlos):
            return replace(condition, since=since, slos=tuple(replace(slo, since=since) for slo in condition.slos))
        return replace(condition, since=since)

    def _place(self, since: str, path: Path, text: str, place: str | None) -> str:
        if since in self.phase_ids or since in self.step_ids:
            return since
        here = f"{place}/{since}"
        if here in self.step_ids:
            return here
        candidates = self.by_name.get(since, (since,))
        if len(candidates) > 1:
            message = f"'{since}' is the name of {len(candidates)} steps; write one of {', '.join(candidates)}"
            self.draft.fault(path, message, "ambiguous-place", offset=text.rfind(since))
        return candidates[0]

    def values(self, value: object, path: Path, what: str) -> dict[str, FlagValue]:
        """The flags and values of a `set` or `stage`, in written order, each one that its flag can hold."""
        items = self.draft.table(value, path)
        if not items and isinstance(value, dict):
            self.draft.fault(path, f"`{what}` names no flag; name one, or leave it out", "empty")
        found: dict[str, FlagValue] = {}
        for key, item in items.items():
            if not self.draft.name(key, (*path, key), "flag", self.known_flags, at_key=True):
                continue
            if not isinstance(item, bool | int | float | str):
                self.draft.fault(
                    (*path, key), f"a flag holds true or false, a number or text, not {kind_of(item)}", "flag-value"
                )
            elif key in self.flags and (why := self.flags[key].refuses(item)):
                self.draft.fault((*path, key), why, "flag-value")
            else:
                found[key] = item
        return found

    def phases(self, value: object, path: Path, *, at_key: bool = False) -> tuple[PhaseId, ...]:
        """A range of phases, `a..b` or one id, as ids in file order."""
        if not isinstance(value, str):
            self.draft.fault(path, 'this must be a phase, or a range such as "canary-10..full-cutover"', "wrong-type")
            return ()
        ends = [end.strip() for end in value.split("..")] if ".." in value else [value, value]
        if len(ends) != 2:
            self.draft.fault(path, f"'{value}' is no range of phases; write it as first..last", at_key=at_key)
            return ()
        known = [self.draft.name(end, path, "phase", self.phase_ids, at_key=at_key) for end in dict.fromkeys(ends)]
        if not all(known):
            return ()
        first, last = (self.phase_ids.index(end) for end in ends)
        if first > last:
            self.draft.fault(path, f"'{ends[0]}' comes after '{ends[1]}'; write {ends[1]}..{ends[0]}", at_key=at_key)
        return self.phase_ids[first : last + 1]

    def role(self, value: object, path: Path) -> None:
        """A role must be one of the runbook's."""
        if isinstance(value, str):
            self.draft.name(value, path, "role", self.roles)

    def roles_of(self, value: object, path: Path) -> tuple[str, ...]:
        """One role or a list of them, none twice."""
        items: list[Any] = value if isinstance(value, list) else [value]
        for index, item in enumerate(items):
            at = (*path, index) if isinstance(value, list) else path
            self.draft.name(item, at, "role", self.roles)
            if item in items[:index]:
                self.draft.fault(at, f"'{item}' stands here twice; one role signs once", "duplicate-id")
        return tuple(item for item in items if isinstance(item, str))

    def judged(self, gate: Iterable[Condition]) -> bool:
        """Whether the app can judge all of it: every service it needs is configured."""
        conditions = tuple(gate)
        return bool(conditions) and all(self._served(condition) for condition in conditions)

    def _served(self, condition: Condition) -> bool:
        match condition:
            case MetricCondition() | AllSlos() | NoTriggers():
                return self.services.prometheus is not None
            case FlagCondition(key=key):
                return self.written({key: ""})
            case FlagsReadable():
                return bool(self.services.flag_services)
            case _:
                assert_never(condition)

    def written(self, values: Iterable[str]) -> bool:
        """Whether the app can write all of these flags."""
        keys = tuple(values)
        return bool(keys) and all(
            key in self.flags and self.flags[key].service in self.services.flag_services for key in keys
        )
