"""What stands behind a line: pairs of a label and a text."""

from __future__ import annotations

from pags_tui.ui.present.views import Pairs
from pags_tui.ui.scene import Scene


def gate_detail(scene: Scene, step: str) -> Pairs:
    """A gate with its evidence."""
    return ()


def trigger_detail(scene: Scene, trigger: str) -> Pairs:
    """A trigger with its clocks."""
    return ()


def step_detail(scene: Scene, step: str) -> Pairs:
    """A step with all that the runbook and the run say of it."""
    return ()


def metric_detail(scene: Scene, metric: str) -> Pairs:
    """A metric, series by series."""
    return ()


def event_detail(scene: Scene, seq: int) -> Pairs:
    """An event, field by field."""
    return ()
