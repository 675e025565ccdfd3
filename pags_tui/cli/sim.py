"""`sim`: the simulator alone, for a Prometheus of one's own to scrape and for trying a runbook against."""

from __future__ import annotations

import shlex
import threading
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import FILE, bundled_runbook, known_scenarios, read_runbook

if TYPE_CHECKING:
    from pags_tui.core.runbook import Runbook


@click.command()
@click.argument("scenario", default="steady", shell_complete=known_scenarios)
@click.option(
    "--runbook", "path", metavar="FILE", type=FILE, help="Another runbook than the one that comes with the program."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9464, show_default=True, help="Port on 127.0.0.1; 0 chooses one."
)
@click.option("--token", metavar="TOKEN", help="What the flag service takes for a bearer token; made when left out.")
def sim(scenario: str, path: str | None, port: int, token: str | None) -> int:
    """The simulator alone: a Prometheus API, a flag service, and /metrics to scrape, in real time.

    It prints the variables that the runbook's services read, for another shell.

    \b
    pags-tui sim
    pags-tui sim queue-backlog --port 9464 --token secret
    """
    from pags_tui.simulator.scenarios import SCENARIOS
    from pags_tui.simulator.simulator import Simulator
    from pags_tui.wiring.clocks import wall

    if scenario not in SCENARIOS:
        raise click.UsageError(f"There is no scenario '{scenario}'. There are: {', '.join(SCENARIOS)}.")
    runbook = read_runbook(path or bundled_runbook())
    try:
        world = Simulator(runbook, scenario, clock=lambda: wall().timestamp(), token=token, port=port)
        world.start()
    except OSError as error:
        raise click.UsageError(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.") from None
    try:
        exported, told = variables(runbook, world.prometheus_url, world.flags_url, world.token)
        for name, value in exported.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        for line in told:
            click.echo(line, err=True)
        click.echo(f"Scrape {world.url}/metrics. Ctrl+C ends it.", err=True)
        threading.Event().wait()
    finally:
        world.stop()
    return 0


def variables(runbook: Runbook, prometheus: str, flags: str, token: str) -> tuple[dict[str, str], list[str]]:
    """What each variable of `[services]` must be to lead to the simulator; and a sentence for what none can."""
    from pags_tui.core.runbook.services import VARIABLE

    book = runbook.services
    wanted: list[tuple[str, str | None, str]] = []
    if book.prometheus:
        wanted.append(("prometheus: url", book.prometheus.url, prometheus))
    told = []
    for name, service in book.flag_services.items():
        if service.kind != "http":
            told.append(f"services.{name}: the simulator speaks kind http, not {service.kind}")
            continue
        wanted += [(f"{name}: url", service.url, flags), (f"{name}: token", service.token, token)]
    exported: dict[str, str] = {}
    for what, given, value in wanted:
        if match := VARIABLE.fullmatch(given or ""):
            exported[match.group(1)] = value
        elif given or what.endswith("token"):
            told.append(f"services.{what} is no single ${{NAME}}: it must come to {value}")
    return exported, told
