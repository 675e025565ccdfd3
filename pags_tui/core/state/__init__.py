"""The state of a run, as a fold over its events."""

from pags_tui.core.state.fold import fold as fold
from pags_tui.core.state.parts import Change as Change
from pags_tui.core.state.parts import Countdown as Countdown
from pags_tui.core.state.parts import Firing as Firing
from pags_tui.core.state.parts import Flag as Flag
from pags_tui.core.state.parts import Guard as Guard
from pags_tui.core.state.parts import Hold as Hold
from pags_tui.core.state.parts import Issue as Issue
from pags_tui.core.state.parts import Known as Known
from pags_tui.core.state.parts import Message as Message
from pags_tui.core.state.parts import Note as Note
from pags_tui.core.state.parts import Override as Override
from pags_tui.core.state.parts import Poll as Poll
from pags_tui.core.state.parts import Rollback as Rollback
from pags_tui.core.state.parts import Run as Run
from pags_tui.core.state.parts import Signature as Signature
from pags_tui.core.state.parts import StepState as StepState
from pags_tui.core.state.parts import TClock as TClock
from pags_tui.core.state.run_state import RunState as RunState
