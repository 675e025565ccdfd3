"""Flags in Unleash, by its admin API: a boolean is the environment's switch, a percentage its gradual rollout.

A value may take two or three requests; the last of them is the one that takes effect, so a write that was cut in
between leaves the value as it was. It never repeats a request, never touches a strategy that is no gradual rollout,
never changes constraints, segments or variants, and never follows a redirect.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pags_tui.core.errors import BadAnswer, EdgeError, said
from pags_tui.core.ports import WriteAnswer
from pags_tui.core.runbook import Flag
from pags_tui.core.runbook.services import FlagService
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.edge import Caller, NoReply, Reply, clock
from pags_tui.edge.flags.answers import BY_HAND, certificates, document, no_answer, shell, succeeded, write_answer
from pags_tui.edge.flags.patience import patiently

ROLLOUT = "flexibleRollout"
"""Unleash's name of a gradual rollout."""
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a service's flags in Unleash."""

    project: str
    environment: str

    def path(self, key: str) -> str:
        """The flag's own, below the service's `url`. Raises BadAnswer for a name that means a folder."""
        if key in (".", ".."):
            raise BadAnswer(f"`{key}` cannot be the name of a flag: it means a folder in an address")
        project, feature, environment = (quote(part, safe="") for part in (self.project, key, self.environment))
        return f"/api/admin/projects/{project}/features/{feature}/environments/{environment}"


@dataclass(frozen=True, slots=True)
class Found:
    """What Unleash says of one flag in one environment."""

    enabled: bool
    active: tuple[Mapping[str, object], ...]
    """Strategies that are not switched off."""

    def percentage(self, place: str) -> int:
        """The share of all traffic that it is on for. Raises BadAnswer where that is no single number."""
        if not self.enabled:
            return 0
        strategy = self.rollout(place)
        parameters = strategy.get("parameters") if strategy else None
        text = str(parameters.get("rollout")) if isinstance(parameters, Mapping) else ""
        if not text.isdigit() or int(text) > 100:
            raise BadAnswer(f"{place} is on without a gradual rollout of 0 to 100 %: give it one in Unleash")
        return int(text)

    def rollout(self, place: str) -> Mapping[str, object] | None:
        """Its gradual rollout; None where it has no active strategy at all.

        Raises BadAnswer for several, which Unleash would add up, and for one of another kind.
        """
        if len(self.active) > 1:
            raise BadAnswer(f"{place} has {len(self.active)} active strategies: leave one gradual rollout in Unleash")
        strategy = self.active[0] if self.active else None
        if strategy is not None and strategy.get("name") != ROLLOUT:
            name = said(str(strategy.get("name")))
            raise BadAnswer(f"{place} is governed by the strategy {name}: make it a gradual rollout in Unleash")
        return strategy


