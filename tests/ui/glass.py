"""A terminal in memory that understands what the screen sends: places, styles, erasing, text. It refuses all else."""

from __future__ import annotations

import re

from rich.cells import get_character_cell_size

Look = tuple[frozenset[str], str, str]
"""Attributes, colour, ground, as the parameters that set them."""

PLAIN: Look = (frozenset(), "39", "49")
TOLD = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[(\d+)G|\x1b\[(\d+)X|\x1b\[([\d;]*)m|([^\x1b\n])|\x1b\[\?2026[hl]")
OFF = {
    "22": ("1", "2"), "23": ("3",), "24": ("4", "21"), "25": ("5", "6"), "27": ("7",), "28": ("8",), "29": ("9",),
    "54": ("51", "52"), "55": ("53",),
}  # fmt: skip


class Glass:
    """What a terminal shows."""

    def __init__(self, width: int, height: int) -> None:
        self.cells: list[list[tuple[str, Look]]] = [[(" ", PLAIN)] * width for _ in range(height)]
        self.look = PLAIN
        self.sent = 0
        self.touched: set[tuple[int, int]] = set()
        """Columns and rows that were written to."""
        self._x = self._y = 0

    def write(self, text: str) -> None:
        """Put it on the glass."""
        self.sent += len(text)
        end = 0
        for told in TOLD.finditer(text):
            assert told.start() == end, f"not understood: {text[end : told.start()]!r}"
            end = told.end()
            row, column, along, erased, style, char = told.groups()
            if row or along:
                self._y, self._x = (int(row) - 1 if row else self._y), int(column or along) - 1
            elif erased:
                self._put(self._x, (" ", (frozenset(), "39", self.look[2])), int(erased))
            elif style is not None:
                self._restyle(style)
            elif char:
                size = get_character_cell_size(char)
                self._put(self._x, (char, self.look), 1)
                self._put(self._x + 1, ("", self.look), size - 1)
                self._x += size
        assert end == len(text), f"not understood: {text[end:]!r}"

    def _put(self, x: int, cell: tuple[str, Look], count: int) -> None:
        for at in range(x, min(x + count, len(self.cells[self._y]))):
            self.cells[self._y][at] = cell
            self.touched.add((at, self._y))

    def _restyle(self, told: str) -> None:
        attributes, front, back = set(self.look[0]), self.look[1], self.look[2]
        parts = re.findall(r"[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|\d+", told) or ["0"]
        for part in parts:
            if part == "0":
                attributes, front, back = set(), "39", "49"
            elif part in OFF:
                attributes -= set(OFF[part])
            elif (part.startswith("4") and len(part) > 1) or part.startswith("10"):
                back = part
            elif part.startswith(("3", "9")) and len(part) > 1:
                front = part
            else:
                attributes.add(part)
        self.look = (frozenset(attributes), front, back)

    @property
    def text(self) -> list[str]:
        """Line by line."""
        return ["".join(char for char, _ in line) for line in self.cells]
