"""The main screen: panes, band and footer, and what each key does there."""

from pags_tui.ui.cockpit.screen import Cockpit as Cockpit
from pags_tui.ui.cockpit.screen import ReplayCockpit as ReplayCockpit
