"""Other people's text made safe to show, however much of it there is."""

from __future__ import annotations

from pags_tui.core.visible import KNOWN, escaped_json, visible


def test_more_characters_than_are_remembered_come_out_right() -> None:
    """Of a text with more kinds of characters than that, each still comes out as it should."""
    many = "".join(map(chr, range(0x4E00, 0x4E00 + KNOWN + 500)))
    assert visible(many + "\x1b\u202e") == many + "\u241b<202E>"
    assert escaped_json(many + "\u202e") == many + "\\u202e"
