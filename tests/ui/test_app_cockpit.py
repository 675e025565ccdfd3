"""The main screen, driven by keys over a desk in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual import events
from textual.pilot import Pilot

from pags_tui.core.decide.asks import HoldClock, Reopen, Resolve, Veto
from pags_tui.core.events import Actor
from pags_tui.ui.app import WarRoom
from pags_tui.ui.dialogs import LeaveDialog, RollbackDialog
from pags_tui.ui.dialogs.entry import Entry, Lines
from pags_tui.ui.present.views import VETO_REASONS
from pags_tui.ui.renderables.line import text_of
from pags_tui.ui.widgets.footer import Footer
from tests.ui.desks import FakeDesk, FakePlayer
from tests.ui.nights import begun, canary, counting_down, queueing


def room(desk: FakeDesk, player: FakePlayer | None = None) -> WarRoom:
    """The App without a clock of its own."""
    return WarRoom(desk, player, beat=None)


def notice(app: WarRoom) -> str:
    """The sentence above the footer."""
    return " ".join(text for line in app.cockpit.query_one("#notice", Lines).said for text, _ in line)


async def type_in(pilot: Pilot[None], text: str) -> None:
    """A text into the line that has the focus, and enter."""
    entry = pilot.app.focused
    assert isinstance(entry, Entry)
    entry.value = text
    await press(pilot, "enter")


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys, and whatever follows from them."""
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_space_ticks_and_takes_back() -> None:
    """Space asks absolutely: passed while open, open once it has an outcome."""
    desk = FakeDesk(begun())
    async with room(desk).run_test(size=(80, 24)) as pilot:
        await press(pilot, "space")
        await press(pilot, "space")
    assert desk.asked == [Resolve("prepare/backups-are-fresh"), Reopen("prepare/backups-are-fresh")]


async def test_a_refusal_stands_until_the_next_key() -> None:
    """What was refused is one sentence above the footer; the next key ends it."""
    desk = FakeDesk(queueing())
    app = room(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "space")
        assert notice(app).startswith("'Queue depth below 500' is fail:")
        desk.tick()
        await pilot.pause()
        assert "fail" in notice(app)
        await press(pilot, "k")
        assert notice(app) == ""


async def test_a_key_that_is_off_says_why() -> None:
    """Nothing is silent: v without a countdown, a without the lead."""
    app = room(FakeDesk(begun(), Actor("bob")))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "v")
        assert notice(app) == "v: nothing counts down and nothing asks."
        await press(pilot, "a")
        assert "only the lead (ana)" in notice(app)


async def test_hold_asks_at_once() -> None:
    """h holds without a dialog; the same key then opens the resume dialog."""
    desk = FakeDesk(canary())
    app = room(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "h")
        assert desk.asked == [HoldClock()]
        await press(pilot, "h")
        assert app.screen.__class__.__name__ == "ResumeDialog"


async def test_the_cursor_stays_on_its_step() -> None:
    """Updates and other people's ticks do not move it."""
    desk = FakeDesk(begun())
    app = room(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "j")
        assert app.cockpit.step == "prepare/freeze-deployments"
        desk.night.ask(Resolve("prepare/backups-are-fresh"))
        desk.tell(desk.night.events[-1:])
        desk.tick()
        await pilot.pause()
        assert app.cockpit.step == "prepare/freeze-deployments"


async def test_a_phase_is_opened_from_the_timeline() -> None:
    """Enter on a phase shows its checklist; 2, or escape, leads back to the present one."""
    app = room(FakeDesk(canary()))
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "1", "g", "enter")
        assert app.cockpit.step == "prepare/backups-are-fresh"
        await press(pilot, "escape")
        assert app.cockpit.step == "canary-10/errors"


async def test_one_pane_at_a_time_in_a_narrow_terminal() -> None:
    """A pane's key shows it in place of the checklist, the same key leads back."""
    app = room(FakeDesk(canary()))
    async with app.run_test(size=(80, 24)) as pilot:
        for key, pane in (("1", "timeline"), ("3", "metrics"), ("4", "gates"), ("5", "log")):
            await press(pilot, key)
            assert app.focused is not None
            assert app.focused.id == pane
            assert app.focused.region.height > 3
            await press(pilot, key)
            assert app.focused.id == "checklist"


