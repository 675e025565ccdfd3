"""A Textual driver that outlives bad input, a stalled line and a terminal that goes away.

- Input: a byte that is no UTF-8, or a sequence that the parser chokes on, is dropped; the input goes on.
- Output: `TerminalWriter`, which never makes the event loop wait.
- A terminal that hung up, SIGTERM, SIGHUP and SIGINT end the app in the ordinary way, with 128+n as its return code.
- Its threads are daemons: leaving waits for none of them longer than a moment.
"""

from __future__ import annotations

import codecs
import os
import select
import signal
import threading
from typing import Any

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from pags_tui.ui.terminal.split import Rejoiner
from pags_tui.ui.terminal.writer import TerminalWriter

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Signals that end the app; in raw mode SIGINT comes from outside only, since ctrl+c is a key."""

BEAT = 100
"""Milliseconds between two looks at the escape key's time-out."""

PASTE_BEATS = 20
"""Beats without input after which a paste that never ended is given up: until then it would swallow every key."""

GRACE = 3.0
"""Seconds that an app has to end after its terminal hung up; a screen holds nothing that may not be lost."""


class SteadyDriver(LinuxDriver):
    """Powers display and input for `TerminalApp`; any other App works with it too."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._writer: TerminalWriter | None = None
        self._stop_input = threading.Event()
        self._closed = threading.Event()
        self._input_thread: threading.Thread | None = None
        self._rejoiner = Rejoiner()
        super().__init__(app, debug=debug, mouse=mouse, size=size)

    # ------------------------------------------------------------ output

    @property  # type: ignore[override]
    def _writer_thread(self) -> TerminalWriter | None:
        """What the stock driver writes to: our writer in place of the thread that it makes (and never starts)."""
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, stock: object) -> None:
        self._writer = None if stock is None or self._file is None else TerminalWriter(self._file, self._drained)

    def write(self, data: str) -> None:
        """Write to the terminal; before the start and after the end, nowhere."""
        if self._writer is not None:
            self._writer.write(data)

    def _drained(self) -> None:
        """All is written after frames were dropped: repaint whole (called from the writer's thread)."""
        self._in_loop(self._repaint)

    def _repaint(self) -> None:
        if self._app._screen_stack:
            self._app.screen.refresh(layout=True)

    def _in_loop(self, call: Any, *args: Any) -> None:
        """Call something in the event loop, from any thread; a loop that has ended needs no call."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    # ------------------------------------------------------------ start and end

    def start_application_mode(self) -> None:
        """Take the terminal; come back from a stop with a whole repaint."""
        resumed = self._must_signal_resume
        self._closed.clear()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for number in ENDING:
            self._handle(number)
        if resumed:
            self._in_loop(self._repaint)

    def _handle(self, number: signal.Signals) -> None:
        try:
            self._loop.add_signal_handler(number, self._end, number)
        except (RuntimeError, ValueError):
            return  # not the main thread: whoever owns it handles signals

    def _end(self, number: int) -> None:
        """End the app as a signal would, through its ordinary exit."""
        self._app.exit(return_code=128 + number)

    def stop_application_mode(self) -> None:
        """Give the terminal back, before any frame that still waits."""
        if self._writer is not None:
            self._writer.hurry()
        super().stop_application_mode()

    def close(self) -> None:
        """Write what is left and end the writer; waits a second at most."""
        if self._writer is not None:
            self._writer.stop()
            self._writer = None
        self._closed.set()

    def switch_mouse(self, on: bool) -> None:
        """Ask the terminal for mouse events, or leave the mouse to its own copy and paste."""
        if on:
            self._mouse = True
            self._enable_mouse_support()
        else:
            self._disable_mouse_support()
            self._mouse = False

    def _query_in_band_window_resize(self) -> None:
        """Not asked for: SIGWINCH does it, and a stray answer could give the screen any size."""

    def _get_terminal_size(self) -> tuple[int, int]:
        """The size of the terminal that is drawn on, not of standard output, which may be a file."""
        for descriptor in (self._file.fileno() if self._file else -1, self.fileno):
            try:
                columns, lines = os.get_terminal_size(descriptor)
            except OSError:
                continue
            if columns and lines:
                return columns, lines
        return super()._get_terminal_size()

    # ------------------------------------------------------------ input

    def _run_input_thread(self) -> None:
        """The stock thread ends at once: its work is done by a daemon, so that the process never waits for it."""
        self._stop_input.clear()
        self._input_thread = threading.Thread(target=self.run_input_thread, daemon=True, name="terminal-input")
        self._input_thread.start()

    def disable_input(self) -> None:
        """Stop reading."""
        if self._key_thread is not None:
            self._key_thread.join(1)
        self._stop_input.set()
        if self._input_thread is not None:
            self._input_thread.join(1)
        super().disable_input()

    def run_input_thread(self) -> None:
        """Read until told to stop, or until the terminal is gone."""
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)  # POLLHUP and POLLERR always come along
        decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
        parser = XTermParser(self._debug)
        self._rejoiner = Rejoiner()
        pasting, quiet = False, 0
        while not self._stop_input.is_set():
            found = poll.poll(BEAT)
            data = self._read(found[0][1]) if found else b""
            if data is None:
                self._hang_up()
                return
            text = self._rejoiner.feed(decoder.decode(data))
            pasting, quiet = _paste_state(pasting, text), 0 if text else quiet + 1
            if not self._parse(parser, text) or (pasting and quiet >= PASTE_BEATS):
                parser, pasting = XTermParser(self._debug), False

    def _read(self, mask: int) -> bytes | None:
        """What is there to read; None when the terminal is gone."""
        if not mask & select.POLLIN:
            return None
        try:
            return os.read(self.fileno, 4096) or None
        except OSError:
            return None

    def _parse(self, parser: XTermParser, text: str) -> bool:
        """Hand over the keys in a text; False when the parser choked and a new one is needed."""
        try:
            if text:
                for message in parser.feed(text):
                    self.process_message(message)
            for message in parser.tick():
                if isinstance(message, events.Key) and message.key == "escape":
                    self._rejoiner.escaped()
                self.process_message(message)
        except Exception:  # whatever a terminal, or a thing that took one for itself, may have sent
            return False
        return True

    def process_message(self, message: Message) -> None:
        """Pass a message on; a size that came as typed text is none."""
        if not isinstance(message, events.Resize):
            super().process_message(message)

    def _hang_up(self) -> None:
        """The terminal is gone: end as SIGHUP would, and soon, whatever else is stuck."""
        self._in_loop(self._end, signal.SIGHUP)
        threading.Thread(target=self._leave_anyway, daemon=True, name="terminal-gone").start()

    def _leave_anyway(self) -> None:
        if not self._closed.wait(GRACE):
            os._exit(128 + signal.SIGHUP)


def _paste_state(pasting: bool, text: str) -> bool:
    """Whether a bracketed paste is open after this text."""
    start, end = text.rfind(BRACKETED_PASTE_START), text.rfind(BRACKETED_PASTE_END)
    return pasting if start == end == -1 else start > end
