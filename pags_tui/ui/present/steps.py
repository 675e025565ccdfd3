"""The checklist of a phase, or of a group at the end of a runbook."""

from __future__ import annotations

from pags_tui.ui.rows import ChecklistRow
from pags_tui.ui.scene import Scene


def checklist(scene: Scene, phase_id: str | None = None) -> tuple[ChecklistRow, ...]:
    """The rows of that phase or group (`success`, `follow-ups`, `rollback`); None: the present phase."""
    return ()


def checklist_title(scene: Scene, phase_id: str | None = None) -> str:
    """`T+15 Expand to 50% canary`."""
    return ""
