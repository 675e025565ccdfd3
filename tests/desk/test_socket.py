"""The guard's socket: the same story for every screen, refusals for strangers, no screen that holds up the guard."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.errors import Unreachable
from pags_tui.core.events import Actor
from pags_tui.core.state import fold
from pags_tui.core.updates import Began, Gone, Happened, Ticked, Update
from pags_tui.desk import client, server
from pags_tui.desk.client import SocketDesk, ask_once
from pags_tui.desk.server import Admission, Server
from pags_tui.driver import Driver
from pags_tui.wiring import places
from pags_tui.wiring.clocks import SteadyClock
from tests.live import LEAD, SIX, FlagServer, Night, book_text, env_of, until


class Post:
    """A driver with its server, in this process."""

    def __init__(self, night: Night, path: Path) -> None:
        self.night, self.path = night, path
        self.driver: Driver = night.driver()
        self.server = Server(self.driver, path, Admission())

    async def up(self) -> None:
        """Listens and drives."""
        await self.server.start()
        self.task = asyncio.get_running_loop().create_task(self.driver.run())
        await until(lambda: self.driver.senses.last is not None, "the driver took a tick")

    async def down(self, final: bool = True) -> None:
        """Ends in good order."""
        self.driver.stop("the test is over")
        await self.task
        await self.server.stop("the test is over", final)

    def desk(self, name: str = "") -> SocketDesk:
        """A screen's desk."""
        return SocketDesk(self.path, Actor(places.user(), name), SteadyClock())


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """A guarded run."""
    with FlagServer(SIX) as flags:
        night = Night(tmp_path / "j", book_text(flags), env_of(flags))
        found = Post(night, tmp_path / "s.sock")
        await found.up()
        yield found
        if not found.task.done():
            await found.down()
        night.close()


async def test_every_screen_gets_the_story_and_all_that_follows(post: Post) -> None:
    """Two screens, one attached late: both fold to the guard's own state; ticks and the guard's time come along."""
    seen: list[list[Update]] = [[], []]
    desks = [post.desk(), post.desk("ana")]
    await desks[0].attach(seen[0].append)
    await until(lambda: any(isinstance(u, Ticked) for u in seen[0]), "a tick came")
    assert not (await desks[0].ask(a.AddNote("one"))).refused
    await desks[1].attach(seen[1].append)
    await until(lambda: seen[1], "the second is attached")
    answer = await desks[1].ask(a.AddNote("two"))
    assert answer.seqs == (post.driver.record.state.seq,)
    await until(lambda: all(folded(one).seq == post.driver.record.state.seq for one in seen), "both have all of it")
    states = [folded(one) for one in seen]
    assert states[0] == states[1] == post.driver.record.state
    assert [note.by for note in states[0].notes] == [Actor(places.user()), Actor(places.user(), "ana")]
    assert abs((desks[0].now() - post.driver.record.clock.now()).total_seconds()) < 5
    for desk in desks:
        await desk.detach()


def folded(updates: list[Update]) -> object:
    """What a screen knows."""
    state = fold(())
    for update in updates:
        if isinstance(update, Began):
            state = fold(update.events)
        elif isinstance(update, Happened):
            state = fold(update.events, state)
    return state


