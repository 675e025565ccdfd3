"""Puts the simulator together: one runbook, one scenario, one clock, one port on loopback. Decides nothing in a run."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

from pags_tui.core.conditions import same_value
from pags_tui.core.errors import Refused
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import FlagValue, Labels, Seconds
from pags_tui.simulator.book import Book, Found
from pags_tui.simulator.exposition import Exposition
from pags_tui.simulator.flagstore import FlagStore, Write
from pags_tui.simulator.scenarios import SCENARIOS
from pags_tui.simulator.server import Server
from pags_tui.simulator.weather import Weather, home_values


class Simulator:
    """An embedded Prometheus API and flag service over real HTTP, for one runbook and one night."""

    def __init__(
        self,
        runbook: Runbook,
        scenario: str = "steady",
        *,
        clock: Callable[[], Seconds],
        t0: Seconds | None = None,
        token: str | None = None,
        port: int = 0,
    ) -> None:
        """`clock` tells simulated time in seconds since the epoch. Without a traffic flag the scenario counts from `t0`
        (None: from now). Raises KeyError for an unknown scenario."""
        self._runbook, self._scenario, self._port = runbook, SCENARIOS[scenario], port
        self._clock = clock
        self.token = token or secrets.token_urlsafe(16)
        """What the flag service takes for a bearer token."""
        self.t0: Seconds = self._clock() if t0 is None else t0
        """T+0 in simulated time; may be moved."""
        self._flags = FlagStore(runbook)
        self.weather = Weather(runbook, self._scenario, self._flags, lambda: self.t0)
        """What every metric is at any time."""
        self._book = Book(runbook, self.weather)
        self._exposition = Exposition(runbook, self.weather)
        self._tried: dict[tuple[str, str], int] = {}
        self._lost = 0
        self._lock = threading.Lock()
        self._server: Server | None = None

    def start(self) -> None:
        """Listens on 127.0.0.1 from here on. Raises Refused when the port is taken."""
        try:
            self._server = Server(self, self._port)
        except OSError as failure:
            raise Refused(
                f"Port {self._port} of 127.0.0.1 cannot be used ({failure.strerror}). Choose another one, or 0 for any."
            ) from None
        # The poll is how long `stop` may take, not how fast a request is served.
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="simulator", daemon=True).start()

    def stop(self) -> None:
        """Hangs up. Safe to call twice."""
        if self._server is not None:
            self._server.end()
            self._server = None

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens; raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("the simulator is not started")
        return self._server.url

    @property
    def prometheus_url(self) -> str:
        """For `[services.prometheus]`."""
        return self.url

    @property
    def flags_url(self) -> str:
        """For `[services.flags]`, kind http."""
        return self.url

    @property
    def writes(self) -> tuple[Write, ...]:
        """Every flag write that arrived, in order."""
        return self._flags.writes

    def set_flag(self, key: str, value: FlagValue) -> None:
        """Somebody else changes a flag, behind the run's back."""
        self._flags.write(key, value, "", self.now())

    # ---- what the server asks

    def now(self) -> Seconds:
        """Simulated time, seconds since the epoch."""
        return self._clock()

    def ask(self, query: str, at: Seconds) -> Found:
        """The answer to a query. Raises PromqlError."""
        return self._book.ask(query, at)

    def values(self, metric: str, at: Seconds) -> dict[Labels, float]:
        """A metric's series, without HTTP."""
        return self.weather.values(metric, at)

    def outage(self) -> str | None:
        """`refuses` or `hangs` while the metric service is away."""
        return self.weather.outage(self.now())

    def read_flag(self, key: str) -> FlagValue | None:
        """A flag's present value; None for one that there is not."""
        return self._flags.value(key) if self._flags.knows(key) else None

    def write_flag(self, key: str, value: object, idempotency_key: str) -> tuple[int, str]:
        """Status and reason of a write; status 0 means that it gets no answer."""
        if not self._flags.knows(key):
            return 404, f"there is no flag {key}"
        if not isinstance(value, bool | int | float | str) or not self._flags.fits(key, value):
            return 400, f"that is no value for {key}"
        silent, lost = self._goes_wrong(key, value)
        self._flags.write(key, value, idempotency_key, self.now(), lost)
        return (0 if silent else 200), ""

    def exposition(self) -> str:
        """The text of `/metrics`."""
        return self._exposition.text(self.now())

    def _goes_wrong(self, key: str, value: FlagValue) -> tuple[bool, bool]:
        """Whether this write gets no answer, and whether it has no effect either: the first try of a forward change."""
        if not self._scenario.loses_writes or self._is_way_back(key, value):
            return False, False
        with self._lock:
            tries = self._tried[key, repr(value)] = self._tried.get((key, repr(value)), 0) + 1
            if tries > 1:
                return False, False
            self._lost += 1
            return True, self._lost % 2 == 0

    def _is_way_back(self, key: str, value: FlagValue) -> bool:
        return any(same_value(value, one) for one in home_values(self._runbook, key))
