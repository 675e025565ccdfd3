"""Warns of what is legal in a runbook and probably not meant. It refuses nothing and asks no service."""

from __future__ import annotations

from pags_tui.core.errors import Fault
from pags_tui.core.runbook.draft import placed
from pags_tui.core.runbook.lints.conditions import condition_lints
from pags_tui.core.runbook.lints.metrics import metric_lints
from pags_tui.core.runbook.lints.plan import plan_lints
from pags_tui.core.runbook.lints.services import service_lints
from pags_tui.core.runbook.lints.unfinished import unfinished
from pags_tui.core.runbook.model import Runbook


def lint(runbook: Runbook) -> tuple[Fault, ...]:
    """Every warning, in file order, with `severity` "warning" and a stable `code`."""
    checks = (condition_lints, metric_lints, plan_lints, service_lints)
    found = tuple(dict.fromkeys(finding for check in checks for finding in check(runbook)))
    faults = [*(placed(runbook.file, runbook.text, found) if found else ()), *unfinished(runbook)]
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))
