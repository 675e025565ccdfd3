"""A run moves between a file and a database, both ways, and keeps every row and hash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.chain import FIRST, LAST
from pags_tui.edge.journal import open_journal as open_file
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.journals import Store, open_journal, open_readonly
from tests.live import begun, book_text, called
from tests.postgres.server import RealPostgres
from tests.postgres.test_contract import BY, NOW, RUN, acts

pytestmark = pytest.mark.postgres


def filled(store: Store) -> None:
    """A run with everything in it."""
    with open_journal(store) as journal:
        journal.begin(RUN, "00")
        for act in acts(3):
            try:
                act(journal)
            except Exception:  # some calls of those nights are refused
                continue


def rows(store: Store) -> tuple[Any, ...]:
    """The run as it is stored."""
    with open_readonly(store) as reader, reader.whole("r1") as found:
        return found.head, list(found.events()), list(found.samples(FIRST, LAST))


@pytest.mark.parametrize("begin", ["file", "database"])
def test_there_and_back_again(begin: str, tmp_path: Path, databases: Callable[[], Database]) -> None:
    """Export and import-run, twice round: the rows are the same, the chain verifies, a second import is refused."""
    first: Store = tmp_path / "own" / "j.db" if begin == "file" else databases()
    second: Store = databases() if begin == "file" else tmp_path / "other" / "j.db"
    third: Store = tmp_path / "third" / "j.db" if begin == "file" else databases()
    filled(first)
    wanted = rows(first)
    assert len(wanted[1]) > 20
    assert len(wanted[2]) > 5
    for number, (source, target) in enumerate([(first, second), (second, third)]):
        file = str(tmp_path / f"night{number}.db")
        done = called("export", "r1", file, "--db", address(source))
        assert done.returncode == 0, done.stderr
        assert rows(Path(file)) == wanted
        done = called("import-run", file, "--db", address(target))
        assert done.returncode == 0, done.stderr
        assert rows(target) == wanted
        assert called("verify", "r1", "--db", address(target)).stdout.strip() == "r1: whole"
        again = called("import-run", file, "--db", address(target))
        assert again.returncode == 3
        assert "already a run 'r1'" in again.stderr
    with open_journal(third) as journal:  # and it can go on from there
        lease = journal.take_lease("r1", 1, "h", "b", NOW, 1.0)
        from pags_tui.core.events import NoteAdded

        journal.append("r1", [NoteAdded("goes on")], NOW + timedelta(hours=1), BY, lease.token)
        assert journal.verify("r1") is None


def address(store: Store) -> str:
    """What `--db` is given."""
    return str(store) if isinstance(store, Path) else store.url


def test_a_broken_run_is_not_taken_in(tmp_path: Path, database: Database) -> None:
    """Exit 1 with the first bad row; nothing of it is in the database, and nothing half done."""
    file = tmp_path / "own" / "j.db"
    filled(file)
    with open_file(file) as journal:
        journal._db.execute("DROP TRIGGER events_stay")
        journal._db.execute("UPDATE events SET payload = '{}' WHERE seq = 3")
    done = called("import-run", str(file), "--db", database.url)
    assert done.returncode == 1
    assert "r1: not taken in, BROKEN at event 3" in done.stderr
    assert called("runs", "--db", database.url, "--json").stdout.strip() == "[]"


def test_every_command_reads_a_database(tmp_path: Path, database: Database, server: RealPostgres) -> None:
    """runs, status, events, report and verify; PAGS_TUI_DB names it as well; none prints the password."""
    from tests.postgres.server import ESCAPED, PASSWORD

    run = begun(database, book_text())
    env = {"PAGS_TUI_DB": database.url}
    for words in (
        ["runs"],
        ["status"],
        ["status", "--json"],
        ["events"],
        ["report", run, "-o", str(tmp_path / "r.md")],
        ["verify", run],
    ):
        done = called(*words, env=env)
        assert done.returncode == 0, (words, done.stderr)
        assert run in done.stdout or words[0] in ("events", "report")
        for secret in (PASSWORD, ESCAPED):
            assert secret not in done.stdout + done.stderr
    assert called("replay", "r9", env=env).returncode == 4
