"""Dialogs: facts first, the question last. A dialog asks for something typed; it decides nothing and holds no state."""

from pags_tui.ui.dialogs.base import Dialog as Dialog
from pags_tui.ui.dialogs.changes import DriftDialog as DriftDialog
from pags_tui.ui.dialogs.changes import OneFlagDialog as OneFlagDialog
from pags_tui.ui.dialogs.changes import OwedDialog as OwedDialog
from pags_tui.ui.dialogs.clock import HoldReasonDialog as HoldReasonDialog
from pags_tui.ui.dialogs.clock import RecycleDialog as RecycleDialog
from pags_tui.ui.dialogs.clock import ResumeDialog as ResumeDialog
from pags_tui.ui.dialogs.clock import TZeroDialog as TZeroDialog
from pags_tui.ui.dialogs.flag import FlagDialog as FlagDialog
from pags_tui.ui.dialogs.outcome import CaptureDialog as CaptureDialog
from pags_tui.ui.dialogs.outcome import OutcomeDialog as OutcomeDialog
from pags_tui.ui.dialogs.override import OverrideDialog as OverrideDialog
from pags_tui.ui.dialogs.people import LeadDialog as LeadDialog
from pags_tui.ui.dialogs.people import PeopleDialog as PeopleDialog
from pags_tui.ui.dialogs.people import PollDialog as PollDialog
from pags_tui.ui.dialogs.rollback import RollbackDialog as RollbackDialog
from pags_tui.ui.dialogs.run import AmendDialog as AmendDialog
from pags_tui.ui.dialogs.run import EndDialog as EndDialog
from pags_tui.ui.dialogs.run import LeaveDialog as LeaveDialog
from pags_tui.ui.dialogs.sign import SignDialog as SignDialog
from pags_tui.ui.dialogs.signals import MuteDialog as MuteDialog
from pags_tui.ui.dialogs.signals import RetireDialog as RetireDialog
from pags_tui.ui.dialogs.why import WhyDialog as WhyDialog
from pags_tui.ui.dialogs.words import IssueDialog as IssueDialog
from pags_tui.ui.dialogs.words import NoteDialog as NoteDialog
from pags_tui.ui.scene import Scene


def message_dialog(scene: Scene) -> Dialog:
    """The message dialog; loaded when it is first wanted, since its editor is large."""
    from pags_tui.ui.dialogs.message import MessageDialog

    return MessageDialog(scene)
