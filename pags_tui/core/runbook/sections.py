"""Reads the sections of names and addresses: contacts, services, roles, metrics, flags, comms, notify.

A section that is missing is empty; a faulty entry is noted and left out, and its name stays known to the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pags_tui.core.conditions import ConditionError, parse_test
from pags_tui.core.runbook.base import Part, Path, identifier
from pags_tui.core.runbook.draft import Draft, instead
from pags_tui.core.runbook.messages import Contact, Message, Notify, Page, Role
from pags_tui.core.runbook.services import VARIABLE, FlagService, Grafana, Prometheus, Services, is_secret_header
from pags_tui.core.runbook.signals import Flag, Metric
from pags_tui.core.units import Unit

Model = TypeVar("Model", bound=Part)


def keys_of(model: type[Part]) -> tuple[str, ...]:
    """The keys a section may have in the file."""
    return tuple(info.alias or name for name, info in model.model_fields.items() if name not in model.filled_in)


def entries(
    draft: Draft, data: dict[str, Any], section: str, allowed: Iterable[str] | None
) -> dict[str, dict[str, Any]]:
    """The tables of `[section.<id>]` by id; ids that nobody could type are noted."""
    found = {}
    keys = tuple(allowed) if allowed is not None else None
    for name, item in draft.table(data.get(section, {}), (section,)).items():
        try:
            identifier(name)
        except ValueError as error:
            draft.fault((section, name), str(error), "invalid-id", at_key=True)
        read = draft.table(item, (section, name), keys)
        if isinstance(item, dict):
            found[name] = read
    return found


def contacts(draft: Draft, data: dict[str, Any]) -> dict[str, Contact]:
    """`[contacts]`: each a table, or just its address."""
    section = draft.table(data.get("contacts", {}), ("contacts",))
    whole = {"contacts": {name: {"value": item} if isinstance(item, str) else item for name, item in section.items()}}
    return _built(draft, Contact, entries(draft, whole, "contacts", keys_of(Contact)), "contacts")


def roles(draft: Draft, data: dict[str, Any]) -> dict[str, Role]:
    """`[roles.<id>]`."""
    return _built(draft, Role, entries(draft, data, "roles", keys_of(Role)), "roles", path=True)


def metrics(draft: Draft, data: dict[str, Any]) -> dict[str, Metric]:
    """`[metrics.<id>]`; the SLO must be a test in the metric's unit."""
    found = entries(draft, data, "metrics", keys_of(Metric))
    for name, item in found.items():
        _ceiling(draft, item, ("metrics", name))
        for label, values in (item["expect"] if isinstance(item.get("expect"), dict) else {}).items():
            if values == []:
                draft.fault(("metrics", name, "expect", label), "name at least one value, or leave it out", "empty")
    built = _built(draft, Metric, found, "metrics", path=True)
    return {name: metric for name, metric in built.items() if _slo_is_right(draft, metric, ("metrics", name, "slo"))}


def _slo_is_right(draft: Draft, metric: Metric, path: Path) -> bool:
    try:
        _ = metric.slo_test
    except ConditionError as error:
        draft.fault(path, error.message, error.code, offset=error.column - 1)
        return False
    return True


def _ceiling(draft: Draft, item: dict[str, Any], path: Path) -> None:
    """Turns a written `ceiling` into a number in the metric's own unit."""
    written = item.get("ceiling")
    if not isinstance(written, str) or item.get("unit", "count") not in set(Unit):
        return
    try:
        test = parse_test(f"<= {written}", Unit(item.get("unit", "count")))
        item["ceiling"] = getattr(test, "bound").value  # noqa: B009 - `<=` always gives a comparison
    except ConditionError as error:
        item.pop("ceiling")
        draft.fault((*path, "ceiling"), error.message, error.code)


def flags(draft: Draft, data: dict[str, Any]) -> dict[str, Flag]:
    """`[flags.<key>]`; `before` must be a value that the flag can hold."""
    found = entries(draft, data, "flags", keys_of(Flag))
    for name, item in found.items():
        if isinstance(item.get("before"), list | dict):
            draft.fault(("flags", name, "before"), "this must be true or false, a number or text", "wrong-type")
            item.pop("before")
    built = _built(draft, Flag, found, "flags", path=True, id_field="key")
    for name, flag in built.items():
        if flag.range and flag.type != "integer":
            draft.fault(
                ("flags", name, "range"), f"only an integer has a range, and this is a {flag.type}; leave it out"
            )
        elif flag.range and flag.range[0] > flag.range[1]:
            draft.fault(("flags", name, "range"), f"low comes before high; write [{flag.range[1]}, {flag.range[0]}]")
        elif flag.before is not None and (why := flag.refuses(flag.before)):
            draft.fault(("flags", name, "before"), why, "flag-value")
    return built


