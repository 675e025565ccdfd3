"""A recorded run through the same fold as the live one, at any speed. It reads a recording and changes nothing."""

from pags_tui.replay.desk import FASTEST as FASTEST
from pags_tui.replay.desk import FRAME as FRAME
from pags_tui.replay.desk import SLOWEST as SLOWEST
from pags_tui.replay.desk import ReplayDesk as ReplayDesk
from pags_tui.replay.recording import KEPT_TICKS as KEPT_TICKS
from pags_tui.replay.recording import KINDS as KINDS
from pags_tui.replay.recording import Recording as Recording
