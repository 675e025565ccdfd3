"""What a screen needs from the machine: what its terminal can do, and how messages are filled in."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pags_tui.core.errors import Fault, Refused, RunbookError

if TYPE_CHECKING:
    from pags_tui.core.runbook import Runbook
    from pags_tui.ui.rows.picture import Picture
    from pags_tui.ui.scene import Scene
    from pags_tui.ui.settings import Settings
    from pags_tui.ui.terminal import Terminal
    from pags_tui.ui.usual import Usual


def settings() -> Settings | Usual:
    """A person's own settings; as they come where there is no file.

    Raises RunbookError, with file and line, for what is wrong in it.
    """
    from pags_tui.wiring.places import config_path

    file = config_path()
    if file is None or _is_missing(file):
        from pags_tui.ui.usual import USUAL

        return USUAL
    from pags_tui.ui.settings import LAST, load_settings

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fault = Fault(str(file), 1, 1, f"cannot be read ({type(error).__name__}); mend it, {LAST}")
        raise RunbookError((fault,)) from None
    try:
        return load_settings(text, str(file))
    except RunbookError as error:
        last = error.faults[-1]
        told = dataclasses.replace(last, message=f"{last.message}. Mend it, {LAST}")
        raise RunbookError((*error.faults[:-1], told)) from None


def _is_missing(file: Path) -> bool:
    try:
        file.stat()
    except FileNotFoundError:
        return True
    except OSError:
        pass  # it is there, and whoever reads it says what is wrong
    return False


def look(ascii_wanted: bool = False) -> Terminal:
    """What this terminal can do, or why it can show no screen."""
    from pags_tui.ui.terminal import check_terminal

    found = check_terminal(
        stdin_isatty=sys.stdin.isatty(),
        stderr_isatty=sys.stderr.isatty(),
        term=os.environ.get("TERM"),
        encoding=sys.stderr.encoding,
        tmux_utf8=_tmux_utf8(),
        no_color=os.environ.get("NO_COLOR"),
        colorterm=os.environ.get("COLORTERM"),
        ascii_wanted=ascii_wanted or bool(os.environ.get("PAGS_TUI_ASCII")),
    )
    return dataclasses.replace(found, tmux=bool(os.environ.get("TMUX")))


def _tmux_utf8() -> bool | None:
    """Whether tmux's client can show UTF-8; None outside of tmux, or when it does not say."""
    if not os.environ.get("TMUX"):
        return None
    try:
        told = subprocess.run(
            ["tmux", "display-message", "-p", "#{client_utf8}"], capture_output=True, timeout=1.0, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    word = told.stdout.strip()
    return word == b"1" if word in (b"0", b"1") else None


def keep_copy(text: str) -> str:
    """Writes what was copied into a file of the user's own; the file's name, or empty where that cannot be done."""
    from pags_tui.wiring.places import state_folder

    file = state_folder() / "copied.txt"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as sheet:
            sheet.write(text + "\n")
    except OSError:
        return ""
    home = str(Path.home())
    return "~" + str(file).removeprefix(home) if str(file).startswith(home + "/") else str(file)


def picture(content: Any) -> Picture | None:
    """The first picture, as a guard has sent it."""
    from pags_tui.ui.rows.picture import picture_of

    return picture_of(content)


def warnings(runbook: Runbook) -> dict[str, str]:
    """What a screen on that runbook says all night, by what it allows."""
    book = runbook.services
    if not any(one.allow_plain_http for one in (*book.flag_services.values(), book.prometheus) if one):
        return {}  # nearly always: what services are made of need not be loaded
    from pags_tui.wiring.services import plain_http

    return plain_http(runbook, os.environ)


def renderer() -> Callable[[Scene, str, Mapping[str, str]], str]:
    """Fills in the message of that id as of a scene. Jinja2 is imported when the first message is drafted."""

    def render(scene: Scene, comms: str, fields: Mapping[str, str]) -> str:
        from pags_tui.comms import template_values
        from pags_tui.edge.templates import fill

        message = scene.state.runbook.comms.get(comms)
        if message is None:
            raise Refused(f"There is no message '{comms}' in this runbook.")
        return fill(message.template, template_values(scene.state, scene.last, scene.now, fields, comms))

    return render
