"""From a scene to rows and views: pure functions, no clock, no terminal, no drawing.

Words are final here; widgets only lay them out. Text of other people is made visible before it leaves.
"""

from __future__ import annotations

from pags_tui.ui.present.bands import band as band
from pags_tui.ui.present.bands import bands as bands
from pags_tui.ui.present.boards import armed_words as armed_words
from pags_tui.ui.present.boards import board as board
from pags_tui.ui.present.boards import strip as strip
from pags_tui.ui.present.calls import Call as Call
from pags_tui.ui.present.calls import calls as calls
from pags_tui.ui.present.changes import drift_view as drift_view
from pags_tui.ui.present.changes import flag_view as flag_view
from pags_tui.ui.present.changes import one_flag_view as one_flag_view
from pags_tui.ui.present.changes import owed_view as owed_view
from pags_tui.ui.present.changes import rollback_view as rollback_view
from pags_tui.ui.present.desks import outcome_view as outcome_view
from pags_tui.ui.present.desks import override_view as override_view
from pags_tui.ui.present.desks import recycle_view as recycle_view
from pags_tui.ui.present.desks import resume_view as resume_view
from pags_tui.ui.present.desks import sign_view as sign_view
from pags_tui.ui.present.details import event_detail as event_detail
from pags_tui.ui.present.details import gate_detail as gate_detail
from pags_tui.ui.present.details import metric_detail as metric_detail
from pags_tui.ui.present.details import step_detail as step_detail
from pags_tui.ui.present.details import trigger_detail as trigger_detail
from pags_tui.ui.present.head import header as header
from pags_tui.ui.present.logs import log as log
from pags_tui.ui.present.logs import sentence as sentence
from pags_tui.ui.present.logs import told as told
from pags_tui.ui.present.people import help_view as help_view
from pags_tui.ui.present.people import lead_view as lead_view
from pags_tui.ui.present.people import message_note as message_note
from pags_tui.ui.present.people import message_view as message_view
from pags_tui.ui.present.people import poll_view as poll_view
from pags_tui.ui.present.phases import phase_of_row as phase_of_row
from pags_tui.ui.present.phases import timeline as timeline
from pags_tui.ui.present.signals import graph as graph
from pags_tui.ui.present.signals import metrics as metrics
from pags_tui.ui.present.steps import checklist as checklist
from pags_tui.ui.present.steps import checklist_title as checklist_title
from pags_tui.ui.present.steps import shown_phase as shown_phase
from pags_tui.ui.present.supposing import supposition as supposition
from pags_tui.ui.present.views import VETO_REASONS as VETO_REASONS
from pags_tui.ui.present.waits import why as why
