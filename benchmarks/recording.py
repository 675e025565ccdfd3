"""What a long night costs on disk and in replay: 24 hours, 50 series, a tick every 5 s (864,000 samples).

The runbook is the repository's own; values are as a real
server gives them (ratios and latencies to the last bit, depths and counts whole).
Two hours are judged, and go round. Times are of the processor: what else the machine does is left out.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from benchmarks._table import Figure, Row, alone
from pags_tui.cli.replay import read_recording, settle
from pags_tui.core.conditions import Comparison
from pags_tui.core.events import GUARD, Actor, FlagSeen, PhaseEntered, RunStarted, TZeroSet
from pags_tui.core.judge import Judge, Judged
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.core.runbook import Metric, Runbook, load
from pags_tui.core.series import FlagReading, Point, Reading, Tick
from pags_tui.core.state import fold
from pags_tui.core.tape import Encoder
from pags_tui.core.units import Unit
from pags_tui.edge.journal import export_run, open_journal, open_readonly
from pags_tui.replay import FASTEST, FRAME, Recording, ReplayDesk
from pags_tui.ui.app import WarRoom
from pags_tui.ui.scene import Stage

NIGHT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
EVERY = 5.0
SERIES = 50
HOURS, JUDGED = 24, 2
ROUNDS = 40
PARTS = [n / 997 for n in range(997)]
SIZES = ((80, 24), (120, 40), (200, 50))
GUARD_DESK = Actor("replay")
PROBES = ("monitoring-up", "load-balancer", "synthetics", "heartbeat")
"""Metrics that say 1 all night."""


class Weather:
    """Readings of fifty series."""

    def __init__(self, book: Runbook) -> None:
        self.book = book
        self.dice = random.Random(7)
        names = list(book.metrics)
        counts = {name: SERIES // len(names) + (n < SERIES % len(names)) for n, name in enumerate(names)}
        self.labels = {name: self._labels(book.metrics[name], count) for name, count in counts.items()}

    def _labels(self, metric: Metric, count: int) -> list[tuple[tuple[str, str], ...]]:
        expected = [((name, value),) for name, values in metric.expect.items() for value in values]
        more = [(("instance", f"10.0.0.{n}:9100"), ("job", "api")) for n in range(count)]
        return (expected + more)[: max(count, len(expected))]

    def _value(self, metric: Metric) -> float:
        """A value as on a quiet night: within its promise, and never the same twice."""
        if metric.unit in (Unit.COUNT, Unit.BYTES):
            return float(self.dice.randint(20, 140)) if metric.id != "deadlocks" else 0.0
        if metric.id in PROBES:
            return 1.0
        test, low, high = metric.slo_test, *((0.02, 0.04) if metric.unit is Unit.SECONDS else (0.21, 0.29))
        if isinstance(test, Comparison):
            bound = test.bound.value
            low, high = (bound + 0.1 * (1 - bound), 1.0) if test.op[0] == ">" else (0.5 * bound, 0.9 * bound)
        return self.dice.uniform(low, high)

    def tick(self, number: int) -> Tick:
        """One tick; the server's time is not round, as it never is."""
        time = NIGHT.timestamp() + EVERY * number + self.dice.random() * 0.01
        aged = {name: self.dice.uniform(1, 15) for name in self.book.metrics}
        readings = {
            name: Reading(
                tuple(Point(labels, self._value(self.book.metrics[name])) for labels in self.labels[name]),
                enough=True,
                ages=tuple(Point(labels, aged[name]) for labels in self.labels[name])
                if number % 6 == 0 and self.book.metrics[name].fresh_query
                else None,
            )
            for name in self.book.metrics
        }
        read_at = time - EVERY * (number % 6)
        flags = {key: FlagReading(_first(flag.type), None, read_at) for key, flag in self.book.flags.items()}
        return Tick(time, readings, flags)


def _first(kind: str) -> bool | int | str:
    return {"boolean": False, "integer": 0, "string": "a"}[kind]


def night(book: Runbook) -> Iterator[Judged]:
    """Every tick of the night."""
    started = RunStarted("bench", "live", book.text, "00", "runbook.toml", "production", "ann", "ann", "1")
    facts = [started, TZeroSet(NIGHT), *(PhaseEntered(phase.id) for phase in book.phases)]
    from pags_tui.core.events import Event

    state = fold([Event(n, NIGHT, GUARD, fact) for n, fact in enumerate(facts, 1)])
    judge, weather = Judge(book, EVERY), Weather(book)
    count = int(JUDGED * 3600 / EVERY)
    judged = [judge.judge(n, weather.tick(n), state, NIGHT + timedelta(seconds=EVERY * n)) for n in range(1, count + 1)]
    for turn in range(int(HOURS / JUDGED)):
        for one in judged:
            shift = turn * JUDGED * 3600
            tick = replace(one.tick, time=one.tick.time + shift)
            yield replace(one, number=one.number + turn * count, at=one.at + timedelta(seconds=shift), tick=tick)


