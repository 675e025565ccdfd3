"""What if: another bound or duration, judged over the whole recording. It changes nothing but what is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pags_tui.core.errors import PagsError
from pags_tui.core.runbook.whatif import rewritten
from pags_tui.desk.port import Player
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.dialogs.questions import Option, Question
from pags_tui.ui.present.supposing import Supposable, differences, supposable
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene

NOTHING = "nothing"
"""Ends the supposition."""


class WhatIfDialog(Dialog):
    """`i` in a replay."""

    def __init__(self, scene: Scene, player: Player, about: str = "", shown: Callable[[], None] = lambda: None) -> None:
        """`about`: the step or trigger under the cursor. `shown`: told when there is something new to see."""
        super().__init__(scene)
        self._player, self._shown = player, shown
        found = supposable(scene.state.runbook, (about,) if about else ())
        self._known = {one.name: one for one in sorted(found, key=lambda one: one.name.partition(".")[0] != about)}

    def heading(self) -> str:
        return "What if"

    def facts(self) -> Sequence[Line]:
        supposed = self._player.supposed
        if supposed is None:
            return [plain("Another bound, another duration: when would it have answered otherwise? "
                          "The night itself stays as it was.", "muted")]  # fmt: skip
        return [*pairs(differences(self.scene, supposed)), ()]

    def questions(self) -> Sequence[Question]:
        options = tuple(Option(one.name, one.present) for one in self._known.values())
        if self._player.supposed is not None:
            options = (Option(NOTHING, "as it was: end the supposition"), *options)
        what = Question("what", "Change what (number or name):", options=options)
        chosen = self._known.get(self.answers.get("what", ""))
        if self.answers.get("what") == NOTHING:
            return (what,)
        present = f"Instead of '{chosen.present}':" if chosen else "Instead:"
        return what, Question("value", present)

    def hint(self) -> str:
        return "'> 2%', 'for 5m' or all of it · d next difference · esc leaves"

    def finish(self) -> None:
        """Judge the recording anew, and show what is otherwise."""
        self.busy = True
        self.run_worker(self._suppose(self._changes()), exit_on_error=False)

    def _changes(self) -> tuple[str, ...]:
        """What is supposed already, with this change beside it or in place of an earlier one of the same key."""
        chosen: Supposable | None = self._known.get(self.answers["what"])
        if chosen is None:
            return ()
        before = self._player.supposed.changes if self._player.supposed else ()
        kept = [change for change in before if not change.startswith(f"{chosen.key}=")]
        return (*kept, f"{chosen.key}={rewritten(chosen.present, self.answers['value'])}")

    async def _suppose(self, changes: Sequence[str]) -> None:
        try:
            await self._player.suppose(changes, lambda part: self.say(f"judging the night anew: {part:.0%}", "muted"))
        except PagsError as error:
            self.busy = False
            self.refused(str(error))
            return
        self.busy = False
        self.answers.clear()
        self.say("")
        self._shown()
        if not changes:
            self.leave()
            return
        self.show_scene(self.scene)


__all__ = ["WhatIfDialog"]
