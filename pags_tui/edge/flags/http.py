"""Flags behind a plain HTTP API: `POST {url}/flags/{key}` with `{"value": V}` writes, a GET there answers the same.

Method, path, body and the place of the value can be set. It never retries, never follows a redirect, and the token is
in no text that it makes.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from pags_tui.core.errors import BadAnswer, EdgeError, Unreachable, said
from pags_tui.core.ports import WriteAnswer
from pags_tui.core.runbook.services import FlagService
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.edge import Caller, NoReply, Reply

LATER = (408, 429)
"""Client errors that say nothing about the request itself: it may be tried again."""

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
        reply = self._caller.call("GET", path, deadline)
        if reply.status != 200:
            kind = Unreachable if reply.status in (*LATER, 502, 503, 504) else BadAnswer
            raise kind(_refusal(self._caller.server, key, reply))
        return _value_at(_document(reply, self._caller.server), self._settings.value_path, self._caller.server)

    def write(self, key: str, value: FlagValue, idempotency_key: str, deadline: Seconds) -> WriteAnswer:
        """One attempt to set the flag. Raises nothing, repeats nothing; only a read back proves it."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": quote(idempotency_key, safe="")}
        try:
            path = _path(self._settings.path, key)
            body = _body(self._settings.body, key, value).encode()
            reply = self._caller.call(self._settings.method, path, deadline, body, headers)
        except NoReply as failure:
            return WriteAnswer(None, failure.status, str(failure))
        except EdgeError as failure:
            # An answer came, and cannot be read: whether the write took effect is anyone's guess.
            return WriteAnswer(None, "unreadable", str(failure))
        return _write_answer(self._caller.server, key, reply)

    def curl(self, key: str, value: FlagValue) -> str:
        """The same write by hand, in one line for a POSIX shell. Addresses and tokens stay `${NAME}`."""
        settings = self._settings
        words = ["curl", "-X", settings.method, _shell((settings.url or "").rstrip("/") + _path(settings.path, key))]
        if self._known_by_token:
            words += ["-H", _shell(f"Authorization: Bearer {settings.token or '${API_KEY}'}")]
        words += [word for name, text in settings.headers.items() for word in ("-H", _shell(f"{name}: {text}"))]
        words += ["-H", '"Content-Type: application/json"']
        words += ["--cacert", _shell(settings.ca_file)] if settings.ca_file else []
        for option, file in zip(("--cert", "--key"), settings.client_cert or (), strict=False):
            words += [option, _shell(file)]
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


def _shell(text: str) -> str:
    """In double quotes, with `${NAME}` left for the shell to fill in and nothing else special."""
    return '"' + re.sub(r'[\\"`]|\$(?!\{[A-Za-z_])', lambda match: "\\" + match.group(), text) + '"'


def _write_answer(server: str, key: str, reply: Reply) -> WriteAnswer:
    status = str(reply.status)
    if 200 <= reply.status < 300:
        if _is_page(reply):
            return WriteAnswer(None, status, f"{server} answered with a web page where JSON was due")
        return WriteAnswer(True, status, f"{server} took it ({status})")
    refused = reply.status < 500 and reply.status not in LATER
    return WriteAnswer(False if refused else None, status, _refusal(server, key, reply), _retry_after(reply))


def _refusal(server: str, key: str, reply: Reply) -> str:
    """A status that is no success, as a sentence."""
    texts = {
        401: "did not accept the token (401)",
        403: "does not allow this token to do that (403)",
        404: f"does not know the flag {said(key)} (404)",
        408: "gave up waiting for the request (408)",
        409: f"reports a conflict: somebody else is changing {said(key)} (409)",
        429: "is being asked too often (429)",
        503: "is not able to answer now (503)",
    }
    if 300 <= reply.status < 400:
        return f"{server} answered with a redirect ({reply.status}), which is not followed: the token would go along"
    return f"{server} {texts.get(reply.status, f'answered with status {reply.status}')}"


def _retry_after(reply: Reply) -> Seconds | None:
    """RFC 9110 10.2.3: seconds, or a date, here taken against the answer's own date."""
    text = reply.headers.get("retry-after", "")
    if text.isdigit():
        return float(text[:6])
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


def _is_page(reply: Reply) -> bool:
    return reply.body.lstrip()[:1] == b"<" or reply.headers.get("content-type", "").startswith("text/html")


def _document(reply: Reply, server: str) -> object:
    if _is_page(reply):
        raise BadAnswer(f"{server} answered with a web page where JSON was due (a login page, or another address?)")
    try:
        return json.loads(reply.body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadAnswer(f"{server} answered with something that is not JSON") from None


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


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
