"""Opens the services that a runbook names. Says in a sentence which variable or address is wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pags_tui.core.errors import EdgeError, PagsError
from pags_tui.core.events import Kind
from pags_tui.core.ports import FlagService, Webhook
from pags_tui.core.runbook import Flag, Runbook, expand
from pags_tui.core.runbook.services import FlagService as FlagSettings
from pags_tui.core.runbook.services import Grafana as GrafanaSettings
from pags_tui.core.runbook.services import Prometheus as PrometheusSettings
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.driver import Services
from pags_tui.edge import is_loopback
from pags_tui.edge.flags import Access, DryFlags, open_flags
from pags_tui.edge.secrets import token_of

if TYPE_CHECKING:
    from pags_tui.edge.grafana import GrafanaMarks
    from pags_tui.edge.prometheus import Prometheus

ZERO: Mapping[str, FlagValue] = {"boolean": False, "integer": 0, "string": ""}


def open_services(runbook: Runbook, env: Mapping[str, str], kind: Kind = "live") -> Services:
    """The services of a run; only a live one writes its flags outside, and sends anything.

    Raises MissingVariable for a variable that is not set, BadAnswer for an address or token that cannot be used.
    """
    metrics, flags = open_metrics(runbook, env), _flags(runbook, env, kind)
    return Services(metrics, flags, open_webhooks(runbook, env, kind), open_marks(runbook, env, kind))


def open_metrics(runbook: Runbook, env: Mapping[str, str], timeout: Seconds | None = None) -> Prometheus | None:
    """The metric service alone; `timeout`: the longest wait for one answer, left out: as the runbook says."""
    from pags_tui.edge.prometheus import Prometheus

    settings = runbook.services.prometheus
    if settings is None:
        return None
    headers = {name: expand(value, env) for name, value in settings.headers.items()}
    if token := token_of(settings, env, "prometheus"):
        headers["Authorization"] = f"Bearer {token}"
    return Prometheus(
        expand(settings.url, env),
        headers,
        timeout=timeout or settings.timeout,
        ca_file=expand(settings.ca_file, env) if settings.ca_file else None,
        client_cert=tuple(expand(file, env) for file in settings.client_cert or ()) or None,
        allow_plain_http=settings.allow_plain_http,
    )


def _flags(runbook: Runbook, env: Mapping[str, str], kind: Kind) -> dict[str, FlagService]:
    found: dict[str, FlagService] = {}
    for name in runbook.services.flag_services:
        try:
            real = open_flag_service(runbook, name, env)
        except PagsError:
            if kind == "live":
                raise
            real = None
        found[name] = _dry(runbook, name, real) if kind != "live" or real is None else real
    return found


def open_flag_service(runbook: Runbook, name: str, env: Mapping[str, str]) -> FlagService:
    """One flag service alone. Raises as `open_services` does."""
    settings = runbook.services.flag_services[name]
    return open_flags(settings, Access(env, token_of(settings, env, name), name, held(runbook, name)))


def held(runbook: Runbook, name: str) -> dict[str, Flag]:
    """The flags that a service holds."""
    return {flag.key: flag for flag in runbook.flags.values() if flag.service == name}


def _dry(runbook: Runbook, name: str, real: FlagService | None) -> FlagService:
    """Flags in memory, as they should be before the night."""
    mine = held(runbook, name)
    return DryFlags({k: ZERO[f.type] if f.before is None else f.before for k, f in mine.items()}, real)


def open_webhooks(runbook: Runbook, env: Mapping[str, str], kind: Kind = "live") -> dict[str, Webhook]:
    """Where lines go; nowhere but from a live run. Raises as `open_services` does."""
    from pags_tui.edge.webhooks import Heartbeat, SlackWebhook

    if kind != "live":
        return {}
    opened: dict[str, Webhook] = {}
    for name, text in runbook.services.webhooks.items():
        if url := expand(text, env):
            opened[name] = Heartbeat(name, url) if name == runbook.notify.heartbeat else SlackWebhook(name, url)
    return opened


def open_marks(runbook: Runbook, env: Mapping[str, str], kind: Kind = "live") -> GrafanaMarks | None:
    """Where events are marked on graphs; nowhere but from a live run. Raises as `open_services` does."""
    from pags_tui.edge.grafana import GrafanaMarks

    settings = runbook.services.grafana
    if settings is None or kind != "live":
        return None
    headers = {name: expand(value, env) for name, value in settings.headers.items()}
    if token := token_of(settings, env, "grafana"):
        headers["Authorization"] = f"Bearer {token}"
    ca_file = expand(settings.ca_file, env) if settings.ca_file else None
    client_cert = tuple(expand(file, env) for file in settings.client_cert or ()) or None
    return GrafanaMarks(settings, expand(settings.url, env), headers, ca_file, client_cert)


def plain_http(runbook: Runbook, env: Mapping[str, str]) -> dict[str, str]:
    """What a screen says as long as the runbook lets a token travel over plain http: a sentence a service.

    An address that cannot be filled in here (a screen of another user) may be such a one, and is named too.
    """
    book = runbook.services
    named: list[tuple[str, PrometheusSettings | FlagSettings | GrafanaSettings]] = [*book.flag_services.items()]
    named += [("prometheus", book.prometheus)] if book.prometheus else []
    named += [("grafana", book.grafana)] if book.grafana else []
    found = {}
    for name, settings in named:
        if settings.allow_plain_http and settings.sends_secret and _is_plain(settings.url or "", env):
            found[f"plain-http-{name}"] = f"{name}: its token travels over plain http, readable on the way"
    return found


def _is_plain(url: str, env: Mapping[str, str]) -> bool:
    with contextlib.suppress(PagsError):
        url = expand(url, env)
        return url.startswith("http://") and not is_loopback(urlsplit(url).hostname)
    return not url.startswith("https://")


def lock_name(runbook: Runbook, env: Mapping[str, str]) -> str:
    """What a second live run must not share: the flag services' addresses and their target."""
    try:
        urls = sorted(expand(s.url or s.file or "", env) for s in runbook.services.flag_services.values())
    except (EdgeError, PagsError):
        urls = []
    return "\n".join([*urls, runbook.target]) if urls else ""
