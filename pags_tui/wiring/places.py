"""Where things are on this machine: journal, sockets, logs, locks; who and where we are."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from pags_tui.core.errors import PagsError
from pags_tui.desk.sockets import socket_folder
from pags_tui.wiring.stores import Store, store_of

APP = "pags-tui"
LONGEST_SOCKET_PATH = 100
"""A Unix socket's path may have 107 bytes on Linux."""


def environment() -> Mapping[str, str]:
    """The environment, for `${NAME}` in the runbook's services."""
    return dict(os.environ)


def state_folder() -> Path:
    """The user's state folder of this program."""
    return Path(platformdirs.user_state_dir(APP))


def journal_at(given: str | None, demo: bool = False) -> Store:
    """The journal: as given with `--db`, else PAGS_TUI_DB, else in the state folder (a demo has its own)."""
    if given:
        return store_of(given)
    if demo:
        return state_folder() / "demo.db"
    if chosen := os.environ.get("PAGS_TUI_DB"):
        return store_of(chosen)
    return state_folder() / "journal.db"


def config_path() -> Path | None:
    """The file of a person's own settings: PAGS_TUI_CONFIG, else in the config folder. None: it is set, and empty."""
    chosen = os.environ.get("PAGS_TUI_CONFIG")
    if chosen is None:
        return Path(platformdirs.user_config_dir(APP)) / "config.toml"
    return Path(chosen).expanduser() if chosen else None


ADDRESS = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE")
"""What of the environment may say which database an address means."""


def name_of(db: Store) -> str:
    """The journal as one text, free of secrets: the same for whoever names the same one on this machine."""
    if isinstance(db, Path):
        return str(db.resolve())
    return "\n".join((str(db), *db.aims, *(os.environ.get(name, "") for name in ADDRESS)))


def folder_of(db: Store) -> Path:
    """Where files beside the journal lie: in its folder; for a database in the state folder."""
    if isinstance(db, Path):
        return db.resolve().parent
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def socket_path(db: Store, run: str) -> Path:
    """Where the guard of that run listens: short, and the same for whoever names the same journal and run."""
    key = hashlib.sha256(f"{name_of(db)}\n{run}".encode()).hexdigest()[:16]
    return socket_folder(Path(tempfile.gettempdir())) / f"{key}.sock"


def log_path(db: Store, run: str) -> Path:
    """Where the guard of that run writes what it has to say."""
    return folder_of(db) / f"guard-{run}.log"


def spill_folders(db: Store) -> tuple[Path, ...]:
    """Where a rollback may leave its events while the journal cannot be written, best first: beside the journal, then
    where another disk may be."""
    folders = [state_folder()] if not isinstance(db, Path) else [db.resolve().parent, state_folder()]
    with contextlib.suppress(OSError):  # a host that has had no journal of its own has none yet
        state_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(OSError, PagsError):
        folders.append(socket_folder(Path(tempfile.gettempdir())))
    return tuple(dict.fromkeys(folders))


def start_lock(db: Store, run: str) -> Path:
    """Held while a guard of that run makes sure that it is the only one."""
    return socket_path(db, run).with_suffix(".lock")


def lock_path(target: str) -> Path:
    """The lock that keeps a second live run off the same flag service and target on this machine, for every user.

    Raises OSError when the shared folder cannot be made.
    """
    folder = Path(tempfile.gettempdir()) / "pags-tui-locks"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o1777)
        folder.chmod(0o1777)
    return folder / f"{hashlib.sha256(target.encode()).hexdigest()[:24]}.lock"


def boot_id() -> str:
    """The id of the machine's present boot; empty where the kernel does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def host() -> str:
    """This machine's name: PAGS_TUI_HOST where its own would say nothing, as in a container."""
    return os.environ.get("PAGS_TUI_HOST") or socket.gethostname()


def user() -> str:
    """The Unix user that this process runs as."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
