"""What a page is made of, whatever it is rendered as. Texts in it are not escaped yet."""

from __future__ import annotations

from dataclasses import dataclass

from pags_tui.core.series import Seconds
from pags_tui.report.shapes import Mark, MetricLine


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first cell of a row names it."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A text to be read character by character."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below that of its section."""

    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric over the night."""

    metric: MetricLine
    marks: tuple[Mark, ...]
    length: Seconds
    t0: Seconds | None
    """Where T+0 stands, in seconds since the run started."""


Block = Words | Facts | Table | Items | Code | Heading | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The page."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


__all__ = ["Block", "Chart", "Code", "Document", "Facts", "Heading", "Items", "Section", "Table", "Words"]