TITLE = "A recording of 24 hours: 50 series, a tick every 5 s"


def rows(quick: bool) -> Iterator[Row]:
    """What it costs on disk, to open, to seek in, and to play."""
    book = load(Path("runbook.toml").read_text(encoding="utf-8"), "runbook.toml")
    with tempfile.TemporaryDirectory() as folder:
        yield from measured(book, Path(folder), ROUNDS // 8 if quick else ROUNDS)


def measured(book: Runbook, folder: Path, rounds: int) -> Iterator[Row]:
    """Without a screen, then with each size of one."""
    file, encoding = written(book, folder, night(book))
    empty, _ = written(book, folder / "empty", iter(()))
    opened, none = (opening(one) for one in (file, empty))
    tape = read_recording(file, None)
    samples = sum(len(reading.points) for reading in tape.judged(0).tick.readings.values()) * len(tape.rows)
    yield Row(f"{samples:,} samples", Figure(file.stat().st_size / 1e6, "MB"), most=12.0)
    yield Row("encoding a tick", Figure(encoding * 1e3, "ms"))
    yield Row("opening", opened, "an empty one", none, most=none.value + 500.0)
    moments = [tape.start + (tape.end - tape.start) * part for part in random.Random(3).choices(PARTS, k=rounds)]
    stage = Stage(GUARD_DESK, "replay", tape.start)
    seeks = [spent(lambda moment=moment: stage.receive(tape.story(moment))) for moment in moments]  # type: ignore[misc]
    yield Row("a seek without a screen", Figure.of(seeks, "ms"), most=50.0)
    yield Row("a seek without a screen: the longest", Figure(max(seeks), "ms"), most=50.0)
    for size in SIZES:
        yield from asyncio.run(shown(tape, moments, size))


async def shown(tape: Recording, moments: list[datetime], size: tuple[int, int]) -> list[Row]:
    """A whole seek, to the last cell of the screen; and what a tenth of a second of play costs at 600 times."""
    desk = ReplayDesk(tape, lambda: 0.0, tape.start)
    app = WarRoom(desk, desk, beat=None)

    def drawn(move: Callable[[], object]) -> float:
        def work() -> None:
            move()
            app.refresh_scene()
            app.screen._compositor.render_strips()

        return spent(work)

    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        settle()
        still = Figure.of([drawn(lambda: None) for _ in moments], "ms")
        seeks = [drawn(lambda moment=moment: desk.seek(moment)) for moment in moments]  # type: ignore[misc]
        desk.seek(tape.start + (tape.end - tape.start) / 2)
        frame = timedelta(seconds=FASTEST * FRAME)
        frames = [drawn(lambda: desk._go_on(desk.now() + frame)) for _ in range(2 * len(moments))]
    name, drawing = f"{size[0]}×{size[1]}", "drawing the screen"
    return [
        Row(f"{name}: a seek", Figure.of(seeks, "ms"), drawing, still, most=50.0),
        Row(f"{name}: a seek: the longest", Figure(max(seeks), "ms"), drawing, still, most=50.0),
        Row(f"{name}: a frame at 600×", Figure.of(frames, "ms"), drawing, still, most=FRAME * 1000),
        Row(f"{name}: a frame at 600×: the longest", Figure(max(frames), "ms"), drawing, still, most=FRAME * 1000),
    ]


def opening(file: Path) -> Figure:
    """Several times, so that the disk is warm."""
    return Figure.of([spent(lambda: read_recording(file, None)) for _ in range(5)], "ms")


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of the processor."""
    began = process_time()
    work()
    return (process_time() - began) * 1e3


def written(book: Runbook, folder: Path, ticks: Iterator[Judged]) -> tuple[Path, float]:
    """A recording of those ticks, and the seconds that encoding one took."""
    folder.mkdir(exist_ok=True)
    db, spent, count = folder / "private" / "journal.db", 0.0, 0
    with open_journal(db) as journal:
        journal.begin(RunRow("bench", book.id, "live", NIGHT, NIGHT, None), book.sha256)
        started = RunStarted("bench", "live", book.text, book.sha256, "runbook.toml", "production", "ann", "ann", "1")
        journal.append("bench", [started, TZeroSet(NIGHT)], NIGHT, Actor("ann"), None)
        journal.append("bench", [FlagSeen(key, _first(f.type)) for key, f in book.flags.items()], NIGHT, GUARD, None)
        encoder = Encoder()
        for judged in ticks:
            began = perf_counter()
            payload = encoder.encode(judged)
            spent += perf_counter() - began
            count += 1
            journal.add_tick("bench", TickRow(judged.number, judged.at, 3, payload))
    with open_readonly(db) as reader:
        return export_run(reader, "bench", folder / "night.db"), spent / max(1, count)


if __name__ == "__main__":
    alone(TITLE, rows)