async def test_zoom_fills_the_screen() -> None:
    """z gives a pane the whole width, and takes it back."""
    app = room(FakeDesk(canary()))
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "3", "z")
        assert app.cockpit.pane("metrics").size.width > 110
        await press(pilot, "z")
        assert app.cockpit.pane("metrics").size.width < 40


async def test_find_goes_to_the_row() -> None:
    """Letters typed into the line move nothing else; enter finds, an empty line finds the next one."""
    desk = FakeDesk(begun())
    app = room(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"here", "enter")
        assert app.cockpit.step == "prepare/everybody-is-here"
        await press(pilot, "slash")
        await type_in(pilot, "zzz")
        assert notice(app) == "'zzz' is not in checklist."
    assert desk.asked == []


async def test_a_digit_vetoes_at_once() -> None:
    """v and a digit veto without enter; v and words need it; letters go into the line."""
    desk = FakeDesk(counting_down())
    async with room(desk).run_test(size=(80, 24)) as pilot:
        await press(pilot, "v", "2")
    assert desk.asked == [Veto(VETO_REASONS[1])]
    desk = FakeDesk(counting_down())
    async with room(desk).run_test(size=(80, 24)) as pilot:
        await press(pilot, "v")
        await type_in(pilot, "mail is back")
    assert desk.asked == [Veto("mail is back")]


async def test_an_empty_veto_does_nothing() -> None:
    """Enter alone decides nothing."""
    desk = FakeDesk(counting_down())
    app = room(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "v", "enter")
        assert "Nothing was vetoed" in notice(app)
    assert desk.asked == []


async def test_rollback_opens_from_inside_a_dialog_and_a_line() -> None:
    """F9 and ctrl+r open the plan over any dialog and out of any input; a second one finds the open plan."""
    app = room(FakeDesk(canary()))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", "x", "f9")
        assert isinstance(app.screen, RollbackDialog)
        await press(pilot, "escape", "escape", "n", "f", "ctrl+r")
        assert isinstance(app.screen, RollbackDialog)
        await press(pilot, "f9")
        assert sum(isinstance(screen, RollbackDialog) for screen in app.screen_stack) == 1


@pytest.mark.parametrize("opens", ["w", "n", "question_mark", "enter", "ctrl+p", "q"])
async def test_escape_and_f9_in_one_breath_open_the_rollback(opens: str) -> None:
    """A slow line hands both over at once: the first leaves what was open, and never what the second one opens."""
    app = room(FakeDesk(begun()))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, opens)
        assert len(app.screen_stack) == 2
        for key in ("escape", "f9"):
            app.post_message(events.Key(key, None))
        await press(pilot)
        assert isinstance(app.screen, RollbackDialog)
        await press(pilot, "escape")
        assert app.screen is app.cockpit


async def test_the_palette_lists_everything_by_name() -> None:
    """A part of a name and enter do what the key does; not over a dialog."""
    app = room(FakeDesk(canary()))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "ctrl+p", *"mute", "enter")
        assert app.screen.__class__.__name__ == "MuteDialog"
        await press(pilot, "ctrl+p")
        assert app.screen.__class__.__name__ == "MuteDialog"


async def test_leaving_is_asked() -> None:
    """q asks, enter leaves and the guard goes on; nothing was asked of it."""
    desk = FakeDesk(canary())
    app = room(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "q")
        assert isinstance(app.screen, LeaveDialog)
        await press(pilot, "escape")
        assert not desk.detached
        await press(pilot, "ctrl+c", "ctrl+c")
    assert desk.detached
    assert desk.asked == []


