"""Metrics, flags and triggers: what a runbook names to watch and to change. Judges nothing."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pags_tui.core.conditions import Condition, Test, parse_test
from pags_tui.core.errors import said
from pags_tui.core.runbook.base import Duration, FlagKey, MetricId, Mode, Part, Path, Text, TriggerId
from pags_tui.core.series import FlagValue
from pags_tui.core.units import Unit

PLAIN = re.compile(r'[a-zA-Z_:][\w:]*(\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})?|\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}')
"""A query that is one selector and nothing else."""


def _address(value: object) -> object:
    """A web address without a secret: it is shown, copied and recorded."""
    if isinstance(value, str) and not re.fullmatch(r"https?://[^\s/@\x00-\x20\x7f]+(/[^\s\x00-\x20\x7f]*)?", value):
        raise ValueError(f"'{said(value, 60)}' is no web address; write it whole, without a password: https://…")
    return value


def _unit(value: object) -> object:
    """A unit by its name in the file."""
    if not isinstance(value, str) or value not in set(Unit):
        raise ValueError(f"'{said(str(value), 60)}' is no unit; write one of {', '.join(Unit)}")
    return Unit(value)


class Metric(Part):
    """`[metrics.<id>]`: a named query with a unit; it may answer several series."""

    id: MetricId
    """Its name in conditions."""
    title: Text
    """Its name on the screen; left out: the id."""
    unit: Annotated[Unit, BeforeValidator(_unit)] = Unit.COUNT
    """Unit of its values: a ratio (0.005 is 0.5 %), seconds, bytes, a count, or a count per second."""
    query: Text
    """PromQL of the value."""
    enough: Text | None = None
    """PromQL that answers something while there is enough traffic to judge; empty: UNKNOWN (little traffic)."""
    slo: Text | None = None
    """What is promised, as written: a test such as `< 0.5%`."""
    fresh: Text | None = None
    """PromQL of the age of the data in seconds, per series. None: unknown, unless the query is a plain selector."""
    expect: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Label to the values that must be there, each its own series."""
    max_age: Annotated[Duration, Field(gt=0)] = 75.0
    """Oldest data that still counts, in seconds: five scrapes of 15 s."""
    stale_after: Annotated[Duration, Field(gt=0)] = 30.0
    """How long a verdict outlives failing queries, in seconds."""
    ceiling: Annotated[float, Field(gt=0)] | None = None
    """The highest value the query can answer, in its own unit: a histogram's top finite bucket. None: not known."""
    dashboard: Annotated[Text, BeforeValidator(_address)] | None = None
    """Address of a dashboard that shows more of it: it stands in the metric's detail, where `y` copies it."""
    path: Path = ()
    """Where it stands in the file."""

    @cached_property
    def slo_test(self) -> Test | None:
        """The promise as a test in the metric's own unit."""
        return parse_test(self.slo, self.unit) if self.slo else None

    @property
    def fresh_query(self) -> str | None:
        """PromQL of the data's age: `fresh`, else made from a plain selector, else None (age unknown)."""
        if self.fresh:
            return self.fresh
        return f"time() - timestamp({self.query.strip()})" if PLAIN.fullmatch(self.query.strip()) else None


WORDS = {"boolean": "true or false", "integer": "a whole number", "string": "a text in quotes"}


def shown(value: FlagValue) -> str:
    """A flag's value as TOML and JSON write it."""
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else f"{value:g}"


class Flag(Part):
    """`[flags.<key>]`: a value in a flag service."""

    key: FlagKey
    """Its name in the flag service."""
    title: str | None = None
    """A name for people; None: the key."""
    env: Text | None = None
    """Its environment name, such as VITE_CANARY_PERCENTAGE."""
    type: Literal["boolean", "integer", "string"]
    """The JSON type of its values."""
    range: tuple[int, int] | None = None
    """Lowest and highest value of an integer, both allowed."""
    before: FlagValue | None = None
    """Its value before the night; another one at the start blocks until accepted. None: whatever it is."""
    service: Text = "flags"
    """The flag service that holds it: `[services.<name>]`."""
    path: Path = ()
    """Where it stands in the file."""

    def refuses(self, value: FlagValue) -> str | None:
        """Why it cannot hold `value`, as a sentence; None when it can."""
        kinds = {"boolean": bool, "integer": int, "string": str}
        is_bool = isinstance(value, bool)
        if not isinstance(value, kinds[self.type]) or is_bool != (self.type == "boolean"):
            return f"{shown(value)} is no {self.type}, which {self.key} is; write {WORDS[self.type]}"
        if self.range and not is_bool and isinstance(value, int) and not self.range[0] <= value <= self.range[1]:
            return f"{value} is outside the range of {self.key}; write {self.range[0]} to {self.range[1]}"
        return None


class Trigger(Part):
    """`[triggers.<id>]`: a condition that, when it lasts, means roll back."""

    id: TriggerId
    """Its name."""
    title: Text
    """Its name on the screen; left out: the id."""
    when: tuple[Condition, ...]
    """Any of these, each with its own clocks."""
    auto: Mode | None = None
    """What it does instead of the armed range's mode; None: as the range says."""
    path: Path = ()
    """Where it stands in the file."""
