"""The lines of a rollback in a plain terminal, however many of its events come at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pags_tui.cli.progress import Progress
from pags_tui.core import events as e
from pags_tui.core.state import RunState
from pags_tui.core.updates import Began, Happened
from tests.live import LEAD, SIX, book_text

MOVES = tuple(e.Move(key, value, "rollback/all-off") for key, value in SIX.items())


@dataclass
class Told:
    """Takes lines as a teller does."""

    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def say(self, line: str | bytes) -> None:
        """On stdout."""
        self.said.append(str(line))

    def warn(self, line: str) -> None:
        """On stderr."""
        self.warned.append(line)


def event(seq: int, fact: e.Fact) -> e.Event:
    """One of that night, a second each."""
    return e.Event(seq, datetime(2026, 11, 24, 22, tzinfo=UTC) + timedelta(seconds=seq), LEAD, fact)


def started() -> e.RunStarted:
    """A live run of the book with six flags."""
    return e.RunStarted("night-1", "live", book_text(), "0" * 64, "runbook.toml", "production", "ana", "ana", "1")


def test_a_batch_is_numbered_as_it_happened() -> None:
    """A guard tells several answers at once: 1/6 to 6/6, not 6/6 six times; a failure does not count."""
    told = Told()
    progress = Progress(told, MOVES)  # type: ignore[arg-type]
    begin = event(1, started())
    progress.hear(RunState(), Began((begin,), (), begin.at))
    facts: list[e.Fact] = [e.RollbackConfirmed(1, "All back", MOVES)]
    for number, move in enumerate(MOVES, 1):
        facts.append(e.FlagAsked(number, move.flag, move.value, True, "rollback", move.step, 1))
        result = "unknown" if move.flag == "gate" else "verified"
        facts.append(e.FlagAnswered(number, result, None, "no answer" if move.flag == "gate" else ""))
    progress.hear(RunState(), Happened(tuple(event(n, fact) for n, fact in enumerate(facts, 2))))
    assert [line.split()[:2] for line in told.said] == [
        ["1/6", "canary"],
        ["2/6", "brain"],
        ["2/6", "gate"],
        ["3/6", "cache"],
        ["4/6", "search"],
        ["5/6", "mail"],
    ]
    assert told.said[2].endswith("unknown: no answer")
    assert not told.warned


def test_a_confirmation_that_takes_over_is_named_at_once() -> None:
    """By its title and its person, on stderr."""
    told = Told()
    progress = Progress(told, MOVES)  # type: ignore[arg-type]
    begin = event(1, started())
    progress.hear(RunState(), Began((begin,), (), begin.at))
    other = e.RollbackConfirmed(2, "Half back", (e.Move("canary", 10, ""), *MOVES[1:]))
    facts = (e.RollbackConfirmed(1, "All back", MOVES), other)
    progress.hear(RunState(), Happened(tuple(event(n, fact) for n, fact in enumerate(facts, 2))))
    assert [line.split(" at ")[0] for line in told.warned] == [
        f"Another confirmation takes over: 'Half back' by {LEAD.shown}"
    ]
