"""The report as Markdown for a wiki: GitHub's tables, nothing else beyond the common core. No HTML, no images.

Other people's text is escaped so that it can neither format anything, nor link, nor mention anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from pags_tui.report.document import Block, document
from pags_tui.report.document.blocks import Chart, Code, Facts, Heading, Items, Table, Words
from pags_tui.report.shapes import Report
from pags_tui.report.words import visible, visible_lines

SPECIAL = re.compile(r"[\\`*_{}\[\]#|~$]|^[-+=](?!\S)|^(?:-{2,}|={2,})|(?:(?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))[.)](?!\S)")
"""What Markdown could obey: inside a line, and at its beginning (lists, rules, underlined headings)."""
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
LINKS = re.compile(r"(?i)\b(https?|ftp|mailto|www)([:.])")


def markdown(report: Report) -> str:
    """The whole report, ending in one line break."""
    page = document(report)
    lines = [f"# {escaped(page.title)}", "", escaped(page.subtitle), ""]
    for section in page.sections:
        lines += [f"## {escaped(section.title)}", ""]
        for block in section.blocks:
            made = list(_block(block))
            lines += [*made, ""] if made else []
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """A text on one line that Markdown shows as it is."""
    plain = SPECIAL.sub(lambda found: f"\\{found[0]}", visible(text).strip())
    plain = re.sub("[&<>@]", lambda found: ENTITIES[found[0]], plain)
    return LINKS.sub(lambda found: f"{found[1]}&#{ord(found[2])};", plain)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Words(text=text, loud=loud):
            yield f"**{escaped(text)}**" if loud else escaped(text)
        case Facts(pairs=pairs):
            yield from (f"- **{escaped(name)}:** {escaped(text)}" for name, text in pairs)
        case Table():
            yield from _table(block)
        case Items(lines=lines):
            yield from (f"- {escaped(line)}" for line in lines)
        case Code(text=text, name=name):
            yield from _code(name, text)
        case Heading(text=text):
            yield f"### {escaped(text)}"
        case Chart():
            return
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    yield f"*{escaped(table.caption)}*"
    yield ""
    yield f"| {' | '.join(map(escaped, table.columns))} |"
    yield f"|{' --- |' * len(table.columns)}"
    for row in table.rows:
        yield f"| {' | '.join(map(escaped, row))} |"


def _code(name: str, text: str) -> Iterator[str]:
    """A fence longer than any run of backticks in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    yield f"{fence}{'diff' if name == 'diff' else 'text'}"
    yield visible_lines(text)
    yield fence
