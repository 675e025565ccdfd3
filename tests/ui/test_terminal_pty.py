"""The driver in a real pseudo-terminal: what would end, freeze or litter a stock Textual app does not do so here."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pty_harness import Pty, until

pytestmark = pytest.mark.pty

APP = str(Path(__file__).with_name("pty_app.py"))
STATIC = b"THE-STATIC-LINE"
LEFT = b"\x1b[?1049l"
"""Leaving the alternate screen."""

Start = Callable[..., Pty]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the app and waits for its first paint."""
    opened: list[Pty] = []

    def begin(driver: str = "steady", *more: str) -> Pty:
        terminal = Pty([sys.executable, APP, driver, str(tmp_path), *more], columns=100, rows=30)
        opened.append(terminal)
        terminal.wait_for(STATIC)
        return terminal

    yield begin
    for terminal in opened:
        terminal.__exit__(None, None, None)


def ticks(folder: Path) -> int:
    """How often the event loop of the app came round."""
    try:
        return int((folder / "ticks").read_text() or 0)
    except FileNotFoundError:
        return 0


GARBAGE = (
    b"\xff\x80\xfe",
    b"\x1b[99999999999u",
    b"\x1b[1114112u",
    b"\x1b[55296u",
    b"\xc3(",
    b"\x1b[<9;9",
    b"\x1b]11;rgb",
)


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda data: data.hex())
def test_garbage_bytes_do_not_end_it(start: Start, garbage: bytes) -> None:
    """Bytes that are no UTF-8 and sequences that choke the parser are dropped; the next key arrives."""
    terminal = start()
    terminal.send(garbage)
    terminal.pump(0.3)
    seen = len(terminal.output)
    terminal.send(b"x")
    terminal.wait_for(b"key x", seen)
    terminal.send(b"\x11")
    assert terminal.ended() == 0


def test_garbage_ends_the_stock_driver(start: Start) -> None:
    """The fault that the driver is for: one byte that is no UTF-8 ends a stock app (Textual#6456)."""
    terminal = start("stock")
    terminal.send(b"\xff")
    terminal.ended()
    assert b"UnicodeDecodeError" in terminal.output


def test_a_paste_without_end_does_not_swallow_keys_for_ever(start: Start) -> None:
    """A stray start of a bracketed paste is given up after a while; until then it eats every key, F9 too."""
    terminal = start()
    terminal.send(b"\x1b[200~")
    terminal.pump(3.0)
    seen = len(terminal.output)
    terminal.send(b"\x1b[20~")
    terminal.wait_for(b"f9", seen)


def test_a_stalled_reader_leaves_the_loop_ticking(start: Start, tmp_path: Path) -> None:
    """With nobody reading, frames are dropped and the loop runs on; then the whole screen is painted again."""
    terminal = start()
    (tmp_path / "busy").touch()
    before = ticks(tmp_path)
    assert until(lambda: ticks(tmp_path) > before + 60), "the event loop stopped"
    seen = len(terminal.output)
    (tmp_path / "busy").unlink()
    terminal.wait_for(STATIC, seen)


def test_a_stalled_reader_stops_the_stock_driver(start: Start, tmp_path: Path) -> None:
    """The fault that the driver is for: its queue of thirty writes fills, and its loop stands still."""
    terminal = start("stock")
    (tmp_path / "busy").touch()
    before = ticks(tmp_path)
    assert not until(lambda: ticks(tmp_path) > before + 60, patience=4.0)
    assert not terminal.closed


def test_sigterm_restores_the_terminal(start: Start) -> None:
    """SIGTERM leaves the alternate screen and exits with 128+15."""
    terminal = start()
    terminal.signal(signal.SIGTERM)
    assert terminal.ended() == 143
    assert LEFT in terminal.output


def test_sigterm_kills_the_stock_driver(start: Start) -> None:
    """The fault that the driver is for: the terminal stays in the alternate screen (Textual#5140)."""
    terminal = start("stock")
    terminal.signal(signal.SIGTERM)
    assert terminal.ended() == -signal.SIGTERM
    assert LEFT not in terminal.output


def test_sigterm_ends_it_while_nobody_reads(start: Start, tmp_path: Path) -> None:
    """A stalled line holds up neither the end nor the exit status."""
    terminal = start()
    (tmp_path / "busy").touch()
    before = ticks(tmp_path)
    until(lambda: ticks(tmp_path) > before + 40)
    terminal.signal(signal.SIGTERM)
    assert terminal.ended(reading=False) == 143


def test_leaving_a_stalled_terminal_comes_before_waiting_frames(start: Start, tmp_path: Path) -> None:
    """What gives the terminal back does not queue behind frames: a reader that wakes up finds it restored."""
    terminal = start()
    (tmp_path / "busy").touch()
    before = ticks(tmp_path)
    until(lambda: ticks(tmp_path) > before + 40)
    terminal.signal(signal.SIGTERM)
    time.sleep(0.2)
    terminal.ended()
    assert LEFT in terminal.output


@pytest.mark.parametrize("more", [(), ("deaf",)], ids=["hears-sighup", "ignores-sighup"])
def test_closing_the_terminal_ends_it(start: Start, more: tuple[str, ...]) -> None:
    """A terminal that goes away ends the app as SIGHUP would, ignored or not; nothing is left spinning."""
    terminal = start("steady", *more)
    terminal.pump(0.3)
    terminal.hang_up()
    assert terminal.ended(reading=False) == 129


def test_a_stop_and_back_repaints(start: Start) -> None:
    """After SIGTSTP and SIGCONT what never changes is on the screen again (Textual#6298)."""
    terminal = start()
    terminal.signal(signal.SIGTSTP)
    terminal.wait_for(LEFT)
    seen = len(terminal.output)
    terminal.signal(signal.SIGCONT)
    terminal.wait_for(STATIC, seen)
    terminal.signal(signal.SIGTERM)
    assert terminal.ended() == 143


def test_a_crash_prints_no_locals(start: Start) -> None:
    """A crash is told in a sentence: no local, no text of the exception, and the next move."""
    terminal = start()
    terminal.send(b"e")
    assert terminal.ended() == 1
    said = bytes(terminal.output)
    assert b"s3cret" not in said
    assert b"RuntimeError at pty_app.py" in said
    assert b"pags-tui run" in said


def test_a_new_size_is_drawn(start: Start) -> None:
    """SIGWINCH is enough: the app follows its terminal's size without asking for in-band reports."""
    terminal = start()
    seen = len(terminal.output)
    terminal.resize(60, 20)
    terminal.wait_for(STATIC, seen)
    assert b"\x1b[?2048" not in terminal.output


def test_a_call_reaches_the_terminal(start: Start) -> None:
    """A notification and the bell are written whole through the driver; what a text smuggles in is only seen."""
    terminal = start()
    terminal.send(b"c")
    at = terminal.wait_for(b"\x1b]9;somebody")
    said = bytes(terminal.output[at : terminal.wait_for(b"waits\x07\x07", at)])
    assert said.count(b"\x1b") == 1
    assert b"\x07" not in said
