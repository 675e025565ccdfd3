"""Frozen pictures of the board, one per layout file, and of what replaces colour and Unicode."""

from __future__ import annotations

from collections.abc import Callable

from tests.ui.gallery import Gallery

Compare = Callable[..., bool]


def test_narrow_and_short(snap_compare: Compare) -> None:
    """80×24: two header lines, the checklist, a strip of gates, the facts, a line of log, the keys."""
    assert snap_compare(Gallery(), terminal_size=(80, 24))


def test_normal(snap_compare: Compare) -> None:
    """120×40: all panes."""
    assert snap_compare(Gallery(), terminal_size=(120, 40))


def test_wide(snap_compare: Compare) -> None:
    """200×50: log and metrics have the room."""
    assert snap_compare(Gallery(), terminal_size=(200, 50))


def test_countdown_in_a_light_theme(snap_compare: Compare) -> None:
    """120×40 with the band, on a light ground."""
    assert snap_compare(Gallery(theme="pags-light", band=True), terminal_size=(120, 40))


def test_tiny(snap_compare: Compare) -> None:
    """50×15: header, rollback, the worst gate, the steps."""
    assert snap_compare(Gallery(), terminal_size=(50, 15))
