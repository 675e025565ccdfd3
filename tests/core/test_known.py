"""What is kept of a state is what would be worked out anew."""

from __future__ import annotations

from dataclasses import replace

from pags_tui.core.plan.progress.known import once_a_state
from pags_tui.core.runbook import Phase
from pags_tui.core.state import RunState
from tests.ui.nights import begun


def test_an_answer_is_worked_out_once_a_state_and_phase() -> None:
    """Another state, or another phase of the same id (amended), is asked about anew."""
    asked: list[tuple[RunState, Phase]] = []

    @once_a_state
    def title(state: RunState, phase: Phase) -> str:
        asked.append((state, phase))
        return f"{state.seq} {phase.title}"

    state = begun().state
    first, second = state.runbook.phases[:2]
    amended = first.model_copy(update={"title": "Amended"})
    later = replace(state, seq=state.seq + 1)
    wanted = [(state, first), (state, second), (state, first), (state, amended), (later, first), (state, first)]
    assert [title(*one) for one in wanted] == [f"{of.seq} {phase.title}" for of, phase in wanted]
    assert asked == [wanted[0], wanted[1], wanted[3], wanted[4], wanted[5]]
