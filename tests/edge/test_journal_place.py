"""Where a journal may lie, and what is said when it may not."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pags_tui.core.errors import JournalError
from pags_tui.core.events import Actor, NoteAdded
from pags_tui.core.ports import RunRow
from pags_tui.edge.journal import open_journal, open_readonly, place, schema
from pags_tui.edge.journal.place import Mount, mount_of

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)

MOUNTINFO = """\
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 27 0:30 / /home rw - nfs4 server:/home rw,vers=4.2
31 30 254:9 / /home/local rw shared:7 master:2 - xfs /dev/vdb rw
32 27 0:33 / /mnt/my\\040share rw - cifs //server/share rw
33 27 0:34 / /mnt/ssh rw - fuse.sshfs host:/ rw
34 27 0:35 / /auto rw - autofs systemd-1 rw
35 34 0:36 / /auto rw - nfs server:/auto rw
36 27 0:37 / /mnt/c rw - 9p drvfs rw
a line of another shape
"""


@pytest.mark.parametrize(
    ("path", "mount", "network"),
    [
        ("/var/lib/x.db", Mount("/", "ext4"), False),
        ("/home/ann/x.db", Mount("/home", "nfs4"), True),
        ("/home", Mount("/home", "nfs4"), True),
        ("/homework/x.db", Mount("/", "ext4"), False),
        ("/home/local/x.db", Mount("/home/local", "xfs"), False),
        ("/mnt/my share/x.db", Mount("/mnt/my share", "cifs"), True),
        ("/mnt/ssh/x.db", Mount("/mnt/ssh", "fuse.sshfs"), True),
        ("/auto/x.db", Mount("/auto", "nfs"), True),
        ("/mnt/c/x.db", Mount("/mnt/c", "9p"), True),
    ],
)
def test_the_mount_of_a_path(path: str, mount: Mount, network: bool) -> None:
    """The innermost mount counts, the later one of two on the same point, with blanks written as \\040."""
    assert mount_of(path, MOUNTINFO) == mount
    assert mount.network is network


def test_a_path_on_no_listed_mount() -> None:
    """Nothing is known, nothing is refused."""
    assert mount_of("/x", "") is None


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the type and the mount in the sentence; `allow_network` (a rollback) goes on, alone in the file."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 d rw\n2 1 0:2 / {tmp_path} rw - nfs4 server:/x rw\n")
    monkeypatch.setattr(place, "MOUNTS", mounts)
    path = tmp_path / "own" / "j.db"
    with pytest.raises(
        JournalError, match=rf"network file system \(nfs4 at {tmp_path}\).*choose a local file with --db"
    ):
        open_journal(path)
    assert not path.parent.exists()
    with open_journal(path, allow_network=True) as journal:
        journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), "00")
        assert not Path(f"{path}-shm").exists()
        with pytest.raises(JournalError, match="locked"):
            open_journal(path, allow_network=True, busy=0.05)
    with open_readonly(path) as reader:
        assert len(reader.runs()) == 1


def test_without_a_list_of_mounts_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another system has no /proc."""
    monkeypatch.setattr(place, "MOUNTS", tmp_path / "none")
    open_journal(tmp_path / "own" / "j.db").close()


def mode(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_file_and_folder_are_private(tmp_path: Path) -> None:
    """0700 and 0600, the side files too, whatever the umask; a file that others could read is closed to them."""
    path = tmp_path / "deep" / "own" / "j.db"
    before = os.umask(0)
    try:
        with open_journal(path) as journal:
            journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), "00")
            assert [mode(path.parent), mode(path), mode(Path(f"{path}-wal")), mode(Path(f"{path}-shm"))] == [
                *[0o700],
                *[0o600] * 3,
            ]
    finally:
        os.umask(before)
    path.chmod(0o644)
    open_journal(path).close()
    assert mode(path) == 0o600


@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.parametrize("bits", [0o720, 0o702])
def test_what_others_can_write_is_refused(tmp_path: Path, what: str, bits: int) -> None:
    """With the command that mends it."""
    path = tmp_path / "own" / "j.db"
    open_journal(path).close()
    (path if what == "file" else path.parent).chmod(bits)
    with pytest.raises(JournalError, match=f"others can write the {what} .*chmod go-w"):
        open_journal(path)


@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_is_refused(tmp_path: Path, what: str) -> None:
    """With both names."""
    path = tmp_path / "own" / "j.db"
    open_journal(path).close()
    os.chown(path if what == "file" else path.parent, 12345, -1)
    with pytest.raises(JournalError, match=f"the {what} .* belongs to user 12345, not to root"):
        open_journal(path)


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    """The folder behind the link must be one's own."""
    path = tmp_path / "own" / "j.db"
    open_journal(path).close()
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with open_journal(link) as journal:
        assert journal.path == path
    path.parent.chmod(0o777)
    with pytest.raises(JournalError, match="others can write"):
        open_journal(link)


