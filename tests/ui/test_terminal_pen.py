"""What the pen writes looks on a terminal as the cells say, whatever was written before, and takes few bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

from pags_tui.ui import looks
from pags_tui.ui.terminal.frame import cells_of
from pags_tui.ui.terminal.pen import CUBE, SEEN_ON_BLANKS, Pen, codes
from tests.ui.glass import PLAIN, Glass, Look
from tests.ui.test_looks import contrast, levels

STYLES = [
    Style(color="#D7DCE5", bgcolor="#0E1116"),
    Style(color="#D7DCE5", bgcolor="#26303F"),
    Style(color="#56B4E9", bgcolor="#0E1116", bold=True),
    Style(color="red", dim=True, bold=True),
    Style(reverse=True, underline=True),
    Style(bgcolor="bright_blue", italic=True, strike=True),
    Style(),
]
WIDTH = 30
PARTS = st.lists(st.tuples(st.text("ab é日", max_size=14) | st.just(" " * 12), st.sampled_from(STYLES)), max_size=6)
RUNS = st.lists(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, 2), PARTS), min_size=1, max_size=6)


def seen(char: str, look: Look) -> tuple[str, Look]:
    """A blank has no colour of its own, and no weight."""
    attributes, _, back = look
    painted = attributes & {"4", "7", "9", "21", "51", "52", "53"}
    return (char, look) if char != " " or painted else (char, (frozenset(), "39", back))


def look_of(style: Style | None, system: ColorSystem) -> Look:
    """The look that a style asks for."""
    if style is None:
        return PLAIN
    glass = Glass(1, 1)
    for part in (Pen(system)._take(*Pen(system)._wanted(style)),):
        glass.write(part)
    return glass.look


@pytest.mark.parametrize("system", [ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR])
@pytest.mark.parametrize("erases", [True, False], ids=["erases", "writes-blanks"])
@given(runs=RUNS)
def test_it_looks_as_it_should(erases: bool, system: ColorSystem, runs: list[tuple[int, int, list[tuple[str, Style]]]]) -> None:  # fmt: skip # noqa: E501
    """Each cell shows its character in its style, after any runs in any order; then the pen is plain again."""
    glass, pen = Glass(WIDTH, 3), Pen(system, erases)
    wanted = {(x, y): (" ", PLAIN) for x in range(WIDTH) for y in range(3)}
    for x, y, parts in runs:
        cells = [cell for text, style in parts for cell in cells_of([Segment(text, style)])][: WIDTH - x]
        if cells and x + len(cells) == WIDTH and cells[-1][0] == "日":
            cells.pop()
        glass.write(pen.write(x, y, cells))
        wanted |= {(x + at, y): (char, look_of(style, system)) for at, (char, style) in enumerate(cells)}
    glass.write(pen.end())
    assert glass.look == PLAIN
    for (x, y), (char, look) in wanted.items():
        if char:
            assert seen(*glass.cells[y][x]) == seen(char, look)


def test_only_what_changes_is_said() -> None:
    """A place once, a style once; a colour more costs the colour, and blanks cost their number."""
    calm, strong = STYLES[0], STYLES[0] + Style(bold=True)
    pen = Pen(ColorSystem.TRUECOLOR)
    assert pen.write(0, 4, [("a", calm)]) == "\x1b[5;1H\x1b[38;5;253;48;5;233ma"
    assert pen.write(1, 4, [("b", calm), ("c", strong)]) == "b\x1b[1mc"
    assert pen.write(9, 4, [("d", calm), *[(" ", strong)] * 40]) == "\x1b[10G\x1b[22md\x1b[40X"
    assert pen.end() == "\x1b[m"
    assert pen.end() == ""


def test_an_erased_cell_hides_nothing() -> None:
    """Underlined and reverse blanks are written, since erasing would lose the line."""
    text = Pen(ColorSystem.TRUECOLOR).write(0, 0, [(" ", Style(underline=True))] * 20)
    assert text.endswith(" " * 20)
    assert SEEN_ON_BLANKS & Style(underline=True)._attributes


@pytest.mark.parametrize("theme", [looks.DARK, looks.LIGHT, looks.HIGH_CONTRAST], ids=lambda theme: theme.name)
def test_the_nearest_of_256_colours_can_be_read(theme: looks.Theme) -> None:
    """What a terminal really gets keeps 4.5:1 against the ground, and good and bad are two colours."""
    ground = shown(theme.background or "")
    found = {name: shown(colour) for name, colour in levels(theme).items()}
    for name, colour in {**found, "muted": shown(theme.secondary or ""), "calm": shown(theme.foreground or "")}.items():
        assert contrast(colour, ground) >= 4.5, (theme.name, name)
        assert contrast(shown(theme.foreground or ""), shown(theme.panel or "")) >= 7
    assert len(set(found.values())) == len(found)


def shown(colour: str) -> str:
    """The colour that is sent for one."""
    number = int(codes(Color.parse(colour), ColorSystem.TRUECOLOR, ground=False).rpartition(";")[2]) - 16
    red, green, blue = CUBE[number] if number < len(CUBE) else ((number - len(CUBE)) * 10 + 8,) * 3
    return f"#{red:02X}{green:02X}{blue:02X}"
