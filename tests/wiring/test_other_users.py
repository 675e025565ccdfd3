"""Who may attach and ask, tried with real Unix users: the kernel says who they are, and the guard believes nobody else.

Only root can become another user; CI is root. The users are Debian's own, so that none has to be made.
"""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pags_tui.core.events import NoteAdded
from pags_tui.wiring import places
from tests.live import SIX, FlagServer, Guard, begun, book_text, env_of, events_of, guarding
from tests.pty_harness import Pty

MEMBER, STRANGER = "games", "nobody"
"""A user in the group GROUP, and one who is not."""
GROUP = "games"
AS_USER = str(Path(__file__).with_name("as_user.py"))


def _has_users() -> bool:
    try:
        return bool(pwd.getpwnam(MEMBER) and pwd.getpwnam(STRANGER) and grp.getgrnam(GROUP))
    except KeyError:
        return False


def _readable_by_others() -> bool:
    """A screen reads its layouts, and Textual its widgets, after root's rights are given up."""
    root = Path(__file__).resolve().parents[2]
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (root, *root.parents))


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can become another Unix user"),
    pytest.mark.skipif(not _has_users(), reason=f"there are no users {MEMBER} and {STRANGER} here"),
]

Guarded = Callable[..., Guard]


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    """Starts root's guard of a run, with options; its sockets lie where others can come by."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, FlagServer(SIX) as flags:
        os.chmod(folder, 0o1777)
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        db = Path(folder) / "j" / "journal.db"
        run = begun(db, book_text(flags))
        open_guards = []

        def start(*options: str) -> Guard:
            held = guarding(db, run, env_of(flags), *options)
            open_guards.append(held)
            return held.__enter__().ready()

        yield start
        for held in open_guards:
            held.__exit__(None, None, None)
    tempfile.tempdir = None


def as_user(user: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the program, as that user."""
    command = [sys.executable, AS_USER, user, *words]
    root = str(Path(__file__).resolve().parents[2])
    env = {**os.environ, "PYTHONPATH": root}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def notes(guard: Guard) -> list[tuple[str, str]]:
    """Who noted what."""
    return [
        (event.by.user, event.fact.text)
        for event in events_of(guard.db, guard.run)
        if isinstance(event.fact, NoteAdded)
    ]


def test_without_a_group_nobody_else_comes_in(guarded: Guarded) -> None:
    """The folder is its owner's alone: a colleague is told how to be let in, and root itself may ask."""
    guard = guarded()
    refused = as_user(MEMBER, "note", "hello", "--of", "root")
    assert refused.returncode == 4
    assert "root's guard does not let you in" in refused.stderr
    assert "--group" in refused.stderr
    assert as_user("root", "note", "mine", "--of", "root").returncode == 0
    assert notes(guard) == [("root", "mine")]


@pytest.mark.skipif(not _readable_by_others(), reason="the program lies where only its owner can read it")
@pytest.mark.pty
def test_a_member_of_the_group_watches_and_is_refused_to_ask(guarded: Guarded) -> None:
    """`--group`: a member's screen shows the run read-only; its ask is refused by the user's name, whatever name was
    declared; somebody outside the group does not even see the socket."""
    guard = guarded("--group", GROUP)
    socket = places.socket_path(guard.db, guard.run)
    assert (socket.stat().st_mode & 0o777, socket.parent.stat().st_mode & 0o777) == (0o660, 0o750)
    assert socket.stat().st_gid == socket.parent.stat().st_gid == grp.getgrnam(GROUP).gr_gid
    refused = as_user(MEMBER, "hold", "--of", "root", "--as", "root")
    assert (refused.returncode, refused.stderr.strip()) == (4, f"{MEMBER} may watch this run, not change it.")
    assert as_user(STRANGER, "hold", "--of", "root").returncode == 4
    with Pty([sys.executable, AS_USER, MEMBER, "watch", "--of", "root"], columns=100, rows=30) as screen:
        screen.wait_for(b"Canary")
        screen.wait_for(b"WATCHING")
        screen.send(b"q")
        assert screen.ended() == 0
    assert not notes(guard)


def test_group_ask_lets_members_ask_under_their_own_name(guarded: Guarded) -> None:
    """`--group-ask`: what a member asks is journaled under the Unix user that the kernel names."""
    guard = guarded("--group", GROUP, "--group-ask")
    assert as_user(MEMBER, "note", "from a member", "--of", "root").returncode == 0
    assert as_user(STRANGER, "note", "from outside", "--of", "root").returncode == 4
    assert notes(guard) == [(MEMBER, "from a member")]


def test_a_signature_from_another_user_shows_the_evidence_it_is_told(guarded: Guarded) -> None:
    """`sign --of` reads no journal of somebody else: the guard tells the run; the phase that is not there is named."""
    guarded("--group", GROUP, "--group-ask")
    refused = as_user(MEMBER, "sign", "nowhere", "--of", "root", "--confirm", "nowhere")
    assert refused.returncode == 4
    assert "There is no phase 'nowhere'" in refused.stderr


@pytest.mark.parametrize(("user", "said"), [("no-such-user", "There is no user"), ("daemon", "No guard of daemon")])
def test_a_guard_that_is_not_there_is_named(guarded: Guarded, user: str, said: str) -> None:
    """Neither an unknown user nor one without a guard gives a traceback."""
    done = as_user(MEMBER, "note", "hello", "--of", user)
    assert done.returncode in (2, 4)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_somebody_else_made_in_a_users_name_is_not_trusted(guarded: Guarded) -> None:
    """A stranger who sets up `pags-tui-<uid>` before its owner could catch asks: neither side uses it."""
    fake = Path(tempfile.gettempdir()) / f"pags-tui-{pwd.getpwnam('daemon').pw_uid}"
    fake.mkdir()
    os.chown(fake, pwd.getpwnam(STRANGER).pw_uid, -1)
    done = as_user(MEMBER, "note", "hello", "--of", "daemon")
    assert done.returncode == 2
    assert "does not belong to daemon" in done.stderr
