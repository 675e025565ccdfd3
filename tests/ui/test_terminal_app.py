"""The base of our App: the looks that fit a terminal, and a crash that tells no secret."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.filter import Monochrome, NoColor
from textual.widgets import Static

from pags_tui.ui import looks
from pags_tui.ui.terminal import Colours, SteadyDriver, Terminal, TerminalApp
from pags_tui.ui.terminal.app import crash_sentence
from pags_tui.ui.widgets.header import Header
from tests.ui import gallery


class Small(TerminalApp):
    """One header."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static("below")

    def on_mount(self) -> None:
        self.query_one(Header).row = gallery.HEADER


LOOKS = {
    "full": (Terminal(), "pags-dark", set()),
    "sixteen": (Terminal(colours=Colours.SIXTEEN), "pags-16", {"-sixteen"}),
    "none": (Terminal(colours=Colours.NONE), "pags-mono", {"-mono"}),
    "ascii": (Terminal(unicode=False), "pags-dark", {"-ascii"}),
}


@pytest.mark.parametrize(("terminal", "theme", "classes"), LOOKS.values(), ids=LOOKS.keys())
async def test_looks_follow_the_terminal(terminal: Terminal, theme: str, classes: set[str]) -> None:
    """Theme, signs and classes are chosen before the first paint."""
    app = Small(terminal)
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        assert app.theme == theme
        assert {name for name in ("-mono", "-sixteen", "-ascii") if app.has_class(name)} == classes
        assert app.glyphs is (looks.UNICODE if terminal.unicode else looks.ASCII)
        assert app.screen.has_class("-normal")
        assert app.get_driver_class() is SteadyDriver


async def test_no_colour_means_none() -> None:
    """Without colours nothing but the terminal's own two is drawn, and danger is still told by weight."""
    app = Small(Terminal(colours=Colours.NONE))
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        assert any(isinstance(found, NoColor) for found in app._filters)
        assert not any(isinstance(found, Monochrome) for found in app._filters)
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                assert style is None or all(ink is None or ink.is_default for ink in (style.color, style.bgcolor))
        assert app.query_one(Header).ink("danger").reverse


async def test_an_empty_no_color_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check decides, not Textual's own reading of the variable."""
    monkeypatch.setenv("NO_COLOR", "")
    app = Small(Terminal())
    assert not any(isinstance(found, Monochrome | NoColor) for found in app._filters)


async def test_sixteen_colours_are_the_palette_of_the_terminal() -> None:
    """No true colour is drawn where there are sixteen."""
    app = Small(Terminal(colours=Colours.SIXTEEN))
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                for ink in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert ink is None or ink.triplet is None, segment


async def test_a_chosen_theme_is_taken() -> None:
    """Where there are colours."""
    assert Small(Terminal(), theme="pags-light").theme == "pags-light"


def test_a_crash_is_a_sentence() -> None:
    """Kind and place, never the text of the exception, which may hold what it was working on."""
    try:
        raise ValueError("token=s3cret")
    except ValueError as error:
        said = crash_sentence(error)
    assert said.startswith("The screen stopped on an error of its own: ValueError at test_terminal_app.py:")
    assert "s3cret" not in said
