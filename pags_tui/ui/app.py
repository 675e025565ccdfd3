"""The App: holds the stage, feeds every screen, sends asks. It decides nothing and knows no service."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.widgets import Input

from pags_tui.core.errors import PagsError, Refused
from pags_tui.ui import keys, present
from pags_tui.ui.cockpit import Cockpit, ReplayCockpit
from pags_tui.ui.dialogs.room import Renderer
from pags_tui.ui.terminal import Terminal
from pags_tui.ui.terminal.frame import FrameApp
from pags_tui.ui.usual import USUAL, Usual

if TYPE_CHECKING:
    from pags_tui.core.decide.asks import Accepted, Ask
    from pags_tui.core.runbook import Runbook
    from pags_tui.desk.port import Desk, Player, Update
    from pags_tui.ui.rows.picture import Picture
    from pags_tui.ui.scene import Scene, Stage
    from pags_tui.ui.settings import Settings

BEAT = 1.0
"""Seconds between two looks at the clock."""

FIRST_WORD = 0.5
"""Seconds that the first paint waits for the desk."""

PAINT = 2.0
"""Seconds at most that loading the rest waits for the first paint: it would take the processor from it."""

STORY = 6.0
"""Seconds at most that keys wait, behind a picture that somebody else made, for the run: a desk says before that when a
guard hangs, and an empty screen in place of the picture would tell nothing that is true."""

AFTER_PAINT = 0.2
"""Seconds behind the first paint at which the rest is loaded."""

LATER = "pags_tui.ui.cockpit.acting"
"""What no first paint needs: keys and their dialogs, loaded behind it, before anybody can have pressed one."""

SCENES = ("pags_tui.ui.scene", "pags_tui.ui.present.shown")
"""What makes a scene of a story, and rows of a scene: not needed to paint a first picture."""


def no_render(scene: Scene, comms: str, fields: Mapping[str, str]) -> str:
    """Where nobody renders messages."""
    raise Refused("messages cannot be drafted here: write the text yourself")


class WarRoom(FrameApp, inherit_bindings=False):
    """One screen on a run: `WarRoom(desk).run()`, or headless `WarRoom(desk).run_test(size=(80, 24))`."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen.-zoom-metrics #side, Screen.-zoom-gates #side, Screen.-zoom-timeline #timeline { width: 1fr; }"
    """What is zoomed takes the width, whatever the size of the terminal says of it."""
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("desk", priority=True)]

    def __init__(
        self,
        desk: Desk,
        player: Player | None = None,
        *,
        render: Renderer = no_render,
        amended: Callable[[], str] | None = None,
        terminal: Terminal | None = None,
        settings: Settings | Usual = USUAL,
        warn: Callable[[Runbook], Mapping[str, str]] | None = None,
        ask_people: bool = False,
        keep: Callable[[str], str] = lambda text: "",
        beat: float | None = BEAT,
        first: Callable[[], Picture | None] | None = None,
    ) -> None:
        """A screen on what stands behind `desk`.

        `amended` reads the runbook's file anew. `warn`: what is said of a runbook all night. `ask_people`: begin by
        asking for names and contacts that nobody knows yet. `keep` writes what is copied into a file, and says which
        (empty: nowhere). `beat`: seconds between two looks at the clock; None: no clock of its own (for tests).
        `first` waits for a picture that somebody else made: it is painted, and the desk is opened behind it; None from
        it: there is none.
        """
        self.settings = settings
        super().__init__(terminal, theme=self.settings.theme)
        self.desk = desk
        self.player = player
        self.draft = render
        self.amended = amended
        self._first = first
        self._stage: Stage
        self._painted = asyncio.Event()
        self._early: list[events.Event] = []
        """What was pressed before the run was known, in order."""
        self.knows = False
        self._warn = warn
        self._warned: tuple[str, Mapping[str, str]] = ("", {})
        """Hash of a runbook, and what is said of it."""
        self._beat = beat
        self._heard = asyncio.Event()
        self._due = False
        self._ask_people = ask_people
        self._keep = keep
        self._called: frozenset[str] | None = None
        """For what somebody was called already, as far as it still stands; None before the first look."""
        self._keys = keys.keymap(self.settings.keys)
        self.set_keymap(self._keys)
        self.scene: Scene
        if first is None:
            self._sit()
            self.knows = True

    def _sit(self) -> None:
        """What needs to be known of the desk before it says anything."""
        from pags_tui.ui.scene import Stage

        self._stage = Stage(self.desk.me, self.desk.seat, self.desk.now())
        self.scene = self._look()

    def get_default_screen(self) -> Cockpit:
        """The main screen, of the seat that we have."""
        return ReplayCockpit() if self.desk.seat == "replay" else Cockpit()

    @property
    def cockpit(self) -> Cockpit:
        """The main screen, whatever lies over it."""
        return next(screen for screen in self.screen_stack if isinstance(screen, Cockpit))

    # ------------------------------------------------------------ what comes in

    async def on_mount(self) -> None:
        """Begin to listen, and to look at the clock."""
        if self._beat:
            self.set_interval(self._beat, self.refresh_scene)
        if self.knows:
            await self.desk.attach(self.receive)

    async def first_word(self) -> None:
        """The first paint shows how things stand, not an empty screen; a desk that says nothing is not waited for."""
        if self._first is None:
            await self._hear(FIRST_WORD)
        elif (picture := await asyncio.to_thread(self._first)) is not None:
            self.cockpit.show_picture(picture)
        else:
            await self._take_seat(FIRST_WORD)

    async def behind(self) -> None:
        """After a picture that somebody else made, the run itself; then what was pressed meanwhile, in order."""
        if not self.knows:
            self._painted.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._painted.wait(), PAINT)
            await self._take_seat(STORY)
        for event in self._early:
            await super().on_event(event)
        self._early.clear()
        self.set_timer(AFTER_PAINT, self._load_rest)

    async def on_event(self, event: events.Event) -> None:
        """A key acts on what is known of the run: until then it waits."""
        if not self.knows and isinstance(event, events.InputEvent | events.Paste):
            self._early.append(event)
        else:
            await super().on_event(event)

    def post_display_hook(self) -> None:
        """Something was painted."""
        self._painted.set()

    async def _take_seat(self, patience: float) -> None:
        """Load what folds a story, attach, and show how things stand once that was told."""
        await asyncio.to_thread(self._load)
        self._sit()
        await self.desk.attach(self.receive)
        await self._hear(patience)

    async def _hear(self, patience: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), patience)
        self.knows = True
        self.refresh_scene()

    def _load(self) -> None:
        for module in (*SCENES, LATER):
            importlib.import_module(module)
        _ = self.desk.me  # a seat that was not made yet is made now

    def _load_rest(self) -> None:
        threading.Thread(target=importlib.import_module, args=(LATER,), daemon=True, name="load-dialogs").start()

    def receive(self, update: Update) -> None:
        """An update of the desk. Several at once are drawn once."""
        self._stage.receive(update)
        self._heard.set()
        if not self._due:
            self._due = True
            self.call_later(self.refresh_scene)

    def _look(self) -> Scene:
        scene = self._stage.scene(self.desk.now())
        if self._warn is not None and scene.state.run is not None:
            book = scene.state.runbook
            if self._warned[0] != book.sha256:
                self._warned = (book.sha256, self._warn(book))
        return replace(scene, extra=self._warned[1], keymap=self._keys)

    def refresh_scene(self) -> None:
        """Show every screen how things stand now; nothing once the App ends and its widgets go."""
        self._due = False
        if not self.knows or self.return_code is not None or not self.is_running:
            return
        self.scene = self._look()
        with self.batch_update():
            for screen in self.screen_stack:
                show = getattr(screen, "show_scene", None)
                if show is not None:
                    show(self.scene)
        self._call()
        if self._ask_people and self.scene.state.run is not None:
            self._ask_people = False
            from pags_tui.ui.dialogs.people import unnamed

            if unnamed(self.scene):
                self.call_after_refresh(self.press, "people")

    def _call(self) -> None:
        """Call a person for what is new; what stands already when the screen opens is seen by whoever opens it."""
        if self.scene.state.run is None:
            return
        found, before = present.calls(self.scene), self._called
        self._called = frozenset(call.id for call in found)
        wanted = self.settings.calls
        for call in found:
            if before is not None and call.id not in before and call.kind in wanted.on:
                self.call_person(wanted.how, f"pags-tui {self.scene.state.runbook.id}", call.text)

    # ------------------------------------------------------------ what goes out

    async def ask(self, ask: Ask) -> Accepted:
        """Send an ask. Raises nothing; whoever only watches asks for nothing."""
        from pags_tui.core.decide.asks import Accepted

        if self.desk.seat != "desk":
            return Accepted(said="This screen only watches: it asks for nothing.", refused=True)
        try:
            return await self.desk.ask(ask)
        except (PagsError, OSError) as error:
            return Accepted(said=f"Nobody answered: {error}", refused=True)

    def send(self, ask: Ask) -> None:
        """Send an ask and show what was said."""
        self.run_worker(self._send(ask), exit_on_error=False)

    async def _send(self, ask: Ask) -> None:
        accepted = await self.ask(ask)
        if accepted.said:
            self.tell(accepted.said, "bad" if accepted.refused else "calm")

    # ------------------------------------------------------------ keys

    def action_press(self, key: str) -> None:
        """What a key is bound to. In an input only the keys from anywhere count."""
        if isinstance(self.focused, Input) and not keys.BY_ID[key].priority:
            raise SkipAction
        self.press(key)

    def press(self, key: str) -> None:
        """Do what a key does; where it is off, say why."""
        found = keys.BY_ID[key]
        self.tell("")
        if self.desk.seat not in found.seats:
            return
        if (why := found.why_not(self.scene)) is not None:
            self.tell(f"{found.shown_in(self.scene) or found.label}: {why}.", "warn")
            return
        from pags_tui.ui.cockpit import acting

        acting.ACTS[key](self.cockpit)

    def go_and_press(self, step: str, key: str) -> None:
        """Put the cursor on a step, wherever it stands, then do what a key does."""
        self.cockpit.go_to_step(step)
        if key in keys.BY_ID:
            self.press(key)

    def tell(self, sentence: str, level: str = "calm") -> None:
        """Show a sentence where it is seen: in the dialog on top, otherwise in the cockpit, until the next key."""
        if sentence and len(self.screen_stack) > 1:
            from pags_tui.ui.dialogs.base import Dialog

            if isinstance(self.screen, Dialog):
                self.screen.say(sentence, level)
        self.cockpit.tell(sentence, level)

    def copy(self, text: str) -> str:
        """To the terminal's clipboard (OSC 52), which not every terminal takes: so into a file as well."""
        self.copy_to_clipboard(text)
        kept = self._keep(text)
        return f"Copied; where the terminal takes nothing, it is in {kept}" if kept else "Copied, if the terminal can"

    def leave(self) -> None:
        """End the screen; what stands behind it goes on as it was told."""
        self.run_worker(self._leave(), exit_on_error=False)

    async def _leave(self) -> None:
        await self.desk.detach()
        self.exit()


__all__ = ["WarRoom", "no_render"]
