"""Writes cells with as few bytes as say them: only what changes of the style, and blanks as one erasing.

Most of what goes to a terminal is not text but colour, and a line of 2 kB/s has no room for it. Colours go out as the
nearest of the 256 that all terminals with so many agree on: half the bytes of exact ones, and one look on all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from rich.color import Color, ColorSystem, ColorType
from rich.palette import Palette
from rich.style import Style

Cell = tuple[str, Style | None]
"""A character (with what combines with it) and its style; an empty text is the second half of a wide one."""

ON = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""What switches each attribute on, in the order of the bits of Rich's `Style` (ECMA-48, SGR)."""
OFF = ("22", "22", "23", "24", "25", "25", "27", "28", "29", "24", "54", "54", "55")
"""What switches it off; some share one."""
SEEN_ON_BLANKS = sum(1 << bit for bit in (3, 6, 8, 9, 10, 11, 12))
"""Underlined, reverse, struck through …: a blank that has them is no blank."""

FEWEST = 10
"""Blanks from which erasing is shorter than writing them."""

PLAIN = (0, "39", "49")
"""No attributes, the terminal's own two colours."""

LEVELS = (0, 95, 135, 175, 215, 255)
CUBE = [(red, green, blue) for red in LEVELS for green in LEVELS for blue in LEVELS]
FIXED = Palette(CUBE + [(step, step, step) for step in range(8, 248, 10)])
"""The 240 of the 256 colours that are the same everywhere, from number 16 on; the first sixteen are the user's own."""


def codes(color: Color | None, system: ColorSystem, ground: bool) -> str:
    """The SGR parameters of a colour, for the text or for the ground behind it."""
    if color is None or color.is_default:
        return "49" if ground else "39"
    return _codes(color, system, ground)


@lru_cache(maxsize=1024)
def _codes(color: Color, system: ColorSystem, ground: bool) -> str:
    if color.type is ColorType.TRUECOLOR and system in (ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR):
        return f"{48 if ground else 38};5;{16 + FIXED.match(color.get_truecolor())}"
    return ";".join(color.downgrade(system).get_ansi_codes(not ground))


class Pen:
    """Knows where it stands and what it last wrote with. A frame begins and ends with a plain one."""

    def __init__(self, system: ColorSystem, erases: bool = True) -> None:
        """`erases`: an erased cell takes the present ground (`bce`), as nearly every terminal has it."""
        self._system = system
        self._erases = erases
        self._style = PLAIN
        self._at: tuple[int, int] | None = None

    def write(self, x: int, y: int, cells: Iterable[Cell]) -> str:
        """Cells of one row, from a column on."""
        sent: list[str] = []
        for (blank, style), group in groupby(cells, key=lambda cell: (cell[0] == " ", cell[1])):
            chars = [char for char, _ in group]
            attributes, front, back = self._wanted(style)
            blank = blank and not attributes & SEEN_ON_BLANKS
            if blank:
                attributes, front = self._style[0] & ~SEEN_ON_BLANKS, self._style[1]
            sent += [self._go(x, y), self._take(attributes, front, back)]
            if blank and self._erases and len(chars) >= FEWEST:
                sent.append(f"\x1b[{len(chars)}X")
            else:
                sent.append("".join(chars))
                self._at = (x + len(chars), y)
            x += len(chars)
        return "".join(sent)

    def end(self) -> str:
        """Take a plain pen again, so that whatever else writes meets no colour of ours."""
        return self._take(*PLAIN)

    def _go(self, x: int, y: int) -> str:
        at, self._at = self._at, (x, y)
        if at == (x, y):
            return ""
        return f"\x1b[{x + 1}G" if at is not None and at[1] == y else f"\x1b[{y + 1};{x + 1}H"

    def _wanted(self, style: Style | None) -> tuple[int, str, str]:
        if style is None:
            return PLAIN
        attributes = style._attributes & style._set_attributes
        return attributes, codes(style._color, self._system, False), codes(style._bgcolor, self._system, True)

    def _take(self, attributes: int, front: str, back: str) -> str:
        """What leads from the present style to another."""
        (old, old_front, old_back), self._style = self._style, (attributes, front, back)
        if self._style == (old, old_front, old_back):
            return ""
        if self._style == PLAIN:
            return "\x1b[m"
        off = {OFF[bit] for bit in range(len(OFF)) if old & ~attributes & 1 << bit}
        on = [ON[bit] for bit in range(len(ON)) if attributes & 1 << bit and (not old & 1 << bit or OFF[bit] in off)]
        said = [*sorted(off), *on, *([front] if front != old_front else []), *([back] if back != old_back else [])]
        return f"\x1b[{';'.join(said)}m" if said else ""
