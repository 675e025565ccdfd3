"""The first picture of a run, as its guard makes it for a screen that is still being loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pags_tui.core.events import Actor, Seated
from pags_tui.core.updates import Began
from pags_tui.ui import keys
from pags_tui.ui.present.picture import picture
from pags_tui.ui.rows.picture import encode
from pags_tui.ui.scene import Stage
from pags_tui.wiring.screens import warnings

if TYPE_CHECKING:
    from pags_tui.desk.port import Seat


def first_picture(told: Began, me: Actor, seat: Seat, present: Sequence[Seated], keymap: Mapping[str, str]) -> Any:
    """What a screen of that seat shows of the story so far, as plain JSON."""
    stage = Stage(me, seat, told.now)
    stage.receive(told)
    scene = stage.scene(told.now)
    said = warnings(scene.state.runbook) if scene.state.run else {}
    scene = replace(scene, present=tuple(present), extra=said, keymap=keys.keymap(keymap))
    return encode(picture(scene, keys.footer(scene)))