def test_a_missing_journal_is_not_made_unasked(tmp_path: Path) -> None:
    """Neither with create=False nor by a reader."""
    path = tmp_path / "own" / "j.db"
    with pytest.raises(JournalError, match="there is no journal"):
        open_journal(path, create=False)
    with pytest.raises(JournalError, match="there is no journal"):
        open_readonly(path)
    assert not path.parent.exists()


@pytest.mark.parametrize("path", ["/proc/nowhere/j.db", "/dev/null/own/j.db", "/dev/full"])
def test_a_place_where_nothing_can_be_made(path: str) -> None:
    """The system's own words, and the file's name."""
    with pytest.raises(JournalError, match=path):
        open_journal(path)


def database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def garbage(path: Path) -> None:
    path.write_text("[runbook]\nid = 'x'\n" * 400)


def cut(path: Path) -> None:
    open_journal(path).close()
    path.write_bytes(path.read_bytes()[:5000])


def scribbled(path: Path) -> None:
    open_journal(path).close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * 3000 + content[3100:])


def foreign(path: Path) -> None:
    database(path, "CREATE TABLE bookmarks (url)", "INSERT INTO bookmarks VALUES ('x')")


def newer(path: Path) -> None:
    open_journal(path).close()
    database(path, f"PRAGMA user_version = {len(schema.STEPS) + 1}")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (garbage, "is no journal, or is damaged .*Nothing was changed"),
        (cut, "is no journal, or is damaged .*Nothing was changed"),
        (scribbled, "is no journal, or is damaged .*Nothing was changed"),
        (foreign, "database of another program. Nothing was changed"),
        (newer, rf"newer pags-tui \(journal schema {len(schema.STEPS) + 1}, this one reads {len(schema.STEPS)}\)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("opener", [open_journal, open_readonly])
def test_what_is_no_journal_is_left_as_it_was(tmp_path: Path, spoil, reason, opener) -> None:
    """Garbage, a damaged file, another program's database, a newer schema: named, and not one byte changed."""
    folder = tmp_path / "own"
    folder.mkdir(0o700)
    path = folder / "j.db"
    spoil(path)
    path.chmod(0o600)
    before = path.read_bytes()
    with pytest.raises(JournalError, match=f"{path}.*{reason}"):
        opener(path).runs()
    assert path.read_bytes() == before
    assert [one.name for one in folder.iterdir()] == ["j.db"]


def test_an_empty_file_becomes_a_journal(tmp_path: Path) -> None:
    """What `mktemp` left, or a start that was killed at once."""
    path = tmp_path / "j.db"
    path.touch(0o600)
    open_journal(path).close()
    with open_readonly(path) as reader:
        assert reader.runs() == []


def second(db) -> None:  # type: ignore[no-untyped-def]
    db.table("runs").add_column("mood", str, not_null_default="calm")


def test_an_older_journal_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the writer in the file, by a reader only in memory; the chain holds over it."""
    path = tmp_path / "own" / "j.db"
    with open_journal(path) as journal:
        journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), "00")
        journal.append("r1", [NoteAdded("a")], NOW, Actor("a"), None)
    before = path.read_bytes()
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, second))
    with open_readonly(path) as reader:
        assert (len(reader.runs()), reader.verify("r1")) == (1, None)
        assert reader._db.execute("SELECT mood FROM runs").fetchall() == [("calm",)]
    assert path.read_bytes() == before
    with open_journal(path) as journal:
        assert journal._db.execute("SELECT mood FROM runs").fetchall() == [("calm",)]
        assert journal.verify("r1") is None


def broken(db) -> None:  # type: ignore[no-untyped-def]
    second(db)
    db.execute("CREATE TABLE runs (x)")


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it or nothing, the version too."""
    path = tmp_path / "own" / "j.db"
    open_journal(path).close()
    steps = schema.STEPS
    monkeypatch.setattr(schema, "STEPS", (*steps, broken))
    with pytest.raises(JournalError, match="already exists"):
        open_journal(path)
    monkeypatch.setattr(schema, "STEPS", steps)
    with open_journal(path) as journal:
        columns = [row[1] for row in journal._db.execute("PRAGMA table_info(runs)")]
    assert "mood" not in columns


def test_sqlite_utils_is_loaded_only_to_make_a_journal(tmp_path: Path) -> None:
    """It costs a tenth of a second that the first paint does not have."""
    path = tmp_path / "own" / "j.db"
    open_journal(path).close()
    code = (
        "import sys; from pags_tui.edge.journal import open_journal, open_readonly\n"
        f"open_journal({str(path)!r}).close(); open_readonly({str(path)!r}).close()\n"
        "sys.exit('sqlite_utils' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def test_two_processes_make_one_journal_at_once(tmp_path: Path) -> None:
    """Neither sees half a schema, neither fails."""
    code = (
        "import sys; from pags_tui.edge.journal import open_journal; import sqlite_utils\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for number in range(10): open_journal(f'{sys.argv[1]}/own/{number}.db', busy=10.0).runs()\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(3)
    ]
    for run in runs:
        assert run.stdout
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin
        run.stdin.write("go\n")
        run.stdin.flush()
    assert [(run.communicate(timeout=60)[1], run.returncode) for run in runs] == [("", 0)] * 3
