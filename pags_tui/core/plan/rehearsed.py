"""How long each phase of a run took, for the runs after it. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pags_tui.core.plan.progress import begun_t, phase_done
from pags_tui.core.runbook import Phase
from pags_tui.core.series import Seconds
from pags_tui.core.state import RunState

KEPT = 10
"""Rehearsals that count, the newest ones: older ones were of another plan."""


def took(state: RunState) -> Mapping[str, Seconds]:
    """Seconds on T (a hold costs none) that each finished phase took, from the beginning of its work to its end."""
    return {phase.id: seconds for phase in state.runbook.phases if (seconds := _of(state, phase)) is not None}


def _of(state: RunState, phase: Phase) -> Seconds | None:
    if not phase_done(state, phase):
        return None
    done = [one.t for step in phase.all_steps if (one := state.step(step.id)).outcome and one.t is not None]
    signed = [signature.t for signature in state.signatures.get(phase.id, ()) if signature.t is not None]
    began, ended = begun_t(state, phase), max((*done, *signed), default=None)
    return None if began is None or ended is None else max(0.0, ended - began)


def together(runs: Iterable[RunState]) -> tuple[tuple[str, tuple[Seconds, ...]], ...]:
    """What several runs say of each phase, phases in the order in which they came up."""
    found: dict[str, list[Seconds]] = {}
    for run in runs:
        for phase, seconds in took(run).items():
            found.setdefault(phase, []).append(seconds)
    return tuple((phase, tuple(times)) for phase, times in found.items())
