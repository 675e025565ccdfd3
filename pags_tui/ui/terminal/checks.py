"""Judges the terminal at the start: Unicode, ASCII, or a plain sentence why there can be no screen. Reads nothing."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from enum import Enum

WITHOUT_SCREEN = "pags-tui status, hold and rollback work without a screen."


class Colours(Enum):
    """How many colours a terminal shows."""

    FULL = "full"
    """256 or more."""
    SIXTEEN = "sixteen"
    NONE = "none"
    """None are wanted (NO_COLOR), or there are none."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What was found."""

    refusal: str | None = None
    """Why there can be no screen, and the next move; None when there can."""
    unicode: bool = True
    """False: draw ASCII only."""
    colours: Colours = Colours.FULL
    erases: bool = True
    """An erased cell takes the present ground; GNU screen gives it its own."""
    tmux: bool = False
    """Within tmux: what is meant for the terminal itself has to be wrapped."""
    browser: bool = False
    """No terminal at all: a page that textual-serve shows."""


def check_terminal(
    *,
    stdin_isatty: bool,
    stderr_isatty: bool,
    term: str | None,
    encoding: str | None,
    tmux_utf8: bool | None = None,
    no_color: str | None = None,
    colorterm: str | None = None,
    ascii_wanted: bool = False,
) -> Terminal:
    """Judge a terminal.

    `term`, `no_color` and `colorterm` are the environment's TERM, NO_COLOR and COLORTERM; `encoding` is that of stderr,
    on which Textual draws; `tmux_utf8` is tmux's `#{client_utf8}`, None outside of tmux. An empty NO_COLOR counts as
    unset (no-color.org).
    """
    refusal = _refusal(stdin_isatty, stderr_isatty, term)
    colours = Colours.NONE if no_color else _colours(term or "", colorterm or "")
    unicode = not ascii_wanted and _is_utf8(encoding) and tmux_utf8 is not False and term != "linux"
    erases = not (term or "").startswith("screen") or tmux_utf8 is not None
    return Terminal(refusal, unicode, colours, erases)


def _refusal(stdin_isatty: bool, stderr_isatty: bool, term: str | None) -> str | None:
    if not stdin_isatty:
        return (
            f"No key can reach the screen: standard input is not a terminal. Start it without < or |. {WITHOUT_SCREEN}"
        )
    if not stderr_isatty:
        return f"The screen is drawn on standard error, which is not a terminal. Leave out 2> . {WITHOUT_SCREEN}"
    if not term or term in ("dumb", "unknown"):
        named = f"TERM={term}" if term else "an unset TERM"
        return f"A terminal with {named} cannot show a screen. Try TERM=xterm-256color. {WITHOUT_SCREEN}"
    return None


def _is_utf8(encoding: str | None) -> bool:
    try:
        return codecs.lookup(encoding or "ascii").name == "utf-8"
    except LookupError:
        return False


def _colours(term: str, colorterm: str) -> Colours:
    if term.startswith("vt") or term.endswith("-mono") or term.endswith("-m"):
        return Colours.NONE
    many = colorterm in ("truecolor", "24bit") or "256" in term or "direct" in term or term.endswith("kitty")
    return Colours.FULL if many else Colours.SIXTEEN
