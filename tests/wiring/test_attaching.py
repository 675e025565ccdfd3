"""The quick way back to a living run, and the picture that its guard makes for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import RunEnded
from pags_tui.desk.first import FirstPicture
from pags_tui.edge.glance import open_run
from pags_tui.edge.journal import open_journal, open_readonly
from pags_tui.ui.rows.picture import Picture, picture_of
from pags_tui.wiring import places
from pags_tui.wiring.attaching import living
from pags_tui.wiring.clocks import boot_seconds, wall
from tests.live import LEAD, SIX, FlagServer, Guard, ask_guard, begun, book_text, env_of, guarding, wait_until


class Post:
    """A run with its guard, and the runbook's file."""

    def __init__(self, folder: Path, flags: FlagServer) -> None:
        self.db = (folder / "j" / "journal.db").resolve()
        self.book = folder / "runbook.toml"
        self.book.write_text(book_text(flags), encoding="utf-8")
        self.run = begun(self.db, self.book.read_text(encoding="utf-8"))
        self.guard: Guard

    def living(self, *, book: Path | None = None, run: str | None = None, kind: str = "live") -> str | None:
        """The run that a screen comes back to at once."""
        found = living(str(self.db), str(book or self.book), run, kind)
        return found[1].id if found else None


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """A guarded run; nothing here changes it, but the last test."""
    with FlagServer(SIX) as flags:
        found = Post(tmp_path_factory.mktemp("attaching"), flags)
        with guarding(found.db, found.run, env_of(flags)) as found.guard:
            wait_until(lambda: found.living() is not None, "its guard answers")
            yield found


def test_a_screen_comes_back_by_the_runbook_or_by_the_run(post: Post, tmp_path: Path) -> None:
    """Also when the file was broken meanwhile, as long as it says which runbook it is: the journal's is the one."""
    assert post.living() == post.living(run=post.run, book=tmp_path / "nowhere.toml") == post.run
    with open_readonly(post.db) as reader:
        row = reader.runs()[0]
    found = living(str(post.db), str(post.book), None, "live")
    assert found is not None
    assert found[1] == row
    broken = tmp_path / "broken.toml"
    broken.write_text(f'[runbook]\nid = "{row.runbook}"\nphases = "none"\n', encoding="utf-8")
    assert post.living(book=broken) == post.run


def test_what_does_not_name_a_living_run_is_looked_at_properly(post: Post, tmp_path: Path) -> None:
    """Another runbook, another kind, no file, an unknown run: whoever looks properly says what there is to say."""
    other = tmp_path / "other.toml"
    for text in ("", "[runbook", "[runbook]\nid = 7\n", '[runbook]\nid = "another"\n'):
        other.write_text(text, encoding="utf-8")
        assert post.living(book=other) is None
    assert post.living(kind="rehearsal") is None
    assert post.living(run="no-such-run") is None
    assert living("postgresql://nowhere/db", str(post.book), None, "live") is None
    assert living(str(tmp_path / "none.db"), str(post.book), None, "live") is None


def test_a_closed_run_is_looked_at_properly(post: Post, tmp_path: Path) -> None:
    """Follow-ups may be due, and its row still says that it is open: there it is asked whether that run is meant."""
    db = (tmp_path / "j" / "journal.db").resolve()
    run, now = begun(db, post.book.read_text(encoding="utf-8")), wall()
    with open_journal(db) as journal:
        token = journal.take_lease(run, os.getpid(), places.host(), places.boot_id(), now, boot_seconds()).token
        assert open_run(db, "id", run, "live") is not None
        journal.append(run, [RunEnded("done", "")], now, LEAD, token)
        assert open_run(db, "id", run, "live") is None


def test_a_guard_makes_the_picture_of_its_run(post: Post) -> None:
    """It stands for what was told until then, in the seat of who asks, with their keys."""
    assert not ask_guard(post.db, post.run, a.AddNote("one more thing")).refused
    path = places.socket_path(post.db, post.run)
    found = picture_of(FirstPicture(path, "ana", "desk", {"tick": "t"}).wait())
    assert isinstance(found, Picture)
    assert any("one more thing" in row.text for row in found.log)
    assert found.header.guard.text == "guard ok"
    assert "WATCHING" not in {fact.text for fact in found.header.kinds}
    assert next(key.key for key in found.footer if key.label == "tick") == "t"
    watching = picture_of(FirstPicture(path, "", "watch", {}).wait())
    assert isinstance(watching, Picture)
    assert "WATCHING" in {fact.text for fact in watching.header.kinds}


def test_where_no_guard_answers_there_is_no_picture(tmp_path: Path) -> None:
    """The screen does what it would have done behind it."""
    assert FirstPicture(tmp_path / "none.sock", "", "desk", {}).wait() is None


def test_without_its_guard_a_run_is_looked_at_properly(post: Post) -> None:
    """A guard is started for it there."""
    os.kill(post.guard.process.pid, signal.SIGKILL)
    post.guard.process.wait()
    assert post.living() is None
