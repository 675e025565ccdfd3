"""Colours that can be told apart and read, and signs that have twins."""

from __future__ import annotations

import itertools
from dataclasses import fields

import pytest
from textual.color import Color
from textual.theme import Theme

from pags_tui.ui import looks
from pags_tui.ui.renderables.glyphs import ASCII, UNICODE
from pags_tui.ui.renderables.line import ROLES
from pags_tui.ui.rows import Mark

COLOURED = (looks.DARK, looks.LIGHT, looks.HIGH_CONTRAST)

DEFICIENCIES = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Machado, Oliveira and Fernandes 2009, severity 1: how linear colours are seen."""


def linear(colour: str) -> tuple[float, ...]:
    """Channels without the display's curve."""
    channels = (channel / 255 for channel in Color.parse(colour).rgb)
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """Contrast ratio (WCAG 2)."""
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def levels(theme: Theme) -> dict[str, str]:
    """The colours that carry a meaning."""
    found = {"ok": theme.success, "warn": theme.warning, "bad": theme.error, "unknown": theme.accent}
    return {name: colour for name, colour in found.items() if colour}


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_everything_can_be_read(theme: Theme) -> None:
    """Each colour stands out from the ground by 4.5:1 or more."""
    assert theme.background
    for name, colour in {**levels(theme), "muted": theme.secondary, "calm": theme.foreground}.items():
        assert colour
        assert contrast(colour, theme.background) >= 4.5, (theme.name, name)


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
@pytest.mark.parametrize("eyes", DEFICIENCIES.values(), ids=DEFICIENCIES.keys())
def test_good_and_bad_stay_apart_for_all_eyes(theme: Theme, eyes: tuple[tuple[float, ...], ...]) -> None:
    """Seen without one kind of cone, good and bad still differ clearly."""
    seen = [
        [sum(weight * channel for weight, channel in zip(row, linear(colour), strict=True)) for row in eyes]
        for colour in (levels(theme)["ok"], levels(theme)["bad"])
    ]
    assert sum((one - two) ** 2 for one, two in zip(*seen, strict=True)) ** 0.5 > 0.15


def test_sixteen_colours_are_all_different() -> None:
    """Where there are sixteen colours, no two levels share one."""
    colours = levels(looks.SIXTEEN)
    assert all(one != two for one, two in itertools.combinations(colours.values(), 2))
    assert all(colour.startswith("ansi_") for colour in colours.values())


def test_every_sign_has_an_ascii_twin() -> None:
    """One cell for one cell, and the same bars and digits."""
    for mark in Mark:
        assert len(UNICODE.mark(mark)) == len(ASCII.mark(mark)) == 1
        assert ASCII.mark(mark).isascii()
    assert len(UNICODE.bars) == len(ASCII.bars) == 8
    for field in fields(ASCII):
        value = getattr(ASCII, field.name)
        assert not isinstance(value, str) or value.isascii()
        assert not isinstance(value, str) or field.name == "name" or len(value) == len(getattr(UNICODE, field.name))


def test_states_differ_without_colour() -> None:
    """The marks of the five states of a gate are five signs, in both alphabets."""
    states = (Mark.PASS, Mark.FAIL, Mark.UNKNOWN, Mark.STALE, Mark.SETTLING)
    for glyphs in (UNICODE, ASCII):
        assert len({glyphs.mark(mark) for mark in states}) == 5


def test_every_role_is_coloured(repo_root) -> None:  # type: ignore[no-untyped-def]
    """The style sheet knows each role that is drawn."""
    sheet = (repo_root / "layouts" / "base.tcss").read_text()
    assert [role for role in ROLES if f".line--{role} {{" not in sheet] == []