async def test_every_watcher_hears_every_event_once_and_in_order(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen, attached before and while 60 notes are written; each note is put into words once for all of them."""
    worded: list[Update] = []
    real = server.update_line
    monkeypatch.setattr(server, "update_line", lambda update: worded.append(update) or real(update))
    heard: list[list[Update]] = []
    desks = []
    writer = post.desk()
    await writer.attach(lambda _: None)
    await until(lambda: writer._writer is not None, "the writer is attached")
    for n in range(60):
        if n % 5 == 0:
            heard.append([])
            desks.append(SocketDesk(post.path, Actor(places.user()), SteadyClock(), "watch"))
            await desks[-1].attach(heard[-1].append)
        assert not (await writer.ask(a.AddNote(f"note {n}"))).refused
    last = post.driver.record.state.seq
    await until(lambda: all(one and seqs(one)[-1] == last for one in heard), "all have all of it")
    assert [seqs(one) for one in heard] == [list(range(1, last + 1))] * 12
    assert max(Counter(id(one) for one in worded if isinstance(one, Happened)).values()) == 1
    for desk in (writer, *desks):
        await desk.detach()


def seqs(updates: list[Update]) -> list[int]:
    """The numbers of all events in them, as they came."""
    return [event.seq for one in updates if isinstance(one, Began | Happened) for event in one.events]


async def test_a_screen_attaches_again_by_itself(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard goes and another comes: the screen is told of both, an ask between them is refused with the way out."""
    monkeypatch.setattr(client, "AGAIN", 0.05)
    seen: list[Update] = []
    desk = post.desk()
    await desk.attach(seen.append)
    await until(lambda: seen, "it is attached")
    await post.down(final=False)
    await until(lambda: desk._writer is None, "the screen knows")
    assert any(isinstance(update, Gone) and not update.final for update in seen)
    answer = await desk.ask(a.AddNote("anyone?"))
    assert answer.refused
    assert "pags-tui rollback" in answer.said
    heir = Post(post.night, post.path)
    await heir.up()
    await until(lambda: isinstance(seen[-1], Began | Happened | Ticked), "it is attached again")
    assert not (await desk.ask(a.AddNote("hello again"))).refused
    await desk.detach()
    await heir.down()


async def test_a_frozen_screen_is_dropped_and_delays_nobody(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never reads: the guard takes its ticks, answers others at once, and lets go of it when too much waits."""
    monkeypatch.setattr(server, "SLOWEST", 20_000)
    frozen = socket.socket(socket.AF_UNIX)
    frozen.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    frozen.setblocking(False)
    await asyncio.get_running_loop().sock_connect(frozen, str(post.path))
    await asyncio.get_running_loop().sock_sendall(frozen, b'{"hello": {"wire": 1}}\n')
    await until(lambda: len(post.server._writers) == 1, "it is attached")
    number = post.driver.record.number
    other = post.desk()
    await other.attach(lambda _: None)
    await until(lambda: other._writer is not None, "another is attached")
    for n in range(200):
        assert not (await other.ask(a.AddNote(f"{n} " + "x" * 2000))).refused
    await until(lambda: len(post.server._writers) == 1, "the frozen one is dropped")
    assert post.driver.record.number > number
    await other.detach()
    frozen.close()


BAD_LINES = {
    "another version": (b'{"hello": {"wire": 99}}\n', "another version"),
    "no hello": (b'{"ask": {}}\n', "says hello first"),
    "no JSON": (b"GET / HTTP/1.1\r\n", "not a line of this protocol"),
    "no object": (b"[1]\n", "not a line of this protocol"),
    "no number": (b'{"hello": {"wire": null}}\n', "no line of this protocol"),
}


@pytest.mark.parametrize("case", BAD_LINES)
async def test_strangers_are_told_why(post: Post, case: str) -> None:
    """What is no screen of this version gets one line with the reason, and the line is closed; the guard goes on."""
    sent, reason = BAD_LINES[case]
    reader, writer = await asyncio.open_unix_connection(post.path)
    writer.write(sent)
    told = json.loads(await reader.readline())
    assert reason in told["gone"]
    assert told["final"] is True
    assert await reader.read() == b""
    writer.close()
    assert not (await ask_once(post.path, LEAD, SteadyClock(), a.AddNote("hi"), 10)).refused


async def test_an_ask_that_nobody_knows_is_answered_with_a_refusal(post: Post) -> None:
    """Another version's ask, and one of another shape: a sentence, no silence, no event."""
    reader, writer = await asyncio.open_unix_connection(post.path, limit=2**26)
    writer.write(b'{"hello": {"wire": 1}}\n')
    seq = post.driver.record.state.seq
    for kind, payload in (("fly", {}), ("sign", {"nonsense": 1}), ("sign", None)):
        writer.write(json.dumps({"ask": {"id": 7, "kind": kind, "payload": payload}}).encode() + b"\n")
        while "answer" not in (told := json.loads(await reader.readline())):
            continue
        assert told["answer"]["refused"] is True
        assert "another version" in told["answer"]["said"]
    writer.close()
    assert post.driver.record.state.seq == seq


async def test_only_watching_is_refused_to_ask(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer who is neither the guard's own user nor root may watch; its asks are refused by name."""
    monkeypatch.setattr(server, "_peer", lambda _: 12345)
    answer = await ask_once(post.path, LEAD, SteadyClock(), a.HoldClock(), 10)
    assert answer.refused
    assert answer.said == "12345 may watch this run, not change it."
    assert post.driver.record.state.hold is None


async def test_a_socket_file_left_behind_is_replaced_and_nobody_listening_is_told(post: Post) -> None:
    """The file of a dead guard is no obstacle to the next one, and an ask into the void is Unreachable."""
    await post.down()
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(post.path))
    dead.close()
    with pytest.raises(Unreachable, match="pags-tui run"):
        await ask_once(post.path, LEAD, SteadyClock(), a.AddNote("hi"), 5)
    heir = Post(post.night, post.path)
    await heir.up()
    assert post.path.stat().st_mode & 0o777 == 0o600
    assert not (await ask_once(post.path, LEAD, SteadyClock(), a.AddNote("hi"), 10)).refused
    await heir.down()
    assert not post.path.exists()
