"""Fits clean text to a number of cells, as Rich counts them. What is safe to draw is said in `ui.text`."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from pags_tui.ui.text import HOSTILE, ascii_only, clean

__all__ = ["HOSTILE", "ascii_only", "clean", "cut", "left", "right", "width"]


def width(text: str) -> int:
    """How many cells a clean text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, cells: int, end: str = "…") -> str:
    """The clean text in at most so many cells; what is cut off is shown by `end`."""
    if width(text) <= cells:
        return text
    room = cells - width(end)
    if room < 0:
        return end[:cells] if cells > 0 else ""
    if text.isascii():
        return text[:room] + end
    kept = set_cell_size(text, room)
    return kept.rstrip() + end if kept.endswith(" ") and room else kept + end


def left(text: str, cells: int, end: str = "…") -> str:
    """The text left-aligned in exactly so many cells."""
    shown = cut(text, cells, end)
    return shown + " " * (cells - width(shown))


def right(text: str, cells: int, end: str = "…") -> str:
    """The text right-aligned in exactly so many cells."""
    shown = cut(text, cells, end)
    return " " * (cells - width(shown)) + shown
