"""What dialogs and pages show: nothing of it is on the main screen, so it is loaded behind the first paint."""

from __future__ import annotations

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
from pags_tui.ui.present.details import present_detail as present_detail
from pags_tui.ui.present.details import step_detail as step_detail
from pags_tui.ui.present.details import trigger_detail as trigger_detail
from pags_tui.ui.present.people import help_view as help_view
from pags_tui.ui.present.people import lead_view as lead_view
from pags_tui.ui.present.people import message_note as message_note
from pags_tui.ui.present.people import message_view as message_view
from pags_tui.ui.present.people import poll_view as poll_view
from pags_tui.ui.present.supposing import supposition as supposition
from pags_tui.ui.present.views import VETO_REASONS as VETO_REASONS
from pags_tui.ui.present.waits import why as why
