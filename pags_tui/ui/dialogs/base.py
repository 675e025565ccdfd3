"""The base of every dialog: facts first, the question last, something typed before anything happens.

A dialog says its heading, its facts, its questions, and the ask that the answers make. It is told the scene at each
refresh and says them anew, so that nothing old stands on the screen while somebody types. It decides nothing: a refusal
comes back as a sentence, and the dialog stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.ui.dialogs.entry import Entry, Lines, plain
from pags_tui.ui.dialogs.questions import Question
from pags_tui.ui.dialogs.room import Room
from pags_tui.ui.painting import name_frame
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene

HEAD = 2
"""Rows of the header, which no dialog covers."""
FRAME = 5
"""Rows of a dialog that are not facts: its frame, the question, the sentence below it."""


class Overlay(ModalScreen[None]):
    """A screen over another one, which stays to be seen beside it, its header always."""

    DEFAULT_CSS = """
    Overlay { align: center middle; }
    Overlay #box { width: 80; max-width: 100%; height: auto; max-height: 100%; margin: 2 0 0 0; padding: 0 1;
      background: $surface; border: round $primary; border-title-color: $primary; border-title-style: bold;
      border-title-background: $surface; border-subtitle-color: $secondary; border-subtitle-background: $surface; }
    .-ascii Overlay #box { border: ascii $primary; }
    """
    SCOPED_CSS = False

    def __init__(self) -> None:
        super().__init__()
        self.styles.background = "transparent"
        self.over = False
        """It has nothing more to do."""

    def leave(self) -> bool:
        """Go; from under another screen, as soon as that one has gone: a key that came first may have opened it.

        True where it goes now.
        """
        self.over = True
        if self.is_active:
            self.dismiss()
            return True
        return False

    def on_screen_resume(self) -> None:
        """What ended under another screen goes now."""
        if self.over:
            self.call_later(self.leave)


class Dialog(Overlay):
    """One dialog. Subclasses say `heading`, `facts`, `questions` and `make`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_dialog", "leave", show=False),
        Binding("pageup", "page(-1)", "before", show=False),
        Binding("pagedown", "page(1)", "more", show=False),
    ]

    DEFAULT_CSS = """
    Dialog.-danger #box { border: heavy $error; border-title-color: $error; }
    .-ascii Dialog.-danger #box { border: ascii $error; }
    Dialog #question { margin: 1 0 0 0; height: 1; width: 100%; layout: horizontal; }
    Dialog #prompt { width: auto; max-width: 75%; height: 1; margin: 0 1 0 0; }
    Dialog #beside { width: auto; max-width: 50%; height: 1; }
    Dialog.-tiny #question { layout: vertical; height: 2; }
    Dialog #answer { height: auto; max-height: 3; }
    """
    SCOPED_CSS = False

    DANGER: ClassVar[bool] = False
    """Drawn as something that cannot be taken back easily."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.answers: dict[str, str] = {}
        self.busy = False
        self.ready = False
        """The widgets are there."""
        self.set_class(self.DANGER, "-danger")

    # ------------------------------------------------------------ what each dialog says

    def heading(self) -> str:
        """What it is about."""
        raise NotImplementedError

    def facts(self) -> Sequence[Line]:
        """What must be known before the question."""
        return ()

    def questions(self) -> Sequence[Question]:
        """What must be typed, in order; may depend on `answers`."""
        return ()

    def make(self) -> Ask | None:
        """The ask that the answers make; None: there is nothing to ask for."""
        return None

    def extra(self) -> Sequence[Widget]:
        """Widgets between the facts and the question."""
        return ()

    def beside(self) -> str:
        """What stands behind the line to type into."""
        return ""

    def hint(self) -> str:
        """What the lower edge says."""
        return "esc leaves"

    # ------------------------------------------------------------ building

    @property
    def room(self) -> Room:
        """The App, as far as a dialog may use it."""
        return cast(Room, self.app)

    @property
    def question(self) -> Question | None:
        """The first one that has no answer yet; None as well where what it is about has gone meanwhile."""
        try:
            return next((question for question in self.questions() if question.id not in self.answers), None)
        except KeyError:
            return None

    def compose(self) -> ComposeResult:
        """Frame, alarm, facts, whatever a dialog adds, question, sentence."""
        with Vertical(id="box"):
            yield Lines(id="alarm")
            yield Lines(id="told")
            yield from self.extra()
            with Container(id="question"):
                yield Lines(id="prompt")
                yield Entry()
                yield Lines(id="beside")
            yield Lines(id="answer")

    def on_mount(self) -> None:
        """Show what is known, the focus in the empty line. Textual calls every `on_mount`: subclasses have `begin`."""
        self.ready = True
        self.begin()
        self.show_scene(self.scene)
        self.begins_at().focus()

    def begin(self) -> None:
        """What a dialog does once, when it opens."""

    def begins_at(self) -> Widget:
        """The widget that has the focus at first."""
        return self.query_one(Entry)

    def show_scene(self, scene: Scene) -> None:
        """Say everything anew."""
        self.scene = scene
        if not self.ready:
            return
        box, question = self.query_one("#box"), self.question
        try:
            title, lines = self.heading(), [*self.facts(), *self._answered(), *_options(question)]
        except KeyError:
            title, lines, question = "Gone", [plain("This is not there any more.")], None
        name_frame(box, self.room.glyphs.text(title), self.room.glyphs.text(self.hint()))
        self.query_one("#alarm", Lines).said = alarm(scene)
        self.query_one("#told", Lines).said = lines
        line, shown = self.query_one("#question"), question is not None
        back = shown and not line.display
        line.display = shown
        if back:  # hidden, it lost the focus: whoever types goes on at the question that is asked again
            self.begins_at().focus()
        if question is not None:
            self.query_one("#prompt", Lines).tell(question.prompt, "strong")
            beside = self.beside()
            self.query_one("#beside", Lines).tell(f" {beside}" if beside else "", "warn")
        self._fit()

    def _answered(self) -> list[Line]:
        """What was typed so far."""
        told = [q for q in self.questions() if self.answers.get(q.id) and not q.secret]
        return [
            ((f"{question.prompt.rstrip(':')}: ", "muted"), (self.answers[question.id], "strong")) for question in told
        ]

    def _fit(self) -> None:
        """Leave room for the question, whatever the facts want."""
        rows = self.app.size.height - HEAD - FRAME - self.taken()
        self.query_one("#told").styles.max_height = max(1, rows)

    def taken(self) -> int:
        """Rows that the widgets of `extra` take."""
        return 0

    def on_resize(self) -> None:
        """Fit into what the terminal has now."""
        self._fit()

    # ------------------------------------------------------------ typing

    @on(Input.Submitted, "#typed")
    def typed(self, event: Input.Submitted) -> None:
        """Take an answer; with the last one, ask."""
        event.stop()
        question = self.question
        if self.busy or question is None:
            return
        answer, wrong = question.answer(event.value)
        if wrong:
            if question.word is not None:
                event.input.value = ""
            self.say(wrong, "warn")
            return
        self.answers[question.id] = answer
        event.input.value = ""
        self.say("")
        if self.question is None:
            self.finish()
        self.show_scene(self.scene)

    @on(Input.Changed, "#typed")
    def changed(self, event: Input.Changed) -> None:
        """A sentence stands until the next key."""
        event.stop()
        if event.value and not self.busy:
            self.say("")

    def say(self, sentence: str, role: str = "calm") -> None:
        """A sentence below the question."""
        self.query_one("#answer", Lines).tell(sentence, role)

    # ------------------------------------------------------------ asking

    def finish(self) -> None:
        """Every question has its answer: send the ask."""
        try:
            ask = self.make()
        except KeyError:
            self.say("This is not there any more: nothing was asked.", "warn")
            return
        if ask is None:
            self.leave()
            return
        self.send(ask)

    def send(self, ask: Ask) -> None:
        """Ask, and stay until there is an answer."""
        self.busy = True
        self.say("asking …", "muted")
        self.run_worker(self._send(ask), exit_on_error=False)

    async def _send(self, ask: Ask) -> None:
        accepted = await self.room.ask(ask)
        self.busy = False
        if not self.is_attached:
            self.room.tell(accepted.said, "bad" if accepted.refused else "calm")
        elif accepted.refused:
            self.refused(accepted.said)
        else:
            self.done(accepted)

    def refused(self, sentence: str) -> None:
        """Nothing happened: say why, and ask the last question again."""
        if self.answers:
            self.answers.popitem()
        self.say(sentence, "bad")
        self.show_scene(self.scene)

    def done(self, accepted: Accepted) -> None:
        """It happened: say so where it can be read, and leave."""
        self.room.tell(accepted.said)
        self.leave()

    # ------------------------------------------------------------ leaving, paging

    def action_leave_dialog(self) -> None:
        """Nothing happens."""
        self.leave()

    def action_page(self, by: int) -> None:
        """Other facts, where not all can be shown."""
        self.query_one("#told", Lines).page(by)


def alarm(scene: Scene) -> Sequence[Line]:
    """What runs on under every dialog: a countdown, and at a desk how to veto it."""
    countdown = scene.state.countdown
    if countdown is None:
        return ()
    left = max(0, round((countdown.ends - scene.now).total_seconds()))
    veto = ": esc, then v vetoes" if scene.seat == "desk" else ""
    return ((((f" ROLLBACK IN {left} s ", "alarm")), (f" {', '.join(countdown.triggers)}{veto}", "bad")),)


def _options(question: Question | None) -> list[Line]:
    """What can be chosen, numbered."""
    if question is None or not question.options:
        return []
    wide = max(len(option.name) for option in question.options) + 2
    return [
        ((f"{number:>2} ", "key"), (f"{option.name:<{wide}}", "muted" if option.why_not else "strong"),
         (option.why_not or option.note, "muted"))
        for number, option in enumerate(question.options, 1)
    ]  # fmt: skip


__all__ = ["HEAD", "Dialog", "Overlay", "alarm"]
