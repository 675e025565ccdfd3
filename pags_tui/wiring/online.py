"""Asks the services of a runbook what the file alone cannot tell. Nothing is written, sent or changed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pags_tui.core.conditions import MetricCondition, same_value, show_flag_value
from pags_tui.core.errors import BadAnswer, EdgeError, Fault, PagsError, Unreachable
from pags_tui.core.runbook import Flag, Metric, Runbook, lint
from pags_tui.core.runbook.base import Path
from pags_tui.core.runbook.draft import Finding, placed
from pags_tui.core.units import show, show_duration
from pags_tui.wiring.services import open_flag_service, open_marks, open_metrics

if TYPE_CHECKING:
    from pags_tui.core.ports import FlagService
    from pags_tui.edge.prometheus import Answer, Prometheus

CLOCK_APART = 2.0
"""Seconds by which two clocks may differ unnoticed: with more, wall times on a graph and on the screen disagree."""
FLAG_WITHIN = GRAFANA_WITHIN = 5.0
BUCKETS = re.compile(
    r"\s*histogram_quantile\s*\([^,]+,.*?([a-zA-Z_:][\w:]*_bucket(?:\{(?:[^{}\"]|\"(?:[^\"\\]|\\.)*\")*\})?)", re.DOTALL
)
"""A query that is a histogram's quantile and nothing else, with the selector of its buckets."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing asked: a line about it, and what was found."""

    line: str
    """Empty where the findings say it all."""
    faults: tuple[Fault, ...] = ()


