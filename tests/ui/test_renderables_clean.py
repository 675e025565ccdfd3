"""Other people's text is made visible and fits; nothing in it reaches the terminal as a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.ui.renderables import clean

HOSTILE = {
    "osc-52": ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
    "clear": ("\x1b[2J", "␛[2J"),
    "c1-csi": ("\x9b2J", "<009B>2J"),
    "bidi": ("a\u202etxt", "a<202E>txt"),
    "isolate": ("\u2066x\u2069", "<2066>x<2069>"),
    "zero-width": ("a\u200bb", "a<200B>b"),
    "newline": ("a\nb\r\nc", "a⏎b⏎c"),
    "tab": ("a\tb", "a␉b"),
    "delete": ("\x7f", "␡"),
    "surrogate": ("\ud83d", "<D83D>"),
    "markup": ("[bold]x[/] [@click=app.quit]", "[bold]x[/] [@click=app.quit]"),
}


@pytest.mark.parametrize(("text", "seen"), HOSTILE.values(), ids=HOSTILE.keys())
def test_control_characters_are_made_visible(text: str, seen: str) -> None:
    """Escape sequences, C1, direction marks and what has no width are drawn as something to be seen."""
    assert clean.clean(text) == seen


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    """Whatever the text, what is drawn holds no control, no mark of direction and no lone surrogate."""
    assert not clean.HOSTILE.search(clean.clean(text))
    assert clean.ascii_only(text).isascii()
    assert not clean.HOSTILE.search(clean.ascii_only(text))


@given(st.text(), st.integers(0, 90))
def test_a_cut_text_fits(text: str, cells: int) -> None:
    """A text takes at most its cells, wide characters included; aligned, exactly so many."""
    seen = clean.clean(text)
    assert clean.width(clean.cut(seen, cells)) <= cells
    assert clean.width(clean.left(seen, cells)) == cells
    assert clean.width(clean.right(seen, cells)) == cells


def test_a_cut_is_shown() -> None:
    """What is left out is marked; what fits is left alone."""
    assert clean.cut("rollback", 5) == "roll…"
    assert clean.cut("rollback", 8) == "rollback"
    assert clean.cut("日本語", 4) == "日…"
    assert clean.cut("rollback", 1) == "…"
    assert clean.cut("rollback", 0) == ""


def test_our_signs_have_ascii_twins() -> None:
    """On an ASCII terminal signs become their twins and letters lose their accents."""
    assert clean.ascii_only("✓ 10→50 ≤ 300ms · café ✗") == "+ 10>50 <= 300ms - cafe X"
    assert clean.ascii_only("日\x1b[2J\u202e") == "?^[[2J<202E>"
