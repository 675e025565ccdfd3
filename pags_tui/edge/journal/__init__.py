"""The journal: one SQLite file that only grows. Writing (one process), reading (any number), verifying, exporting.

It stores facts and polled values as they come and never interprets them: what they mean is the fold's business. It
reads no clock, no environment and no boot id; those come as arguments.
"""

from __future__ import annotations

from pags_tui.edge.journal.export import export_run
from pags_tui.edge.journal.faults import Damaged
from pags_tui.edge.journal.reading import JournalReader, open_readonly
from pags_tui.edge.journal.remains import Remains, Wreck, remains
from pags_tui.edge.journal.salvage import Salvaged, damage, salvage
from pags_tui.edge.journal.writing import SqliteJournal, open_journal

__all__ = [
    "Damaged",
    "JournalReader",
    "Remains",
    "Salvaged",
    "SqliteJournal",
    "Wreck",
    "damage",
    "export_run",
    "open_journal",
    "open_readonly",
    "remains",
    "salvage",
]
