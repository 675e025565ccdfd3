"""The way back: the plan, opened at once by F9 from anywhere. Typing the word runs it; afterwards a line per step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from pags_tui.core.decide.asks import Accepted, Ask, ReadFlags, RollBack
from pags_tui.core.plan.confirmed import first_known, last_write
from pags_tui.core.series import FlagValue
from pags_tui.core.state import Change
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import plain
from pags_tui.ui.dialogs.questions import Question, word
from pags_tui.ui.present import rollback_view
from pags_tui.ui.present.views import RollbackLine, RollbackView, WayBack
from pags_tui.ui.renderables.clean import cut
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, gap, width_of
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import Level, Mark, Status
from pags_tui.ui.scene import Scene

LISTED = 10
"""Most lines of the plan at once; the rest is scrolled to."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One flag of the plan, as the list draws it."""

    id: str
    text: str
    now: str
    after: str
    chosen: bool
    added: bool = False
    """Not of this way: changed by this run and left alone by it."""
    note: str = ""
    status: Status | None = None
    """How its write stands, once confirmed."""


class PlanList(RowList[PlanRow]):
    """The lines of the plan; the screen toggles them."""

    DEFAULT_CSS = """
    PlanList { height: auto; background: $surface; margin: 0 0 1 0; }
    PlanList:focus { background: $surface; }
    """

    def draw(self, row: PlanRow, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """`✓ canary-percentage  50 → 0  verified`."""
        mark = glyphs.mark(Mark.PASS if row.chosen else Mark.SKIPPED) if row.status is None else ""
        change = f"{glyphs.text(row.now)} {glyphs.to} {glyphs.text(row.after)}"
        tail = (
            row.note if row.status is None else f"{glyphs.mark(row.status.mark)} {row.status.word} {row.note}".strip()
        )
        role = row.status.level.value if row.status else "muted"
        name_room = max(12, min(28, width - len(change) - 16))
        name = cut(glyphs.text(row.text), name_room, glyphs.end)
        line: Line = (
            (f"{glyphs.cursor if chosen else ' '}{mark or ' '} ", "ok" if row.chosen else "warn"),
            (name + " " * (name_room - len(name) + 1), "calm" if row.chosen else "muted"),
            (f"{change:<16} ", "strong" if row.chosen else "muted"),
        )
        rest = width - width_of(line)
        return ((*line, (cut(glyphs.text(tail), rest, glyphs.end), role), gap(0)),)


class RollbackDialog(Dialog):
    """F9."""

    DANGER = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "swap_focus", "choose", show=False, priority=True),
        Binding("shift+tab", "swap_focus", "choose", show=False, priority=True),
        Binding("space", "toggle_line", "toggle", show=False),
        Binding("left", "way(-1)", "option", show=False),
        Binding("right", "way(1)", "option", show=False),
        Binding("y", "copy_by_hand", "copy", show=False),
        Binding("j,down", "cursor(1)", "down", show=False),
        Binding("k,up", "cursor(-1)", "up", show=False),
    ]

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._way = ""
        self._left_out: set[str] = set()
        self._added: set[str] = set()
        self._confirmed = 0
        """Number of the rollback that was confirmed here; 0: none yet."""

    def begin(self) -> None:
        """The plan at once; the values are read meanwhile."""
        if self.scene.seat == "desk":
            self.run_worker(self.room.ask(ReadFlags()), exit_on_error=False)

    def begins_at(self) -> Widget:
        """The list where nothing can be typed."""
        return self.query_one(PlanList) if self._watches else super().begins_at()

    # ------------------------------------------------------------ what it says

    @property
    def _watches(self) -> bool:
        return self.scene.seat == "watch"

    @property
    def view(self) -> RollbackView:
        """Every way back as things stand."""
        return rollback_view(self.scene)

    def way(self) -> WayBack | None:
        """The chosen way; the first one where that is not there any more."""
        ways = self.view.ways
        return next((way for way in ways if way.id == self._way), ways[0] if ways else None)

    def heading(self) -> str:
        return self.view.title

    def hint(self) -> str:
        if self._confirmed:
            on = "" if self._over() else ", the rollback goes on"
            return f"{'y copies · ' if self._failed() else ''}esc leaves{on}"
        return "esc leaves" if self._watches else "tab: the list · space: leave a line out · esc leaves"

    def facts(self) -> Sequence[Line]:
        view, way = self.view, self.way()
        lines: list[Line] = [plain(view.warning, "bad"), plain(view.running, "warn")]
        if self._confirmed:
            return [line for line in (plain(view.warning, "bad"), *self._progress()) if line]
        lines.append(((view.ready.text, view.ready.level.value),))
        if way is None:
            return [line for line in (*lines, plain("There is nothing to write back.")) if line]
        number = [one.id for one in view.ways].index(way.id) + 1
        more = f"  ({number} of {len(view.ways)}, tab then ← →)" if len(view.ways) > 1 else ""
        lines += [((way.title, "strong"), (more, "muted")), plain(way.summary)]
        lines += [plain(f"cannot undo: {way.loses}", "warn") if way.loses and way.loses not in way.summary else ()]
        lines += [plain(f"by hand: {step}", "warn") for step in way.manual]
        return [line for line in lines if line and any(text for text, _ in line)]

    def questions(self) -> Sequence[Question]:
        if self._confirmed or self._watches or not self.moves():
            return ()
        view = self.view
        return (word(view.prompt, view.typed),)

    def beside(self) -> str:
        """What is not as the plan has it, beside the word."""
        way = self.way()
        out = sum(line.flag in self._left_out for line in way.lines) if way else 0
        parts = [f"{out} left out"] * bool(out) + [f"{len(self._added)} added"] * bool(self._added)
        left = [line for line in way.left if line.flag not in self._added] if way else []
        parts += [f"{len(left)} not in it"] * bool(left)
        return ", ".join(parts)

    def moves(self) -> tuple[RollbackLine, ...]:
        """What is chosen, in order."""
        way = self.way()
        if way is None:
            return ()
        chosen = (line for line in way.lines if line.flag not in self._left_out)
        return (*chosen, *(line for line in way.left if line.flag in self._added))

    def make(self) -> Ask:
        way = self.way()
        moves = tuple(line.move for line in self.moves())
        return RollBack(self.view.typed, moves, way.title if way else "")

    def done(self, accepted: Accepted) -> None:
        """It runs: stay, and show how each step goes."""
        self._confirmed = self.scene.state.rollback.number if self.scene.state.rollback else 0
        self.say(accepted.said)
        self.show_scene(self.room.scene)

    # ------------------------------------------------------------ how it goes

    def show_scene(self, scene: Scene) -> None:
        running = scene.state.rollback
        if running and self.answers and not self.busy:
            self._confirmed = running.number
        super().show_scene(scene)
        if self.ready:
            rows = self._rows()
            plan = self.query_one(PlanList)
            plan.rows = rows
            plan.styles.height = min(len(rows), self._most())
            plan.display = bool(rows)

    def _most(self) -> int:
        return max(2, min(LISTED, self.app.size.height - 14))

    def taken(self) -> int:
        return min(len(self._rows()), self._most()) + 1

    def extra(self) -> Sequence[Widget]:
        return (PlanList(id="plan"),)

    def _rows(self) -> tuple[PlanRow, ...]:
        if self._confirmed:
            return self._running_rows()
        way = self.way()
        if way is None:
            return ()
        rows = [
            PlanRow(line.flag, line.flag, line.now, line.after, line.flag not in self._left_out, note=_note(line))
            for line in way.lines
        ]
        rows += [
            PlanRow(line.flag, line.flag, line.now, line.after, line.flag in self._added, True, "not in this plan")
            for line in way.left
        ]
        return tuple(rows)

    def _running_rows(self) -> tuple[PlanRow, ...]:
        state = self.scene.state
        rollback = next((one for one in state.rollbacks if one.number == self._confirmed), None)
        if rollback is None:
            return ()
        rows = []
        for move in rollback.moves:
            change = last_write(state, rollback, move.flag)
            status, note = _went(change, rollback.finished is not None)
            before = _text(change, first_known(state, rollback, move.flag))
            rows.append(PlanRow(move.flag, move.flag, before, _text_of(move.value), True, note=note, status=status))
        return tuple(rows)

    def _progress(self) -> list[Line]:
        """How many are verified; for what failed, the command by hand."""
        state = self.scene.state
        rollback = next((one for one in state.rollbacks if one.number == self._confirmed), None)
        if rollback is None:
            return [plain("confirmed: the guard begins …")]
        writes = [last_write(state, rollback, move.flag) for move in rollback.moves]
        done = sum(1 for change in writes if change and change.holds)
        said = f"{done}/{len(rollback.moves)} verified"
        over = rollback.finished is not None
        level = Level.OK if done == len(rollback.moves) else Level.BAD if over else Level.WARN
        lines: list[Line] = [((("finished: " if over else "running: ") + said, level.value),)]
        for change in self._failed():
            lines += [plain(f"{change.flag}: {change.detail}. By hand:", "bad"), plain(change.curl, "strong")]
        return lines

    def _over(self) -> bool:
        """The rollback that was confirmed here is finished."""
        rollbacks = self.scene.state.rollbacks
        return any(one.number == self._confirmed and one.finished is not None for one in rollbacks)

    def _failed(self) -> list[Change]:
        """The last write of each flag that did not succeed, where there is a command for it."""
        state = self.scene.state
        rollback = next((one for one in state.rollbacks if one.number == self._confirmed), None)
        writes = [last_write(state, rollback, move.flag) for move in rollback.moves] if rollback else []
        return [change for change in writes if change and not change.holds and change.curl]

    # ------------------------------------------------------------ the list's keys

    @property
    def _in_list(self) -> bool:
        return isinstance(self.focused, PlanList)

    def action_swap_focus(self) -> None:
        """To the list, and back to the word."""
        self.query_one("#typed" if self._in_list else "#plan").focus()

    def action_cursor(self, by: int) -> None:
        """Up and down in the list."""
        if self._in_list:
            self.query_one(PlanList).move(by)

    def action_copy_by_hand(self) -> None:
        """The commands for what failed, to the clipboard of the terminal."""
        if commands := [change.curl for change in self._failed()]:
            self.say(self.room.copy("\n".join(commands)), "muted")

    def action_toggle_line(self) -> None:
        """Leave the line out, or take it in again."""
        row = self.query_one(PlanList).cursor_row
        if not self._in_list or row is None or self._confirmed:
            return
        chosen = self._added if row.added else self._left_out
        chosen.symmetric_difference_update({row.id})
        self.show_scene(self.scene)

    def action_way(self, by: int) -> None:
        """Another way back: a named option, as before the night, as at a signed checkpoint."""
        ways = [way.id for way in self.view.ways]
        if not self._in_list or self._confirmed or len(ways) < 2:
            return
        now = self.way()
        self._way = ways[(ways.index(now.id if now else "") + by) % len(ways)]
        self._left_out.clear()
        self._added.clear()
        self.show_scene(self.scene)


def _note(line: RollbackLine) -> str:
    return "already so" if line.already else line.step


def _text(change: Change | None, first: FlagValue | None) -> str:
    return "?" if change is None else _text_of(first)


def _text_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "not read" if value is None else str(value)


def _went(change: Change | None, over: bool) -> tuple[Status, str]:
    """How one write stands."""
    if change is None:
        return Status(Mark.FUTURE, "waits", Level.MUTED), ""
    if change.holds:
        return Status(Mark.PASS, "verified", Level.OK), ""
    if change.result is None:
        return Status(Mark.SETTLING, "writing", Level.WARN), ""
    return Status(Mark.FAIL, change.result, Level.BAD), "" if over else "will be tried again"


__all__ = ["RollbackDialog"]
