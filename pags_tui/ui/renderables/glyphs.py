"""The signs that the screen draws with, and their ASCII twins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pags_tui.ui.renderables import clean
from pags_tui.ui.rows import Mark


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """The signs of one kind of terminal."""

    name: str
    marks: Mapping[Mark, str]
    """One cell each."""
    bars: str
    """Eight heights, lowest first."""
    full: str
    empty: str
    moved: str
    """A moment at which a flag moved, inside a course."""
    bound: str
    """A limit's line."""
    cursor: str
    alarm: str
    end: str
    """Stands for what was cut off."""
    to: str
    rule: str
    digits: tuple[str, str, str]
    """Three rows of the large digits 0-9 and the colon, three cells each."""
    braille: bool

    def mark(self, mark: Mark) -> str:
        """The glyph of a mark."""
        return self.marks[mark]

    def text(self, text: str) -> str:
        """Other people's text as this terminal may draw it."""
        return clean.clean(text) if self.name == "unicode" else clean.ascii_only(text)


UNICODE = Glyphs(
    name="unicode",
    marks={
        Mark.NONE: " ", Mark.PASS: "✓", Mark.FAIL: "✗", Mark.UNKNOWN: "?", Mark.STALE: "~",
        Mark.SETTLING: "…", Mark.CURRENT: "●", Mark.FUTURE: "○", Mark.CHECKPOINT: "◆", Mark.SKIPPED: "-",
        Mark.WAIVED: "≈", Mark.ALARM: "▲", Mark.HELD: "‖",
    },
    bars="▁▂▃▄▅▆▇█", full="█", empty="░", moved="│", bound="┄", cursor="▸", alarm="▲", end="…", to="→", rule="─",
    digits=(
        "█▀█▀█ ▀▀█▀▀██ ██▀▀█▀▀▀▀██▀██▀█   ",
        "█ █ █ █▀▀ ▀█▀▀█▀▀██▀█  ██▀█▀▀█ ▀ ",
        "▀▀▀▀▀▀▀▀▀▀▀▀  ▀▀▀▀▀▀▀  ▀▀▀▀▀▀▀ ▀ ",
    ),
    braille=True,
)  # fmt: skip

ASCII = Glyphs(
    name="ascii",
    marks={
        Mark.NONE: " ", Mark.PASS: "+", Mark.FAIL: "X", Mark.UNKNOWN: "?", Mark.STALE: "~",
        Mark.SETTLING: ".", Mark.CURRENT: "*", Mark.FUTURE: "o", Mark.CHECKPOINT: "#", Mark.SKIPPED: "-",
        Mark.WAIVED: "w", Mark.ALARM: "!", Mark.HELD: "=",
    },
    bars="_.,-~=+#", full="#", empty=".", moved="|", bound="-", cursor=">", alarm="!", end=".", to=">", rule="-",
    digits=(
        " _     _  _     _  _  _  _  _    ",
        "| |  | _| _||_||_ |_   ||_||_| . ",
        "|_|  ||_  _|  | _||_|  ||_| _| . ",
    ),
    braille=False,
)  # fmt: skip
