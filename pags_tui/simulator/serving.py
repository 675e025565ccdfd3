"""The simulator alone, for `pags-tui sim`: what to type to use it, and waiting until it is told to stop."""

from __future__ import annotations

import threading

from pags_tui.core.runbook import Runbook, variables
from pags_tui.simulator.simulator import Simulator


def introduction(simulator: Simulator, runbook: Runbook) -> str:
    """Shell lines that point the runbook's own variables at the simulator, and how a Prometheus scrapes it."""
    address = simulator.url.removeprefix("http://")
    return "\n".join(
        [
            f"# A simulated night on {simulator.url}: Prometheus API, flag service, /metrics.",
            *(f"export {name}={value}" for name, value in environment(simulator, runbook).items()),
            "# To have a real Prometheus scrape it:",
            "#   scrape_configs:",
            "#     - job_name: simulator",
            "#       honor_labels: true",
            "#       static_configs:",
            f"#         - targets: ['{address}']",
        ]
    )


def environment(simulator: Simulator, runbook: Runbook) -> dict[str, str]:
    """The variables that the runbook's services read, with the simulator's addresses and token."""
    found: dict[str, str] = {}
    if runbook.services.prometheus is not None:
        found |= dict.fromkeys(variables(runbook.services.prometheus.url), simulator.prometheus_url)
    for service in runbook.services.flag_services.values():
        if service.kind == "http":
            found |= dict.fromkeys(variables(service.url or ""), simulator.flags_url)
            found |= dict.fromkeys(variables(service.token or ""), simulator.token)
    return found


def serve(simulator: Simulator, stop: threading.Event) -> None:
    """Runs until `stop` is set, or until the terminal interrupts it. Raises Refused when the port is taken."""
    with simulator:
        try:
            # In short waits, so that a signal is noticed at once.
            while not stop.wait(0.5):
                continue
        except KeyboardInterrupt:
            return
