"""The address of the database: its password is printed, stored and passed on nowhere, and each fault is a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.journals import open_journal
from tests.live import SIX, FlagServer, MetricServer, begun, book_text, called, env_of
from tests.postgres.hosts import hosts
from tests.postgres.server import ESCAPED, PASSWORD, RealPostgres
from tests.wiring.test_secrets import titles

pytestmark = pytest.mark.postgres

SHOWN = {
    "postgresql://ann:secret@db:5432/nights?sslmode=require&password=secret": "postgresql://ann@db:5432/nights",
    "postgres://ann@db/nights": "postgresql://ann@db/nights",
    "postgresql:///nights": "postgresql:///nights",
    "postgresql://ann:se/cret@db/nights": "postgresql://…",
    "postgresql://ann:se@cret@db/nights": "postgresql://ann@db/nights",
    "postgresql://ann:secret@a:5432,b:5433/nights": "postgresql://ann@a:5432,b:5433/nights",
    "postgresql://ann:se?cret@db/nights": "postgresql://…",
}


@pytest.mark.parametrize("url", SHOWN)
def test_an_address_is_shown_without_its_secrets(url: str) -> None:
    """Whatever cannot be taken apart for certain is not shown at all."""
    assert str(Database(url)) == repr(Database(url)) == SHOWN[url]
    assert "cret" not in str(Database(url))


BAD = {
    "wrong password": ("postgresql://owner:planted-5f3759df@127.0.0.1:PORT/postgres", "does not let this user in"),
    "no server": ("postgresql://owner:planted-5f3759df@127.0.0.1:1/postgres", "cannot be reached"),
    "no such database": (f"postgresql://owner:{ESCAPED}@127.0.0.1:PORT/nowhere", "there is no database"),
    "unescaped": ("postgresql://owner:planted/5f3759df@127.0.0.1:PORT/postgres", "cannot be understood"),
    "bad escape": ("postgresql://owner:planted%zz5f3759df@127.0.0.1:PORT/postgres", "cannot be understood"),
    "unknown setting": ("postgresql://owner:planted-5f3759df@127.0.0.1:PORT/postgres?colour=x", "cannot be understood"),
    "unknown host": ("postgresql://owner:planted-5f3759df@no.such.host.invalid/postgres", "cannot be reached"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_it_is_a_sentence_without_the_password(name: str, server: RealPostgres) -> None:
    """Exit 3, one line, no traceback."""
    url, said = BAD[name]
    done = called("runs", "--db", url.replace("PORT", str(server.port)))
    assert done.returncode == 3
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for secret in ("planted", "5f3759df", PASSWORD, ESCAPED):
        assert secret not in done.stdout + done.stderr


def test_without_psycopg_the_command_that_brings_it_is_named(tmp_path: Path) -> None:
    """And it is not loaded for a file."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "import importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'psycopg' else found(name, *rest)\n"
        "from pags_tui.cli import main; main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, "runs", "--db"]
    done = subprocess.run([*command, "postgresql://db/nights"], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "pip install 'pags-tui[postgres]'" in done.stderr
    done = subprocess.run([*command, str(tmp_path / "j.db")], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    loaded = "import sys; from pags_tui.wiring import guards, desks, rollback, runs; print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_password_is_found_nowhere(tmp_path: Path, database: Database, server: RealPostgres) -> None:
    """A guard, commands and a lost database: not in an output, a log, a file, a process title, or a table."""
    with FlagServer(SIX) as flags, MetricServer(errors=1.0) as metrics:
        run = begun(database, book_text(flags, metrics))
        with hosts(tmp_path, database, env_of(flags, metrics), "anna", "berta") as (one, two):
            said = [one.pags("guard", "--run", run)]
            try:
                for words in (["status"], ["guard", "--status"], ["note", "hello"], ["events"], ["runs", "--json"]):
                    said.append(two.pags(*words))
                shown = titles()
                server.cut()
                said.append(two.pags("export", run, str(tmp_path / "night.db")))
            finally:
                said.append(one.pags("guard", "--run", run, "--stop"))
    assert [done.returncode for done in said] == [0] * len(said), [done.stderr for done in said]
    found = {"titles": shown, "said": "".join(done.stdout + done.stderr for done in said)}
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        found[str(file)] = file.read_bytes().decode(errors="replace")
    for table in ("runs", "events", "leases", "asks", "present", "claims", "beside"):
        rows = server.sql(f"SELECT t::text FROM pags_tui.{table} t", database.url.rpartition("/")[2])
        found[table] = str(rows)
    assert any(name.endswith(".log") for name in found)
    for where, text in found.items():
        for secret in (PASSWORD, ESCAPED):
            assert secret not in text, where


def test_a_role_that_may_only_look_and_one_that_may_ask(database: Database, server: RealPostgres) -> None:
    """The grants of docs/postgresql.md, as they stand there: a guard, a desk and a watch can do their part, no more."""
    import re

    import psycopg

    name = database.url.rpartition("/")[2]
    with open_journal(database):
        pass
    page = (Path(__file__).resolve().parents[2] / "docs/postgresql.md").read_text(encoding="utf-8")
    grants = "\n".join(re.findall(r"```sql\n(.*?)```", page, re.S))
    server.sql(grants, name)
    try:
        for role in ("guard", "desk", "watch"):
            server.sql(f"CREATE ROLE {role}1 LOGIN PASSWORD 'p' IN ROLE pags_{role}", name)
        run = begun(Database(server.url(name, "guard1", "p")), book_text())
        for role in ("desk1", "watch1"):
            assert called("status", "--db", server.url(name, role, "p")).returncode == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.sql(f"SELECT pags_tui.take_lease('{run}', 1, 'h', 'b', '', 0)", name, user=role, password="p")
        ask = f"SELECT pags_tui.ask('{run}', '', 'h', 'add-note', '{{}}', 1)"
        assert server.sql(ask, name, user="desk1", password="p")
        assert server.sql("SELECT by_user FROM pags_tui.asks", name) == [("desk1",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.sql(ask, name, user="watch1", password="p")
        for role in ("guard1", "desk1", "watch1"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.sql("INSERT INTO pags_tui.leases SELECT * FROM pags_tui.leases", name, user=role, password="p")
    finally:
        for role in ("guard1", "desk1", "watch1", "pags_guard", "pags_desk", "pags_watch"):
            server.sql(f"DROP OWNED BY {role}", name)
            server.sql(f"DROP ROLE {role}", name)
