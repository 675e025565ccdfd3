"""From a scene to rows and views: pure functions, no clock, no terminal, no drawing.

Words are final here; widgets only lay them out. Text of other people is made visible before it leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pags_tui.ui import later
from pags_tui.ui.present.bands import band as band
from pags_tui.ui.present.bands import bands as bands
from pags_tui.ui.present.boards import armed_words as armed_words
from pags_tui.ui.present.boards import board as board
from pags_tui.ui.present.boards import strip as strip
from pags_tui.ui.present.calls import Call as Call
from pags_tui.ui.present.calls import calls as calls
from pags_tui.ui.present.head import header as header
from pags_tui.ui.present.logs import log as log
from pags_tui.ui.present.logs import sentence as sentence
from pags_tui.ui.present.logs import told as told
from pags_tui.ui.present.phases import phase_of_row as phase_of_row
from pags_tui.ui.present.phases import timeline as timeline
from pags_tui.ui.present.signals import graph as graph
from pags_tui.ui.present.signals import metrics as metrics
from pags_tui.ui.present.steps import checklist as checklist
from pags_tui.ui.present.steps import checklist_odd as checklist_odd
from pags_tui.ui.present.steps import checklist_title as checklist_title
from pags_tui.ui.present.steps import shown_phase as shown_phase

if TYPE_CHECKING:
    from pags_tui.ui.present.asked import *  # noqa: F403 - the same names, for whoever checks types
else:
    __getattr__ = later("pags_tui.ui.present.asked")
