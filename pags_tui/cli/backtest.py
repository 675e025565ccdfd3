"""`backtest`: history through the gates and triggers of a runbook, as timelines or as JSON lines."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from pags_tui.cli.common import FILE, Progress, json_option, read_text, tell
from pags_tui.core.errors import PagsError

if TYPE_CHECKING:
    from pags_tui.backtest import Armed, Feed
    from pags_tui.core.runbook import Runbook

FIRED = 1
MOST_TICKS = 200_000
"""Of one --from … --to: more would ask a server for far too much at once."""
PIECE = 1 << 18
"""Bytes of a samples file read at a time."""
RANGE_TIMEOUT = 30.0
"""Seconds for one piece of a range: days of history take a server longer than a tick does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the ticks come from."""

    samples: str | None
    recording: str | None
    run: str | None
    first: str | None
    last: str | None
    step: str | None
    t0: str | None


@click.command()
@click.argument("runbook", metavar="RUNBOOK", type=FILE)
@click.option("--samples", metavar="FILE", type=FILE, help="JSON lines; `-` is stdin.")
@click.option("--recording", metavar="FILE", type=FILE, help="A recording, or a journal.")
@click.option("--run", "run_id", metavar="RUN", help="Of a journal with several runs: which; default the newest.")
@click.option("--from", "first", metavar="TIME", help="Ask Prometheus: from 2026-11-24T20:00Z, or -2h.")
@click.option("--to", "last", metavar="TIME", help="Until then; default now.")
@click.option("--step", metavar="15s", help="Between two ticks; default as the runbook says.")
@click.option("--t0", metavar="TIME", help="When T+0 was, with --from; default its time.")
@click.option("--armed", metavar="T..T", help="When triggers are armed, such as T+0..T+60m; default throughout.")
@click.option(
    "--set",
    "changes",
    metavar="KEY=VALUE",
    multiple=True,
    help="What if: 'triggers.error-rate.when=error-rate > 2% for 5m'.",
)
@click.option("--series", is_flag=True, help="Each series as well.")
@click.option("--fail-on-fire", is_flag=True, help="Exit with 1 when a trigger fires.")
@click.option(
    "--width",
    type=click.IntRange(40),
    metavar="COLUMNS",
    help="Fold timelines; default the terminal's width, whole lines into a file.",
)
@json_option
def backtest(
    runbook: str,
    samples: str | None,
    recording: str | None,
    run_id: str | None,
    first: str | None,
    last: str | None,
    step: str | None,
    t0: str | None,
    armed: str | None,
    changes: tuple[str, ...],
    series: bool,
    fail_on_fire: bool,
    width: int | None,
    as_json: bool,
) -> int:
    """Play history through RUNBOOK's gates and triggers: what would they have said?

    Exactly the code of the live run judges. Evidence counts from the first tick; triggers are armed throughout.

    \b
    pags-tui backtest runbook.toml --samples night.jsonl
    pags-tui backtest runbook.toml --recording night.db --series
    pags-tui backtest runbook.toml --from -6h --step 15s --fail-on-fire
    """
    from pags_tui.backtest import Firings, timelines, told_as_json
    from pags_tui.core.runbook.whatif import load_changed

    asked = Asked(samples, recording, run_id, first, last, step, t0)
    _one_source(asked)
    span = _armed(armed)
    book = load_changed(read_text(runbook), runbook, changes)
    with Progress() as progress:
        feed = _feed(asked, book, progress)
        judged = partial(_judged, progress)
        if as_json:
            firings = Firings()
            for line in told_as_json(feed, book, firings, span, series=series, progress=judged):
                tell(line)
        else:
            drawn, firings = timelines(feed, book, span, series=series, progress=judged)
    if not as_json:
        columns = width or (shutil.get_terminal_size().columns if sys.stdout.isatty() else None)
        tell("\n".join([*drawn.text(columns), *firings.told()]))
    return FIRED if fail_on_fire and firings.first else 0


def _read(progress: Progress, name: str, lines: int) -> None:
    progress.tell(f"reading line {lines:,} of {name}")


def _judged(progress: Progress, done: int, of: int) -> None:
    progress.tell(f"judging tick {done:,} of {of:,}")


def _one_source(asked: Asked) -> None:
    """Exactly one of the three, and only its own options. Raises UsageError."""
    given = [
        name
        for name, value in (("--samples", asked.samples), ("--recording", asked.recording), ("--from", asked.first))
        if value is not None
    ]
    if len(given) != 1:
        raise click.UsageError(
            f"{' and '.join(given)}: give one of them."
            if given
            else "Say where the history is: --samples FILE, --recording FILE, or --from TIME [--to TIME] [--step 15s]."
        )
    others = (("--to", asked.last), ("--step", asked.step), ("--t0", asked.t0))
    if given != ["--from"] and (alone := [name for name, value in others if value is not None]):
        raise click.UsageError(f"{alone[0]} goes with --from, not with {given[0]}.")
    if asked.run is not None and given != ["--recording"]:
        raise click.UsageError(f"--run goes with --recording, not with {given[0]}.")


def _armed(text: str | None) -> Armed:
    """`T+0..T+60m`. Raises UsageError."""
    from pags_tui.backtest import Armed
    from pags_tui.core.units import UnitError, parse_offset

    if text is None:
        return Armed()
    try:
        first, last = (parse_offset(end.strip()) for end in text.split(".."))
    except (UnitError, ValueError):
        raise click.UsageError(f"--armed '{text}' is no range. Write it like T+0..T+60m.") from None
    if first > last:
        raise click.UsageError(f"--armed '{text}' ends before it begins.")
    return Armed(first, last)


def _feed(asked: Asked, runbook: Runbook, progress: Progress) -> Feed:
    """The ticks. Raises PagsError with a sentence for what cannot be read or asked."""
    if asked.samples is not None:
        return _samples(asked.samples, runbook, progress)
    if asked.recording is not None:
        return _recording(asked.recording, asked.run, progress)
    return _range(asked, runbook, progress)


def _samples(path: str, runbook: Runbook, progress: Progress) -> Feed:
    from pags_tui.backtest import SampleError, read_samples

    name = "<stdin>" if path == "-" else path
    try:
        with _opened(path) as file:
            told = partial(_read, progress, name)
            history, doubts = read_samples(_whole_lines(file), name, runbook.metrics, told)
    except OSError as error:
        raise SampleError(f"{path}: cannot be read: {error.strerror}. Give a file of JSON lines.") from None
    for doubt in doubts:
        tell(doubt, err=True)
    return history


def _whole_lines(file: IO[bytes]) -> Iterator[bytes]:
    """The file in large pieces, each of whole lines."""
    while piece := file.read(PIECE):
        yield piece + file.readline()


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    if path == "-":
        yield sys.stdin.buffer
        return
    with Path(path).open("rb") as file:
        yield file


def _recording(path: str, run_id: str | None, progress: Progress) -> Feed:
    from pags_tui.backtest import recorded
    from pags_tui.cli.replay import read_recording
    from pags_tui.core.state import fold

    tape = read_recording(Path(path), run_id)
    return recorded(tape.rows, fold(tape.events).t0, lambda done, of: progress.tell(f"reading tick {done:,} of {of:,}"))


def _range(asked: Asked, runbook: Runbook, progress: Progress) -> Feed:
    from pags_tui.backtest import Span, ranged
    from pags_tui.wiring.places import environment
    from pags_tui.wiring.services import open_metrics

    settings, metrics = runbook.services.prometheus, open_metrics(runbook, environment(), RANGE_TIMEOUT)
    if settings is None or metrics is None:
        raise PagsError(f"{runbook.file} has no [services.prometheus]: add it, or give --samples or --recording.")
    first, last = _time("--from", asked.first or ""), _time("--to", asked.last or "now")
    step = _step(asked.step, settings.every)
    if last < first:
        raise click.UsageError("--to is before --from.")
    if (last - first).total_seconds() / step > MOST_TICKS:
        raise click.UsageError(f"These are more than {MOST_TICKS:,} ticks. Take a longer --step, or less time.")
    t0 = _time("--t0", asked.t0) if asked.t0 else first
    span = Span(first.timestamp(), last.timestamp(), step)

    def asking(metric: str, done: int, of: int) -> None:
        progress.tell(f"asking {metrics.describe()} for {metric} ({done + 1} of {of})")

    feed, refused = ranged(metrics, runbook, span, t0.timestamp(), asking)
    for doubt in refused:
        tell(doubt, err=True)
    return feed


def _time(option: str, text: str) -> datetime:
    """`2026-11-24T22:00Z`, `22:00`, seconds since the epoch, `-2h` (two hours ago) or `now`. Raises UsageError."""
    from pags_tui.core.units import UnitError, parse_duration
    from pags_tui.wiring.clocks import wall
    from pags_tui.wiring.runs import parse_t0

    now = wall()
    try:
        if text == "now":
            return now.replace(microsecond=0)
        if text.startswith("-"):
            return now.replace(microsecond=0) - timedelta(seconds=parse_duration(text[1:]))
        if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
            return datetime.fromtimestamp(float(text), UTC)
        return parse_t0(text, now)
    except (UnitError, ValueError, OverflowError):
        raise click.UsageError(f"{option} '{text}' is no time. Try 2026-11-24T22:00Z, -2h or now.") from None


def _step(text: str | None, default: float) -> float:
    from pags_tui.core.units import UnitError, parse_duration

    try:
        step = parse_duration(text) if text is not None else default
    except UnitError as error:
        raise click.UsageError(f"--step: {error}.") from None
    if step <= 0:
        raise click.UsageError("--step must be longer than nothing, such as 15s.")
    return step
