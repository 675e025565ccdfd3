"""The HTML report in a real browser: nothing said, nothing fetched, charts drawn, every text found by a reader."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pags_tui.report import html
from tests.report.chromium import Page, chromium, program
from tests.runs.make import golden, tape, told

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The rough night, open in a browser; without one a skipped test, under CI=true a failed one."""
    if program() is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "chromium is neither on PATH nor in .cache/chromium; tools/fetch-chromium fetches it"
        )
    folder = tmp_path_factory.mktemp("browser")
    file = folder / "rough.html"
    file.write_text(html(told(tape("rough"))), encoding="utf-8")
    with chromium(folder) as tab:
        yield tab.open(file)


def test_the_page_says_nothing_and_asks_for_nothing(page: Page) -> None:
    """No error and no warning in the console; the file itself is the only request."""
    assert page.said() == []
    assert [address.rpartition("/")[2] for address in page.requests()] == ["rough.html"]


def test_every_metric_has_its_chart(page: Page) -> None:
    """Each metric is drawn: a picture with lines in it, at its full width."""
    report = told(tape("rough"))
    drawn = page.evaluate(
        "[...document.querySelectorAll('figure > svg[role=img]')].map(svg =>"
        " [svg.querySelectorAll('.line').length, svg.querySelectorAll('.mark').length, svg.clientWidth])"
    )
    assert len(drawn) == len(report.metrics)
    assert all(lines > 0 and marks == len(report.marks) and width > 400 for lines, marks, width in drawn)


def test_a_gap_is_not_drawn_through(page: Page) -> None:
    """The line of a metric comes in pieces where nobody watched."""
    assert page.evaluate("document.querySelector('figure > svg').querySelectorAll('.line').length") > 1


def test_a_screen_reader_finds_every_text(page: Page) -> None:
    """Headings, captions, row headings, pictures with their names: all in the tree that a screen reader reads."""
    spoken = page.spoken()
    report = told(tape("rough"))
    headings = {name for role, name in spoken if role == "heading"}
    assert {"Summary", "Planned against actual", "Decisions", "Flag changes", "Rollbacks", "Metrics"} <= headings
    pictures = {name for role, name in spoken if role == "image"}
    assert {f"{metric.title} over the night" for metric in report.metrics} <= pictures
    texts = "\n".join(name for _, name in spoken)
    for decision in report.decisions:
        assert decision.text in texts
        assert decision.reason in texts
    assert {role for role, _ in spoken} >= {"table", "caption", "columnheader", "rowheader", "navigation", "main"}


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(21, 23, 26)")])
def test_the_page_is_light_or_dark_as_its_reader_is(page: Page, scheme: str, paper: str) -> None:
    """It follows the reader's own setting."""
    page.call("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}])
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


def test_it_prints_in_black_on_white_and_loses_nothing(page: Page) -> None:
    """On paper a dark reader's page is white, and no table runs out of the sheet behind a scroll bar."""
    page.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.wide')).overflowX") == "visible"
    assert len(page.call("Page.printToPDF", preferCSSPageSize=True)["data"]) > 10_000
    page.call("Emulation.setEmulatedMedia", media="", features=[])


def test_a_comparison_is_on_the_page(page: Page, tmp_path: Path) -> None:
    """A report against another run has its own part, found by the contents."""
    file = tmp_path / "against.html"
    file.write_text(html(golden("error-spike")), encoding="utf-8")
    page.events.clear()
    page.call("Page.navigate", url=file.as_uri())
    page.until("Page.loadEventFired")
    assert (
        page.evaluate("document.querySelector('nav a[href=\"#against\"]').textContent") == "Compared with another run"
    )
    assert page.said() == []
