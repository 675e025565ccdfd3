"""Other people's text on a terminal: whatever a runbook, a note or a flag holds, no command prints it so it acts."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from pags_tui.core.errors import RunbookError
from pags_tui.core.events import Actor, FlagSeen, IssueOpened, NoteAdded
from pags_tui.core.runbook import load
from pags_tui.core.visible import escaped_json, is_hostile, visible, visible_lines
from pags_tui.edge.journal import open_journal
from pags_tui.wiring.clocks import wall
from tests.live import FlagServer, begun, called, env_of, pags

NASTY = "\x1b]52;c;aGk=\x07\x1b[2J\x9b2J\u202egpj.exe\u200b\x7f[red]x[/] \U000e0041"
"""Writes the clipboard, clears the screen twice, turns the line round, hides; and Textual's markup."""


def toml(text: str) -> str:
    """As a string of TOML, which allows no control character as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


BOOK = f"""
[runbook]
id = "nasty"
title = {toml("Title " + NASTY)}
[services.flags]
url = "${{FLAG_API}}"
token = "${{API_KEY}}"
target = {toml("production")}
[flags.canary]
type = "string"
before = "off"
[[phases]]
id = "go"
at = "T+0"
title = {toml("Phase " + NASTY)}
steps = [
  {{ action = {toml("Act " + NASTY)}, set = {{ canary = {toml("on " + NASTY)} }}, means = {toml(NASTY)} }},
  {{ action = {toml("By hand " + NASTY)}, command = {toml("echo " + NASTY)} }},
]
[phases.checkpoint]
steps = [ {toml("Check " + NASTY)} ]
[rollback]
title = {toml("Back " + NASTY)}
loses = {toml("All " + NASTY)}
steps = [
  {{ action = {toml("Off " + NASTY)}, set = {{ canary = "off" }} }},
  {{ action = {toml("Hand " + NASTY)}, command = {toml("undo " + NASTY)} }},
]
"""

COMMANDS: dict[str, list[str]] = {
    "status": ["status"],
    "status --json": ["status", "--json"],
    "runs": ["runs"],
    "runs --json": ["runs", "--json"],
    "events": ["events"],
    "events --json": ["events", "--json"],
    "report md": ["report"],
    "report html": ["report", "--format", "html"],
    "report json": ["report", "--format", "json"],
    "rollback --plan": ["rollback", "BOOK", "--plan"],
    "rollback --plan --curl": ["rollback", "BOOK", "--plan", "--curl"],
    "rollback": ["rollback", "BOOK", "--confirm", "production"],
    "sign": ["sign", "go", "--confirm", "go"],
    "a wrong confirmation": ["rollback", "BOOK", "--confirm", NASTY],
    "an unknown run": ["status", "--run", NASTY],
}


def acting(text: str) -> set[str]:
    """What of it a terminal would obey."""
    return {one for one in text if is_hostile(one)} - {"\n"}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory):
    """A run of that runbook with a note, an issue and a flag value of the same kind."""
    folder = tmp_path_factory.mktemp("nasty")
    db = folder / "j" / "journal.db"
    with FlagServer({"canary": "set " + NASTY}) as flags:
        run = begun(db, BOOK, wall())
        with open_journal(db) as journal:
            by = Actor("ana", "Ana " + NASTY)
            facts = [NoteAdded("Note " + NASTY), IssueOpened(1, "major", NASTY), FlagSeen("canary", "set " + NASTY)]
            journal.append(run, facts, wall(), by, None)
        book = folder / "runbook.toml"
        book.write_text(BOOK, encoding="utf-8")
        yield db, book, env_of(flags)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if name.startswith("report") else name for name in COMMANDS]
)
def test_no_command_prints_what_acts(night: tuple[Path, Path, dict[str, str]], name: str) -> None:
    """Every command that prints other people's words, to stdout and to stderr; JSON keeps the exact text."""
    db, book, env = night
    words = [str(book) if word == "BOOK" else word for word in COMMANDS[name]]
    done = (pags if words[0] == "report" else called)(*words, "--db", str(db), env=env)
    assert "Traceback" not in done.stderr
    assert not acting(done.stdout)
    assert not acting(done.stderr)
    assert done.stdout or done.stderr
    if name == "events --json":
        assert any(NASTY in _strings(json.loads(line)) for line in done.stdout.splitlines())
    if name == "report json":
        assert NASTY in _strings(json.loads(done.stdout))


def _strings(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(map(_strings, value.values()))
    return "".join(map(_strings, value)) if isinstance(value, list) else ""


def test_a_fault_in_a_runbook_is_shown_harmlessly(tmp_path: Path) -> None:
    """The sentence of a fault quotes what is wrong."""
    book = tmp_path / "runbook.toml"
    trigger = f"\n[triggers.x]\ntitle = 'x'\nwhen = {toml('no-such ' + NASTY + ' > 1')}\n"
    book.write_text(BOOK + trigger, encoding="utf-8")
    with pytest.raises(RunbookError):
        load(book.read_text(encoding="utf-8"), str(book))
    for form in ("text", "json", "sarif"):
        done = called("check", str(book), *([] if form == "text" else [f"--{form}"]))
        assert done.returncode == 2
        assert not acting(done.stdout + done.stderr)


@pytest.mark.long
def test_a_megabyte_of_it_is_shown_too(tmp_path: Path) -> None:
    """A note of a megabyte: every command ends, and nothing acts."""
    db = tmp_path / "j" / "journal.db"
    run = begun(db, BOOK, wall())
    with open_journal(db) as journal:
        journal.append(run, [NoteAdded(NASTY * 40_000)], wall(), Actor("ana"), None)
    for words in (["events"], ["events", "--json"], ["report"]):
        done = (pags if words[0] == "report" else called)(*words, "--db", str(db))
        assert done.returncode == 0, done.stderr
        assert not acting(done.stdout)


def test_the_one_cleaner_of_screen_report_and_commands() -> None:
    """One function makes it visible, whatever it is; as JSON the text comes back to the letter."""
    assert not acting(visible(NASTY))
    assert visible_lines("a\r\nb\x1b") == "a\nb␛"
    text = json.dumps({"note": NASTY + "\ud800"}, ensure_ascii=False, indent=2)
    assert not acting(escaped_json(text))
    assert json.loads(escaped_json(text)) == {"note": NASTY + "\ud800"}


def test_sqlite_tells_the_same_text(night: tuple[Path, Path, dict[str, str]]) -> None:
    """What is kept is what was said, to the letter: only showing it changes it."""
    db, _, _ = night
    with sqlite3.connect(db) as rows:
        payloads = [json.loads(payload) for (payload,) in rows.execute("SELECT payload FROM events")]
    assert {"Note " + NASTY} <= {payload.get("text") for payload in payloads}
