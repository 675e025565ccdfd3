"""Other people's text as it may be drawn, also on a terminal that draws ASCII only. Pure; interprets no markup."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pags_tui.core.visible import HOSTILE as HOSTILE
from pags_tui.core.visible import visible as clean

TWINS = str.maketrans(
    {
        "…": ".", "→": ">", "←": "<", "≤": "<=", "≥": ">=", "≠": "!=", "–": "-", "—": "-", "·": "-", "×": "x",
        "▸": ">", "⏎": "$", "±": "+-", "∞": "inf", "µ": "u", "“": '"', "”": '"', "‘": "'", "’": "'", "↵": "enter",
        "↑": "up", "↓": "down", "┄": "-", "█": "#", "░": ".", "✓": "+", "✗": "X", "●": "*", "○": "o", "◆": "#",
        "▲": "!", "─": "-", "│": "|",
    }
)  # fmt: skip
"""What stands for a character of ours on a terminal that draws ASCII only."""


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


__all__ = ["HOSTILE", "ascii_only", "clean"]
