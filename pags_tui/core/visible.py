"""Makes other people's text safe to show: on a terminal, in a report, in JSON. Pure; interprets no markup.

A label, a flag value or a note may hold escape sequences (OSC 52 writes the clipboard, CSI 2J wipes the screen),
right-to-left marks and characters without width. They are made visible here, whatever was done where they came in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""C0, DEL, C1, what changes direction, what has no width, line separators, lone surrogates, tags."""

NEWLINE = "\N{RETURN SYMBOL}"


UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode that cannot be seen, or that turn what stands around them."""


def is_hostile(one: str) -> bool:
    """Whether a character is one of those."""
    return bool(HOSTILE.match(one)) or unicodedata.category(one) in UNSEEN


KNOWN = 10_000
"""Characters that are remembered at the most."""


class _Table(dict[int, str]):
    """For `str.translate`: what stands for each character, found out once a character."""

    def __init__(self, twin: Callable[[str], str]) -> None:
        self._twin = twin

    def __missing__(self, code: int) -> str:
        one = chr(code)
        found = self._twin(one) if is_hostile(one) else one
        if len(self) < KNOWN:
            self[code] = found
        return found


def _seen(one: str) -> str:
    code = ord(one)
    if code in (0x0A, 0x0D):
        return NEWLINE
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else f"<{code:04X}>"


def _escaped(one: str) -> str:
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


SEEN, ESCAPED = _Table(_seen), _Table(_escaped)
ESCAPED[0x0A] = "\n"  # between values; within them JSON has escaped it already


@lru_cache(maxsize=8192)
def visible(text: str) -> str:
    """The text on one line, with everything that a terminal would obey turned into something that can be seen."""
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").translate(SEEN)


def visible_lines(text: str) -> str:
    """The same for a text that may have several lines."""
    return "\n".join(map(visible, text.replace("\r\n", "\n").split("\n")))


def escaped_json(text: str) -> str:
    """JSON in which none of them stands as it is: the same values, written as JSON may write them."""
    return text.translate(ESCAPED)
