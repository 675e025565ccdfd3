"""Metrics and their courses."""

from __future__ import annotations

from pags_tui.ui.rows import GraphRow, MetricRow
from pags_tui.ui.scene import Scene


def metrics(scene: Scene) -> tuple[MetricRow, ...]:
    """Every metric of the runbook with its recent course."""
    return ()


def graph(scene: Scene, metric: str) -> GraphRow:
    """One metric over the whole screen. KeyError for an unknown one."""
    return GraphRow(metric, metric)
