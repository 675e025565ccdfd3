"""The lines of header, panes, band, footer and graph, as text at every width."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.strip import Strip

from pags_tui.ui.renderables.band import band_lines, large
from pags_tui.ui.renderables.foot import footer_line, scrub_line
from pags_tui.ui.renderables.glyphs import ASCII, UNICODE, Glyphs
from pags_tui.ui.renderables.graph import graph_lines
from pags_tui.ui.renderables.header import facts_line, header_lines
from pags_tui.ui.renderables.line import changed, ends, fit, progress, text_of, width_of
from pags_tui.ui.renderables.panes import (
    board_line,
    checklist_line,
    log_line,
    metric_lines,
    strip_line,
    timeline_line,
)
from pags_tui.ui.rows import (
    BandMode,
    BandRow,
    Bound,
    ChecklistRow,
    Fact,
    FooterKey,
    GraphLine,
    GraphMark,
    GraphRow,
    HeaderRow,
    Level,
    MetricRow,
    ScrubRow,
)
from tests.ui import gallery
from tests.ui.drawing import BOTH, WIDTHS, fills, texts

SIZES = (1, 2, 40, 59, 60, 79, 80, 99, 100, 120, 200)


def every_line(cells: int, glyphs: Glyphs) -> list[tuple[tuple[str, str], ...]]:
    """One of everything that is drawn."""
    return [
        *header_lines(gallery.HEADER, cells, 3, glyphs),
        *header_lines(HeaderRow(), cells, 3, glyphs),
        facts_line(gallery.HEADER, cells, glyphs),
        *[timeline_line(row, cells, glyphs, True) for row in gallery.TIMELINE],
        *[checklist_line(row, cells, glyphs, True) for row in gallery.CHECKLIST],
        *[line for row in gallery.METRICS for line in metric_lines(row, cells, glyphs)],
        *[board_line(row, cells, glyphs) for row in gallery.BOARD],
        *[log_line(row, cells, glyphs) for row in gallery.LOG],
        footer_line(gallery.KEYS, cells, glyphs),
        scrub_line(gallery.SCRUB, cells, glyphs),
        *band_lines(gallery.BAND, cells, 5, glyphs),
        *band_lines(gallery.BAND, cells, 2, glyphs),
    ]


@pytest.mark.parametrize("cells", SIZES)
@pytest.mark.parametrize("glyphs", BOTH, ids=lambda glyphs: glyphs.name)
def test_no_control_character_is_drawn_at_any_width(glyphs: Glyphs, cells: int) -> None:
    """Every line can be drawn at every width, cleaned; on an ASCII terminal all of it is ASCII."""
    for text in texts(every_line(cells, glyphs)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert glyphs is UNICODE or text.isascii()


@pytest.mark.parametrize("cells", SIZES)
def test_the_rollback_key_is_always_there(cells: int) -> None:
    """From forty columns on, the header and the footer show the key, whatever has to give way."""
    lines = header_lines(gallery.HEADER, cells, 3, UNICODE)
    assert fills(lines, cells)
    if cells >= 40:
        assert any("F9/^R ROLL BACK" in text for text in texts(lines))
        keys = (*gallery.KEYS, FooterKey("F9/^R", "ROLL BACK", loud=True))
        assert text_of(footer_line(keys, cells, UNICODE)).endswith("F9/^R ROLL BACK ")


@pytest.mark.parametrize("cells", [80, 99, 100, 120, 160, 200])
def test_every_fact_is_somewhere(cells: int) -> None:
    """From 80 columns on nothing that must always be visible is left out, with a veto, a mute and a lost source."""
    row = replace(gallery.HEADER, mutes=Fact("1 muted", short="1m"), lost=Fact("1 source lost", short="1 lost"))
    lines = header_lines(row, cells, 3, UNICODE)
    said = "\n".join(texts(lines if cells >= 100 else (*lines, facts_line(row, cells, UNICODE))))
    facts = (
        row.state,
        row.wall,
        row.drift,
        row.finish,
        row.traffic,
        row.message,
        row.lead,
        row.safe,
        row.data,
        row.lost,
    )
    for fact in (*facts, row.guard, row.issues, row.ready, row.vetoes, row.mutes, *row.gates, *row.kinds):
        assert fact.text in said or (fact.short and fact.short in said), fact
    assert row.clock in said
    assert "04:12/15:00" in said


def test_words_of_the_state_do_not_move_what_follows() -> None:
    """COUNTING and ROLLING BACK take the same cells."""
    for cells in (80, 120, 200):
        one, two = (
            text_of(header_lines(replace(gallery.HEADER, state=Fact(word)), cells, 3, UNICODE)[0])
            for word in ("HOLD", "ROLLING BACK")
        )
        assert one.index("22:22:41") == two.index("22:22:41")


def test_the_clock_of_a_trigger_outlives_its_name() -> None:
    """A long name is cut; the clock behind it is not."""
    row = replace(gallery.HEADER, trigger=Fact("a-very-long-name-of-a-trigger-that-nobody-can-read 04:12/15:00"))
    for cells in (80, 100, 120):
        assert any("… 04:12/15:00" in text for text in texts(header_lines(row, cells, 3, UNICODE)))


def test_an_empty_header_is_blank_but_for_the_key() -> None:
    """Before the first state there is no made-up fact."""
    assert [text.strip() for text in texts(header_lines(HeaderRow(), 120, 3, UNICODE))] == ["", "", "F9/^R ROLL BACK"]


def test_the_checklist_keeps_its_columns() -> None:
    """From sixty columns on results stand in one column, whatever they say, where the text leaves them their room."""
    signs = {3: "✓ pass", 6: "✗ FAIL", 7: "… settling", 8: "~ stale"}
    lines = {row: text_of(checklist_line(gallery.CHECKLIST[row], 80, UNICODE)) for row in signs}
    assert {lines[row].rindex(sign) for row, sign in signs.items()} == {42}
    assert lines[3].index("ana") == 67


def test_a_long_text_has_the_room_that_its_result_leaves() -> None:
    """Regression: it was cut while the columns behind it stood empty. Who did it stays in its column."""
    long = "Guardrails functioning within the expected range"
    found = []
    for cells, who in ((80, "ana"), (80, ""), (73, ""), (70, "ana"), (60, "ana")):
        row = ChecklistRow("a", long, verdict=gallery.PASS, who=who)
        found.append(text_of(checklist_line(row, cells, UNICODE)))
    assert [long in line for line in found] == [True, True, True, True, False]
    assert all("✓ pass" in line for line in found)
    assert found[0].index("ana") == 67
    assert [len(line) for line in found] == [80, 80, 73, 70, 60]


def test_a_state_is_glyph_and_word() -> None:
    """An open gate is told by sign and word, not by colour alone."""
    line = text_of(checklist_line(gallery.CHECKLIST[6], 50, UNICODE))
    assert line.endswith("✗ FAIL 612")
    assert text_of(checklist_line(gallery.CHECKLIST[6], 50, ASCII)).endswith("X FAIL 612")
    assert text_of(checklist_line(ChecklistRow("a", "b", not_yet=True), 50, UNICODE)).endswith("not yet")


@pytest.mark.parametrize("cells", WIDTHS)
def test_a_metric_without_readings(cells: int) -> None:
    """Empty, flat and NaN courses fill their two lines and no more."""
    for spark in ((), (math.nan,) * 3, (1.0,) * 3):
        lines = metric_lines(MetricRow("m", "metric", "–", spark=spark, bounds=(Bound(1.0, "1"),)), cells, UNICODE)
        assert fills(lines, cells)


def test_gates_that_do_not_fit_are_counted() -> None:
    """The strip says how many it leaves out."""
    assert text_of(strip_line(gallery.METRICS, 60, UNICODE)).endswith("+3")
    assert text_of(strip_line((), 60, UNICODE)) == ""


def test_the_start_gives_way_to_the_end() -> None:
    """Where both do not fit the end stays whole."""
    assert text_of(ends((("start of it", "calm"),), (("end", "calm"),), 10, UNICODE)) == "start… end"
    assert text_of(ends((("start", "calm"),), (("end", "calm"),), 2, UNICODE)) == "e…"


def test_a_bar_takes_any_part() -> None:
    """Below nothing, beyond all and NaN are drawn as the nearest end."""
    assert progress(0.5, 4, UNICODE) == "██░░"
    assert [progress(part, 3, ASCII) for part in (-1.0, 2.0, math.nan)] == ["...", "###", "..."]
    assert progress(None, 3, ASCII) == ""


def test_digits_are_three_rows() -> None:
    """`1:42` in large digits, three cells each."""
    rows = large("1:42", UNICODE)
    assert [len(row) for row in rows] == [15, 15, 15]
    assert rows[0].split() == ["▀█", "█", "█", "▀▀█"]
    assert large("no digits", UNICODE) == ("", "", "")


@pytest.mark.parametrize("height", [1, 2, 3, 5])
def test_the_band_tells_the_count_at_every_height(height: int) -> None:
    """With three lines in large digits, with fewer in plain ones; never more lines than there are."""
    lines = texts(band_lines(gallery.BAND, 80, height, UNICODE))
    assert len(lines) <= height
    assert ("42" in lines[0]) == (height < 3)
    assert "612 > 500 for 15m" in "".join(lines) or height == 1


def test_a_question_has_no_digits() -> None:
    """A band without a clock starts at the left edge."""
    row = BandRow(BandMode.ASK, "Error rate above 1%", more=("and: Queue depth",))
    assert texts(band_lines(row, 60, 5, UNICODE))[0].startswith(" ▲ ROLL BACK?  Error rate above 1%")


GRAPH = GraphRow(
    "q",
    "queue depth",
    (
        GraphLine("mail", (*(float(at * 5) for at in range(60)), None, None, *(300.0,) * 58)),
        GraphLine("pay", (10.0,) * 120),
    ),
    (Bound(200.0, "200"),),
    (GraphMark(30, "10→50"),),
    ((0, "T+0"), (60, "T+10"), (119, "T+20")),
    value="300",
)


@pytest.mark.parametrize("glyphs", BOTH, ids=lambda glyphs: glyphs.name)
def test_a_graph_has_labels_on_both_axes(glyphs: Glyphs) -> None:
    """The limit by its own words, the ends of the scale, moved flags and times."""
    lines = texts(graph_lines(GRAPH, 80, 20, glyphs))
    assert len(lines) == 20
    assert all(len(line) == 80 for line in lines)
    assert any(line.strip().startswith("200 ") for line in lines)
    assert lines[-1].split() == ["T+0", "T+10", "T+20"]
    assert ("10→50" if glyphs is UNICODE else "10>50") in lines[-2]


def test_a_gap_in_a_graph_stays_empty() -> None:
    """Columns of unknown values hold no dots, and no line joins the two sides."""
    bare = replace(GRAPH, bounds=(), marks=(), lines=(GraphLine("m", (*(1.0,) * 40, *(None,) * 40, *(1.0,) * 40)),))
    drawn = texts(graph_lines(bare, 127, 10, ASCII))[1:-1]
    row = next(line for line in drawn if "*" in line)
    dots = [at for at, char in enumerate(row) if char == "*"]
    assert max(right - left for left, right in itertools.pairwise(dots)) > 30


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("rows", [1, 3, 4, 24])
@pytest.mark.parametrize("values", [(), (math.nan,), (5.0,), (0.0, math.inf, None)], ids=repr)
def test_a_graph_of_little(values: tuple[float | None, ...], rows: int, cells: int) -> None:
    """Empty, NaN, one value and infinity, in any room, marks and limits included."""
    row = replace(GRAPH, lines=(GraphLine("m", values),) if values else ())
    lines = graph_lines(row, cells, rows, UNICODE)
    assert len(lines) <= rows
    assert fills(lines, cells)


@given(st.lists(st.none() | st.floats(), max_size=60), st.floats(allow_nan=False), st.integers(0, 60))
def test_any_graph_can_be_drawn(values: list[float | None], bound: float, cells: int) -> None:
    """Whatever floats come, infinite limits too, the graph keeps to its room and nothing raises."""
    row = replace(GRAPH, lines=(GraphLine("m", tuple(values)),), bounds=(Bound(bound, "b"),))
    for glyphs in BOTH:
        assert fills(graph_lines(row, cells, 9, glyphs), cells)


def test_where_a_replay_stands() -> None:
    """The bar shows place, events and time at the width there is."""
    line = text_of(scrub_line(gallery.SCRUB, 80, UNICODE))
    assert width_of(scrub_line(gallery.SCRUB, 80, UNICODE)) == 80
    assert line.index("T-60") < line.index("█") < line.index("T+180")
    assert "stop" in text_of(scrub_line(ScrubRow("a", "b", "c", math.nan, marks=((5.0, Level.BAD),)), 60, ASCII))


@given(st.text("ab日", max_size=12), st.text("ab日", max_size=12))
def test_what_changed_in_a_line(before: str, after: str) -> None:
    """Outside the cells that are named, the two lines are the same; equal lines name none."""
    old, new = fit(((before, "calm"),), 24, UNICODE), fit(((after, "calm"),), 24, UNICODE)
    cells = changed(old, new)
    if cells is None:
        assert text_of(old) == text_of(new)
    else:
        start, count = cells
        assert 0 <= start < start + count <= 24
        one, two = Strip([Segment(text_of(old))]), Strip([Segment(text_of(new))])
        assert one.crop(0, start).text == two.crop(0, start).text
        assert one.crop(start + count).text == two.crop(start + count).text


def test_a_colour_alone_is_a_change() -> None:
    """The same text in another role is drawn again."""
    assert changed((("ab", "ok"), ("c", "calm")), (("ab", "bad"), ("c", "calm"))) == (0, 2)
    assert changed((("ab", "ok"),), (("ab", "ok"),)) is None
