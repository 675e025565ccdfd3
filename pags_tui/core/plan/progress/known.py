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
        if kept[0] is not state:
            kept = (state, {})
        of, answers = kept  # one value, so that two threads cannot mix two states
        found = answers.get(phase.id)
        if of is not state or found is None or found[0] is not phase:
            found = phase, answer(state, phase)
            if of is state:
                answers[phase.id] = found
        return found[1]

    return ask
