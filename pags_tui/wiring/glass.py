"""How a screen breaks the glass: a process of its own performs what was confirmed, and outlives the screen."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import IO, BinaryIO, cast

from pags_tui.core.decide.asks import RollBack
from pags_tui.core.errors import PagsError
from pags_tui.desk.glass import Glass
from pags_tui.desk.wire import Ordered, order_line
from pags_tui.wiring import places
from pags_tui.wiring.crashes import private
from pags_tui.wiring.guards import STARTED, naming
from pags_tui.wiring.journals import Store


def break_glass(db: Store, run: str, name: str) -> Glass:
    """Starts `pags-tui rollback` for an open live run; what comes back is where it tells how it goes."""

    def begin(ask: RollBack, text: str = "") -> BinaryIO:
        named, env = naming(db)
        command = [sys.executable, "-m", "pags_tui", "rollback", "--order", *named]
        with contextlib.ExitStack() as stack:
            log = _log(db, run, stack)
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=env,
                    start_new_session=True,
                    cwd="/",
                )
            except OSError as error:
                raise PagsError(f"no process can be started: {error.strerror}") from None
        STARTED.append(process)
        with contextlib.suppress(OSError), cast(IO[bytes], process.stdin) as order:
            order.write(order_line(Ordered(run, name, ask, text)))
        return cast(BinaryIO, process.stdout)

    return begin


def _log(db: Store, run: str, stack: contextlib.ExitStack) -> IO[bytes] | int:
    """The guard's log takes its messages, where there is room."""
    try:
        return stack.enter_context(open(private(places.log_path(db, run)), "ab"))
    except OSError:
        return subprocess.DEVNULL
