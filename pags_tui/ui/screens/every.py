"""Whole screens over the main one: help, what stands behind a line, a graph, every command by name. They only show."""

from pags_tui.ui.screens.detail import DetailScreen as DetailScreen
from pags_tui.ui.screens.graph import GraphScreen as GraphScreen
from pags_tui.ui.screens.help import HelpScreen as HelpScreen
from pags_tui.ui.screens.palette import PaletteScreen as PaletteScreen
