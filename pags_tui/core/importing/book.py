"""What an import has understood so far: a runbook in the making, with notes for whoever goes on with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pags_tui.core.importing.commands import FlagValue
from pags_tui.core.importing.words import ident
from pags_tui.core.runbook.base import slug


@dataclass(slots=True)
class Line:
    """A step: its words, and what was made of them."""

    text: str
    kind: str = "check"
    keys: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """A monitor or a checkpoint."""

    title: str
    keys: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Phase:
    """A phase in the making."""

    id: str
    title: str
    at: str | None
    lines: list[Line] = field(default_factory=list)
    monitor: Part | None = None
    checkpoint: Part | None = None
    notes: list[str] = field(default_factory=list)
    heading: str = ""
    """The heading of the part it stands in."""

    @property
    def all_lines(self) -> list[Line]:
        return [
            *self.lines,
            *(self.monitor.lines if self.monitor else ()),
            *(self.checkpoint.lines if self.checkpoint else ()),
        ]


@dataclass(slots=True)
class Group:
    """Success criteria, follow-ups, a way back, or a message: a title with lines or keys."""

    title: str
    lines: list[Line] = field(default_factory=list)
    keys: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Metric:
    """A query that somebody has to write."""

    title: str
    unit: str
    slo: str = ""
    guessed: bool = False
    """The SLO is a number that the document does not give."""


@dataclass(slots=True)
class Book:
    """The whole of it."""

    title: str = ""
    notes: list[str] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    metrics: dict[str, Metric] = field(default_factory=dict)
    flags: dict[str, tuple[str | None, FlagValue]] = field(default_factory=dict)
    """Key to environment name and the first value written."""
    triggers: list[tuple[str, str, str]] = field(default_factory=list)
    """Title, condition, a note."""
    rollback: Group | None = None
    options: list[Group] = field(default_factory=list)
    considerations: list[str] = field(default_factory=list)
    messages: list[Group] = field(default_factory=list)
    success: list[Group] = field(default_factory=list)
    follow_ups: list[Group] = field(default_factory=list)
    roles: list[tuple[str, str]] = field(default_factory=list)
    contacts: list[tuple[str, str, str]] = field(default_factory=list)
    """Title, value, note."""
    headings: dict[str, list[str]] = field(default_factory=dict)
    """Headings of what stands behind the phases, by kind of section."""
    service: str = ""
    token: str = ""
    unplaced: list[tuple[int, str]] = field(default_factory=list)
    """Line and text of what found no place; each is kept as a comment too."""

    def phase(self, title: str, at: str | None, heading: str) -> Phase:
        """A new phase with an id of its own."""
        made = Phase(self._id(title), title, at, heading=heading)
        self.phases.append(made)
        return made

    def _id(self, title: str) -> str:
        base = ident(title.partition("(")[0].partition(" - ")[0], "") or ident(title, "phase")
        taken = {phase.id for phase in self.phases}
        return next(name for n in range(1, 1000) if (name := base if n == 1 else f"{base}-{n}") not in taken)

    def unique(self, lines: list[Line]) -> None:
        """Gives lines whose words make the same id one of their own."""
        seen: dict[str, int] = {}
        for line in lines:
            name = slug(line.text) or "step"
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1 or not slug(line.text):
                line.keys = {"id": f"{name}-{seen[name]}", **line.keys}
