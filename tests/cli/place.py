"""Where `pags-tui rollback` is called: a runbook, a journal's name, and a flag service whose six flags are forward."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from pags_tui.edge.journal import open_readonly
from tests.live import FlagServer, called, env_of, events_of, pags

MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}
ARGUMENTS = ("--confirm", "production")


@dataclass
class Place:
    """A runbook file, a journal's name and a moved flag service."""

    folder: Path
    flags: FlagServer
    text: str

    @property
    def file(self) -> str:
        """The runbook."""
        return str(self.folder / "runbook.toml")

    @property
    def db(self) -> Path:
        """The journal."""
        return self.folder / "j" / "journal.db"

    def roll_back(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """The command on this runbook and journal."""
        call = pags if env else called  # in this process where it is enough
        return call("rollback", self.file, "--db", str(self.db), *words, env={**env_of(self.flags), **env})

    def facts(self, kind: type) -> list:
        """Of the newest run."""
        with open_readonly(self.db) as reader:
            run = reader.runs()[0].id
        return [event.fact for event in events_of(self.db, run) if isinstance(event.fact, kind)]


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The printed lines."""
    return done.stdout.splitlines()
