"""A person's own settings: what `config.toml` may say, and the place of what is wrong in it."""

from __future__ import annotations

import asyncio

import pytest

from pags_tui.core.errors import RunbookError
from pags_tui.ui import keys
from pags_tui.ui.app import WarRoom
from pags_tui.ui.screens.help import HelpScreen
from pags_tui.ui.settings import Settings, load_settings
from pags_tui.ui.widgets.footer import Footer
from tests.ui.desks import FakeDesk
from tests.ui.nights import begun

WHOLE = """theme = "pags-light"
refresh = "2s"
mouse = true
ascii = true

[calls]
on = ["countdown", "ask"]
how = ["bell", "osc9"]

[keys]
tick = "a"
act = "space,A"
rollback = "f8"
help = "?"
"""


def test_everything_can_be_said() -> None:
    """Each setting is taken, one word stands for a list of one, and characters are keys by their name."""
    found = load_settings(WHOLE)
    assert (found.theme, found.refresh, found.mouse, found.ascii) == ("pags-light", 2.0, True, True)
    assert (found.calls.on, found.calls.how) == (("countdown", "ask"), ("bell", "osc9"))
    assert dict(found.keys) == {"tick": "a", "act": "space,A", "rollback": "f8", "help": "question_mark"}
    assert load_settings('[calls]\nhow = "osc777"').calls.how == ("osc777",)
    assert load_settings("") == Settings()


@pytest.mark.parametrize(("text", "fault"), [
    ("theme =", "1:8: this is no TOML: this is no value; text goes in quotes"),
    ('teme = "x"', "1:1: there is no key 'teme' here; did you mean 'theme'?"),
    ('theme = "neon"', "1:9: 'neon' is not allowed here; there is pags-dark, pags-light, pags-contrast"),
    ("mouse = 1", "1:9: this must be true or false, not a number"),
    ('refresh = "0s"', "1:11: this must be more than 0s"),
    ('refresh = "2m"', "1:11: this must be at most 1m"),
    ('[calls]\non = "tea"', "2:6: 'tea' is not allowed here; there is countdown, ask, firing, message"),
    ("[keys]\ntik = \"t\"", "2:1: there is no key 'tik'; did you mean 'tick'?"),
    ("[keys]\ntick = 3", "2:8: a key is text, such as \"t\", or several with commas between: \"space,t\""),
    ('[keys]\ntick = "f9"', "2:8: 'f9' is the rollback's and stays with it; choose another key"),
    ('[keys]\ntick = "a"', "2:8: 'a' would be 'act' as well; give that another key too"),
    ('[keys]\ntick = "ctrl+i"', "2:8: 'ctrl+i' arrives as tab; choose another key"),
    ('[keys]\nfind = "alt+1"', "2:8: 'alt+1' is no key that arrives; write a letter, F-key (f5), ctrl+x or a name such"
     " as space, pagedown"),
    ('[keys]\nrollback = "b"', "2:12: 'rollback' works while you type, so 'b' could not be typed any more; take an"
     " F-key or ctrl+x"),
    ('[keys]\ngo-to = "plus"', "2:9: 'plus' would be 'faster' as well; give that another key too"),
], ids=lambda value: value.splitlines()[-1] if "\n" in value else value[:24])  # fmt: skip
def test_what_is_wrong_has_its_place(text: str, fault: str) -> None:
    """FILE:LINE:COLUMN, what was found and what would be right; never a traceback."""
    with pytest.raises(RunbookError) as raised:
        load_settings(text, "config.toml")
    assert str(raised.value) == f"config.toml:{fault}"


async def test_the_screen_lives_by_them() -> None:
    """Theme, keys and the words of the footer are one's own; the rollback keeps its keys and gets another."""
    app = WarRoom(FakeDesk(begun()), beat=None, settings=load_settings(WHOLE))
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        assert app.theme == "pags-light"
        footer = {key.label: key.key for key in app.cockpit.query_one(Footer).keys}
        assert (footer["tick"], footer["act"], footer["ROLL BACK"]) == ("a", "space A", "F9 ^r F8")
        await pilot.press("A")
        assert "is a check, not an action" in str(app.cockpit.query_one("#notice").said[0])
        for name in ("f8", "f9", "ctrl+r"):
            await pilot.press(name)
            await pilot.pause()
            assert type(app.screen).__name__ == "RollbackDialog", name
            await pilot.press("escape")
            await pilot.pause()
        await pilot.press("?")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert ("a", keys.BY_ID["tick"].text) in app.screen.view.keys


async def test_two_keys_can_change_places() -> None:
    """A swap is no clash: each then does what the other did."""
    desk = FakeDesk(begun())
    app = WarRoom(desk, beat=None, settings=load_settings('[keys]\ntick = "a"\nact = "space"'))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("a")
        await asyncio.sleep(0)
        await pilot.pause()
        assert [type(ask).__name__ for ask in desk.asked] == ["Resolve"]
