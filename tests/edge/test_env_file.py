"""Flags as lines of a file: only their own lines change, whole files or nothing, and a real shell reads the same."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pags_tui.core.errors import BadAnswer, Unreachable
from pags_tui.core.ports import FlagService as Port
from pags_tui.core.runbook import Flag
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import Access, open_flags
from pags_tui.edge.flags.env_file import changed, written

FLAGS = {
    "canary-percentage": Flag(key="canary-percentage", type="integer", env="VITE_CANARY_PERCENTAGE", service="file"),
    "dark-mode": Flag(key="dark-mode", type="boolean", service="file"),
    "colour": Flag(key="colour", type="string", env="VITE_COLOUR", service="file"),
}
TEXT = """\
# Settings of the build. VITE_CANARY_PERCENTAGE is moved on the night.
export VITE_API="https://api.example/v1"   # not ours
  export VITE_CANARY_PERCENTAGE=0 # in percent

DARK_MODE="false"
export VITE_CANARY_PERCENTAGE_MAX=50
export VITE_COLOUR='light blue'
export PATH=$HOME/bin:$PATH
"""


def opened(file: Path, **settings: object) -> Port:
    words = {"kind": "env-file", "file": "${FOLDER}/" + file.name, **settings}
    return open_flags(FlagService.model_validate(words), Access({"FOLDER": str(file.parent)}, None, "file", FLAGS))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "settings of.env"
    made.write_text(TEXT)
    made.chmod(0o640)
    return made


def in_shell(file: Path, name: str) -> str:
    """What a shell that reads the file sees."""
    script = f'. "$1" && printf %s "${name}"'
    return subprocess.run(["sh", "-c", script, "sh", file], capture_output=True, text=True, check=True).stdout


def test_only_the_flags_own_line_changes(file: Path) -> None:
    """Comments, order, indentation, neighbours and mode stay; the value is read back with its JSON type."""
    service = opened(file)
    assert service.write("canary-percentage", 10, "k", 2.0).accepted is True
    assert file.read_text() == TEXT.replace("PERCENTAGE=0 #", "PERCENTAGE=10 #")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    read = service.read("canary-percentage", 2.0)
    assert (type(read), read) == (int, 10)
    assert os.listdir(file.parent) == [file.name]


def test_a_line_without_export_gets_one_and_booleans_are_words(file: Path) -> None:
    """The name is the flag's `env`, else its key in capitals; `true` and `false` are the only booleans."""
    service = opened(file)
    assert service.read("dark-mode", 2.0) is False
    assert service.write("dark-mode", True, "k", 2.0).accepted is True
    assert "export DARK_MODE=true\n" in file.read_text()
    assert service.read("dark-mode", 2.0) is True
    file.write_text("DARK_MODE=1\n")
    with pytest.raises(BadAnswer, match="sets DARK_MODE to 1, which is no boolean"):
        service.read("dark-mode", 2.0)


def test_a_flag_that_is_not_in_the_file_is_added_at_its_end(file: Path) -> None:
    """Also when the last line has no end of its own."""
    file.write_text("A=1")
    service = opened(file)
    with pytest.raises(BadAnswer, match="does not set DARK_MODE"):
        service.read("dark-mode", 2.0)
    service.write("dark-mode", False, "k", 2.0)
    assert file.read_text() == "A=1\nexport DARK_MODE=false\n"


def test_a_name_set_twice_is_set_in_both_places(file: Path) -> None:
    """A shell takes the last, some build tools the first: neither may keep the former value."""
    file.write_text("DARK_MODE=true\r\nX=1\r\nexport DARK_MODE=false\r\n")
    service = opened(file)
    assert service.read("dark-mode", 2.0) is False
    service.write("dark-mode", True, "k", 2.0)
    assert file.read_bytes() == b"export DARK_MODE=true\r\nX=1\r\nexport DARK_MODE=true\r\n"


@pytest.mark.parametrize(
    "line",
    [
        "export DARK_MODE=$OTHER",
        'DARK_MODE="$(cat mode)"',
        "DARK_MODE=`cat mode`",
        "export A=1 DARK_MODE=true",
        "DARK_MODE=true; export DARK_MODE",
        "[ -n x ] && DARK_MODE=true",
        "declare -x DARK_MODE=true",
        'DARK_MODE="true',
    ],
)
def test_what_only_a_shell_can_read_is_refused_and_left_alone(file: Path, line: str) -> None:
    """A computed or composed line is neither guessed at nor overwritten."""
    file.write_text(f"{line}\n")
    service = opened(file)
    with pytest.raises(BadAnswer, match="only a shell can read"):
        service.read("dark-mode", 2.0)
    assert service.write("dark-mode", False, "k", 2.0).accepted is False
    assert file.read_text() == f"{line}\n"


