"""The errors of the whole program, one tree. The name says whose move it is.

PagsError
  RunbookError   the file is wrong    → the author edits it
  Refused        not now              → the operator waits, or gives a reason
  EdgeError      the outside failed   → retry, or carry on without
    Unreachable  no answer at all     → the service, the network or the address
    BadAnswer    an answer that is none (HTML, another shape, a status code)
  JournalError   the record is in the way (locked, damaged, newer)
    InDoubt      its database went silent in the middle of a write
"""

from __future__ import annotations

from dataclasses import dataclass


class PagsError(Exception):
    """Anything this program raises on purpose. Its text is a plain sentence for an operator."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file, and what would be right."""

    file: str
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1."""
    message: str
    severity: str = "error"
    """`error` or `warning`."""
    code: str = "invalid"
    """A stable short name for scripts, such as `unknown-metric`."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RunbookError(PagsError):
    """The runbook cannot be used. Carries every fault found, not only the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class Refused(PagsError):
    """An ask that may not happen now. The text names what it waits for and the next move."""


class EdgeError(PagsError):
    """Something outside failed."""


class Unreachable(EdgeError):
    """No answer: connection refused, name unknown, time-out, connection cut."""

    may_have_arrived = True
    """The request may have had its effect all the same; False only where it surely never left."""


class BadAnswer(EdgeError):
    """An answer that cannot be used: a refusal by status, HTML where JSON was due, another shape."""


class JournalError(PagsError):
    """The journal cannot be opened or written."""


class InDoubt(JournalError):
    """Nobody knows whether it was recorded: the write was sent, and no answer came."""


def said(text: str, limit: int = 200) -> str:
    """What somebody outside said, as one line that is safe to put into an error: no control character, not endless."""
    line = "".join(one if one.isprintable() else " " for one in text[: limit * 4])
    line = " ".join(line.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
