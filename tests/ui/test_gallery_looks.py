"""Frozen pictures of the board in the looks that its layouts were not drawn for first, where room is shortest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.gallery import Gallery

Compare = Callable[..., bool]
SIZES = {"60x18": (60, 18), "50x12": (50, 12), "120x20": (120, 20)}


@pytest.mark.parametrize("theme", ["pags-contrast", "pags-16"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_a_look_in_little_room(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    """High contrast, and sixteen colours."""
    assert snap_compare(Gallery(theme=theme), terminal_size=size)


def test_ascii_without_colours(snap_compare: Compare) -> None:
    """What an old console shows: every sign has its twin, and weight says what colour would."""
    assert snap_compare(Gallery(ascii_only=True, theme="pags-mono", band=True), terminal_size=(80, 24))