@settings(max_examples=40)
@given(st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=["Cs"]), max_size=30))
def test_every_text_comes_back_from_us_and_from_a_shell(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Quotes, dollars, blanks and letters of all kinds survive."""
    file = tmp_path_factory.mktemp("env") / "f"
    file.write_text(TEXT)
    service = opened(file)
    answer = service.write("colour", text, "k", 2.0)
    assert answer.accepted is True
    assert service.read("colour", 2.0) == text
    assert in_shell(file, "VITE_COLOUR") == text


def test_a_value_of_several_lines_is_refused(file: Path) -> None:
    """One line a flag."""
    answer = opened(file).write("colour", "a\nb", "k", 2.0)
    assert (answer.accepted, "has several" in answer.detail) == (False, True)
    assert file.read_text() == TEXT


@pytest.mark.parametrize(
    ("harm", "accepted", "text"),
    [
        (lambda file: file.unlink(), False, "No such file"),
        (lambda file: (file.unlink(), file.mkdir()), False, "Is a directory"),
        (lambda file: file.write_bytes(b"\xff\xfe\0"), False, "no UTF-8 text"),
        (lambda file: file.write_bytes(b"#" * 1_100_000), None, "larger than 1 MB"),
    ],
    ids=["missing", "folder", "binary", "huge"],
)
def test_a_file_that_cannot_be_used_is_a_sentence(file: Path, harm, accepted: bool | None, text: str) -> None:
    """A path that is wrong makes no new file, and says what is wrong with it."""
    harm(file)
    service = opened(file)
    answer = service.write("dark-mode", True, "k", 2.0)
    assert (answer.accepted, text in answer.detail) == (accepted, True), answer
    with pytest.raises((BadAnswer, Unreachable), match=text):
        service.read("dark-mode", 2.0)


def test_a_link_stays_a_link(file: Path) -> None:
    """What it points to is replaced, not the link."""
    link = file.parent / "link.env"
    link.symlink_to(file.name)
    opened(link).write("dark-mode", True, "k", 2.0)
    assert link.is_symlink()
    assert "export DARK_MODE=true" in file.read_text()


def test_writers_at_once_lose_nothing(file: Path) -> None:
    """Eight writers of eight flags: every line is there, and a reader saw a whole file at every moment."""
    flags = {f"f{n}": Flag(key=f"f{n}", type="integer", service="file") for n in range(8)}
    file.write_text("".join(f"export F{n}=0\n" for n in range(8)))
    service = open_flags(FlagService(kind="env-file", file=str(file)), Access({}, None, "file", flags))
    over, seen = threading.Event(), set()

    def watch() -> None:
        while not over.is_set():
            seen.add(len(file.read_text().splitlines()))

    def work(n: int) -> None:
        for value in range(1, 11):
            assert service.write(f"f{n}", value, "k", 20.0).accepted is True

    watcher = threading.Thread(target=watch)
    workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in (watcher, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    over.set()
    watcher.join()
    assert file.read_text() == "".join(f"export F{n}=10\n" for n in range(8))
    assert seen == {8}


def test_an_editor_that_saves_in_between_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is looked at again just before it is replaced; what was saved meanwhile is kept."""
    fsync, saved = os.fsync, []

    def slow(descriptor: int) -> None:
        fsync(descriptor)
        if not saved:
            saved.append(True)
            file.write_text(TEXT + "export SAVED=1\n")

    monkeypatch.setattr(os, "fsync", slow)
    assert opened(file).write("canary-percentage", 50, "k", 2.0).accepted is True
    assert file.read_text() == TEXT.replace("PERCENTAGE=0 #", "PERCENTAGE=50 #") + "export SAVED=1\n"


def test_a_full_disk_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is half written, nothing is left lying about, and the answer is that nobody knows (so it is read)."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = opened(file).write("dark-mode", True, "k", 2.0)
    assert answer.accepted is None
    assert answer.detail.endswith("No space left on device")
    assert file.read_text() == TEXT
    assert os.listdir(file.parent) == [file.name]


def test_a_lock_that_is_held_ends_with_the_deadline(file: Path) -> None:
    """Somebody else's writer is waited for, not for ever."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        assert opened(file).write("dark-mode", True, "k", 0.2).accepted is None
    finally:
        os.close(folder)
    assert file.read_text() == TEXT


@pytest.mark.parametrize("key", ["canary-percentage", "dark-mode", "colour"])
@pytest.mark.parametrize("there", [True, False], ids=["there", "missing"])
def test_the_command_by_hand_does_the_same(file: Path, key: str, there: bool) -> None:
    """A POSIX shell with sed sets the flag as we would, whether or not the file sets it already."""
    if not there:
        file.write_text("A=1\n")
    value = {"canary-percentage": 50, "dark-mode": True, "colour": 'it\'s a|b & \\ "$c"'}[key]
    service = opened(file, apply_command="make deploy")
    line = service.curl(key, value)
    assert line.endswith("  # then: make deploy")
    subprocess.run(["sh", "-c", line], env={**os.environ, "FOLDER": str(file.parent)}, check=True)
    assert service.read(key, 2.0) == value


def test_the_text_of_a_change_is_a_function(tmp_path: Path) -> None:
    """The same text and value give the same text; setting a value twice changes nothing more."""
    once = changed(TEXT, "VITE_COLOUR", written("a b"), tmp_path)
    assert changed(once, "VITE_COLOUR", written("a b"), tmp_path) == once
