"""A course in one row: the limit is in view, a gap stays a gap, and noise is no full swing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.ui.renderables.glyphs import ASCII, UNICODE, Glyphs
from pags_tui.ui.renderables.line import text_of, width_of
from pags_tui.ui.renderables.sparkline import limit, resample, scale, sparkline
from pags_tui.ui.rows import Bound
from tests.ui.drawing import BOTH, WIDTHS, roles

NAN = math.nan


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("glyphs", BOTH, ids=lambda glyphs: glyphs.name)
@pytest.mark.parametrize(
    "values", [(), (None,), (NAN, NAN), (5.0,) * 9, (0.0,), (1.0, None, 3.0, NAN, math.inf)], ids=repr
)
def test_it_fills_exactly_its_cells(values: tuple[float | None, ...], glyphs: Glyphs, cells: int) -> None:
    """At widths 1, 2 and 80, with nothing, gaps, a flat course and infinity."""
    line = sparkline(values, cells, glyphs, (Bound(2.0, "2"),))
    assert width_of(line) == cells
    assert glyphs.name == "unicode" or text_of(line).isascii()


def test_a_gap_is_blank_and_never_zero() -> None:
    """What is not known leaves a hole; a zero is drawn as the lowest bar."""
    assert text_of(sparkline((0.0, None, NAN, 8.0), 4, UNICODE)) == "▁  █"


def test_values_start_at_the_right() -> None:
    """The newest value is at the right edge; what is before the first reading is blank."""
    assert text_of(sparkline((1.0, 8.0), 5, UNICODE)) == "   ▁█"


def test_the_limit_is_within_the_scale() -> None:
    """A course far below its limit stays low instead of filling the row."""
    assert set(text_of(sparkline((0.1, 0.11, 0.1, 0.12), 4, UNICODE, (Bound(5.0, "5"),)))) == {"▁"}
    assert scale((1.0, 2.0), (Bound(10.0, "10"),)) == (1.0, 10.0)


def test_noise_is_no_full_swing() -> None:
    """99.97 to 99.99 is flat, not a swing from the floor to the ceiling."""
    drawn = [UNICODE.bars.index(bar) for bar in text_of(sparkline((99.97, 99.99, 99.97), 3, UNICODE))]
    assert max(drawn) - min(drawn) <= 1


def test_beyond_the_limit_plays_another_role() -> None:
    """Above an upper limit and below a lower one; the limit itself is still good."""
    assert roles(sparkline((1.0, 5.0, 9.0), 3, UNICODE, (Bound(5.0, "5"),)), "over") == "█"
    assert roles(sparkline((1.0, 5.0, 9.0), 3, UNICODE, (Bound(5.0, "5", bad_above=False),)), "over") == "▁"


def test_a_moved_flag_is_marked_in_its_cell() -> None:
    """The mark stands where the value of that moment would, also when many values share a cell."""
    assert text_of(sparkline((1.0, 2.0, 3.0), 4, UNICODE, marks=(1,))).index("│") == 2
    assert text_of(sparkline(tuple(map(float, range(100))), 10, UNICODE, marks=(99,)))[-1] == "│"


def test_of_many_values_the_worst_is_kept() -> None:
    """A spike does not vanish in a narrow row, nor a dip where low is bad; a gap needs all to be unknown."""
    values = (1.0, 9.0, 1.0, 1.0, None, 2.0, None, NAN)
    assert resample(values, 4) == (9.0, 1.0, 2.0, None)
    assert resample((5.0, 1.0), 1, (Bound(3.0, "3", bad_above=False),)) == (1.0,)


@given(st.lists(st.none() | st.floats(), max_size=200), st.integers(0, 120), st.lists(st.integers(-5, 250), max_size=5))
def test_any_course_can_be_drawn(values: list[float | None], cells: int, marks: list[int]) -> None:
    """Whatever floats come (NaN, infinities, the smallest and the largest), the row is filled and nothing raises."""
    assert width_of(sparkline(values, cells, ASCII, (Bound(1.0, "1"),), marks)) == cells


def test_every_marked_value_has_a_cell_that_holds_it() -> None:
    """A mark is drawn in the cell whose share of the values holds its index, for any count and width."""
    for count in range(1, 60):
        for index in range(count):
            for cells in (1, 2, 7, 30):
                values = [0.0] * count
                values[index] = 1.0
                cell = text_of(sparkline(values, cells, UNICODE, marks=(index,))).index("│")
                assert resample(values, cells)[cell] == 1.0


def test_the_limit_has_a_label() -> None:
    """`┄ 0.5%`; none without a limit."""
    assert limit((Bound(0.005, "0.5%"),), UNICODE) == "┄ 0.5%"
    assert limit((), UNICODE) == ""
