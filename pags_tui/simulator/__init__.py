"""An embedded Prometheus API and flag service, to play a whole night on one machine. Never reaches out."""

from __future__ import annotations

from pags_tui.simulator.flagstore import Write
from pags_tui.simulator.scenarios import SCENARIOS, Scenario
from pags_tui.simulator.serving import environment, introduction, serve
from pags_tui.simulator.simulator import Simulator

__all__ = ["SCENARIOS", "Scenario", "Simulator", "Write", "environment", "introduction", "serve"]
