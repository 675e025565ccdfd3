"""Views for dialogs that change flags, or decide about a change."""

from __future__ import annotations

from pags_tui.ui.present.views import DriftView, FlagView, OneFlagView, OwedView, RollbackView
from pags_tui.ui.scene import Scene


def flag_view(scene: Scene, step: str) -> FlagView:
    """A forward change of that step."""
    raise NotImplementedError


def rollback_view(scene: Scene) -> RollbackView:
    """Every way back as things stand."""
    raise NotImplementedError


def owed_view(scene: Scene, change: int = 0) -> OwedView | None:
    """A change that is owed (0: the first); None when there is none."""
    return None


def drift_view(scene: Scene, flag: str = "") -> DriftView | None:
    """A flag that drifted (empty: the first); None when there is none."""
    return None


def one_flag_view(scene: Scene, flag: str) -> OneFlagView:
    """The earlier values of a flag."""
    raise NotImplementedError
