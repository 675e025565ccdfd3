"""Views for dialogs about steps, signatures, gates and T."""

from __future__ import annotations

from pags_tui.core.series import Seconds
from pags_tui.ui.present.views import OutcomeView, OverrideView, RecycleView, ResumeView, SignView
from pags_tui.ui.scene import Scene


def sign_view(scene: Scene, phase: str = "") -> SignView | None:
    """A checkpoint (empty: the next unsigned one); None when there is none."""
    return None


def override_view(scene: Scene, step: str) -> OverrideView:
    """A gate to go against."""
    raise NotImplementedError


def outcome_view(scene: Scene, step: str) -> OutcomeView:
    """Another outcome for a step."""
    raise NotImplementedError


def resume_view(scene: Scene) -> ResumeView:
    """T to run again."""
    raise NotImplementedError


def recycle_view(scene: Scene, t: Seconds | None = None) -> RecycleView:
    """T to be set back to `t` (None: to the present phase's time)."""
    raise NotImplementedError
