"""The services of one run, as the driver holds them, and what it asks them. Judges nothing, journals nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pags_tui.core.errors import EdgeError
from pags_tui.core.observe import STOOD_STILL
from pags_tui.core.ports import FlagService, Marks, MetricQuery, Metrics, Webhook
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import FlagReading, FlagValue, Seconds, Tick
from pags_tui.driver.threads import in_thread

FLAG_READ: Seconds = 4.0
"""Longest wait for the read of one flag, outside a rollback."""
ASK_FRESH_EVERY = 6
"""The age of the data is asked at every sixth tick."""


@dataclass(frozen=True, slots=True)
class Services:
    """What is outside, behind its ports."""

    metrics: Metrics | None = None
    flags: Mapping[str, FlagService] = field(default_factory=dict)
    """By the service's name in the runbook."""
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    marks: Marks | None = None
    """Graphs of others on which events are marked."""

    def of(self, runbook: Runbook, flag: str) -> FlagService | None:
        """The service that holds that flag; None when it is changed by hand."""
        return self.flags.get(runbook.flags[flag].service) if flag in runbook.flags else None


class Sampler:
    """Polls all metrics of a runbook at one server time."""

    def __init__(self, metrics: Metrics, deadline: Seconds, every: Seconds) -> None:
        """`deadline`: longest wait for one tick. `every`: seconds between two ticks, as a rule."""
        self.metrics = metrics
        self.deadline = deadline
        self.every = every
        self.polls = 0
        self._fresh_at = float("-inf")
        self._last: tuple[Seconds, datetime] | None = None

    async def tick(
        self, runbook: Runbook, now: Callable[[], datetime], flags: Mapping[str, FlagReading], aside: bool = False
    ) -> tuple[Tick, datetime]:
        """One tick, and when it was taken on our clock. Without a server time it is a failed one.

        `aside`: a reading between two ticks, for a confirmation; ages are left to the ticks, which remember them. Its
        time stands in no order with theirs: it runs beside one, and either may be answered first.
        """
        try:
            time = await asyncio.wait_for(in_thread(self.metrics.server_time), self.deadline)
        except (EdgeError, TimeoutError) as error:
            return self._blind(now(), flags, str(error) or f"no answer within {self.deadline:.3g} s")
        at = now()
        if not aside:
            if self._last is not None and time <= self._last[0]:
                return self._blind(at, flags, STOOD_STILL)
            self._last = (time, at)
        queries = self._queries(runbook, time, aside)
        readings = await in_thread(lambda: self.metrics.poll(queries, time, self.deadline))
        return Tick(time, readings, flags), at

    def _blind(self, at: datetime, flags: Mapping[str, FlagReading], failed: str) -> tuple[Tick, datetime]:
        return Tick(self._guess(at), flags=flags, failed=failed), at

    def _guess(self, now: datetime) -> Seconds:
        """The last server time plus what has passed here since; before the first answer, our own time."""
        if self._last is None:
            return now.timestamp()
        time, at = self._last
        return time + (now - at).total_seconds()

    def _queries(self, runbook: Runbook, time: Seconds, aside: bool) -> list[MetricQuery]:
        # Ticks may lie further apart than is the rule: an age holds no longer for that.
        due = self.polls % ASK_FRESH_EVERY == 0 or time - self._fresh_at > ASK_FRESH_EVERY * self.every
        ask_fresh = due and not aside
        self._fresh_at = time if ask_fresh else self._fresh_at
        self.polls += not aside
        return [
            MetricQuery(metric.id, metric.query, metric.enough, metric.fresh_query if ask_fresh else None)
            for metric in runbook.metrics.values()
        ]


async def read_flags(
    services: Services, runbook: Runbook, keys: Iterable[str], at: Seconds, deadline: Seconds = FLAG_READ
) -> dict[str, FlagReading]:
    """Those flags, read side by side; what cannot be read says why. Flags changed by hand are left out."""

    async def one(key: str, service: FlagService) -> tuple[str, FlagReading]:
        settings = runbook.flag_service(key)
        value, failed = await read_flag(service, key, min(deadline, settings.timeout if settings else deadline))
        return key, FlagReading(value, failed, at)

    known = [(key, service) for key in keys if (service := services.of(runbook, key)) and service.reads_back]
    return dict(await asyncio.gather(*(one(key, service) for key, service in known)))


async def read_flag(service: FlagService, key: str, deadline: Seconds) -> tuple[FlagValue | None, str | None]:
    """The flag's value, or None and why it could not be read."""
    try:
        value = await asyncio.wait_for(in_thread(lambda: service.read(key, deadline)), deadline + 0.5)
    except EdgeError as error:
        return None, str(error)
    except TimeoutError:
        return None, f"no answer within {deadline:.3g} s"
    return value, None
