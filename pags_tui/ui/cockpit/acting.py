"""What each key does: moves the cursor, sends an ask, or opens a dialog. One function a key, found by the key's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from pags_tui.core.decide.asks import Begin, HoldClock, Reopen, Resolve, Veto
from pags_tui.core.plan.progress import is_signed
from pags_tui.core.runbook import Step
from pags_tui.ui import dialogs, present, screens
from pags_tui.ui.cockpit import replaying
from pags_tui.ui.cockpit.low_line import LowLine
from pags_tui.ui.present.views import VETO_REASONS, Pairs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import GateRow, LogRow, TriggerRow
from pags_tui.ui.scene import Scene

if TYPE_CHECKING:
    from pags_tui.ui.app import WarRoom
    from pags_tui.ui.cockpit.screen import Cockpit

Act = Callable[["Cockpit"], None]


def scene_of(cockpit: Cockpit) -> Scene:
    """The scene as it is now."""
    return cockpit.room.scene


def push(cockpit: Cockpit, screen: Screen[None]) -> None:
    """A dialog over whatever is shown."""
    cockpit.app.push_screen(screen)


# ---------------------------------------------------------------- the way back


def roll_back(cockpit: Cockpit) -> None:
    """The plan at once; where it is open already, back to it."""
    stack = cockpit.app.screen_stack
    if any(isinstance(screen, dialogs.RollbackDialog) for screen in stack):
        while not isinstance(cockpit.app.screen, dialogs.RollbackDialog):
            cockpit.app.pop_screen()
        return
    push(cockpit, dialogs.RollbackDialog(scene_of(cockpit)))


# ---------------------------------------------------------------- steps


def chosen_step(cockpit: Cockpit) -> Step | None:
    """The step under the cursor, or a sentence that there is none."""
    name = cockpit.step
    try:
        return scene_of(cockpit).state.runbook.step(name or "")
    except KeyError:
        cockpit.tell("There is no step under the cursor: 2 goes to the checklist.")
        return None


def tick(cockpit: Cockpit) -> None:
    """Absolute: passed where it is open, open where it has an outcome."""
    step = chosen_step(cockpit)
    if step is None:
        return
    room = cockpit.room
    if scene_of(cockpit).state.step(step.id).outcome is not None:
        room.send(Reopen(step.id))
    elif step.capture:
        push(cockpit, dialogs.CaptureDialog(scene_of(cockpit), step.id))
    else:
        room.send(Resolve(step.id))


def perform(cockpit: Cockpit) -> None:
    """The dialog of the action under the cursor."""
    step = chosen_step(cockpit)
    if step is None:
        return
    if step.set and step.written:
        push(cockpit, dialogs.FlagDialog(scene_of(cockpit), step.id))
    elif step.capture:
        push(cockpit, dialogs.CaptureDialog(scene_of(cockpit), step.id))
    elif step.mutes:
        cockpit.room.send(Begin(step.id))
        cockpit.tell(f"Begun; muted meanwhile: {', '.join(step.mutes.triggers)}.")
    elif step.kind == "action":
        open_step(cockpit, step.id)
        cockpit.tell("This is done by hand: y copies its command, space ticks it.")
    else:
        cockpit.tell(f"'{step.text}' is a check, not an action: space ticks it.")


def sign(cockpit: Cockpit) -> None:
    """The checkpoint of the phase that is shown, otherwise the next unsigned one."""
    state = scene_of(cockpit).state
    shown = next(
        (p for p in state.runbook.phases if p.id == cockpit.phase and p.checkpoint and not is_signed(state, p)), None
    )
    push(cockpit, dialogs.SignDialog(scene_of(cockpit), shown.id if shown else ""))


def hold(cockpit: Cockpit) -> None:
    """Hold now, without a dialog; while held, the resume dialog."""
    if scene_of(cockpit).state.hold is None:
        cockpit.room.send(HoldClock())
        cockpit.tell("T is held. Say why by name: ctrl+p, why held. h lets T run again.")
    else:
        push(cockpit, dialogs.ResumeDialog(scene_of(cockpit)))


def on_step(make: Callable[[Scene, str], Screen[None]]) -> Act:
    """A dialog about the step under the cursor."""

    def act(cockpit: Cockpit) -> None:
        step = chosen_step(cockpit)
        if step is not None:
            push(cockpit, make(scene_of(cockpit), step.id))

    return act


def override(cockpit: Cockpit) -> None:
    """Only a step with a gate can be gone against."""
    step = chosen_step(cockpit)
    if step is not None and not step.judged:
        cockpit.tell(f"'{step.text}' has no gate that is judged: x gives it another outcome.")
    elif step is not None:
        push(cockpit, dialogs.OverrideDialog(scene_of(cockpit), step.id))


def note(cockpit: Cockpit) -> None:
    """Beside the step under the cursor."""
    push(cockpit, dialogs.NoteDialog(scene_of(cockpit), cockpit.step or ""))


def dialog(make: Callable[[Scene], Screen[None]]) -> Act:
    """A dialog about the run."""
    return lambda cockpit: push(cockpit, make(scene_of(cockpit)))


# ---------------------------------------------------------------- veto, find


def veto(cockpit: Cockpit) -> None:
    """Five reasons by digit, or words, at the band's place."""
    rows: list[Line] = [(("Veto: a digit does it at once; or type words, then enter. esc leaves.", "strong"),)]
    rows.append(
        tuple(span for n, why in enumerate(VETO_REASONS, 1) for span in ((f"{n} ", "key"), (f"{why}   ", "calm")))
    )
    cockpit.query_one("#veto-line", LowLine).ask("veto", *rows)


