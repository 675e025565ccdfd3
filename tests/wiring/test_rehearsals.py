"""A run that begins counts the rehearsals that its journal holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pags_tui.core import events as e
from pags_tui.core.events import Actor
from pags_tui.edge.journal import open_journal
from pags_tui.wiring.runs import Start, begin_run
from tests.live import book, book_text

ANA = Actor("ana", "Ana")
NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
STEPS = ("go/canary", "go/four", "go/looks-good")


def test_the_times_of_rehearsals_are_kept_for_the_night(tmp_path: Path) -> None:
    """Two rehearsals, one of them unfinished, and a demo: the live run knows what the finished one took."""
    runbook = book(book_text())
    with open_journal(tmp_path / "j" / "journal.db") as journal:
        assert not _counted(journal, begin_run(journal, runbook, Start("live", ANA, NOW), NOW))
        for seconds in (0, 300):
            run = begin_run(journal, runbook, Start("rehearsal", ANA, NOW), NOW + timedelta(seconds=seconds))
            steps = STEPS if seconds else STEPS[:1]
            for n, step in enumerate(steps):
                at = NOW + timedelta(seconds=600 + 120 * n)
                journal.append(run, [e.StepResolved(step, "passed")], at, ANA, None)
        begin_run(journal, runbook, Start("demo", ANA, NOW), NOW)
        live = begin_run(journal, runbook, Start("live", ANA, NOW), NOW + timedelta(hours=1))
        (counted,) = _counted(journal, live)
    assert counted.took == (("go", (240.0,)),)
    assert len(counted.runs) == 2


def _counted(journal: object, run: str) -> list[e.RehearsalsCounted]:
    events = journal.events(run)  # type: ignore[attr-defined]
    return [event.fact for event in events if isinstance(event.fact, e.RehearsalsCounted)]
