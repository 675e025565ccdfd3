"""Where a journal may lie: a local file system, a folder and a file of one's own.

Never opens an existing journal: closing any descriptor of it would drop the locks that SQLite holds in this process
(https://www.sqlite.org/howtocorrupt.html, "Posix advisory locks canceled").
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pags_tui.core.errors import JournalError
from pags_tui.edge.journal.faults import shown

MOUNTS = Path("/proc/self/mountinfo")

# fmt: off
NETWORK = frozenset(
    {
        "9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fhgfs", "gfs", "gfs2", "glusterfs", "gpfs",
        "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb", "smb2", "smb3", "smbfs",
        "vboxsf", "vmhgfs", "wekafs",
        "fuse.ceph", "fuse.cephfs", "fuse.curlftpfs", "fuse.davfs", "fuse.gcsfuse", "fuse.glusterfs",
        "fuse.juicefs", "fuse.mfs", "fuse.moosefs", "fuse.nfs", "fuse.rclone", "fuse.s3fs", "fuse.seaweedfs",
        "fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse",
    }
)
# fmt: on
"""Types of file systems that other machines may share: SQLite's locks and its shared memory do not hold there
(https://www.sqlite.org/wal.html, "All processes using a database must be on the same host computer")."""

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OPENING_PAUSE = 0.02
"""Seconds between two looks whether another process has finished opening the journal."""


@dataclass(frozen=True, slots=True)
class Mount:
    """The mount that a path lies on."""

    point: str
    type: str

    @property
    def network(self) -> bool:
        """Whether other machines may share it."""
        return self.type in NETWORK


def mount_of(path: str, mountinfo: str) -> Mount | None:
    """The mount that holds that absolute path, from the text of `/proc/self/mountinfo` (proc(5)). None: not listed."""
    best: Mount | None = None
    for line in mountinfo.splitlines():
        mount = _mount(line)
        if mount is None or not _inside(path, mount.point):
            continue
        if best is None or len(mount.point) >= len(best.point):  # a later mount on the same point covers the earlier
            best = mount
    return best


def _mount(line: str) -> Mount | None:
    left, separator, right = line.partition(" - ")
    fields, kind = left.split(" "), right.split(" ")[0]
    if not separator or len(fields) < 6:
        return None
    return Mount(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4]), kind)


def _inside(path: str, point: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def network_of(path: Path) -> Mount | None:
    """The network file system that the path lies on; None when it is local, or when nobody can tell."""
    try:
        mountinfo = os.fsdecode(MOUNTS.read_bytes())
    except OSError:
        return None
    mount = mount_of(os.path.realpath(path), mountinfo)
    return mount if mount and mount.network else None


def prepare(path: Path, create: bool, allow_network: bool) -> Path:
    """The journal's real path, in a folder and with a file that are fit for it; both made when missing.

    Raises JournalError with the reason. Raises OSError when the system refuses.
    """
    file = Path(os.path.realpath(path))
    mount = network_of(file)
    if mount and not allow_network:
        raise JournalError(
            f"{shown(file)} is on a network file system ({mount.type} at {mount.point}), where a journal's locks "
            "do not hold: choose a local file with --db or PAGS_TUI_DB"
        )
    if not create and not file.exists():
        raise JournalError(f"there is no journal {shown(file)}: `pags-tui run` makes one, --db names another")
    if create:
        os.makedirs(file.parent, mode=0o700, exist_ok=True)
    _check_own(file.parent, "folder")
    if create:
        _make(file)
    _check_own(file, "file")
    if os.stat(file).st_mode & 0o077:
        os.chmod(file, 0o600)
    return file


def _check_own(path: Path, what: str) -> None:
    found = os.stat(path)
    if what == "file" and not stat.S_ISREG(found.st_mode):
        raise JournalError(f"{shown(path)} is not a file: name the journal's file with --db")
    if found.st_uid != os.geteuid():
        raise JournalError(
            f"the {what} {shown(path)} belongs to {_user(found.st_uid)}, not to {_user(os.geteuid())}: "
            "a journal lies in a place of your own; choose one with --db"
        )
    if found.st_mode & OTHERS_WRITE:
        raise JournalError(
            f"others can write the {what} {shown(path)}: `chmod go-w {shown(path)}`, or choose another with --db"
        )


def _make(file: Path) -> None:
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return
    os.close(descriptor)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Makes a new or renamed file's name durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opening(folder: Path, patience: float) -> Iterator[None]:
    """One process at a time opens (and perhaps creates or migrates) a journal in that folder.

    SQLite does not wait when two switch to WAL at once. Gives way after `patience` seconds: SQLite's own locks decide.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for _ in range(max(1, round(patience / OPENING_PAUSE))):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(OPENING_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
