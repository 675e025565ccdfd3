"""Where guards listen: a folder of the user's own."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from pags_tui.core.errors import PagsError


def socket_folder(base: Path) -> Path:
    """The user's own folder for sockets below `base`, made 0700; checked as tmux does.

    Raises PagsError when somebody else owns it.
    """
    folder = base / f"pags-tui-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PagsError(f"{folder} belongs to somebody else: remove it, or set TMPDIR to a folder of your own.")
    if stat.S_IMODE(found.st_mode) & 0o027:
        raise PagsError(f"{folder} is open to others: chmod 700 {folder}, and look who has been in it.")
    return folder
