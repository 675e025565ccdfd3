"""Metrics, flags and triggers: what a runbook names to watch and to change. Judges nothing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pags_tui.core.runbook.stub import Condition
from pags_tui.core.runbook.base import Duration, FlagKey, MetricId, Mode, Part, Path, Text, TriggerId
from pags_tui.core.series import FlagValue

Unit = Literal["ratio", "seconds", "bytes", "count", "per-second"]


class Metric(Part):
    """`[metrics.<id>]`: a named query with a unit; it may answer several series."""

    id: MetricId
    """Its name in conditions."""
    title: Text
    """Its name on the screen; left out: the id."""
    unit: Unit = "count"
    """Unit of its values: a ratio (0.005 is 0.5 %), seconds, bytes, a count, or a count per second."""
    query: Text
    """PromQL of the value."""
    enough: Text | None = None
    """PromQL that answers something while there is enough traffic to judge; empty: UNKNOWN (little traffic)."""
    slo: Text | None = None
    """What is promised, as written: a test such as `< 0.5%`."""
    fresh: Text | None = None
    """PromQL of the age of the data in seconds, per series. None: unknown, unless the query is a plain selector."""
    expect: dict[str, tuple[str, ...]] = {}
    """Label to the values that must be there, each its own series."""
    max_age: Annotated[Duration, Field(gt=0)] = 75.0
    """Oldest data that still counts, in seconds: five scrapes of 15 s."""
    stale_after: Annotated[Duration, Field(gt=0)] = 30.0
    """How long a verdict outlives failing queries, in seconds."""
    path: Path = ()
    """Where it stands in the file."""


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
