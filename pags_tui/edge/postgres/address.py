"""Where a journal's database is. Its password is in the address alone, and in nothing that is printed or kept."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgresql://", "postgres://")
HIDDEN = "postgresql://…"
"""How an address is shown that cannot be taken apart: any part of it may be a password."""
SECRET_KEYS = frozenset({"password", "sslpassword", "oauth_client_secret"})
"""Keys of a connection whose values are secrets (libpq, "Parameter Key Words")."""

AIMS = frozenset({"host", "hostaddr", "port", "dbname", "service"})
"""Keys of a connection that may say, instead of the address itself, which database is meant."""


@dataclass(frozen=True, slots=True, repr=False)
class Database:
    """The address of a database. What it leaves out comes from the `PG*` environment, as for every such program."""

    url: str
    """As it was given; it may hold a password."""

    def __str__(self) -> str:
        """For people: without password and settings."""
        try:
            parts = urlsplit(self.url)
            credentials, at, host = parts.netloc.rpartition("@")
            if "@" in parts.path + parts.query + parts.fragment or parts.port == 0:
                return HIDDEN
        except ValueError:  # a port that is none: perhaps a password with an unescaped slash in it
            return HIDDEN if "," not in self.url.partition("?")[0] else f"{SCHEMES[0]}{self._many()}"
        return f"{SCHEMES[0]}{credentials.partition(':')[0]}{at}{host}{parts.path}"

    def _many(self) -> str:
        """Several hosts, each perhaps with a port: `user@a:5432,b:5433/name`."""
        rest = self.url.partition("://")[2].partition("?")[0]
        credentials, at, place = rest.rpartition("@")
        if "/" in credentials:
            return HIDDEN.removeprefix(SCHEMES[0])
        return f"{credentials.partition(':')[0]}{at}{place}"

    __repr__ = __str__

    @property
    def aims(self) -> tuple[str, ...]:
        """The settings in it that say which database is meant, as `key=value`."""
        return tuple(sorted(f"{key}={value}" for key, value in self._settings if key in AIMS))

    @property
    def _settings(self) -> list[tuple[str, str]]:
        return parse_qsl(self.url.partition("?")[2])

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets in it, longest first, as written and as meant."""
        password = self.url.partition("?")[0].partition("://")[2].rpartition("@")[0].partition(":")[2]
        found = {password, unquote(password)}
        found |= {value for key, value in self._settings if key.lower() in SECRET_KEYS}
        return tuple(sorted(filter(None, found), key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text without any secret of this address."""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return text


def is_database(given: str) -> bool:
    """Whether `--db` names a database rather than a file."""
    return given.lower().startswith(SCHEMES)
