"""Finds the style sheets: where things sit at each size of the terminal. Reads no sheet itself."""

from __future__ import annotations

from pathlib import Path, PurePath

SHEETS = ("base", "narrow", "normal", "wide", "short")
"""In the order in which they are read: later ones win."""

NARROW, NORMAL, WIDE = 60, 100, 160
"""Columns from which a terminal counts as narrow, normal, wide; below the first it is tiny."""

HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (NARROW, "-narrow"), (NORMAL, "-normal"), (WIDE, "-wide")]
VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-short"), (30, "-tall")]
"""Classes that the Screen carries, by its columns and by its rows."""


def layouts_folder() -> Path:
    """The folder of the style sheets: inside an installed package, otherwise the repository's own."""
    inside = Path(__file__).resolve().parents[1] / "layouts"
    return inside if inside.is_dir() else inside.parents[1] / "layouts"


def sheets() -> list[str | PurePath]:
    """Every style sheet, for `CSS_PATH`."""
    return [layouts_folder() / f"{name}.tcss" for name in SHEETS]