async def test_watching_asks_for_nothing() -> None:
    """Live keys say that this screen watches."""
    desk = FakeDesk(canary(), Actor("eve"), "watch")
    app = room(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "space")
        assert notice(app) == "space: watching only: this screen asks for nothing."
        assert not {"tick", "act", "sign", "hold"} & {key.label for key in app.screen.query_one(Footer).keys}
        await press(pilot, "f9")
        told = "\n".join(text_of(line) for line in app.screen.query_one("#told", Lines).said)
        assert "this screen only watches: it rolls nothing back. In a shell: pags-tui rollback" in told
        assert not app.screen.query_one("#question").display
        await press(pilot, *"rollback", "enter")
    assert desk.asked == []


async def test_a_replay_has_keys_of_its_own() -> None:
    """Space plays, arrows leap, brackets and commas step, t goes to a T; nothing is asked."""
    desk = FakeDesk(canary(), seat="replay")
    player = FakePlayer(desk)
    app = room(desk, player)
    was = desk.night.now
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "space")
        assert player.playing
        await press(pilot, "left")
        assert desk.night.now == was - timedelta(seconds=10)
        await press(pilot, "right_square_bracket", "comma")
        assert player.steps == [("event", 1), ("tick", -1)]
        await press(pilot, "plus")
        assert player.speed == 2
        await press(pilot, "t", *"2m", "enter")
        assert app.scene.state.t(desk.night.now) == 120
        await press(pilot, "t", *"22:03", "enter")
        assert app.scene.state.t(desk.night.now) == 180
        await press(pilot, "t", *"12:00", "enter")
        assert notice(app) == "The recording goes from 21:20:00 to 22:10:20."
        player.steps.clear()
        await press(pilot, "f", "S", "r", "h")
        assert player.steps == [("flag", 1), ("sign-off", -1), ("trigger", 1), ("hold", 1)]
        assert notice(app) == "There is no later hold, resume or recycle in this recording."
        assert not player.playing
        await press(pilot, "a", "f9")
        assert len(app.screen_stack) == 1
    assert desk.asked == []


async def test_a_tiny_terminal_still_works() -> None:
    """Below 60 by 18 the checklist and the keys remain."""
    desk = FakeDesk(begun())
    app = room(desk)
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "space")
        await press(pilot, "3")
        assert "room for the checklist only" in notice(app)
        await press(pilot, "f9")
        assert isinstance(app.screen, RollbackDialog)
    assert desk.wanted == [Resolve("prepare/backups-are-fresh")]


async def test_hostile_text_is_seen_and_not_obeyed() -> None:
    """Markup and escape sequences in a note, an issue or a refusal are shown as text."""
    desk = FakeDesk(begun())
    app = room(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "n")
        await type_in(pilot, "[/x][@click=app.quit]")
        await press(pilot, "i")
        await type_in(pilot, "minor")
        await type_in(pilot, "[b]a[/c]")
        await press(pilot, "i")
        assert app.is_running
        await press(pilot, "escape")
        app.tell("[/nothing] \x1b]52;c;aGk=\x07 \u202e")
        await pilot.pause()
    assert len(desk.asked) == 2


async def test_names_are_asked_for_at_the_start() -> None:
    """Where a role or a contact is empty, and only when it is wanted."""
    app = WarRoom(FakeDesk(begun()), beat=None, ask_people=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert app.screen.__class__.__name__ == "PeopleDialog"


async def test_a_lost_desk_is_said_and_heals() -> None:
    """What an ask answers when nobody stands behind the desk is a sentence; the screen goes on."""
    desk = FakeDesk(begun())
    app = room(desk)

    async def nobody(ask: object) -> object:
        raise OSError("connection refused")

    desk.ask = nobody  # type: ignore[assignment, method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "space")
        assert notice(app) == "Nobody answered: connection refused"
        assert app.is_running


async def test_what_is_copied_is_in_a_file_too() -> None:
    """The command of the step goes to the terminal's clipboard and to whoever keeps it; the notice names the file."""
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return "~/copied.txt"

    app = WarRoom(FakeDesk(begun()), beat=None, keep=keep)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("j", "j", "y")
        assert kept == [app.clipboard]
        assert "~/copied.txt" in notice(app)
