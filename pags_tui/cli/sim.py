"""`sim`: the simulator alone, for a Prometheus of one's own to scrape and for trying a runbook against."""

from __future__ import annotations

import threading

import click

from pags_tui.cli.common import FILE, bundled_runbook, known_scenarios, read_runbook


@click.command()
@click.argument("scenario", default="steady", shell_complete=known_scenarios)
@click.option("--runbook", "path", metavar="FILE", type=FILE,
              help="Another runbook than the one that comes with the program.")
@click.option("--port", default=9464, show_default=True, help="Port on 127.0.0.1; 0 chooses one.")
@click.option("--token", metavar="TOKEN", help="What the flag service takes for a bearer token; made when left out.")
def sim(scenario: str, path: str | None, port: int, token: str | None) -> int:
    """The simulator alone: a Prometheus API, a flag service, and /metrics to scrape, in real time.

    It prints the three variables that the seed runbook reads, for another shell.

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
        click.echo(f"export PROMETHEUS_URL={world.prometheus_url}")
        click.echo(f"export FEATURE_FLAG_API={world.flags_url}")
        click.echo(f"export API_KEY={world.token}")
        click.echo(f"Scrape {world.url}/metrics. Ctrl+C ends it.", err=True)
        threading.Event().wait()
    finally:
        world.stop()
    return 0
