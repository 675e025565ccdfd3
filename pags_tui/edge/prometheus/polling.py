"""Asks many queries at once, each in a thread that nobody has to wait for. Never judges an answer.

A query that hangs keeps its own daemon thread and nothing else: the tick goes on without it, its late answer is
dropped, and it is not asked again until it has ended. So threads are bounded by the number of distinct queries.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pags_tui.core.errors import BadAnswer, EdgeError, Unreachable
from pags_tui.core.ports import MetricQuery
from pags_tui.core.series import Reading, Seconds
from pags_tui.edge.prometheus.answers import Answer, RangeSeries, answer_of, ranges_of
from pags_tui.edge.prometheus.connection import Connection

MAX_POINTS = 10_000
"""Prometheus refuses ranges of more than 11,000 points a series; longer ones are asked in pieces."""

AT_ONCE = 4
"""Threads that a tick begins with. More of them only wait for one another when the server is quick."""

PATIENCE = 0.05
"""Seconds without an answer after which a tick takes more threads."""


@dataclass(slots=True, eq=False)
class _Job:
    """One query under way in its own thread."""

    started: float
    done: threading.Event = field(default_factory=threading.Event)
    answer: object = None
    failed: EdgeError | None = None

    def run(self, work: Callable[[], object]) -> None:
        """Does the work, in the thread that calls, and keeps what came of it."""
        try:
            self.answer = work()
        except EdgeError as failure:
            self.failed = failure
        finally:
            self.done.set()


Waiting = deque[tuple[str, _Job]]
"""Queries that no thread has begun yet."""


class Prometheus:
    """A Prometheus-compatible server. Every method is safe to call from any thread, and returns in bounded time."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: Seconds = 4.0,
        workers: int = 16,
        ca_file: str | None = None,
        client_cert: tuple[str, ...] | None = None,
        allow_plain_http: bool = False,
    ) -> None:
        """`workers` queries at most are under way for one tick. An empty header is not sent.

        Raises BadAnswer when the address is no http(s) URL, and when a token would travel unprotected.
        """
        self._connection = Connection(url, headers or {}, timeout, workers + 4, ca_file, client_cert, allow_plain_http)
        self._timeout, self._workers = timeout, workers
        self._pending: dict[str, _Job] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Prometheus: {self.describe()}>"

    def describe(self) -> str:
        """`Prometheus at HOST`, safe to show."""
        return self._connection.server

    def server_time(self, deadline: Seconds | None = None) -> Seconds:
        """The server's own clock, in seconds since the epoch. Raises Unreachable and BadAnswer."""
        points = self._now("time()", None, deadline).points
        if len(points) != 1 or not math.isfinite(points[0].value):
            raise BadAnswer(f"{self.describe()} does not tell its time")
        return points[0].value

    def query(self, promql: str, time: Seconds | None, deadline: Seconds | None = None) -> Answer:
        """One instant query at `time` (None: the server's now). Raises Unreachable and BadAnswer."""
        return self._now(promql, time, deadline)

    def check(self, promql: str, deadline: Seconds | None = None) -> str | None:
        """Why the server does not take this query; None when it does. Raises Unreachable when nobody answers."""
        try:
            self._now(promql, None, deadline)
        except BadAnswer as refusal:
            return str(refusal)
        return None

    def query_range(self, query: str, start: Seconds, end: Seconds, step: Seconds) -> tuple[RangeSeries, ...]:
        """All series from `start` to `end`, both included, exact to the millisecond.

        Each piece of 10,000 points has the time-out for itself. Raises Unreachable and BadAnswer.
        """
        merged: dict[object, RangeSeries] = {}
        while start <= end:
            last = min(end, start + step * (MAX_POINTS - 1))
            for labels, values in self._piece(query, start, last, step):
                merged.setdefault(labels, (labels, []))[1].extend(values)
            start += step * MAX_POINTS
        return tuple(merged.values())

    def poll(self, queries: Sequence[MetricQuery], time: Seconds, deadline: Seconds) -> dict[str, Reading]:
        """Every metric's reading at `time`, within `deadline` seconds; what has not answered by then is `failed`.

        Never raises for a query's sake: one reading says why it failed. Equal query texts are asked once.
        """
        ends = _clock() + deadline
        texts = dict.fromkeys(text for spec in queries for text in _texts(spec))
        jobs = {text: self._hanging(text) or _Job(_clock()) for text in texts}
        waiting = deque((text, job) for text, job in jobs.items() if isinstance(job, _Job))
        self._wait(waiting, time, ends)
        answers = {text: _outcome(job, ends, deadline) for text, job in jobs.items()}
        return {spec.id: _reading(spec, answers) for spec in queries}

    def close(self) -> None:
        """Let idle connections go. Does not wait for queries under way."""
        self._connection.close()

    def _piece(self, promql: str, start: float, end: float, step: float) -> tuple[RangeSeries, ...]:
        job = _begin(lambda: ranges_of(self._connection.range(promql, start, end, step), self.describe()))
        found = _outcome(job, job.started + self._timeout + 1, self._timeout)
        if isinstance(found, EdgeError):
            raise found
        return cast(tuple[RangeSeries, ...], found)

    def _now(self, promql: str, moment: float | None, deadline: float | None) -> Answer:
        within = deadline or self._timeout
        job = _begin(lambda: answer_of(self._connection.instant(promql, moment), self.describe()))
        found = _outcome(job, job.started + within, within)
        if isinstance(found, EdgeError):
            raise found
        return cast(Answer, found)

    def _hanging(self, promql: str) -> EdgeError | None:
        """Why a query is not asked again: it still hangs from an earlier tick."""
        with self._lock:
            earlier = self._pending.get(promql)
        if earlier is None or earlier.done.is_set():
            return None
        return Unreachable(f"no answer yet to the query of {_clock() - earlier.started:.0f} s ago")

    def _wait(self, waiting: Waiting, moment: float, ends: float) -> None:
        """Has the queries asked by as few threads as keep up: four for a quick server, more while some are left."""
        jobs = [job for _, job in waiting]
        threads = 0
        for job in jobs:
            while threads == 0 or not job.done.wait(min(PATIENCE, max(0.0, ends - _clock()))):
                if _clock() >= ends and threads:
                    return
                if waiting and threads < self._workers:
                    more = min(AT_ONCE, self._workers - threads, len(waiting))
                    threads += more
                    for _ in range(more):
                        # A daemon: quitting must not wait for a server that hangs.
                        threading.Thread(target=self._work, args=(waiting, moment, ends), daemon=True).start()

    def _work(self, waiting: Waiting, moment: float, ends: float) -> None:
        """One thread's share: whatever is left, until the tick is over."""
        while waiting and _clock() < ends:
            try:
                text, job = waiting.popleft()
            except IndexError:
                return
            job.started = _clock()
            with self._lock:
                self._pending[text] = job
            job.run(lambda text=text: answer_of(self._connection.instant(text, moment), self.describe()))  # type: ignore[misc]


