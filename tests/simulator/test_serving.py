"""The simulator on its own: what it tells the person who starts it, and how it ends."""

from __future__ import annotations

import threading

import httpx
import pytest

from pags_tui.core.errors import Refused
from pags_tui.simulator import Simulator, environment, introduction, serve
from tests.simulator.nights import Hands, other, pags


def test_it_sets_the_variables_that_the_runbook_reads() -> None:
    """A runbook with other names for its variables gets those."""
    with Simulator(pags(), clock=Hands()) as simulator:
        assert environment(simulator, pags()) == {
            "PROMETHEUS_URL": simulator.url,
            "FEATURE_FLAG_API": simulator.url,
            "API_KEY": simulator.token,
        }
        assert environment(simulator, other()) == {"PROMETHEUS_URL": simulator.url, "FLAGS": simulator.url}
        text = introduction(simulator, pags())
    assert f"export API_KEY={simulator.token}" in text
    assert "honor_labels: true" in text


def test_it_serves_until_it_is_told_to_stop() -> None:
    """Afterwards nobody listens any more."""
    simulator, stop = Simulator(pags(), clock=Hands()), threading.Event()
    serving = threading.Thread(target=serve, args=(simulator, stop))
    serving.start()
    for _ in range(100):
        if simulator._server is not None:
            break
        threading.Event().wait(0.02)
    url = simulator.url
    assert httpx.get(f"{url}/metrics", trust_env=False).text.startswith("# Raw series")
    stop.set()
    serving.join(10)
    assert not serving.is_alive()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/-/ready", trust_env=False)


def test_a_port_that_is_taken_is_a_plain_refusal() -> None:
    """The text names the port and the next move."""
    with Simulator(pags(), clock=Hands()) as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(Refused, match=rf"Port {port} of 127\.0\.0\.1 cannot be used"):
            Simulator(pags(), clock=Hands(), port=port).start()
