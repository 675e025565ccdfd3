"""A guard on another host, reached through the journal's database."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.errors import JournalError, Unreachable
from pags_tui.core.series import Seconds
from pags_tui.desk.glass import Glass
from pags_tui.desk.port import Gone, Seat, Update
from pags_tui.desk.remote import Means, Place, RemoteDesk, ask_through
from pags_tui.wiring import places
from pags_tui.wiring.alive import answers, is_alive, is_here
from pags_tui.wiring.clocks import boot_seconds
from pags_tui.wiring.journals import Database, open_board, open_readonly
from pags_tui.wiring.runs import run_now


def guard_is_here(store: Database, run: str) -> bool:
    """Somebody listens at the socket here, and owns the run as far as the database says, or cannot say now."""
    if not answers(places.socket_path(store, run)):
        return False
    try:
        with open_readonly(store) as reader:
            lease = reader.lease(run)
    except JournalError:
        return True
    return lease is None or is_here(lease)


def remote_desk(
    store: Database,
    run: str,
    name: str,
    seat: Seat,
    wake: Callable[[], None] | None = None,
    glass: Glass | None = None,
) -> RemoteDesk:
    """A seat at a guard on another host. Raises JournalError when the database cannot be had."""
    connect = lambda: open_board(store, run, "run", "said")  # noqa: E731 - one line, named where it is used
    return RemoteDesk(_place(run, name), Means(connect, is_alive, boot_seconds, run_now, wake, glass), seat)


def _place(run: str, name: str) -> Place:
    return Place(run, places.host(), f"{places.host()} {os.getpid()} {uuid.uuid4().hex[:8]}", name)


async def ask_and_follow(
    store: Database, run: str, name: str, ask: Ask, patience: Seconds, receive: Callable[[Update], bool]
) -> Accepted:
    """One ask, and then every update until `receive` says that it has seen enough.

    Raises Unreachable when no guard answers in time, or when it goes away.
    """
    with open_readonly(store) as reader:
        if not is_alive(reader.lease(run)):
            raise Unreachable("no guard lives")
    desk = remote_desk(store, run, name, "watch")
    gone = asyncio.get_running_loop().create_future()

    def hear(update: Update) -> None:
        if not gone.done() and (receive(update) or isinstance(update, Gone)):
            gone.set_result(isinstance(update, Gone))

    await desk.attach(hear)
    try:
        answer = await desk.ask(ask, patience)
        if not answer.refused and await gone:
            raise Unreachable("the guard went away")
        return answer
    finally:
        await desk.detach()


def ask(store: Database, run: str, name: str, ask: Ask, patience: Seconds) -> Accepted:
    """One ask from a shell. Raises Unreachable when no guard lives."""
    reader, board = open_board(store, run, "said")
    with reader:
        if not is_alive(reader.lease(run)):
            raise Unreachable("No guard of this run answers: 'pags-tui run' starts one.")
        return asyncio.run(ask_through(board, _place(run, name), ask, patience))
