"""Answers that hold as long as a state does. A screen asks them each second, of every phase, and states are few."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from pags_tui.core.runbook import Phase
from pags_tui.core.state import RunState

T = TypeVar("T")


def once_a_state(answer: Callable[[RunState, Phase], T]) -> Callable[[RunState, Phase], T]:
    """Keeps what was said of the phases of the last state that was asked about: a state never changes."""
    kept: tuple[RunState | None, dict[str, tuple[Phase, T]]] = (None, {})

    @wraps(answer)
    def ask(state: RunState, phase: Phase) -> T:
        nonlocal kept
        of, answers = kept  # one value, and from here on one's own: two threads cannot mix two states
        if of is not state:
            answers = {}
            kept = (state, answers)
        found = answers.get(phase.id)
        if found is None or found[0] is not phase:
            found = answers[phase.id] = phase, answer(state, phase)
        return found[1]

    return ask
