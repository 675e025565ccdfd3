"""The base of every dialog: facts first, the question last, something typed before anything happens.

A dialog says its heading, its facts, its questions, and the ask that the answers make. It is told the scene at each
refresh and says them anew, so that nothing old stands on the screen while somebody types. It decides nothing: a refusal
comes back as a sentence, and the dialog stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.ui.dialogs.entry import Entry, Lines, plain
from pags_tui.ui.painting import name_frame
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene

FRAME = 4
"""Rows of a dialog that are not facts: its frame, the question, the sentence below it."""


Renderer = Callable[[Scene, str, Mapping[str, str]], str]
"""A message's id and the typed fields to its text, as of that scene; raises PagsError with a plain sentence."""


class Room(Protocol):
    """What a screen may use of the App."""

    scene: Scene
    glyphs: Glyphs
    draft: Renderer
    amended: Callable[[], str] | None
    """Reads the runbook's file anew; None: not from here."""

    async def ask(self, ask: Ask) -> Accepted:
        """Send an ask. Raises nothing."""
        ...

    def send(self, ask: Ask) -> None:
        """Send an ask, and show what was said."""
        ...

    def tell(self, sentence: str, level: str = "calm") -> None:
        """Show a sentence until the next key."""
        ...

    def press(self, key: str) -> None:
        """Do what a key does, by its id."""
        ...

    def go_and_press(self, step: str, key: str) -> None:
        """Put the cursor on a step, then do what a key does."""
        ...

    def leave(self) -> None:
        """End the screen. What stands behind it goes on as it was told."""
        ...


class Shown(Protocol):
    """A screen that wants to know."""

    def show_scene(self, scene: Scene) -> None:
        """The scene as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose."""

    name: str
    """What is typed, at least its beginning, or the option's number."""
    note: str = ""
    why_not: str = ""
    """Why it cannot be chosen; empty: it can."""


Judge = Callable[[str], str | None]
"""A typed text to what is wrong with it, and what would be right; None: nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line to be typed."""

    id: str
    prompt: str
    word: str | None = None
    """What must be typed, to the letter; None: anything that `judge` takes."""
    also: tuple[str, ...] = ()
    """Other words that are answers as well."""
    options: tuple[Option, ...] = ()
    empty: bool = False
    """Nothing typed is an answer as well."""
    judge: Judge | None = None
    secret: bool = False
    """The answer is not repeated above the next question."""

    def answer(self, typed: str) -> tuple[str, str]:
        """The answer and "", or "" and what to type instead."""
        if self.word is not None:
            return (typed, "") if typed in (self.word, *self.also) else ("", self._expects(typed))
        text = typed.strip()
        if not text:
            return ("", "") if self.empty else ("", f"Nothing happens yet. {self._hint()}")
        if self.options:
            return self._choose(text)
        wrong = self.judge(text) if self.judge else None
        return ("", wrong) if wrong else (text, "")

    def _expects(self, typed: str) -> str:
        if not typed:
            return f"Enter alone changes nothing: type {self.word}"
        return f"'{typed}' changes nothing: type {self.word}"

    def _hint(self) -> str:
        return "Type a number or a name from the list." if self.options else "Type a few words."

    def _choose(self, text: str) -> tuple[str, str]:
        found = _matching(self.options, text)
        if len(found) != 1:
            return (
                "",
                f"'{text}' is {'no' if not found else 'more than one'} choice: type a number from 1 to {len(self.options)}.",
            )
        return (found[0].name, "") if not found[0].why_not else ("", f"{found[0].name}: {found[0].why_not}")


def _matching(options: Sequence[Option], text: str) -> list[Option]:
    """The options that a text means: by number, by name, by the beginning of the name."""
    if text.isdigit() and 1 <= int(text) <= len(options) and not any(option.name == text for option in options):
        return [options[int(text) - 1]]
    exact = [option for option in options if option.name.lower() == text.lower()]
    return exact or [option for option in options if option.name.lower().startswith(text.lower())]


class Dialog(ModalScreen[None]):
    """One dialog. Subclasses say `heading`, `facts`, `questions` and `make`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_dialog", "leave", show=False),
        Binding("pageup", "page(-1)", "before", show=False),
        Binding("pagedown", "page(1)", "more", show=False),
    ]

    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; padding: 2 0 0 0; }
    Dialog #box { width: 78; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; background: $surface;
      border: round $primary; border-title-color: $primary; border-title-style: bold; border-title-background: $surface;
      border-subtitle-color: $secondary; border-subtitle-background: $surface; }
    Dialog.-danger #box { border: heavy $error; border-title-color: $error; }
    .-ascii Dialog #box { border: ascii $primary; }
    .-ascii Dialog.-danger #box { border: ascii $error; }
    Dialog.-wide #box { width: 110; }
    Dialog #question { height: 1; width: 100%; layout: horizontal; }
    Dialog #prompt { width: auto; max-width: 75%; height: 1; margin: 0 1 0 0; }
    Dialog #beside { width: auto; max-width: 50%; height: 1; }
    Dialog.-tiny #question { layout: vertical; height: 2; }
    Dialog #answer { height: auto; max-height: 3; }
    """

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
        """The first one that has no answer yet."""
        return next((question for question in self.questions() if question.id not in self.answers), None)

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
        """Begin with the focus in the empty line."""
        self.ready = True
        self.show_scene(self.scene)
        self.query_one(Entry).focus()

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
        name_frame(box, self.room.glyphs.text(f" {title} "), self.room.glyphs.text(f" {self.hint()} "))
        self.query_one("#alarm", Lines).said = alarm(scene)
        self.query_one("#told", Lines).said = lines
        self.query_one("#question").display = question is not None
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
        rows = self.app.size.height - self.styles.padding.height - FRAME - self.taken()
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
        ask = self.make()
        if ask is None:
            self.dismiss()
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
        self.dismiss()

    # ------------------------------------------------------------ leaving, paging

    def action_leave_dialog(self) -> None:
        """Nothing happens."""
        self.dismiss()

    def action_page(self, by: int) -> None:
        """Other facts, where not all can be shown."""
        self.query_one("#told", Lines).page(by)


def alarm(scene: Scene) -> Sequence[Line]:
    """What runs on under every dialog: a countdown, and how to veto it."""
    countdown = scene.state.countdown
    if countdown is None:
        return ()
    left = max(0, round((countdown.ends - scene.now).total_seconds()))
    return ((((f" ROLLBACK IN {left} s ", "alarm")), (f" {', '.join(countdown.triggers)}: esc, then v vetoes", "bad")),)


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


def reason(prompt: str = "Reason:", *, empty: bool = False, name: str = "reason") -> Question:
    """A few words of one's own."""
    return Question(name, prompt, empty=empty)


def word(prompt: str, typed: str) -> Question:
    """A word that must be typed to the letter before production changes."""
    return Question("word", prompt, word=typed)


def first(answers: Mapping[str, str], name: str) -> str:
    """An answer, empty until it is given."""
    return answers.get(name, "")


__all__ = ["Dialog", "Option", "Question", "Renderer", "Room", "alarm", "first", "reason", "word"]