def who_is_here(cockpit: Cockpit) -> None:
    """Everybody at a screen of the run."""
    push(cockpit, screens.DetailScreen(scene_of(cockpit), "Who is here", present.present_detail))


def find(cockpit: Cockpit) -> None:
    """A word to look for in the pane with the focus."""
    again = f" (enter: '{cockpit.sought}' again)" if cockpit.sought else ""
    cockpit.find_in = cockpit.here.id or "checklist"
    cockpit.query_one("#find-line", LowLine).ask_plain("find", f"Find in {cockpit.find_in}{again}:")


def said(cockpit: Cockpit, about: str, text: str) -> None:
    """A line was typed."""
    if about == "find":
        look_for(cockpit, text.strip() or cockpit.sought)
    elif about == "go-to":
        replaying.go_to(cockpit, text.strip())
    elif about == "veto" and text.strip():
        cockpit.room.send(Veto(text.strip()))
    elif about == "veto":
        cockpit.tell("Nothing was vetoed: v, then a digit from 1 to 5, or words.")


def typing(cockpit: Cockpit, line: LowLine, about: str, text: str) -> None:
    """A single digit is a veto at once."""
    if about == "veto" and text in tuple("12345"):
        line.close()
        cockpit.room.send(Veto(VETO_REASONS[int(text) - 1]))


def look_for(cockpit: Cockpit, text: str) -> None:
    """The cursor on the next row that holds the words."""
    if not text:
        return
    cockpit.sought = text
    pane = cockpit.pane(cockpit.find_in)
    ids = [row.id for row in pane.rows if pane.can_choose(row) and text.lower() in row_text(row).lower()]
    order = [row.id for row in pane.rows]
    here = order.index(pane.cursor_id) if pane.cursor_id in order else -1
    after = [one for one in ids if order.index(one) > here] or ids
    if not after:
        cockpit.tell(f"'{text}' is not in {cockpit.find_in}.")
        return
    pane.select(after[0])
    pane.focus()


def row_text(row: Any) -> str:
    """Everything that a row says."""
    return " ".join(
        value for field in fields(row) if isinstance(value := getattr(row, field.name), str) and field.name != "id"
    )


# ---------------------------------------------------------------- opening


def open_row(cockpit: Cockpit, pane: str, row_id: str) -> None:
    """What is under the cursor of a pane."""
    if pane == "timeline":
        cockpit.show_phase(phase_of(scene_of(cockpit), row_id))
    elif pane == "metrics":
        push(cockpit, screens.GraphScreen(scene_of(cockpit), row_id))
    elif pane == "gates":
        open_gate(cockpit, row_id)
    elif pane == "log":
        open_event(cockpit, row_id)
    else:
        open_step(cockpit, row_id)


def phase_of(scene: Scene, row_id: str) -> str:
    """The phase or group behind a line of the timeline: a checkpoint's line leads to its phase."""
    ids = {phase.id for phase in scene.state.runbook.phases}
    return row_id if row_id in ids or "/" not in row_id else row_id.split("/")[0]


def open_step(cockpit: Cockpit, step_id: str) -> None:
    """A step with all that is known of it; `y` copies its command."""
    try:
        step = scene_of(cockpit).state.runbook.step(step_id)
    except KeyError:
        return
    detail = partial(_told, present.step_detail, step_id)
    push(cockpit, screens.DetailScreen(scene_of(cockpit), step.text, detail, step.command or "", step.id))


def open_gate(cockpit: Cockpit, row_id: str) -> None:
    """A gate with its evidence, or a trigger with its clocks."""
    row = cockpit.pane("gates").cursor_row
    if isinstance(row, GateRow):
        push(cockpit, screens.DetailScreen(scene_of(cockpit), row.title, partial(_told, present.gate_detail, row_id)))
    elif isinstance(row, TriggerRow):
        push(
            cockpit, screens.DetailScreen(scene_of(cockpit), row.title, partial(_told, present.trigger_detail, row_id))
        )


