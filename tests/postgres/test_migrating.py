"""A database of an older schema is brought to the present one, once; one of a newer schema is left as it was."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pags_tui.core.errors import JournalError
from pags_tui.edge.postgres import schema
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.journals import open_journal, open_readonly
from tests.live import called
from tests.postgres.server import RealPostgres
from tests.postgres.test_contract import BY, NOW, RUN, note

pytestmark = pytest.mark.postgres

SECOND = "CREATE TABLE pags_tui.moods (name text); ALTER TABLE pags_tui.runs ADD mood text NOT NULL DEFAULT 'calm'"
"""What a later version may want. Done twice, it fails."""
ROOT = Path(__file__).resolve().parents[2]


def name_of(db: Database) -> str:
    """The database's own name."""
    return db.url.rpartition("/")[2]


def versions(server: RealPostgres, db: Database) -> list[int]:
    """What the database says of its schema."""
    return [number for (number,) in server.sql("SELECT number FROM pags_tui.version ORDER BY number", name_of(db))]


def wants(monkeypatch: pytest.MonkeyPatch, *more: str) -> None:
    """From here on this program is a later version, with further steps."""
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, *((lambda step=step: step) for step in more)))


def at_once(number: int, work: Callable[[], None]) -> list[BaseException]:
    """Several hosts at the same instant; what went wrong."""
    gate, faults = threading.Barrier(number), list[BaseException]()

    def host() -> None:
        gate.wait()
        try:
            work()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=host) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_an_older_database_is_migrated(
    database: Database, server: RealPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the next writer, with what is in it; until then a reader says who does it. The chain holds over it."""
    with open_journal(database) as journal:
        journal.begin(RUN, "00")
        note(journal, "before")
    wants(monkeypatch, SECOND)
    with pytest.raises(JournalError, match=r"older schema \(1 of 2\): the next `pags-tui run` migrates it"):
        open_readonly(database)
    with pytest.raises(JournalError, match="older schema"):
        open_journal(database, create=False)
    assert versions(server, database) == [1]
    with open_journal(database) as journal:
        note(journal, "after")
        assert [event.seq for event in journal.events("r1")] == [1, 2]
        assert journal.verify("r1") is None
    assert versions(server, database) == [1, 2]
    assert server.sql("SELECT mood FROM pags_tui.runs", name_of(database)) == [("calm",)]


def test_a_migration_that_fails_changes_nothing(
    database: Database, server: RealPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it or nothing, the version too; and the same program of before goes on."""
    open_journal(database).close()
    with monkeypatch.context() as later:
        wants(later, f"{SECOND}; SELECT 1 / 0")
        with pytest.raises(JournalError, match="division by zero"):
            open_journal(database)
    assert versions(server, database) == [1]
    with open_journal(database) as journal:
        journal.begin(RUN, "00")
        assert note(journal, "goes on")[0].seq == 1


@pytest.mark.parametrize("there", [0, 1], ids=["empty", "older"])
def test_hosts_that_migrate_at_the_same_instant_do_it_once(
    there: int, database: Database, server: RealPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it takes longer than anybody waits for a lock otherwise: the others wait, and find it done."""
    if there:
        with open_journal(database) as journal:
            journal.begin(RUN, "00")
            note(journal, "before")
    wants(monkeypatch, f"SELECT pg_sleep(2.5); {SECOND}")
    assert at_once(4, lambda: open_journal(database).close()) == []
    assert versions(server, database) == [1, 2]
    with open_journal(database) as journal:
        assert [event.by for event in journal.events("r1")] == [BY] * there


def test_two_programs_make_one_database_at_once(databases: Callable[[], Database]) -> None:
    """Real processes, five empty databases: neither sees half a schema, neither fails."""
    urls = [databases().url for _ in range(5)]
    code = (
        "import os, sys; from pags_tui.wiring.journals import open_journal, store_of; import psycopg\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for url in os.environ['URLS'].split(): open_journal(store_of(url), busy=10.0).close()\n"
    )
    pipe = subprocess.PIPE
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code], env={"URLS": " ".join(urls)}, cwd=ROOT,
            stdin=pipe, stdout=pipe, stderr=pipe, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    assert [run.communicate(timeout=60)[1] for run in runs] == ["", "", ""]
    assert [run.returncode for run in runs] == [0, 0, 0]


def test_a_newer_database_is_left_as_it_was(database: Database, server: RealPostgres) -> None:
    """Refused with a sentence by whoever opens it, and nothing is written."""
    with open_journal(database) as journal:
        journal.begin(RUN, "00")
        journal.append("r1", [], NOW, BY, None)
    server.sql("INSERT INTO pags_tui.version (number) VALUES (2)", name_of(database))
    for opener in (open_journal, open_readonly):
        with pytest.raises(JournalError, match=r"newer pags-tui \(journal schema 2, this one reads 1\)"):
            opener(database)
    done = called("runs", "--db", database.url)
    assert done.returncode == 3
    assert "newer pags-tui" in done.stderr
    assert "Traceback" not in done.stderr
    assert versions(server, database) == [1, 2]
