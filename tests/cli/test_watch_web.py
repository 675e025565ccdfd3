"""`watch --web`: the screen in a real browser, read-only, for nobody else; and what is said when that cannot be."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from pags_tui.cli import main
from tests.pty_harness import until
from tests.report.chromium import Page, chromium, program

ROOT = Path(__file__).resolve().parents[2]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    """Exit code and stderr of the program."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return ended.value.code, capsys.readouterr().err


def test_other_machines_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """An address that others reach is refused, with what would open it and what would not need to."""
    for host in ("0.0.0.0", "::", "192.0.2.7", "war-room.example"):
        code, err = said(capsys, "watch", "--web", "--host", host)
        assert code == 4
        assert "--anyone" in err
        assert "ssh -L" in err


def test_options_that_go_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A port without a page is a slip."""
    code, err = said(capsys, "watch", "--port", "8000")
    assert code == 2
    assert "go with --web" in err


def test_without_the_optional_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, with the command that brings it."""
    from pags_tui.core.errors import PagsError
    from pags_tui.wiring import web

    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    with pytest.raises(PagsError, match=r"pip install 'pags-tui\[web\]'"):
        web.serve(["true"], "t", "127.0.0.1", 8000, print)


# ---------------------------------------------------------------- in Chromium


@contextmanager
def served() -> Iterator[tuple[str, Callable[[], str]]]:
    """A rehearsal with its guard, and the server of its pages: the address, and what the journal holds by now."""
    home = tempfile.mkdtemp(prefix="pw")
    env = {**os.environ, "HOME": home, "TMPDIR": home, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": f"{home}/state"}

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pags_tui", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)

    call("run", str(ROOT / "examples/office-migration.toml"), "--rehearsal", "--t0", "+60m")
    command = [sys.executable, "-m", "pags_tui", "watch", "--web", "--port", str(free_port())]
    server = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        found = re.search(r"http://\S+:\d+", server.stderr.readline())
        assert found, server.stderr.read()
        yield found[0], lambda: call("events", "--json").stdout
    finally:
        server.terminate()
        server.wait(20)
        server.stderr.close()
        call("guard", "--stop")
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens at."""
    import socket

    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def drawn(page: Page) -> str:
    """All that was drawn so far, without the terminal's own sequences."""
    page.evaluate("1")  # reads what has come meanwhile
    received = [event for event in page.events if event["method"] == "Network.webSocketFrameReceived"]
    frames = [event["params"]["response"] for event in received]
    data = b"".join(base64.b64decode(frame["payloadData"]) for frame in frames if frame["opcode"] == 2)
    return re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", data.decode(errors="replace"))


def status_of(url: str, **headers: str) -> int:
    """The status that somebody gets who calls with those headers."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


@pytest.mark.long
@pytest.mark.skipif(not os.environ.get("CI") and not program(), reason="no Chromium here")
def test_a_run_in_a_browser(tmp_path: Path) -> None:
    """The page shows the run and asks nothing of anybody else; keys change nothing; strangers are refused."""
    with served() as (url, events), chromium(tmp_path) as page:
        page.open_url(url)
        assert until(lambda: "WATCHING" in drawn(page), 60), drawn(page)[-2000:]
        assert page.evaluate("document.body.className").split() == ["-loaded", "-first-byte"]
        assert {request.split("/")[2] for request in page.requests() if request.startswith("http")} == {url[7:]}
        assert [text for text in page.said() if "Refused to" in text or "Content Security" in text] == []
        before = events()
        page.evaluate("document.querySelector('.xterm-helper-textarea').focus()")  # as a click does
        for key, code in ((" ", "Space"), ("h", "KeyH"), ("x", "KeyX"), ("a", "KeyA"), ("s", "KeyS")):
            for kind in ("keyDown", "keyUp"):
                page.call("Input.dispatchKeyEvent", type=kind, key=key, code=code, text=key)
        assert until(lambda: "watching only" in drawn(page), 60), drawn(page)[-2000:]
        time.sleep(1)
        kinds = {line.split('"kind": "')[1].split('"')[0] for line in events().splitlines()[len(before.splitlines()) :]}
        assert kinds <= {"flag-seen", "phase-entered", "gate-changed"}, kinds
        assert status_of(url) == 200
        assert status_of(url, Host="evil.example") == 403
        assert status_of(f"{url}/ws", Origin="http://evil.example") == 403
