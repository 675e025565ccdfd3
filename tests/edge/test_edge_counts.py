"""Counts at the edge that must not creep up: statements an event costs, questions a tick asks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pags_tui.core.events import Actor, NoteAdded
from pags_tui.core.ports import MetricQuery, RunRow
from pags_tui.edge.journal import open_journal
from pags_tui.edge.prometheus import Prometheus
from tests.edge.misbehaving import Misbehaving, as_json

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)


def test_statements_of_an_event(tmp_path: Path) -> None:
    """One event is one transaction: a handful of statements, one row of events."""
    with open_journal(tmp_path / "private" / "journal.db") as journal:
        journal.begin(RunRow("r", "book", "demo", NOW, None, None), "00")
        journal.append("r", [NoteAdded("first", "")], NOW, Actor("ann"), None)
        told: list[str] = []
        journal._db.set_trace_callback(told.append)
        journal.append("r", [NoteAdded("second", "")], NOW, Actor("ann"), None)
        journal._db.set_trace_callback(None)
    words = [statement.split()[0].upper() for statement in told if not statement.startswith("--")]
    assert words[0] == "BEGIN"
    assert words[-1] == "COMMIT"
    # SQLite traces a statement once more for the trigger that it passes.
    assert len({statement for statement in told if "INTO events" in statement}) == 1, told
    assert len(words) <= 8, told


def test_questions_of_a_tick() -> None:
    """A tick asks for the time once, and for each metric once."""
    asked: list[str] = []

    def answer(request: object, connection: object) -> object:
        asked.append(request.target)  # type: ignore[attr-defined]
        return as_json({"status": "success", "data": {"resultType": "scalar", "result": [1000.0, "1000"]}})(
            request, connection)  # type: ignore[arg-type]  # fmt: skip

    with Misbehaving(answer) as server:  # type: ignore[arg-type]
        prometheus = Prometheus(server.url)
        prometheus.server_time()
        prometheus.poll([MetricQuery(f"m{n}", f"metric_{n}") for n in range(12)], 1000.0, 5.0)
    assert len(asked) == 13
