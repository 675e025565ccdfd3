"""The writer: never waits, drops frames above its mark, and lets what gives the terminal back go first."""

from __future__ import annotations

import os
import pty
import threading
import tty
from collections.abc import Iterator
from typing import TextIO

import pytest

from pags_tui.ui.terminal.writer import HIGH_MARK, SMALL, TerminalWriter
from tests.pty_harness import until

FRAME = "x" * 8192


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """The reading end, and a file on the writing end, of a pseudo-terminal that changes nothing."""
    reading, writing = pty.openpty()
    tty.setraw(writing)
    with os.fdopen(writing, "w", encoding="utf-8") as file:
        yield reading, file
    os.close(reading)


def read_all(reading: int, end: bytes) -> bytes:
    """Read until the end was seen."""
    data = b""
    while end not in data:
        data += os.read(reading, 65536)
    return data


def test_text_arrives(terminal: tuple[int, TextIO]) -> None:
    """In order, in the terminal's encoding, all of it before the end."""
    reading, file = terminal
    writer = TerminalWriter(file, lambda: None)
    writer.start()
    writer.write("✓ one ")
    writer.write("two END")
    assert read_all(reading, b"END") == "✓ one two END".encode()
    writer.stop()
    assert not writer.is_alive()


def test_a_frame_too_many_is_dropped_and_the_drain_is_told(terminal: tuple[int, TextIO]) -> None:
    """With nobody reading a write returns at once; when all is out the app is asked to repaint, once."""
    reading, file = terminal
    drained = threading.Semaphore(0)
    writer = TerminalWriter(file, drained.release)
    writer.start()
    for _ in range(500):
        writer.write(FRAME)
    assert writer.waiting <= 2 * len(FRAME) + HIGH_MARK
    writer.write("mark")
    assert b"mark" in read_all(reading, b"mark")
    assert drained.acquire(timeout=20)
    writer.write(FRAME + "END")
    read_all(reading, b"END")
    writer.stop()
    assert not drained.acquire(blocking=False)


def test_small_writes_are_never_dropped(terminal: tuple[int, TextIO]) -> None:
    """Modes and marks of the driver are kept whatever waits."""
    reading, file = terminal
    writer = TerminalWriter(file, lambda: None)
    for _ in range(50):
        writer.write(FRAME)
    for number in range(10):
        writer.write(f"<{number}>".ljust(SMALL))
    writer.start()
    data = read_all(reading, b"<9>")
    assert [f"<{number}>".encode() in data for number in range(10)] == [True] * 10
    writer.stop()


def test_leaving_goes_before_frames(terminal: tuple[int, TextIO]) -> None:
    """After `hurry` nothing of a waiting frame is written; one half sent is cancelled first."""
    reading, file = terminal
    writer = TerminalWriter(file, lambda: None)
    writer.start()
    for _ in range(4):
        writer.write(FRAME)
    sent = len(FRAME) * 4
    assert until(lambda: writer.waiting < sent)
    writer.hurry()
    writer.write("LEAVE")
    data = read_all(reading, b"LEAVE")
    assert data.endswith(b"\x18LEAVE")
    assert len(data) < sent
    writer.stop()


def test_a_terminal_that_takes_nothing_is_given_up(terminal: tuple[int, TextIO]) -> None:
    """Stopping ends although nobody reads."""
    _, file = terminal
    writer = TerminalWriter(file, lambda: None)
    writer.start()
    for _ in range(4):
        writer.write(FRAME)
    writer.stop()
    assert writer.waiting > 0


def test_a_terminal_that_is_gone_raises_nowhere(terminal: tuple[int, TextIO]) -> None:
    """After a hang-up writes go nowhere."""
    reading, file = terminal
    writer = TerminalWriter(file, lambda: None)
    writer.start()
    os.close(os.dup(reading))
    hung, other = pty.openpty()
    os.close(hung)
    with os.fdopen(other, "w", encoding="utf-8") as gone:
        lost = TerminalWriter(gone, lambda: None)
        lost.start()
        lost.write("anything")
        lost.stop()
        lost.write("more")
    writer.stop()
