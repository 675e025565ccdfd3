"""Warns of addresses and messages: secrets in the file, tokens in the clear, alarms that reach nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pags_tui.core.runbook.draft import Finding
from pags_tui.core.runbook.lints.uses import warn
from pags_tui.core.runbook.model import Runbook
from pags_tui.core.runbook.services import VARIABLE, Prometheus, is_secret_header, variables
from pags_tui.core.runbook.services import FlagService as Flags

LOOPBACK = re.compile(r"http://(?:localhost|127\.[\d.]+|\[::1\])(?:[:/]|$)")


def service_lints(runbook: Runbook) -> Iterator[Finding]:
    """All warnings about services and messages."""
    services = runbook.services
    named = [("prometheus", services.prometheus), *services.flag_services.items()]
    for name, service in named:
        known = service and (service.token or service.token_file or service.token_command or service.token_keyring)
        url = (service.url if service else None) or ""
        if service and known and url.startswith("http://") and not LOOPBACK.match(url) and not service.allow_plain_http:
            message = "the token would travel in the clear; use https, or say `allow_plain_http = true`"
            yield warn(("services", name, "url"), "plain-http", message)
        yield from _paths(name, service)
        for variable in variables(" ".join((service and service.token_command) or ())):
            if is_secret_header(variable):
                message = f"{variable} would show in the process list; let the command read it from its environment"
                yield warn(("services", name, "token_command"), "secret-in-command", message)
    for name, address in services.webhooks.items():
        if not VARIABLE.search(address) and address:
            message = "the address of a webhook is a secret more often than not; write a variable such as ${WEBHOOK}"
            yield warn(("services", "webhooks", name), "webhook-in-file", message)
    used = {flag.service for flag in runbook.flags.values()}
    for name in services.flag_services:
        if name not in used:
            yield warn(("services", name), "unused-service", f"no flag is held by {name}; leave it out", at_key=True)
    yield from _alarms(runbook)


def _paths(name: str, service: Flags | Prometheus | None) -> Iterator[Finding]:
    """Files that are looked up from wherever a process was started: a guard is started in the root folder."""
    for key in ("file", "token_file", "ca_file", "client_cert"):
        found = getattr(service, key, None) or ()
        for path in (found,) if isinstance(found, str) else found:
            if not path.startswith(("/", "$", *(["~"] if key in ("file", "token_file") else []))):
                message = f"a guard would look for /{path}; write the whole path, or a variable such as ${{FILE}}"
                yield warn(("services", name, key), "relative-path", message)


def _alarms(runbook: Runbook) -> Iterator[Finding]:
    back = runbook.rollback
    counting = back is not None and any(armed.mode == "countdown" for armed in back.armed)
    if runbook.triggers and counting and runbook.notify.page is None:
        message = "a trigger may roll back by itself, and nobody is paged; add `page` under [notify]"
        yield warn(("rollback",), "nobody-paged", message)
    if runbook.triggers and runbook.services.prometheus is None:
        first = next(iter(runbook.triggers.values()))
        message = "no trigger is ever judged: there is no [services.prometheus]"
        yield warn(("triggers", first.id), "blind-triggers", message, at_key=True)
