"""A forward change: value now and next, what it means, what stands behind it; the new value must be typed."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.core.decide.asks import Accepted, Ask, ReadFlags, RestoreFlags, SetFlags
from pags_tui.core.decide.flags import RESTORE_WORD
from pags_tui.core.plan.progress import missing_flags
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import facts, in_the_way, plain
from pags_tui.ui.dialogs.questions import Question, word
from pags_tui.ui.painting import glyphs_of
from pags_tui.ui.present import flag_view
from pags_tui.ui.present.views import FlagLine, FlagView
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import Fact
from pags_tui.ui.scene import Scene


class FlagDialog(Dialog):
    """`a` on an action that sets flags."""

    DANGER = True

    def __init__(self, scene: Scene, step: str) -> None:
        super().__init__(scene)
        self.step = step

    def begin(self) -> None:
        """What is shown is read now; the service is asked again meanwhile."""
        self.run_worker(self.room.ask(ReadFlags()), exit_on_error=False)

    @property
    def view(self) -> FlagView:
        """The change as things stand."""
        return flag_view(self.scene, self.step)

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view, arrow = self.view, glyphs_of(self).to
        lines: list[Line] = [plain(view.unreal, "warn"), plain(view.text, "strong")]
        for line in view.lines:
            lines += flag_lines(line, arrow)
        lines += [plain(view.means)]
        lines += [facts((*view.gates, *([Fact(view.signed)] if view.signed else [])))]
        lines += [plain(drift, "bad") for drift in view.drift]
        lines += [plain(view.progress, "warn")]
        return [line for line in (*lines, *in_the_way(view.blockers)) if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        if view.blockers or self._done():
            return ()
        if view.progress:
            return (Question("word", view.prompt, view.typed, also=(RESTORE_WORD,)),)
        return (word(view.prompt, view.typed),)

    def hint(self) -> str:
        return f"{RESTORE_WORD} puts back what is written · esc leaves" if self.view.progress else "esc leaves"

    def make(self) -> Ask:
        view = self.view
        if view.progress and self.answers["word"] == RESTORE_WORD != view.typed:
            return RestoreFlags(self.step, RESTORE_WORD)
        return SetFlags(self.step, self.answers["word"], view.seen)

    def done(self, accepted: Accepted) -> None:
        """The intent is journaled: stay until every flag of it is verified, or somebody must decide."""
        self.say(accepted.said or "written; reading back …", "muted")
        self._leave_when_done()

    def show_scene(self, scene: Scene) -> None:
        super().show_scene(scene)
        if self.ready and self.answers and not self.busy:
            self._leave_when_done()

    def _done(self) -> bool:
        state = self.scene.state
        return not missing_flags(state, state.runbook.step(self.step))

    def _leave_when_done(self) -> None:
        if self.over:
            return
        if self._done():
            self.room.tell(f"{self.view.text}: verified", "ok")
            self.leave()
            return
        mine = [change for change in self.scene.state.owed if change.step == self.step and change.result]
        if mine:
            self.room.tell(f"{mine[0].flag}: the write is {mine[0].result}. {mine[0].detail}", "bad")
            self.leave()


def flag_lines(line: FlagLine, arrow: str) -> list[Line]:
    """`canary-percentage   now 10 → 50`, and where the value comes from."""
    first: Line = (
        (f"{line.name}   ", "strong"), ("now ", "muted"), (line.now, "strong"), (f"   {arrow}   ", "muted"),
        (line.next, "strong"), *(((f"   {line.result}", line.status.level.value),) if line.result else ()),
    )  # fmt: skip
    told = " · ".join(filter(None, (line.read, line.origin)))
    return [first, plain(f"  {told}", "muted")] if told else [first]


__all__ = ["FlagDialog", "flag_lines"]
