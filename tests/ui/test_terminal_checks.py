"""What a terminal is judged to be, before anything is drawn on it."""

from __future__ import annotations

from typing import Any

import pytest

from pags_tui.ui.terminal.checks import Colours, Terminal, check_terminal

GOOD: dict[str, Any] = {"stdin_isatty": True, "stderr_isatty": True, "term": "xterm-256color", "encoding": "utf-8"}

REFUSED = {
    "no-keys": ({"stdin_isatty": False}, "standard input"),
    "no-screen": ({"stderr_isatty": False}, "standard error"),
    "dumb": ({"term": "dumb"}, "TERM=dumb"),
    "unset": ({"term": None}, "unset TERM"),
    "unknown": ({"term": "unknown"}, "TERM=unknown"),
}

PLAIN = {
    "latin-1": {"encoding": "ISO-8859-1"},
    "posix": {"encoding": "ANSI_X3.4-1968"},
    "none": {"encoding": None},
    "nonsense": {"encoding": "no-such-code"},
    "tmux": {"tmux_utf8": False},
    "console": {"term": "linux"},
    "wanted": {"ascii_wanted": True},
}

COLOURS = {
    "xterm-256color": ({}, Colours.FULL),
    "truecolor": ({"term": "xterm", "colorterm": "truecolor"}, Colours.FULL),
    "xterm": ({"term": "xterm"}, Colours.SIXTEEN),
    "screen": ({"term": "screen"}, Colours.SIXTEEN),
    "vt100": ({"term": "vt100"}, Colours.NONE),
    "no-color": ({"no_color": "1"}, Colours.NONE),
    "empty-no-color": ({"no_color": ""}, Colours.FULL),
}


def test_a_good_terminal() -> None:
    """Unicode and all colours."""
    assert check_terminal(**GOOD) == Terminal()
    assert check_terminal(**GOOD | {"tmux_utf8": True, "encoding": "UTF8"}) == Terminal()


def test_gnu_screen_erases_in_its_own_colour() -> None:
    """TERM=screen without a tmux around it may be GNU screen, where an erased cell loses its ground."""
    assert not check_terminal(**GOOD | {"term": "screen-256color"}).erases
    assert check_terminal(**GOOD | {"term": "screen-256color", "tmux_utf8": True}).erases


@pytest.mark.parametrize(("change", "named"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_names_the_cause_and_the_way_out(change: dict[str, Any], named: str) -> None:
    """A plain sentence with a next move, and that a rollback needs no screen."""
    refusal = check_terminal(**GOOD | change).refusal
    assert refusal is not None
    assert named in refusal
    assert "rollback work without a screen" in refusal


@pytest.mark.parametrize("change", PLAIN.values(), ids=PLAIN.keys())
def test_ascii_where_unicode_cannot_be_drawn(change: dict[str, Any]) -> None:
    """Another encoding, a tmux client without UTF-8 and the console's small font are drawn in ASCII, not refused."""
    found = check_terminal(**GOOD | change)
    assert not found.unicode
    assert found.refusal is None


@pytest.mark.parametrize(("change", "expected"), COLOURS.values(), ids=COLOURS.keys())
def test_how_many_colours(change: dict[str, Any], expected: Colours) -> None:
    """By TERM, COLORTERM and NO_COLOR, of which an empty one counts as unset."""
    assert check_terminal(**GOOD | change).colours is expected
