"""The one live loop of a run: samples, judges, records, performs owed changes, publishes. It draws nothing."""

from pags_tui.driver.loop import Driver as Driver
from pags_tui.driver.pace import Identity as Identity
from pags_tui.driver.pace import Pace as Pace
from pags_tui.driver.record import Record as Record
from pags_tui.driver.services import Services as Services
from pags_tui.driver.spill import Spill as Spill
from pags_tui.driver.spill import found_in as found_in
from pags_tui.driver.spill import left_behind as left_behind
