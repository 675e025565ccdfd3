"""The widgets of a few lines: header, facts, strip, band, footer, graph, scrub bar. One tiny app each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.geometry import Region
from textual.widget import Widget

from pags_tui.ui import looks
from pags_tui.ui.renderables.glyphs import ASCII
from pags_tui.ui.rows import BandMode, Fact, GraphLine, GraphRow
from pags_tui.ui.widgets.band import Band
from pags_tui.ui.widgets.footer import Footer
from pags_tui.ui.widgets.gate_strip import GateStrip
from pags_tui.ui.widgets.graph import Graph
from pags_tui.ui.widgets.header import Facts, Header
from pags_tui.ui.widgets.scrub_bar import ScrubBar
from tests.ui import gallery
from tests.ui.drawing import Alone, shown

GRAPH = GraphRow("q", "queue depth", (GraphLine("q", tuple(map(float, range(50)))),))


async def test_the_header_shows_its_row() -> None:
    """Three lines from a hundred columns on, and two below."""
    header = Header()
    async with Alone(header).run_test(size=(120, 3)) as pilot:
        header.row = gallery.HEADER
        await pilot.pause()
        lines = shown(header)
        assert "T+00:22:41" in lines[0]
        assert "rollback ready 12s" in lines[2]
        await pilot.resize_terminal(80, 2)
        assert "PROD pags-cutover" in shown(header)[0]


async def test_a_ticking_clock_repaints_its_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new second is one digit: nothing else is sent again."""
    header = Header()
    async with Alone(header).run_test(size=(120, 3)) as pilot:
        header.row = gallery.HEADER
        await pilot.pause()
        asked: list[Region] = []
        monkeypatch.setattr(header, "refresh", lambda *regions, **_: asked.extend(regions))
        header.row = replace(gallery.HEADER, clock="T+00:22:42")
        at = shown(header)[0].index("T+00:22:42") + len("T+00:22:4")
        assert asked == [Region(at, 0, 1, 1)]


async def test_facts_hold_the_rest() -> None:
    """One line with what two narrow ones leave out."""
    facts = Facts()
    async with Alone(facts).run_test(size=(80, 1)) as pilot:
        facts.row = gallery.HEADER
        await pilot.pause()
        assert "lead ana" in shown(facts)[0]
        assert "data 2s" in shown(facts)[0]


async def test_the_strip_shows_gates() -> None:
    """In the order given, the failing one with its bound."""
    strip = GateStrip()
    async with Alone(strip).run_test(size=(80, 1)) as pilot:
        strip.rows = gallery.METRICS
        await pilot.pause()
        assert "queue depth 612 ✗ >500" in shown(strip)[0]


async def test_the_band_is_hidden_without_a_row() -> None:
    """It comes with a row and goes with it, and never takes the focus."""
    band = Band()
    async with Alone(band).run_test(size=(80, 5)) as pilot:
        assert not band.has_class("-shown")
        band.row = gallery.BAND
        await pilot.pause()
        assert band.has_class("-shown", "-countdown")
        assert not band.can_focus
        assert any("612 > 500 for 15m" in line for line in shown(band))
        band.row = replace(gallery.BAND, mode=BandMode.ASK)
        assert band.has_class("-ask")
        assert not band.has_class("-countdown")
        band.row = None
        assert not band.has_class("-shown")


async def test_the_footer_keeps_the_rollback_key() -> None:
    """Whatever else fits."""
    footer = Footer()
    async with Alone(footer).run_test(size=(30, 1)) as pilot:
        footer.keys = (*gallery.KEYS, gallery.HEADER.rollback_key)
        await pilot.pause()
        assert shown(footer)[0].endswith("F9/^R ROLL BACK")


async def test_the_graph_fills_its_room() -> None:
    """It is drawn again for another size."""
    graph = Graph()
    async with Alone(graph).run_test(size=(60, 12)) as pilot:
        graph.row = GRAPH
        await pilot.pause()
        assert shown(graph)[0].strip() == "queue depth"
        assert sum(bool(line) for line in shown(graph)) > 8


async def test_the_scrub_bar_comes_with_a_replay() -> None:
    """Hidden otherwise."""
    bar = ScrubBar()
    async with Alone(bar).run_test(size=(80, 1)) as pilot:
        assert not bar.has_class("-shown")
        bar.row = gallery.SCRUB
        await pilot.pause()
        assert "T+00:22:41" in shown(bar)[0]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (80, 5)], ids=["1", "2", "80"])
async def test_any_size_in_ascii(size: tuple[int, int]) -> None:
    """Every widget can be drawn at widths 1, 2 and 80 on an ASCII terminal."""
    header, band, graph, bar, footer, strip = Header(), Band(), Graph(), ScrubBar(), Footer(), GateStrip()
    header.row, band.row, graph.row, bar.row = gallery.HEADER, gallery.BAND, GRAPH, gallery.SCRUB
    footer.keys, strip.rows = gallery.KEYS, gallery.METRICS
    widgets: tuple[Widget, ...] = (header, band, graph, bar, footer, strip)
    for widget in widgets:
        async with Alone(widget, ASCII).run_test(size=size) as pilot:
            await pilot.pause()
            assert all(len(line) <= size[0] and line.isascii() for line in shown(widget))


async def test_hostile_text_stays_text() -> None:
    """A label with escape sequences and markup is drawn as it is, its controls made visible."""
    header = Header()
    async with Alone(header).run_test(size=(120, 3)) as pilot:
        header.row = replace(gallery.HEADER, lead=Fact("[red]\x1b[2Jana[/]"))
        await pilot.pause()
        assert "[red]␛[2Jana[/]" in shown(header)[2]


async def test_another_theme_takes_effect_at_once() -> None:
    """Colours are not kept from the theme before."""
    header = Header()
    async with Alone(header).run_test(size=(120, 3)) as pilot:
        header.row = gallery.HEADER
        await pilot.pause()
        before = header.ink("ok").color
        pilot.app.theme = looks.LIGHT.name
        await pilot.pause()
        assert header.ink("ok").color != before
