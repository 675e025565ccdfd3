"""The man page, in the macros of man(7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pags_tui import __version__
from pags_tui.cli import COMMANDS
from tools.reference.told import Command, commands

EXITS = (
    ("0", "done"),
    ("1", "found something: warnings, a recording that does not verify, a trigger that fires"),
    ("2", "wrong usage, or a runbook that cannot be used"),
    ("3", "a service or the journal cannot be reached"),
    ("4", "refused: a gate, a role, a second live run"),
    ("5", "a rollback that is not complete"),
    ("128+n", "ended by signal n"),
)
FILES = (
    ("runbook.toml", "the runbook that is meant when none is named"),
    ("~/.config/pags-tui/config.toml", "keys, theme, refresh, mouse and calls of one's own"),
    ("~/.local/state/pags-tui/journal.db", "the journal"),
    ("~/.local/state/pags-tui/demo.db", "the journal of demos"),
)
VARIABLES = (
    ("PAGS_TUI_DB", "the journal, instead of the one in the state folder: a file, or postgresql://..."),
    ("PAGS_TUI_HOST", "this machine's name, where its own says nothing (a container)"),
    ("PAGS_TUI_CONFIG", "the settings, instead of those in the config folder; empty: none"),
    ("NO_COLOR", "no colours, when it is not empty"),
    ("PAGS_TUI_ASCII", "no characters beyond ASCII"),
)


def man_page() -> str:
    """pags-tui(1)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH PAGS\\-TUI 1 "" "pags\\-tui {__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"pags\-tui \- a full\-screen war room for the night of a production cutover"
    yield ".SH SYNOPSIS"
    yield r".B pags\-tui"
    yield r"[\fB\-\-help\fR] [\fB\-\-version\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]"
    yield ".SH DESCRIPTION"
    yield _text(
        "Works a timed runbook: steps are ticked, checkpoints signed, flags moved behind typed confirmations, gates "
        "and triggers judged from Prometheus, and one key rolls everything back. Try it: pags-tui demo."
    )
    yield ".SH COMMANDS"
    for one in commands():
        yield from _command(one)
    for title, pairs in (("EXIT STATUS", EXITS), ("FILES", FILES), ("ENVIRONMENT", VARIABLES)):
        yield f".SH {title}"
        for name, text in pairs:
            yield from (".TP", f".B {_text(name)}", _text(text))
    yield ".SH SEE ALSO"
    yield _text("pags-tui COMMAND --help")


def _command(one: Command) -> Iterator[str]:
    yield f".SS {_text(one.name)}"
    yield _text(COMMANDS[one.name][1])
    yield ".PP"
    yield rf"\fB{_text(one.usage)}\fR"
    for paragraph in one.paragraphs:
        yield ".PP"
        yield _text(paragraph)
    for option in one.options:
        yield from (".TP", rf"\fB{_text(option.shown)}\fR", _text(option.text))
    if one.examples:
        yield from (".PP", ".nf", *(_text(line) for line in one.examples), ".fi")


def _text(text: str) -> str:
    """As the macros want it: no line begins with a control character, and a hyphen can be copied."""
    text = re.sub(r"[^\x00-\x7e]", lambda found: {"…": "...", "–": "-"}.get(found[0], found[0]), text)
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text