def open_event(cockpit: Cockpit, row_id: str) -> None:
    """An event, field by field."""
    row = cockpit.pane("log").cursor_row
    if isinstance(row, LogRow) and row_id.isdigit():
        detail = partial(_told_event, int(row_id))
        push(cockpit, screens.DetailScreen(scene_of(cockpit), f"{row.wall} {row.text}", detail))


def _told(detail: Callable[[Scene, str], Pairs], name: str, scene: Scene) -> Pairs:
    return detail(scene, name)


def _told_event(seq: int, scene: Scene) -> Pairs:
    return present.event_detail(scene, seq)


# ---------------------------------------------------------------- copying, leaving, terminal


def copy(cockpit: Cockpit) -> None:
    """The command of the step under the cursor, otherwise the line itself."""
    row = cockpit.here.cursor_row
    if row is None:
        cockpit.tell("There is nothing under the cursor to copy.")
        return
    text = row_text(row)
    if cockpit.here.id == "checklist" and (step := chosen_step(cockpit)):
        text = step.command or step.text
    cockpit.tell(f"{cockpit.room.copy(text)}: {text}")


def leave(cockpit: Cockpit) -> None:
    """Asked once at a desk; the same key again leaves. Whoever only looks leaves at once."""
    if scene_of(cockpit).seat != "desk" or isinstance(cockpit.app.screen, dialogs.LeaveDialog):
        cockpit.room.leave()
    else:
        push(cockpit, dialogs.LeaveDialog(scene_of(cockpit)))


def switch_mouse(cockpit: Cockpit) -> None:
    """On or off, and which it is now."""
    on = cast("WarRoom", cockpit.app).switch_mouse()
    cockpit.tell(
        "The mouse is on: hold shift to select text."
        if on
        else "The mouse is off: the terminal copies as it always does."
    )


ACTS: Mapping[str, Act] = {
    "rollback": roll_back,
    "down": lambda cockpit: cockpit.here.move(1),
    "up": lambda cockpit: cockpit.here.move(-1),
    "first": lambda cockpit: cockpit.here.first(),
    "last": lambda cockpit: cockpit.here.last(),
    "page-down": lambda cockpit: cockpit.here.page(1),
    "page-up": lambda cockpit: cockpit.here.page(-1),
    "next-pane": lambda cockpit: cockpit.next_pane(1),
    "previous-pane": lambda cockpit: cockpit.next_pane(-1),
    "pane-timeline": lambda cockpit: cockpit.show_pane("timeline"),
    "pane-checklist": lambda cockpit: cockpit.show_pane("checklist"),
    "pane-metrics": lambda cockpit: cockpit.show_pane("metrics"),
    "pane-gates": lambda cockpit: cockpit.show_pane("gates"),
    "pane-log": lambda cockpit: cockpit.show_pane("log"),
    "tick": tick,
    "open": lambda cockpit: cockpit.here.open(),
    "act": perform,
    "sign": sign,
    "hold": hold,
    "override": override,
    "outcome": on_step(dialogs.OutcomeDialog),
    "note": note,
    "issue": dialog(dialogs.IssueDialog),
    "message": lambda cockpit: push(cockpit, dialogs.message_dialog(scene_of(cockpit))),
    "poll": dialog(dialogs.PollDialog),
    "why": dialog(dialogs.WhyDialog),
    "veto": veto,
    "help": lambda cockpit: push(cockpit, screens.HelpScreen(scene_of(cockpit), cockpit.here.id or "checklist")),
    "palette": dialog(screens.PaletteScreen),
    "find": find,
    "zoom": lambda cockpit: cockpit.zoom(),
    "copy": copy,
    "redraw": lambda cockpit: cast("WarRoom", cockpit.app).repaint(),
    "mouse": switch_mouse,
    "recycle": dialog(dialogs.RecycleDialog),
    "hold-reason": dialog(dialogs.HoldReasonDialog),
    "t-zero": dialog(dialogs.TZeroDialog),
    "mute": dialog(dialogs.MuteDialog),
    "retire": dialog(dialogs.RetireDialog),
    "drift": dialog(dialogs.DriftDialog),
    "owed": dialog(dialogs.OwedDialog),
    "lead": dialog(dialogs.LeadDialog),
    "people": dialog(dialogs.PeopleDialog),
    "present": who_is_here,
    "amend": dialog(dialogs.AmendDialog),
    "end": dialog(dialogs.EndDialog),
    "flag": dialog(dialogs.OneFlagDialog),
    "quit": leave,
    "quit-now": leave,
    **replaying.ACTS,
}
"""By id of the key; a test holds it against the key table."""
