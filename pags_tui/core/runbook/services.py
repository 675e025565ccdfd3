"""What the runbook says of the services outside: where they are and how to knock. Never a secret, never an answer.

Texts keep their `${NAME}` unexpanded, so that a model may be journaled and shown. `expand` fills one in when it is
used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from pags_tui.core.errors import PagsError
from pags_tui.core.runbook.base import Duration, Part, Text, WebhookId

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
"""`${NAME}` or `${NAME:-default}`."""


class MissingVariable(PagsError):
    """A variable that a service needs is not set. The text names it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The variable {name} is not set. Set it, or write ${{{name}:-default}} in the runbook.")
        self.name = name


def expand(text: str, env: Mapping[str, str]) -> str:
    """`text` with its variables filled in from `env`. An empty value counts as not set when a default is given.

    Raises MissingVariable for one that is neither set nor has a default.
    """

    def fill(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        if env.get(name):
            return env[name]
        if default is not None:
            return str(default)
        if name in env:
            return ""
        raise MissingVariable(name)

    return VARIABLE.sub(fill, text)


def variables(text: str) -> tuple[str, ...]:
    """The names of the variables in `text`, in order."""
    return tuple(match.group(1) for match in VARIABLE.finditer(text))


def _secret(value: object) -> object:
    match = VARIABLE.fullmatch(value) if isinstance(value, str) else None
    if isinstance(value, str) and (match is None or match.group(2)):
        raise ValueError(
            "a secret may not stand in the runbook. Write a variable such as ${API_KEY}, or use token_file, "
            "token_command or token_keyring"
        )
    return value


Secret = Annotated[str, BeforeValidator(_secret)]
"""A whole `${NAME}`; a literal is refused."""


def is_secret_header(name: str) -> bool:
    """Whether a header of that name carries what only the service may know."""
    return any(word in name.lower() for word in ("authorization", "cookie", "token", "secret", "key"))


class Credentials(Part):
    """How a service knows us. At most one of the four."""

    token: Secret | None = None
    """The variable that holds the token, as `${NAME}`."""
    token_file: Text | None = None
    """A file whose first line is the token."""
    token_command: tuple[Text, ...] | None = None
    """A command whose first line of output is the token: its words, or one text split at spaces."""
    token_keyring: Text | None = None
    """`service/user` in the desktop's keyring."""
    ca_file: Text | None = None
    """A PEM file of authorities to trust instead of the system's."""
    client_cert: tuple[Text, ...] | None = None
    """Client certificate: one PEM file, or certificate and key."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Further headers of every request, values unexpanded."""
    allow_plain_http: bool = False
    """Lets a token travel over http:// to a host that is not this one."""

    @property
    def sends_secret(self) -> bool:
        """Its requests carry a token, or a header that holds one."""
        token = self.token or self.token_file or self.token_command or self.token_keyring
        return bool(token) or any(map(is_secret_header, self.headers))

    @model_validator(mode="before")
    @classmethod
    def _words(cls, data: dict[str, object]) -> dict[str, object]:
        spread = dict(data)
        if isinstance(command := spread.get("token_command"), str):
            spread["token_command"] = tuple(command.split())
        if isinstance(cert := spread.get("client_cert"), str):
            spread["client_cert"] = (cert,)
        return spread

    @model_validator(mode="after")
    def _one_token(self) -> Credentials:
        given = [name for name in ("token", "token_file", "token_command", "token_keyring") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are given; keep one of them")
        return self


class Prometheus(Credentials):
    """`[services.prometheus]`: Prometheus, Thanos, Mimir or VictoriaMetrics, which speak the same API."""

    url: Text
    """Base address, unexpanded."""
    every: Annotated[Duration, Field(gt=0)] = 5.0
    """Seconds between two ticks."""
    timeout: Annotated[Duration, Field(gt=0)] = 4.0
    """Longest wait for one answer, in seconds."""


class FlagService(Credentials):
    """`[services.flags]` or `[services.<name>]`: one place that holds flags."""

    filled_in: ClassVar[frozenset[str]] = frozenset()

    kind: Literal["http", "unleash", "env-file"] = "http"
    """`http`: the plain API; `unleash`: Unleash's admin API; `env-file`: a file of NAME=value lines."""
    url: Text | None = None
    """Base address, unexpanded (http, unleash)."""
    target: Text | None = None
    """What the screen names and a confirmation makes one type, such as `production`. None: the runbook's id."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    """The method of a write (http)."""
    path: Text = "/flags/{key}"
    """Path of a write below `url`; `{key}` is the flag (http)."""
    body: Text = '{"value": {value}}'
    """Body of a write; `{value}` is the value as JSON, `{key}` the flag (http)."""
    read_path: str | None = None
    """Path of a read; None: as `path`. Empty: the service cannot be read back (http)."""
    value_path: Text = "value"
    """Where the value lies in the answer of a read: keys joined by dots (http)."""
    environment: Text | None = None
    """Unleash's environment."""
    project: Text = "default"
    """Unleash's project."""
    file: Text | None = None
    """The file of NAME=value lines (env-file)."""
    apply_command: Text | None = None
    """Command shown to the operator that makes the file take effect; never executed (env-file)."""
    timeout: Annotated[Duration, Field(gt=0)] = 5.0
    """Longest wait for one answer, in seconds."""
    verify_within: Annotated[Duration, Field(gt=0)] = 10.0
    """How long a write may take to be read back, in seconds."""

    @property
    def reads_back(self) -> bool:
        """Whether a write can be proven by a read."""
        return self.kind != "http" or self.read_path != ""

    @model_validator(mode="after")
    def _complete(self) -> FlagService:
        if self.kind == "env-file" and self.file is None:
            raise ValueError("an env-file service needs `file`")
        if self.kind != "env-file" and self.url is None:
            raise ValueError(
                f"an {self.kind} service needs `url`" if self.kind != "http" else "an http service needs `url`"
            )
        if self.kind == "unleash" and self.environment is None:
            raise ValueError("an unleash service needs `environment`")
        return self


class Grafana(Credentials):
    """`[services.grafana]`: a live run marks its events on Grafana's graphs, through the annotations API."""

    url: Text
    """Base address, unexpanded."""
    dashboard: Text | None = None
    """The uid of one dashboard (`dashboardUID`); None: organisation-wide marks, found by their tags."""
    panel: Annotated[int, Field(ge=0)] | None = None
    """One panel of that dashboard (`panelId`); None: all of them."""
    tags: tuple[Text, ...] = ()
    """Beside `pags-tui`, the runbook's id, the target, and what it is: `flag`, `sign-off`, `hold`, `trigger`, …"""

    @model_validator(mode="after")
    def _panel_of_one(self) -> Grafana:
        if self.panel is not None and self.dashboard is None:
            raise ValueError("a `panel` needs the `dashboard` that it is on")
        return self


class Services(Part):
    """`[services]`. What is missing here is done by hand."""

    prometheus: Prometheus | None = None
    """Where metrics are asked; None: no gate or trigger on a metric is judged by the app."""
    grafana: Grafana | None = None
    """Where events are marked on graphs; None: nowhere."""
    flag_services: dict[str, FlagService] = Field(default_factory=dict)
    """By name: `flags` is the default one, others are named by a flag's `service`."""
    webhooks: dict[WebhookId, str] = Field(default_factory=dict)
    """Addresses for messages, unexpanded; one that expands to nothing is switched off."""

    @property
    def flags(self) -> FlagService | None:
        """The default flag service, `[services.flags]`."""
        return self.flag_services.get("flags")


__all__ = [
    "VARIABLE",
    "Credentials",
    "FlagService",
    "Grafana",
    "MissingVariable",
    "Prometheus",
    "Services",
    "expand",
    "is_secret_header",
    "variables",
]
