"""A real PostgreSQL that lets nobody in without TLS, with certificates of a throw-away authority."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.edge.authority import Authority
from tests.postgres.server import RealPostgres, user_group

HOSTS = "hostssl all loopback 127.0.0.1/32 cert\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
"""The user `loopback` comes with the certificate of that name, everybody else with a password."""
SETTINGS = {"ssl": "on", "ssl_cert_file": "server.pem", "ssl_key_file": "server.key", "ssl_ca_file": "ca.pem"}


class SecurePostgres(RealPostgres):
    """Listens with a certificate for 127.0.0.1 and localhost."""

    def __init__(self, authority: Authority) -> None:
        """`authority` signs for both sides."""
        super().__init__(False, *(word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")))
        self._authority = authority
        self._certificate = "good"

    def __enter__(self) -> SecurePostgres:
        super().__enter__()
        self.sql("CREATE ROLE loopback LOGIN SUPERUSER")
        return self

    def url(self, database: str = "postgres", *args: str, **kwargs: object) -> str:
        """An address that proves who answers, unless its certificate is known to be bad."""
        proven = f"?sslmode=verify-full&sslrootcert={self._authority.trusted}" if self._certificate == "good" else ""
        return super().url(database, *args, **kwargs) + proven  # type: ignore[arg-type]

    @contextmanager
    def showing(self, certificate: str) -> Iterator[None]:
        """With another certificate for a while."""
        try:
            self._show(certificate)
            yield
        finally:
            self._show("good")

    def _show(self, certificate: str) -> None:
        self._certificate = certificate
        shutil.copyfile(self._authority.file(certificate), self.folder / "data/server.pem")
        self.stop()
        self.start()

    def _make(self) -> None:
        super()._make()
        data = self.folder / "data"
        (data / "pg_hba.conf").write_text(HOSTS)
        shutil.copyfile(self._authority.file("good"), data / "server.pem")
        shutil.copyfile(self._authority.trusted, data / "ca.pem")
        shutil.copyfile(self._authority.key, data / "server.key")
        (data / "server.key").chmod(0o600)
        if user := self._user():
            for name in ("pg_hba.conf", "server.pem", "ca.pem", "server.key"):
                shutil.chown(data / name, user, user_group(user))


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    """Whom both sides trust. In a short folder of its own, as the server's processes see it."""
    with tempfile.TemporaryDirectory(prefix="pags-ca-") as folder:
        yield Authority(Path(folder))