def _begin(work: Callable[[], object]) -> _Job:
    job = _Job(_clock())
    threading.Thread(target=job.run, args=(work,), name="prometheus-query", daemon=True).start()
    return job


def _outcome(job: _Job | EdgeError, ends: float, deadline: float) -> object:
    """The answer, or why there is none. Waits until `ends` at most."""
    if isinstance(job, EdgeError):
        return job
    if not job.done.wait(max(0.0, ends - _clock())):
        return Unreachable(f"no answer within {deadline:.3g} s")
    if job.failed is None and job.answer is None:
        return BadAnswer("the query could not be asked")
    return job.failed or job.answer


def _texts(spec: MetricQuery) -> list[str]:
    return [text for text in (spec.query, spec.enough, spec.fresh) if text is not None]


def _reading(spec: MetricQuery, answers: Mapping[str, object]) -> Reading:
    main = answers[spec.query]
    enough = answers[spec.enough] if spec.enough is not None else None
    fresh = answers[spec.fresh] if spec.fresh is not None else None
    if not isinstance(main, Answer):
        return Reading(failed=str(main))
    if spec.enough is not None and not isinstance(enough, Answer):
        # Without knowing whether the traffic is enough the value must not be judged.
        return Reading(failed=f"`enough`: {enough}")
    return Reading(
        points=main.points,
        warnings=main.warnings + (enough.warnings if isinstance(enough, Answer) else ()),
        enough=_holds(enough) if isinstance(enough, Answer) else None,
        ages=fresh.points if isinstance(fresh, Answer) else None,
    )


def _holds(answer: Answer) -> bool:
    """`x >= 20` answers nothing when it does not hold, `x >= bool 20` answers 0. NaN holds nothing."""
    return bool(answer.points) and all(point.value != 0 and not math.isnan(point.value) for point in answer.points)


def _clock() -> float:
    return time.monotonic()  # noqa: TID251 - the deadline of one request
