"""What the main screen shows of a scene, pane by pane."""

from __future__ import annotations

from pags_tui.ui.present.boards import armed_words as armed_words
from pags_tui.ui.present.boards import board as board
from pags_tui.ui.present.boards import strip as strip
from pags_tui.ui.present.calling import Call as Call
from pags_tui.ui.present.calling import calls as calls
from pags_tui.ui.present.head import header as header
from pags_tui.ui.present.logs import log as log
from pags_tui.ui.present.logs import sentence as sentence
from pags_tui.ui.present.logs import told as told
from pags_tui.ui.present.loud import band as band
from pags_tui.ui.present.loud import bands as bands
from pags_tui.ui.present.phases import phase_of_row as phase_of_row
from pags_tui.ui.present.phases import timeline as timeline
from pags_tui.ui.present.signals import graph as graph
from pags_tui.ui.present.signals import metrics as metrics
from pags_tui.ui.present.steps import checklist as checklist
from pags_tui.ui.present.steps import checklist_heading as checklist_heading
from pags_tui.ui.present.steps import checklist_odd as checklist_odd
from pags_tui.ui.present.steps import checklist_title as checklist_title
from pags_tui.ui.present.steps import open_step as open_step
from pags_tui.ui.present.steps import shown_phase as shown_phase
