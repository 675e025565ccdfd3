"""A real Unleash on a real PostgreSQL, for tests: both from `.cache/unleash`, where `tools/fetch-unleash` puts them.

It listens on loopback alone, calls nobody at home, and keeps its data in a folder of its own that goes with it.
PostgreSQL refuses to be root, so it is then another user's process.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.postgres.server import as_user, free_port, reachable, user_group

CACHE = Path(__file__).resolve().parents[2] / ".cache/unleash"
MODULES = CACHE / "node_modules"
STARTS_WITHIN = 120.0
"""Seconds; migrating an empty database takes most of it."""
NOBODY = "nobody"
TOKEN = "*:*.0123456789abcdef-admin-of-the-night"


def need_unleash() -> None:
    """Passes where both can be started; else a skipped test that says what to do, under CI=true a failed one."""
    if shutil.which("node") and (MODULES / "unleash-server").is_dir() and binaries() is not None:
        return
    refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    refuse("no Unleash in .cache/unleash: `make test-unleash` fetches it, with node 20 or newer and npm on PATH")


def binaries() -> Path | None:
    """PostgreSQL of this machine's kind: the folder that holds `bin`, `lib` and `share`."""
    return next((path for path in MODULES.glob("@embedded-postgres/*/native") if (path / "bin/initdb").exists()), None)


class RealUnleash:
    """`with RealUnleash() as unleash: unleash.url`. Its one token may do everything."""

    token = TOKEN

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pags-unleash-"))
        self._database, self.port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> RealUnleash:
        try:
            self._start_database()
            self._start_unleash()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ------------------------------------------------------------ its API, as another client than ours

    def ask(self, method: str, path: str, body: object = None) -> object:
        """One request to the admin API below `/api/admin`; its JSON, None without any."""
        request = urllib.request.Request(
            f"{self.url}/api/admin{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": self.token, "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def make_flag(self, name: str, kind: str = "release") -> None:
        """A flag of project `default`, off everywhere."""
        self.ask("POST", "/projects/default/features", {"name": name, "type": kind})

    def events(self, name: str) -> list[dict[str, object]]:
        """What its own log says of a flag, oldest first."""
        found = self.ask("GET", f"/events/{name}")
        assert isinstance(found, dict)
        return sorted(found["events"], key=lambda event: int(event["id"]))

    # ------------------------------------------------------------ starting

    def _start_database(self) -> None:
        programs, user = self._programs(), self._user()
        data = self._folder / "database"
        data.mkdir(mode=0o700)
        self._folder.chmod(0o755)
        if user:
            shutil.chown(data, user, user_group(user))
        make = ["-D", data, "-U", "unleash", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [programs / "bin/initdb", *make], capture_output=True, check=False, cwd=self._folder, **as_user(user)
        )
        if made.returncode:
            pytest.fail(f"initdb: {made.stderr.decode(errors='replace')}")
        # Of a database that is thrown away nothing needs to reach the disk.
        options = ["-D", data, "-h", "127.0.0.1", "-p", self._database, "-k", "", "-F", "-c", "full_page_writes=off"]
        self._run("database", [programs / "bin/postgres", *options], {}, user)
        self._wait("database", lambda: socket.create_connection(("127.0.0.1", self._database), 1).close())

    def _start_unleash(self) -> None:
        settings = {
            "DATABASE_URL": f"postgres://unleash@127.0.0.1:{self._database}/postgres",
            "DATABASE_SSL": "false",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(self.port),
            "INIT_ADMIN_API_TOKENS": self.token,
            "SEND_TELEMETRY": "false",
            "CHECK_VERSION": "false",
            "LOG_LEVEL": "warn",
            "NODE_ENV": "production",
            "TZ": "UTC",
        }
        server = MODULES / "unleash-server/dist/server.js"
        self._run("unleash", ["node", server], settings, None)
        self._wait("unleash", lambda: urllib.request.urlopen(f"{self.url}/health", timeout=2).close())

    def _programs(self) -> Path:
        """PostgreSQL's files, where the user that runs them may reach them."""
        found = binaries()
        assert found is not None
        if os.geteuid() != 0 or reachable(found):
            return found
        copied = self._folder / "postgres"
        shutil.copytree(found, copied, symlinks=True)
        return copied

    def _user(self) -> str | None:
        return NOBODY if os.geteuid() == 0 else None

    def _run(self, name: str, command: list[object], settings: dict[str, str], user: str | None) -> None:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [str(word) for word in command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self._folder,
                    env={**kept, **settings},
                    **as_user(user),
                )
            )

    def _wait(self, name: str, ready: object) -> None:
        ends = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < ends and self._processes[-1].poll() is None:
            with contextlib.suppress(urllib.error.URLError, OSError):
                ready()
                return
            time.sleep(0.1)
        pytest.fail(f"{name} did not start:\n{(self._folder / f'{name}.log').read_text(errors='replace')[-4000:]}")
