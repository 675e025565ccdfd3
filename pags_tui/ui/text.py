"""Makes other people's text safe to draw. Pure: `present` uses it as well as the widgets. Never interprets markup.

A label, a flag value or a note may hold escape sequences (OSC 52 writes the clipboard, CSI 2J wipes the screen),
right-to-left marks and characters without width. They are made visible here, whatever was done where they came in.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""C0, DEL, C1, what changes direction, what has no width, line separators, lone surrogates, tags."""

NEWLINE = "\N{RETURN SYMBOL}"

TWINS = str.maketrans(
    {
        "…": ".", "→": ">", "←": "<", "≤": "<=", "≥": ">=", "≠": "!=", "–": "-", "—": "-", "·": "-", "×": "x",
        "▸": ">", "⏎": "$", "±": "+-", "∞": "inf", "µ": "u", "“": '"', "”": '"', "‘": "'", "’": "'", "↵": "enter",
        "↑": "up", "↓": "down", "┄": "-", "█": "#", "░": ".", "✓": "+", "✗": "X", "●": "*", "○": "o", "◆": "#",
        "▲": "!", "─": "-", "│": "|",
    }
)  # fmt: skip
"""What stands for a character of ours on a terminal that draws ASCII only."""


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in (0x0A, 0x0D):
        return NEWLINE
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return f"<{code:04X}>"


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """The text with everything that a terminal would obey turned into something that can be seen."""
    if text.isascii() and text.isprintable():
        return text
    return HOSTILE.sub(_visible, text.replace("\r\n", "\n"))


@lru_cache(maxsize=8192)
def ascii_only(text: str) -> str:
    """Clean text in ASCII: our signs by their twins, letters without their accents, the rest as `?`."""
    if text.isascii() and text.isprintable():
        return text
    plain = unicodedata.normalize("NFKD", HOSTILE.sub(_caret, text.replace("\r\n", "\n")).translate(TWINS))
    return "".join(char if char.isascii() else "?" for char in plain if not unicodedata.combining(char))


def _caret(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"^{chr(code ^ 0x40)}" if code < 0x80 else f"<{code:04X}>"
