"""One host as a process: starts guards of a run when told to, each the real thing, and says what becomes of them.

In: `take RUN`, a line. Out: `up TOKEN SOCKET`, once the guard owns the run; `ended REASON`, when it has ended.
"""

from __future__ import annotations

import asyncio
import os
import sys

from pags_tui.core.errors import PagsError
from pags_tui.driver import loop
from pags_tui.wiring import places
from pags_tui.wiring.alive import answers
from pags_tui.wiring.guards import Post, guard
from pags_tui.wiring.journals import open_readonly
from pags_tui.wiring.places import journal_at


def say(text: str) -> None:
    """One line to whoever plays with us."""
    print(text, flush=True)


async def main() -> None:
    """Until the input ends."""
    loop.BEAT_EVERY = 0.25  # so that a guard that is fenced off ends soon, and the next try can begin
    store, tasks = journal_at(None), set[asyncio.Task[None]]()
    while line := await asyncio.to_thread(sys.stdin.readline):
        run = line.split()[1]
        tasks.add(asyncio.create_task(keep(Post(store, run, takes_over=True))))
        with open_readonly(store) as reader:
            while True:
                lease = reader.lease(run)
                path = places.socket_path(store, run)
                if lease and (lease.host, lease.pid) == (places.host(), os.getpid()) and answers(path):
                    break
                await asyncio.sleep(0.01)
        say(f"up {lease.token} {path}")
    os._exit(0)


async def keep(post: Post) -> None:
    """One guard, to its end."""
    try:
        ended = await guard(post, places.environment())
        say(f"ended {ended.reason}")
    except PagsError as error:
        say(f"ended {error}")


if __name__ == "__main__":
    asyncio.run(main())