def messages(draft: Draft, data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`[comms.<id>]` as written; built once the phases are known."""
    return entries(draft, data, "comms", keys_of(Message))


def notify(draft: Draft, data: dict[str, Any], webhooks: Iterable[str]) -> Notify:
    """`[notify]`; every webhook must be configured."""
    item = draft.table(data.get("notify", {}), ("notify",), keys_of(Notify))
    known = tuple(webhooks)
    if "page" in item:
        page = item["page"] if not isinstance(item["page"], str) else {"webhook": item["page"]}
        item["page"] = draft.build(Page, draft.table(page, ("notify", "page"), keys_of(Page)), ("notify", "page"))
    built = draft.build(Notify, {key: value for key, value in item.items() if value is not None}, ("notify",))
    if built is None:
        return Notify()
    for key, name in (("events", built.events), ("heartbeat", built.heartbeat)):
        if name is not None:
            draft.name(name, ("notify", key), "webhook", known)
    if built.page:
        draft.name(built.page.webhook, ("notify", "page", "webhook"), "webhook", known)
    return built


def services(draft: Draft, data: dict[str, Any]) -> Services:
    """`[services]`: Prometheus, Grafana, webhooks, and flag services by name."""
    section = draft.table(data.get("services", {}), ("services",))
    prometheus, grafana, flag_services = None, None, {}
    for name, item in section.items():
        path: Path = ("services", name)
        if name == "prometheus":
            prometheus = draft.build(Prometheus, draft.table(item, path, keys_of(Prometheus)), path)
            _no_literals(draft, item, path)
        elif name == "grafana":
            grafana = draft.build(Grafana, draft.table(item, path, keys_of(Grafana)), path)
            _no_literals(draft, item, path)
        elif name != "webhooks" and _is_flag_service(draft, name, item, path):
            flag_services[name] = draft.build(FlagService, draft.table(item, path, keys_of(FlagService)), path)
            _no_literals(draft, item, path)
    hooks = draft.table(section.get("webhooks", {}), ("services", "webhooks"))
    for name, address in hooks.items():
        if not isinstance(address, str):
            draft.fault(("services", "webhooks", name), "a webhook is an address in quotes", "wrong-type")
    return Services(
        prometheus=prometheus,
        grafana=grafana,
        flag_services={name: found for name, found in flag_services.items() if found},
        webhooks={name: address for name, address in hooks.items() if isinstance(address, str)},
    )


def _is_flag_service(draft: Draft, name: str, item: object, path: Path) -> bool:
    """A section of another name is a flag service when it says its `kind`; otherwise the name is misspelt."""
    if name == "flags" or (isinstance(item, dict) and "kind" in item):
        return True
    known = ("prometheus", "flags", "grafana", "webhooks")
    message = f"there is no service '{name}'; {instead(name, known)} (a further flag service needs `kind`)"
    draft.fault(path, message, "unknown-service", at_key=True)
    return False


def _no_literals(draft: Draft, item: object, path: Path) -> None:
    """Refuses secrets written out: a password in an address, a credential in a header."""
    if not isinstance(item, dict):
        return
    url = str(item.get("url", ""))
    user, at, _ = url.partition("://")[2].partition("/")[0].partition("@")
    if at and not VARIABLE.fullmatch(user):
        draft.fault(
            (*path, "url"), "a password may not stand in an address; use `token` or `headers`", "literal-secret"
        )
    headers = item.get("headers")
    for name, value in (headers if isinstance(headers, dict) else {}).items():
        if is_secret_header(name) and isinstance(value, str) and value and not VARIABLE.search(value):
            message = "a secret may not stand in the runbook; write a variable such as ${API_KEY}"
            draft.fault((*path, "headers", name), message, "literal-secret")


def _built(
    draft: Draft,
    model: type[Model],
    found: dict[str, dict[str, Any]],
    section: str,
    *,
    path: bool = False,
    id_field: str = "id",
) -> dict[str, Model]:
    """Each table as a model, its id filled in and its title made from it when missing."""
    built = {}
    for name, item in found.items():
        extra: dict[str, object] = {id_field: name, **({"path": (section, name)} if path else {})}
        title = {} if id_field == "key" else {"title": name}
        made = draft.build(model, {**title, **item, **extra}, (section, name))
        if made is not None:
            built[name] = made
    return built
