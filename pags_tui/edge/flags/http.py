"""Flags behind a plain HTTP API: `POST {url}/flags/{key}` with `{"value": V}` writes, a GET there answers the same.

Method, path, body and the place of the value can be set. It never retries, never follows a redirect, and the token is
in no text that it makes.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from urllib.parse import quote

from pags_tui.core.errors import BadAnswer, EdgeError
from pags_tui.core.ports import WriteAnswer
from pags_tui.core.runbook.services import FlagService
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.edge import Caller
from pags_tui.edge.flags.answers import BY_HAND, certificates, document, no_answer, shell, succeeded, write_answer
from pags_tui.edge.flags.patience import patiently

LONGEST_TEXT = 10_000
"""Of a value that is a string: longer is an answer of another service."""


class HttpFlags:
    """A flag service that speaks HTTP and JSON."""

    def __init__(
        self,
        settings: FlagService,
        url: str,
        token: str | None,
        headers: Mapping[str, str] | None = None,
        section: str = "services.flags",
        ca_file: str | None = None,
        client_cert: tuple[str, ...] | None = None,
    ) -> None:
        """All but `settings` are the real ones; `settings` keeps them as `${NAME}`, for `curl`.

        Raises BadAnswer when the address is no http(s) URL, and when the token would travel unprotected.
        """
        self.reads_back = settings.read_path != ""
        self._settings = settings
        self._known_by_token = token is not None
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        self._caller = Caller(
            url,
            "the flag service",
            section,
            headers={**(headers or {}), **bearer},
            ca_file=ca_file,
            client_cert=client_cert,
            allow_plain_http=settings.allow_plain_http,
        )

    def __repr__(self) -> str:
        return f"<HttpFlags: {self.describe()}>"

    def describe(self) -> str:
        """`http, HOST`."""
        return f"http, {self._caller.host}"

    def read(self, key: str, deadline: Seconds) -> FlagValue:
        """The flag's present value. Raises Unreachable and BadAnswer."""
        if not self.reads_back:
            raise BadAnswer(f"{self._caller.server} has no way to read a flag back")
        path = _path(self._settings.read_path or self._settings.path, key)
        server = self._caller.server
        reply = patiently(lambda left: succeeded(self._caller.call("GET", path, left), server, key), deadline)
        return _value_at(document(reply, server), self._settings.value_path, server)

    def write(self, key: str, value: FlagValue, idempotency_key: str, deadline: Seconds) -> WriteAnswer:
        """One attempt to set the flag. Raises nothing, repeats nothing; only a read back proves it."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": quote(idempotency_key, safe="")}
        try:
            path = _path(self._settings.path, key)
            body = _body(self._settings.body, key, value).encode()
            reply = self._caller.call(self._settings.method, path, deadline, body, headers)
        except EdgeError as failure:
            return no_answer(failure)
        return write_answer(self._caller.server, key, reply)

    def curl(self, key: str, value: FlagValue) -> str:
        """The same write by hand, in one line for a POSIX shell. Addresses and tokens stay `${NAME}`."""
        settings = self._settings
        words = [*BY_HAND, "-X", settings.method, shell((settings.url or "").rstrip("/") + _path(settings.path, key))]
        if self._known_by_token:
            words += ["-H", shell(f"Authorization: Bearer {settings.token or '${API_KEY}'}")]
        words += [word for name, text in settings.headers.items() for word in ("-H", shell(f"{name}: {text}"))]
        words += ["-H", '"Content-Type: application/json"']
        words += certificates(settings)
        return " ".join([*words, "-d", shlex.quote(_body(settings.body, key, value))])

    def close(self) -> None:
        """Let idle connections go."""
        self._caller.close()


def _path(template: str, key: str) -> str:
    if key in (".", ".."):
        raise BadAnswer(f"`{key}` cannot be the name of a flag: it means a folder in an address")
    return template.replace("{key}", quote(key, safe=""))


def _body(template: str, key: str, value: FlagValue) -> str:
    """Fills both places in one pass, so that a value that looks like a place stays a value."""
    filled = {"{value}": json.dumps(value), "{key}": json.dumps(key)[1:-1]}
    return re.sub(r"\{(?:value|key)\}", lambda match: filled[match.group()], template)


def _value_at(document: object, path: str, server: str) -> FlagValue:
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            raise BadAnswer(f"{server} answered JSON without `{path}`")
        document = document[name]
    if not isinstance(document, bool | int | float | str) or (
        isinstance(document, str) and len(document) > LONGEST_TEXT
    ):
        raise BadAnswer(f"{server} answered a `{path}` that is no flag value")
    return document
