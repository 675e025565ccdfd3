"""A secret planted in every source is found in nothing that we write, show or start. Everything here is real.

The services misbehave: each answers with the very secret that it was sent, and refuses what it was asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.errors import BadAnswer
from pags_tui.core.events import Actor, Move
from pags_tui.core.runbook import lint, load
from pags_tui.core.runbook.services import FlagService
from pags_tui.desk.client import SocketDesk
from pags_tui.edge.secrets import token_of
from pags_tui.ui.app import WarRoom
from pags_tui.wiring import places
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.services import open_services, plain_http
from tests.edge.misbehaving import Asked, Misbehaving, as_json
from tests.live import ask_guard, begun, pags, state_of, wait_until
from tests.ui.desks import FakeDesk
from tests.ui.nights import begun as quiet_night

SECRET = "planted-5f3759df-secret"
HEADER = "planted-0badcafe-header"
HOOK = "planted-deadbeef-hook"
METRICS = "planted-c0ffee00-metrics"
ALL = (SECRET, HEADER, HOOK, METRICS)

BOOK = """
[runbook]
id = "night"
title = "Night"

[services.flags]
url = "${FLAGS}"
TOKEN
headers = { X-Api-Key = "${HEADER_KEY}" }
target = "production"
verify_within = "1s"

[services.prometheus]
url = "${METRICS_URL}"
token = "${METRICS_TOKEN}"
every = "1s"
timeout = "1s"

[services.webhooks]
room = "${HOOK_URL}"

[notify]
events = "room"
page = { webhook = "room", on = ["rollback", "blind"] }

[flags.canary]
type = "integer"
range = [0, 100]

[flags.brain]
type = "boolean"

[metrics.errors]
title = "Errors"
unit = "ratio"
query = "errors"
slo = "< 1%"

[[phases]]
id = "go"
at = "T+0"
steps = [
  { action = "Canary", set = { canary = 10 } },
  { check = "Errors low", gate = "errors < 1%" },
]

[rollback]
title = "Take it back"
steps = [ { action = "Off", set = { canary = 0, brain = false } } ]
"""

READERS = (("events",), ("events", "--json"), ("status", "--json"), ("runs", "--json"))
"""Commands that read the journal alone: once is enough."""

KEYRING = f"""
def get_password(service, user):
    return {SECRET!r} if (service, user) == ("flags", "night") else None
"""


@dataclass(frozen=True)
class Source:
    """Where the token comes from: the runbook's line, and the environment that belongs to it."""

    line: str
    env: dict[str, str]


def sources(folder: Path) -> dict[str, Source]:
    """Every way in which a runbook may name a token, with the secret planted in it."""
    file = folder / "token"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    modules = folder / "modules"
    modules.mkdir()
    (modules / "keyring.py").write_text(KEYRING)
    return {
        "environment": Source('token = "${API_KEY}"', {"API_KEY": SECRET}),
        "file": Source('token_file = "${TOKEN_FILE}"', {"TOKEN_FILE": str(file)}),
        "command": Source('token_command = ["cat", "${TOKEN_FILE}"]', {"TOKEN_FILE": str(file)}),
        "keyring": Source('token_keyring = "flags/night"', {"PYTHONPATH": str(modules)}),
    }


def telling(asked: Asked, connection: object) -> object:
    """Reads are answered, writes refused; whatever was sent comes back in the body."""
    if asked.method == "GET" and asked.target.startswith("/flags/"):
        return as_json({"value": 5 if "canary" in asked.target else True, "token": asked.headers})(asked, connection)
    told = {"status": "error", "errorType": "bad", "error": f"wrong token {asked.headers} {asked.target}"}
    return as_json(told, 400 if "query" in asked.target else 403)(asked, connection)


@dataclass
class World:
    """A guard process on services that tell secrets."""

    db: Path
    run: str
    text: str
    env: dict[str, str]
    server: Misbehaving

    def command(self, *words: str) -> str:
        """What a command of ours prints."""
        done = pags(*words, "--db", str(self.db), env=self.env)
        return done.stdout + done.stderr