class Online:
    """The questions to all services of one runbook."""

    def __init__(self, runbook: Runbook, env: Mapping[str, str], wall: Callable[[], datetime]) -> None:
        self._runbook = runbook
        self._env = env
        self._wall = wall

    def ask(self, progress: Callable[[str], None] = lambda _: None) -> Iterator[Told]:
        """One answer after the other; `progress` is told what is asked next."""
        if self._runbook.services.prometheus is not None:
            yield from self._prometheus(progress)
        for name in self._runbook.services.flag_services:
            yield from self._flags(name, progress)
        yield from self._grafana(progress)
        yield from self._webhooks()

    # ---------------------------------------------------------------- Prometheus

    def _prometheus(self, progress: Callable[[str], None]) -> Iterator[Told]:
        at = ("services", "prometheus")
        try:
            server = open_metrics(self._runbook, self._env)
        except PagsError as error:
            yield self._found(at, "services.prometheus", _opening(error), str(error))
            return
        assert server is not None  # noqa: S101 - asked only where the section is there
        progress(f"asking {server.describe()} for its time")
        try:
            yield self._clock(server)
        except EdgeError as error:
            yield self._found(at, "services.prometheus", "unreachable", str(error))
            return
        try:
            for metric in self._runbook.metrics.values():
                progress(f"asking {server.describe()} for {metric.id}")
                yield from self._metric(server, metric)
        finally:
            server.close()

    def _clock(self, server: Prometheus) -> Told:
        """That it answers, and how its clock stands to ours."""
        before = self._wall()
        theirs = server.server_time()
        after = self._wall()
        took = (after - before).total_seconds()
        ahead = theirs - before.timestamp() - took / 2
        words = f"{abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} ours"
        line = f"{server.describe()} answers in {took * 1000:.0f} ms; its clock is {words}"
        if abs(ahead) <= CLOCK_APART + took / 2:
            return Told(line)
        message = f"the clock of {server.describe()} is {words}; set both by NTP, or wall times will disagree"
        return self._found(("services", "prometheus"), line, "clock-offset", message)

    def _metric(self, server: Prometheus, metric: Metric) -> Iterator[Told]:
        for key, query in (("query", metric.query), ("enough", metric.enough), ("fresh", metric.fresh_query)):
            if query is None:
                continue
            path = (*metric.path, key)
            try:
                answer = server.query(query, None)
            except EdgeError as error:
                code = "unreachable" if isinstance(error, Unreachable) else "bad-query"
                yield self._found(path, f"{metric.id}.{key}", code, str(error))
                continue
            yield self._answer(metric, key, answer)
        yield from self._ceiling(server, metric)

    def _answer(self, metric: Metric, key: str, answer: Answer) -> Told:
        """What a query answered, in a line, and what is odd about it."""
        path = (*metric.path, key)
        odd: list[Finding] = [_warning(path, "partial-answer", text) for text in answer.warnings]
        odd += [_warning(path, "query-style", text) for text in answer.infos]
        if key == "query":
            odd += self._series(metric, answer)
            return self._told(f"{metric.id}: {_values(metric, answer)}", odd)
        if key == "fresh":
            ages = [point.value for point in answer.points if math.isfinite(point.value)]
            oldest = max(ages, default=None)
            if oldest is not None and oldest > metric.max_age:
                message = f"{metric.id} is {show_duration(oldest)} old, more than its {show_duration(metric.max_age)}"
                odd.append(_warning(path, "old-data", message))
            words = "answers nothing" if oldest is None else f"the oldest is {oldest:.0f} s old"
            return self._told(f"{metric.id}, age: {words}", odd)
        held = bool(answer.points) and all(point.value and not math.isnan(point.value) for point in answer.points)
        return self._told(f"{metric.id}, enough: {'enough traffic' if held else 'little traffic now'}", odd)

    def _series(self, metric: Metric, answer: Answer) -> Iterator[Finding]:
        """An empty answer, missing series, and several where a gate reads one."""
        path = (*metric.path, "query")
        if not answer.points:
            yield _warning(path, "empty-answer", f"{metric.id} answers nothing now; it is UNKNOWN until it does")
        for name, wanted in metric.expect.items():
            there = {value for point in answer.points for key, value in point.labels if key == name}
            if missing := [value for value in wanted if value not in there]:
                message = f"{metric.id} answers no series with {name} {', '.join(missing)}, which is expected"
                yield _warning((*metric.path, "expect"), "expected-missing", message)
        count = len(answer.points)
        if count < 2 or metric.expect:
            return
        for step in self._runbook.steps:
            for one in step.gate:
                if isinstance(one, MetricCondition) and one.metric == metric.id and one.quantifier is None:
                    message = (
                        f"{metric.id} answers {count} series, and all of them have to be good; "
                        f"write `every {one}` if that is meant"
                    )
                    yield _warning((*step.path, "gate"), "several-series", message)

    def _ceiling(self, server: Prometheus, metric: Metric) -> Iterator[Told]:
        """The top finite bucket of a histogram: no quantile of it reads higher."""
        found = BUCKETS.match(metric.query)
        if found is None:
            return
        path = (*metric.path, "query")
        try:
            answer = server.query(f"group by (le) ({found[1]})", None)
        except EdgeError as error:
            yield self._found(path, f"{metric.id}, buckets", _opening(error), str(error))
            return
        tops = [top for point in answer.points if math.isfinite(top := _number(dict(point.labels).get("le", "")))]
        if not tops:
            yield Told(f"{metric.id}: its histogram has no bucket yet")
            return
        top = max(tops)
        known = self._runbook.model_copy(
            update={"metrics": {**self._runbook.metrics, metric.id: metric.model_copy(update={"ceiling": top})}}
        )
        new = tuple(fault for fault in lint(known) if fault.code == "out-of-reach")
        if metric.ceiling is not None and metric.ceiling != top:
            message = f"the top finite bucket is {show(top, metric.unit)}, not {show(metric.ceiling, metric.unit)}"
            new = (*new, *self._placed([_warning((*metric.path, "ceiling"), "ceiling-differs", message)]))
        yield Told(f"{metric.id}: its top finite bucket is {show(top, metric.unit)}", new)

    # ---------------------------------------------------------------- flags and webhooks

    def _flags(self, name: str, progress: Callable[[str], None]) -> Iterator[Told]:
        at = ("services", name)
        try:
            service = open_flag_service(self._runbook, name, self._env)
        except PagsError as error:
            yield self._found(at, f"services.{name}", _opening(error), str(error))
            return
        if not service.reads_back:
            yield Told(f"{service.describe()}: flags cannot be read back, so no write is ever verified")
            return
        for flag in self._runbook.flags.values():
            if flag.service == name:
                progress(f"reading {flag.key} from {service.describe()}")
                told = self._flag(service, flag)
                yield told
                if any(fault.code == "unreachable" for fault in told.faults):
                    return

    def _flag(self, service: FlagService, flag: Flag) -> Told:
        """That it can be read with our token, and what it holds."""
        try:
            value = service.read(flag.key, FLAG_WITHIN)
        except Unreachable as error:
            return self._found(("services", flag.service), flag.key, "unreachable", str(error))
        except EdgeError as error:
            return self._found(flag.path, flag.key, "flag-unreadable", str(error))
        odd = []
        if why := flag.refuses(value):
            odd.append(Finding(flag.path, f"the service holds another kind of value: {why}", "flag-value"))
        elif flag.before is not None and not same_value(value, flag.before):
            message = f"{flag.key} is {show_flag_value(value)}, not {show_flag_value(flag.before)} as before the night"
            odd.append(_warning((*flag.path, "before"), "flag-moved", message))
        return self._told(f"{flag.key} is {show_flag_value(value)} ({service.describe()})", odd)

    def _grafana(self, progress: Callable[[str], None]) -> Iterator[Told]:
        """That it takes our token and knows the dashboard: no mark is made."""
        at = ("services", "grafana")
        try:
            marks = open_marks(self._runbook, self._env)
            if marks is None:
                return
            progress(f"asking {marks.describe()}")
            marks.check(GRAFANA_WITHIN)
        except PagsError as error:
            yield self._found(at, "services.grafana", _opening(error), str(error))
            return
        marks.close()
        yield Told(f"{marks.describe()} takes the token; nothing was marked")

    def _webhooks(self) -> Iterator[Told]:
        """Whether somebody is there; a message would be sent, so nothing is."""
        from pags_tui.core.runbook import expand
        from pags_tui.wiring.machine import knock

        for name, text in self._runbook.services.webhooks.items():
            path = ("services", "webhooks", name)
            try:
                url = expand(text, self._env)
            except PagsError as error:
                yield self._found(path, f"webhook {name}", "missing-variable", str(error))
                continue
            if not url:
                yield Told(f"webhook {name}: is switched off")
            elif (why := knock(url, self._env)) is not None:
                yield self._told(f"webhook {name}", [_warning(path, "webhook", f"the webhook {name}: {why}")])
            else:
                yield Told(f"webhook {name}: has an address that answers; nothing was sent")

    # ---------------------------------------------------------------- small things

    def _found(self, path: Path, line: str, code: str, message: str) -> Told:
        severity = "warning" if code == "clock-offset" else "error"
        return Told(line, self._placed([Finding(path, message, code, severity=severity)]))

    def _told(self, line: str, findings: list[Finding]) -> Told:
        return Told(line, self._placed(findings) if findings else ())

    def _placed(self, findings: list[Finding]) -> tuple[Fault, ...]:
        return placed(self._runbook.file, self._runbook.text, findings)


def _warning(path: Path, code: str, message: str) -> Finding:
    return Finding(path, message, code, severity="warning")


def _opening(error: PagsError) -> str:
    """The code for a service that could not even be asked."""
    if isinstance(error, Unreachable):
        return "unreachable"
    return "bad-answer" if isinstance(error, BadAnswer) else "missing-variable"


def _values(metric: Metric, answer: Answer) -> str:
    """How many series, and what they read now."""
    values = sorted(point.value for point in answer.points if not math.isnan(point.value))
    if not values:
        return "NaN now" if answer.points else "no series"
    if len(answer.points) == 1:
        return f"{show(values[0], metric.unit)} now"
    return f"{len(answer.points)} series, {show(values[0], metric.unit)} to {show(values[-1], metric.unit)} now"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.inf


__all__ = ["Online", "Told"]
