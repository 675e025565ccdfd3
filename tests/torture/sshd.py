"""A real sshd on loopback, on a port of its own with keys of its own, and a login through it. Needs tools/fetch-sshd.

It serves the user that runs the tests. Root's sshd wants a user `sshd` and a folder /run/sshd to exist: the first is
shown to it by nss_wrapper, the second is made, as the system's own would be at its start.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.pty_harness import Pty

FOUND = Path(__file__).resolve().parents[2] / ".cache" / "sshd" / "usr"
LIBRARIES = ("lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib")
PRIVSEP = Path("/run/sshd")
CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
StrictModes no
UsePAM no
PidFile none
PasswordAuthentication no
PermitRootLogin yes
"""


def need_sshd() -> None:
    """Skips without an sshd; under CI=true that is a failure."""
    if not (FOUND / "sbin" / "sshd").exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no sshd: run tools/fetch-sshd")


class Sshd:
    """The server; `login` runs a command on a terminal through it."""

    def __init__(self, folder: Path) -> None:
        need_sshd()
        self.folder = folder
        folder.mkdir(mode=0o700)
        for name in ("host", "user"):
            self._key(name)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        (folder / "config").write_text(CONFIG.format(port=self.port, folder=folder))
        users = Path("/etc/passwd").read_text() + "sshd:x:399:65534::/run/sshd:/usr/sbin/nologin\n"
        (folder / "passwd").write_text(users)
        self.process: subprocess.Popen[bytes] | None = None

    def _key(self, name: str) -> None:
        command = [FOUND / "bin" / "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name]
        subprocess.run(command, check=True)

    def up(self) -> None:
        """Listens."""
        if os.getuid() == 0:
            PRIVSEP.mkdir(mode=0o755, exist_ok=True)
        libraries = os.pathsep.join(str(FOUND / name) for name in LIBRARIES)
        env = {"LD_LIBRARY_PATH": libraries, "PATH": os.environ["PATH"]}
        if os.getuid() == 0:
            wrapper = {"LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_PASSWD": str(self.folder / "passwd")}
            env |= wrapper | {"NSS_WRAPPER_GROUP": "/etc/group"}
        command = [str(FOUND / "sbin" / "sshd"), "-D", "-e", "-f", str(self.folder / "config")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stderr=log)
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def cut(self) -> None:
        """kill -9 of the server and of every session that it serves: the line is gone without a word."""
        assert self.process is not None
        for pid in (*descendants(self.process.pid, "sshd"), self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def login(self, command: Sequence[str], env: Mapping[str, str]) -> Pty:
        """A command on a terminal at the other end of the line."""
        there = " ".join(f"{name}={shlex.quote(value)}" for name, value in env.items())
        options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
        line = [str(FOUND / "bin" / "ssh"), "-F", "none", "-tt", "-p", str(self.port), "-i", str(self.folder / "user")]
        return Pty([*line, *options, "127.0.0.1", f"exec env {there} {shlex.join(command)}"], columns=100, rows=30)


def descendants(pid: int, name: str) -> list[int]:
    """Every process below that one with that name."""
    found = []
    for child in children(pid):
        found += descendants(child, name)
        with suppress(OSError):
            if Path(f"/proc/{child}/comm").read_text().strip() == name:
                found.append(child)
    return found


def children(pid: int) -> list[int]:
    """The processes that it started and that still run."""
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