@contextlib.contextmanager
def world(folder: Path, source: Source) -> Iterator[World]:
    """One night; its guard is ended afterwards."""
    with Misbehaving(telling) as server:
        env = {
            "FLAGS": server.url,
            "METRICS_URL": server.url,
            "HOOK_URL": f"{server.url}/{HOOK}",
            "HEADER_KEY": HEADER,
            "METRICS_TOKEN": METRICS,
            **source.env,
        }
        db = folder / "private" / "journal.db"
        text = BOOK.replace("TOKEN\n", f"{source.line}\n")
        run = begun(db, text)
        made = World(db, run, text, env, server)
        try:
            said = made.command("guard", "--run", run)
            assert "is up" in said, said
            yield made
        finally:
            made.command("guard", "--run", run, "--stop")


def titles() -> str:
    """The command lines and names of every process of this machine that we may look at."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found += [(process / "cmdline").read_text(errors="replace"), (process / "comm").read_text(errors="replace")]
    return "\n".join(found)


async def on_screen(db: Path, run: str) -> str:
    """All that a screen shows of it, with the rollback's plan open, as text and as a picture."""
    desk = SocketDesk(places.socket_path(db, run), Actor(places.user(), "ana"), SteadyClock())
    app, shown = WarRoom(desk, beat=None), []

    def look() -> None:
        strips = app.screen._compositor.render_strips()
        shown.extend(["\n".join(strip.text for strip in strips), app.export_screenshot()])

    async with app.run_test(size=(200, 60)) as pilot:
        ends = time.monotonic() + 20
        while not app.scene.state.rollback or app.scene.last is None:
            assert time.monotonic() < ends, "the screen knows of the rollback"
            await asyncio.sleep(0.05)
        await pilot.pause()
        look()
        for keys in (("f9",), ("escape",), ("w",), ("escape",)):
            await pilot.press(*keys)
            await pilot.pause()
            look()
        await desk.detach()
    return "\n".join(shown)


@pytest.mark.long
@pytest.mark.parametrize("name", ["environment", "file", "command", "keyring"])
def test_a_planted_secret_is_found_nowhere(name: str, tmp_path: Path) -> None:
    """A guard, a screen and every command at work on services that tell it: neither journal nor recording, log, screen,
    output nor process title holds it. It did reach the service."""
    found: dict[str, str | bytes] = {}
    with world(tmp_path, sources(tmp_path)[name]) as night:
        db, run = night.db, night.run
        wait_until(lambda: "prometheus" in state_of(db, run).lost, "the metrics are refused")
        found["answer"] = ask_guard(db, run, a.SetFlags("go/canary", "10")).said
        moves = (Move("canary", 0, "rollback/off"), Move("brain", False, "rollback/off"))
        assert not ask_guard(db, run, a.RollBack("rollback", moves)).refused
        wait_until(lambda: state_of(db, run).rollback.finished, "the rollback has given up")
        found["titles"] = titles()
        found["screen"] = asyncio.run(on_screen(db, run))
        for words in READERS if name == "environment" else READERS[:1]:
            found[" ".join(words)] = night.command(*words)
        recording = tmp_path / "recording.pags"
        found["export"] = night.command("export", run, str(recording))
        found["recording"] = recording.read_bytes()
        book = tmp_path / "runbook.toml"
        book.write_text(night.text)
        found["check"] = pags("check", str(book), "--online", env=night.env).stdout
        if name == "environment":
            found["plan"] = pags("rollback", str(book), "--plan", "--curl", "--db", str(db), env=night.env).stdout
            assert "curl -fsS --max-time 10 -X POST" in found["plan"]
    assert any(SECRET in str(asked.headers) for asked in night.server.asked), "the token was used"
    assert any(HOOK in asked.target for asked in night.server.asked), "the webhook was used"
    assert "refused" in str(found["events"])
    for file in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        if file.name not in ("token", "keyring.py") and not file.name.endswith(".pyc"):
            found[str(file)] = file.read_bytes()
    assert any(where.endswith(".log") for where in found), "the guard has a log"
    for where, text in found.items():
        for secret in ALL:
            content = text if isinstance(text, bytes) else text.encode()
            assert secret.encode() not in content, f"{secret} in {where}"
    with contextlib.closing(sqlite3.connect(recording)) as database:
        assert database.execute("select count(*) from events").fetchone()[0] > 5


