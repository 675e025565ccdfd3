"""Writes the pages of docs/reference and the man page from the code: `.venv/bin/python -m tools.reference`.

Commands and options, keys, keys of the runbook, and events have their sentences where they are declared. These pages
are made of them, so that each is there and no other; a test compares.
"""

from __future__ import annotations

from pathlib import Path

from tools.reference.commands import command_page
from tools.reference.config import config_page
from tools.reference.events import event_page
from tools.reference.keys import key_page
from tools.reference.man import man_page
from tools.reference.runbook import runbook_page

ROOT = Path(__file__).resolve().parents[2]


def pages() -> dict[str, str]:
    """Every page by its path in the repository."""
    return {
        "docs/reference/commands.md": command_page(),
        "docs/reference/keys.md": key_page(),
        "docs/reference/runbook.md": runbook_page(),
        "docs/reference/config.md": config_page(),
        "docs/reference/events.md": event_page(),
        "man/man1/pags-tui.1": man_page(),
    }
