"""What is said when a screen is left: a command that comes back to the same run, of the same kind, in its journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pags_tui.cli.check import counted
from pags_tui.cli.demo import kept_in
from pags_tui.cli.run import way_back
from pags_tui.cli.standing import shown
from pags_tui.core.errors import Fault
from pags_tui.core.events import Kind
from pags_tui.core.ports import RunRow
from pags_tui.wiring.demo import Plan
from tests.live import book, book_text


def row(kind: Kind) -> RunRow:
    """An open run."""
    return RunRow("x-1", "x", kind, datetime(2026, 11, 24, tzinfo=UTC), None, None)


def test_a_rehearsal_is_come_back_to_as_a_rehearsal() -> None:
    """Regression: the command that was named began a LIVE run."""
    assert way_back(row("live"), "x.toml", "", None, pinned=False) == "pags-tui run x.toml"
    assert way_back(row("rehearsal"), "x.toml", "", None, pinned=False) == "pags-tui run x.toml --rehearsal"


def test_the_way_back_names_journal_run_and_person_where_they_were_named() -> None:
    """Of several open runs, in a journal of its own: the same one again, quoted for a shell."""
    again = way_back(row("rehearsal"), "my book.toml", "Ana", "j.db", pinned=True)
    assert again == "pags-tui run 'my book.toml' --rehearsal --run x-1 --as Ana --db j.db"


def test_a_demo_says_where_its_record_is() -> None:
    """Regression: it said nothing, and `status` looks into another journal."""
    told = kept_in(Plan(book(book_text()), "error-spike", 60.0, Path("/s/demo.db")), "x-demo")
    assert "pags-tui status --run x-demo --db /s/demo.db" in told
    assert "pags-tui demo error-spike" in told


def test_values_and_counts_are_written_as_elsewhere() -> None:
    """Regressions: `status` said `False`, `check` said `1 warnings`."""
    assert [shown(one) for one in (False, 10, "on", None)] == ["false", "10", "on", "?"]
    doubt, fault = Fault("x", 1, 1, "m", "warning"), Fault("x", 1, 1, "m")
    assert [counted(one) for one in ([], [doubt], [doubt, doubt, fault])] == [
        "0 warnings",
        "1 warning",
        "1 error, 2 warnings",
    ]