def crooked(folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Sources that give no usable token, each with the secret in what it says."""
    open_file = folder / "open"
    open_file.write_text(SECRET)
    open_file.chmod(0o644)
    blanks = folder / "blanks"
    blanks.write_text(f"{SECRET} and more")
    blanks.chmod(0o600)
    shouts = f"echo {SECRET}; echo {SECRET} >&2; exit 3"
    return {
        "file-open-to-others": (f'token_file = "{open_file}"', {}),
        "file-with-blanks": (f'token_file = "{blanks}"', {}),
        "variable-with-line-break": ('token = "${API_KEY}"', {"API_KEY": f"{SECRET}\nnext"}),
        "command-that-fails": (f"token_command = ['sh', '-c', '{shouts}']", {}),
        "command-with-blanks": (f"token_command = ['echo', '{SECRET} and more']", {}),
        "password-in-address": ('token = "${API_KEY}"', {"API_KEY": "x", "FLAGS": f"http://me:{SECRET}@flags.example"}),
        "address-that-is-none": ('token = "${API_KEY}"', {"API_KEY": "x", "FLAGS": f"htp://{SECRET}"}),
        "plain-http": ('token = "${API_KEY}"', {"API_KEY": SECRET, "FLAGS": "http://flags.example"}),
    }


@pytest.mark.parametrize(
    "name",
    [
        "file-open-to-others",
        "file-with-blanks",
        "variable-with-line-break",
        "command-that-fails",
        "command-with-blanks",
        "password-in-address",
        "address-that-is-none",
        "plain-http",
    ],
)
def test_no_exception_holds_a_secret(name: str, tmp_path: Path) -> None:
    """A source that gives no usable token is told by its name; text, repr and traceback hold nothing of it."""
    line, env = crooked(tmp_path)[name]
    book = load(BOOK.replace("TOKEN\n", f"{line}\n"), "runbook.toml")
    full = {"FLAGS": "https://flags.example", "METRICS_URL": "http://127.0.0.1:1", "HOOK_URL": "", "HEADER_KEY": "h",
            "METRICS_TOKEN": "m", "PATH": os.environ["PATH"], **env}  # fmt: skip
    with pytest.raises(BadAnswer) as caught:
        open_services(book, full)
    said = "".join(traceback.format_exception(caught.value, chain=True))
    # The lines of source in a traceback are this file's and ours; its own words are what is looked at.
    for text in (str(caught.value), repr(caught.value), said):
        assert SECRET not in text
    assert "flags" in str(caught.value)


def test_a_keyring_that_talks_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the keyring's backend is named by its kind."""
    (tmp_path / "keyring.py").write_text(f"def get_password(*_):\n    raise RuntimeError({SECRET!r})\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BadAnswer) as caught:
        token_of(FlagService(url="https://x", token_keyring="a/b"), {}, "flags")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_secret_in_a_commands_words_is_warned_of() -> None:
    """A variable among the words of a token command shows in the process list; a folder does no harm there."""
    text = BOOK.replace("TOKEN\n", 'token_command = ["${HOME}/bin/token", "--key", "${VAULT_TOKEN}"]\n')
    found = [finding for finding in lint(load(text, "f")) if finding.code == "secret-in-command"]
    assert ["VAULT_TOKEN would show in the process list" in finding.message for finding in found] == [True]


@pytest.mark.parametrize(
    ("url", "env", "said"),
    [
        ("http://flags.example", {}, True),
        ("${FLAGS}", {"FLAGS": "http://flags.example"}, True),
        ("${FLAGS}", {}, True),
        ("${FLAGS}", {"FLAGS": "https://flags.example"}, False),
        ("${FLAGS}", {"FLAGS": "http://127.0.0.1:8080"}, False),
        ("https://${HOST}", {}, False),
    ],
)
def test_a_screen_says_that_a_token_travels_readable(url: str, env: dict[str, str], said: bool) -> None:
    """With `allow_plain_http` a token may go over http:// to another host; as long as it may, the screen says so."""
    line = 'token = "${API_KEY}"\nallow_plain_http = true'
    book = load(BOOK.replace("TOKEN\n", f"{line}\n").replace("${FLAGS}", url), "runbook.toml")
    expected = {"plain-http-flags": "flags: its token travels over plain http, readable on the way"}
    assert plain_http(book, env) == (expected if said else {})


async def test_the_band_shows_it() -> None:
    """The sentence stands on the screen of a quiet night."""
    told = "flags: its token travels over plain http, readable on the way"
    app = WarRoom(FakeDesk(quiet_night()), beat=None, warn=lambda _: {"plain-http-flags": told})
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
    assert told in text
