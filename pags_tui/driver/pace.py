"""Who drives a run, and how fast. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from pags_tui.core.series import Seconds


@dataclass(frozen=True, slots=True)
class Identity:
    """The process that owns the run."""

    pid: int
    host: str
    token: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the loop runs."""

    every: Seconds = 5.0
    """Between two ticks, on the run's clock."""
    deadline: Seconds = 4.0
    """Longest wait for the answers of one tick, in real seconds."""
    verify: Seconds | None = None
    """Longest wait for a forward write to be read back, in real seconds; None: as the runbook says."""
    lockstep: bool = False
    """Wait for every piece of work before time goes on: for a clock that jumps."""
