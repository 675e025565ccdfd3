"""Makes the recorded nights of this folder, and their golden reports. Run from the root: `python -m tests.runs.make`.

The recordings stay as they are once committed: `python -m tests.runs.make golden` writes only the reports anew.
Two nights are the headless demo on the simulator with a clock that begins at a fixed time; the third is told fact by
fact, and holds what no autopilot does: holds, overrides, vetoes, waivers, an amendment, hostile texts.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pags_tui import report as reports
from pags_tui.core.events import Event
from pags_tui.core.judge import Judged, encode_judged
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.core.runbook import load
from pags_tui.edge.journal import export_run, open_journal, open_readonly
from pags_tui.replay import Recording
from pags_tui.report import Report

HERE = Path(__file__).resolve().parent
START = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
NIGHTS = ("steady", "error-spike", "rough")
FORMS = {"md": reports.markdown, "html": reports.html, "json": reports.as_json}


def tape(name: str) -> Recording:
    """A recorded night of this folder."""
    with open_readonly(HERE / f"{name}.db") as reader:
        (run,) = reader.runs()
        return Recording(reader.events(run.id), reader.ticks(run.id))


def told(recording: Recording) -> Report:
    """Its report, as the command makes it."""
    return reports.build(recording.events, map(recording.judged, range(len(recording.rows))), until=recording.end)


def golden(name: str) -> Report:
    """The report that the golden files of that night hold: the rolled-back night is held against the steady one."""
    made = told(tape(name))
    return reports.compared(made, told(tape("steady"))) if name == "error-spike" else made


def play(scenario: str, folder: Path) -> None:
    """The headless demo, recorded."""
    from pags_tui.wiring import demo

    demo.wall = lambda: START
    demo.places.user, demo.places.host, demo.os.getpid = lambda: "you", lambda: "jump-1", lambda: 4711
    path = HERE / "small.toml"
    db = folder / scenario / "demo.db"
    asyncio.run(demo.play(demo.Plan(load(path.read_text(), path.name), scenario, 60.0, db), lambda _: None, None))
    with open_readonly(db) as reader:
        export_run(reader, reader.runs()[0].id, HERE / f"{scenario}.db", overwrite=True)


def record(events: Sequence[Event], ticks: Sequence[Judged], name: str, folder: Path) -> None:
    """A told night, recorded."""
    started = events[0].fact
    with open_journal(folder / name / "told.db") as journal:
        journal.begin(RunRow(started.run, "night", started.kind, events[0].at, None, None), started.sha256)
        waiting = list(ticks)
        for event in events:
            while waiting and waiting[0].at < event.at:
                _add(journal, started.run, waiting.pop(0), event.seq - 1)
            journal.append(started.run, [event.fact], event.at, event.by, None)
        for tick in waiting:
            _add(journal, started.run, tick, events[-1].seq)
    with open_readonly(folder / name / "told.db") as reader:
        export_run(reader, started.run, HERE / f"{name}.db", overwrite=True)


def _add(journal: object, run: str, judged: Judged, seq: int) -> None:
    journal.add_tick(run, TickRow(judged.number, judged.at, seq, encode_judged(judged)))


def main() -> None:
    """All of it, or the golden files alone."""
    if sys.argv[1:] != ["golden"]:
        from tests.runs.rough import rough

        with tempfile.TemporaryDirectory() as name:
            for scenario in NIGHTS[:2]:
                play(scenario, Path(name))
            night = rough()
            record(night.events, night.ticks, "rough", Path(name))
    for name in NIGHTS:
        made = golden(name)
        for ending, render in FORMS.items():
            (HERE / f"{name}.{ending}").write_text(render(made), encoding="utf-8")


if __name__ == "__main__":
    main()
