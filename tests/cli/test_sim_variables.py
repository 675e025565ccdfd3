"""`sim` names the variables that the runbook at hand reads, not those of the one that comes with the program."""

from __future__ import annotations

from pags_tui.cli.sim import variables
from tests.live import book

TEXT = """
[runbook]
id = "x"
title = "X"
[services.prometheus]
url = "${PROM}"
[services.flags]
kind = "http"
url = "${SWITCHES:-http://127.0.0.1:1}"
token = "${SWITCH_TOKEN}"
[services.more]
kind = "http"
url = "${MORE}/api"
token_file = "/run/token"
[[phases]]
id = "go"
at = "T+0"
steps = ["Go"]
"""


def test_the_runbooks_own_names_are_exported() -> None:
    """Regression: FEATURE_FLAG_API was printed whatever the runbook read. What no variable reaches is told."""
    exported, told = variables(book(TEXT), "http://p", "http://f", "t0")
    assert exported == {"PROM": "http://p", "SWITCHES": "http://f", "SWITCH_TOKEN": "t0"}
    assert told == [
        "services.more: url is no single ${NAME}: it must come to http://f",
        "services.more: token is no single ${NAME}: it must come to t0",
    ]
