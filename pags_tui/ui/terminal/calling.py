"""How a terminal is asked to call somebody: its bell, or a notification of the desktop. Makes text, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from pags_tui.ui.text import clean

BELL, ESCAPE = "\x07", "\x1b"
LONGEST = 160
"""Characters of a notification; desktops cut sooner."""


def sequence(how: Iterable[str], title: str, text: str, *, tmux: bool = False) -> str:
    """What to write for a call: `bell`, `osc9`, `osc777`. The text is other people's, and harmless afterwards."""
    said = clean(text)[:LONGEST]
    head = clean(title).replace(";", ",")
    made = {"osc9": f"{ESCAPE}]9;{said}{BELL}", "osc777": f"{ESCAPE}]777;notify;{head};{said}{BELL}"}
    found = [made[one] for one in how if one in made]
    wrapped = [_through_tmux(one) for one in found] if tmux else found
    return "".join(wrapped) + (BELL if "bell" in how else "")


def _through_tmux(text: str) -> str:
    """Wrapped, so that tmux hands it on (`allow-passthrough`)."""
    return f"{ESCAPE}Ptmux;{text.replace(ESCAPE, ESCAPE * 2)}{ESCAPE}\\"