class UnleashFlags:
    """Flags of one project and environment of an Unleash server."""

    reads_back = True

    def __init__(
        self, settings: FlagService, caller: Caller, where: Where, flags: Mapping[str, Flag], known_by_token: bool
    ) -> None:
        """`settings` keeps address and token as `${NAME}`, for `curl`; `flags` says which of them are percentages."""
        self._settings, self._caller, self._where = settings, caller, where
        self._flags, self._known_by_token = flags, known_by_token

    def __repr__(self) -> str:
        return f"<UnleashFlags: {self.describe()}>"

    def describe(self) -> str:
        """`unleash, HOST, ENVIRONMENT`."""
        return f"unleash, {self._caller.host}, {self._where.environment}"

    def close(self) -> None:
        """Let idle connections go."""
        self._caller.close()

    # ------------------------------------------------------------ reading

    def read(self, key: str, deadline: Seconds) -> FlagValue:
        """A boolean: whether the environment is on. An integer: the rollout in %, 0 while it is off.

        Raises Unreachable and BadAnswer.
        """
        found = patiently(lambda left: self._find(key, left), deadline)
        return found.enabled if self._is_switch(key) else found.percentage(self._place(key))

    def _find(self, key: str, deadline: Seconds) -> Found:
        return self._found(key, self._caller.call("GET", self._where.path(key), deadline))

    def _found(self, key: str, reply: Reply) -> Found:
        server = self._caller.server
        read = document(succeeded(reply, server, key), server)
        enabled = read.get("enabled") if isinstance(read, dict) else None
        strategies = read.get("strategies") if isinstance(read, dict) else None
        if not isinstance(enabled, bool) or not isinstance(strategies, list):
            raise BadAnswer(f"{server} answered JSON without `enabled` and `strategies`")
        return Found(enabled, tuple(s for s in strategies if isinstance(s, dict) and not s.get("disabled")))

    def _is_switch(self, key: str) -> bool:
        if key not in self._flags:
            raise BadAnswer(f"the runbook has no flag {said(key)} in Unleash")
        return self._flags[key].type == "boolean"

    def _place(self, key: str) -> str:
        return f"{said(key)} in {self._where.environment}"

    # ------------------------------------------------------------ writing

    def write(self, key: str, value: FlagValue, idempotency_key: str, deadline: Seconds) -> WriteAnswer:
        """One attempt to set the flag. Raises nothing, repeats nothing; only a read back proves it.

        Unleash knows no idempotency key: asked for the same value again, nothing changes.
        """
        ends = clock() + deadline
        try:
            if isinstance(value, str):
                return WriteAnswer(False, "unfit", "Unleash holds on, off and percentages here, no texts")
            if not value or isinstance(value, bool):
                return self._send(key, "POST", "/on" if value else "/off", None, ends)
            return self._set_rollout(key, value, ends)
        except EdgeError as failure:
            return no_answer(failure)

    def _set_rollout(self, key: str, value: float, ends: Seconds) -> WriteAnswer:
        if value != int(value) or not 0 < value <= 100:
            return WriteAnswer(False, "unfit", f"a gradual rollout is a whole number from 0 to 100, not {value:g}")
        reply = self._caller.call("GET", self._where.path(key), _left(ends))
        if reply.status != 200:
            # Nothing was written: what this says of the write is what it says of us.
            return write_answer(self._caller.server, key, reply)
        found = self._found(key, reply)
        try:
            strategy = found.rollout(self._place(key))
        except BadAnswer as several:
            return WriteAnswer(False, "unfit", str(several))
        answer = self._share(key, int(value), strategy, ends)
        if found.enabled or answer.accepted is not True:
            return answer
        # Last, so that nothing is on with a former share.
        return self._send(key, "POST", "/on", None, ends)

    def _share(self, key: str, value: int, strategy: Mapping[str, object] | None, ends: Seconds) -> WriteAnswer:
        if strategy is None:
            return self._send(key, "POST", "/strategies", _new(key, value), ends)
        return self._send(key, "PATCH", f"/strategies/{quote(str(strategy.get('id')), safe='')}", _change(value), ends)

    def _send(self, key: str, method: str, below: str, body: object, ends: Seconds) -> WriteAnswer:
        content = None if body is None else json.dumps(body).encode()
        reply = self._caller.call(method, self._where.path(key) + below, _left(ends), content, JSON if content else {})
        return write_answer(self._caller.server, key, reply)

    # ------------------------------------------------------------ by hand

    def curl(self, key: str, value: FlagValue) -> str:
        """The same write by hand for a POSIX shell; a share takes two or three requests. Secrets stay `${NAME}`."""
        if not value or isinstance(value, bool):
            return self._line(key, "POST", "/on" if value else "/off")
        find = self._line(key, "GET", "") + r""" | sed -n 's/.*"strategies":\[{[^}]*"id":"\([^"]*\)".*/\1/p'"""
        change = self._line(key, "PATCH", "/strategies/$id", json.dumps(_change(value)))
        make = self._line(key, "POST", "/strategies", json.dumps(_new(key, value)))
        return f'id=$({find}); if [ "$id" ]; then {change}; else {make}; fi && {self._line(key, "POST", "/on")}'

    def _line(self, key: str, method: str, below: str, body: str = "") -> str:
        settings = self._settings
        address = shell((settings.url or "").rstrip("/") + self._where.path(key))
        words = [*BY_HAND, "-X", method, f'{address[:-1]}{below}"']
        if self._known_by_token:
            words += ["-H", shell(f"Authorization: {settings.token or '${UNLEASH_TOKEN}'}")]
        words += [word for name, text in settings.headers.items() for word in ("-H", shell(f"{name}: {text}"))]
        words += certificates(settings)
        words += ["-H", '"Content-Type: application/json"', "-d", shlex.quote(body)] if body else []
        return " ".join(words)


def _left(ends: Seconds) -> Seconds:
    """What is left of a deadline. Raises NoReply when it has passed: the rest is not sent any more."""
    left = ends - clock()
    if left <= 0:
        raise NoReply("the time was over before everything was sent", "timeout")
    return left


def _change(value: float | str) -> object:
    """RFC 6902: only the share changes; Unleash keeps parameters as texts."""
    return [{"op": "replace", "path": "/parameters/rollout", "value": f"{value}"}]


def _new(key: str, value: float | str) -> object:
    """The gradual rollout that Unleash's own screen would make."""
    return {"name": ROLLOUT, "parameters": {"rollout": f"{value}", "stickiness": "default", "groupId": key}}
