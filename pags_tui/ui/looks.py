"""Colours and signs: themes that every kind of colour vision can tell apart, and what an ASCII terminal draws instead.

Built on the palette of Okabe and Ito (https://jfly.uni-koeln.de/color/). Good is blue and bad is vermillion, since that
pair stays apart for all; glyph and word say the same, so that nothing hangs on colour.
"""

from __future__ import annotations

from textual.theme import Theme

from pags_tui.ui.renderables.glyphs import ASCII, UNICODE, Glyphs

__all__ = ["ASCII", "DARK", "HIGH_CONTRAST", "LIGHT", "MONOCHROME", "THEMES", "UNICODE", "Glyphs", "Theme"]

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
"""The seven colours of the palette (the eighth is black)."""

DARK = Theme(
    name="pags-dark",
    primary=SKY,
    secondary="#8A94A6",
    success=SKY,
    warning=YELLOW,
    error="#F2711C",
    accent=PURPLE,
    foreground="#D7DCE5",
    background="#0E1116",
    surface="#0E1116",
    panel="#26303F",
    dark=True,
)
"""Error is vermillion made lighter, for 6:1 on the dark ground."""

LIGHT = Theme(
    name="pags-light",
    primary=BLUE,
    secondary="#5C6470",
    success=BLUE,
    warning="#7A5600",
    error="#A84300",
    accent="#8E3B6B",
    foreground="#14181F",
    background="#FBFBF8",
    surface="#FBFBF8",
    panel="#DDE3EA",
    dark=False,
)
"""Each hue is the palette's own, made darker for 4.5:1 on the light ground."""

HIGH_CONTRAST = Theme(
    name="pags-contrast",
    primary="#FFFFFF",
    secondary="#D0D0D0",
    success="#7FD0FF",
    warning="#FFEE00",
    error="#FF9040",
    accent="#FFB0DC",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#00405F",
    dark=True,
)

ANSI_PARTS = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "border-blurred": "ansi_default",
    "block-cursor-foreground": "ansi_black",
    "block-cursor-background": "ansi_white",
    "input-cursor-background": "ansi_white",
    "input-cursor-foreground": "ansi_black",
    "input-cursor-text-style": "reverse",
    "input-selection-background": "ansi_white",
    "input-selection-foreground": "ansi_black",
    "screen-selection-background": "ansi_white",
    "screen-selection-foreground": "ansi_black",
}
"""What Textual's own widgets ask of a theme without true colours."""

MONOCHROME = Theme(
    name="pags-mono",
    primary="ansi_default",
    secondary="ansi_default",
    success="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    accent="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    ansi=True,
    variables=ANSI_PARTS,
)
"""The terminal's own two colours; bold, underline and reverse do the rest (`App.-mono` in the style sheets)."""

SIXTEEN = Theme(
    name="pags-16",
    primary="ansi_bright_cyan",
    secondary="ansi_white",
    success="ansi_bright_blue",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    accent="ansi_bright_magenta",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_blue",
    boost="ansi_default",
    dark=True,
    ansi=True,
    variables=ANSI_PARTS,
)
"""For terminals with sixteen colours: five different ones, where a downgraded theme would merge warning and error."""

THEMES = (DARK, LIGHT, HIGH_CONTRAST, MONOCHROME, SIXTEEN)
"""All of them, the default first."""
