"""Views for dialogs about people and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pags_tui.ui.present.views import HelpView, LeadView, MessageView, PollView
from pags_tui.ui.rows import FooterKey
from pags_tui.ui.scene import Scene

Render = Callable[[str, Mapping[str, str]], str]
"""Message id and typed fields to the text; raises PagsError with a plain sentence."""


def lead_view(scene: Scene) -> LeadView:
    """The lead's seat."""
    raise NotImplementedError


def message_view(scene: Scene, comms: str, render: Render, fields: Mapping[str, str] | None = None) -> MessageView:
    """A message, drafted by `render`."""
    raise NotImplementedError


def poll_view(scene: Scene) -> PollView:
    """The last poll."""
    raise NotImplementedError


def help_view(scene: Scene, where: str, keys: Iterable[FooterKey]) -> HelpView:
    """Help for where I am."""
    raise NotImplementedError
