"""The report as one HTML page that asks nothing of anybody: style and charts are in it, and a policy forbids the rest.

Headings, captions and row headings are real, so that a screen reader finds its way; each chart has its words beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import assert_never

from pags_tui.report.charts import chart
from pags_tui.report.document import Block, Document, document
from pags_tui.report.document.blocks import Chart, Code, Facts, Heading, Items, Section, Table, Words
from pags_tui.report.looks import STYLE
from pags_tui.report.shapes import Report
from pags_tui.report.words import visible, visible_lines

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
GOOD = {"passed", "pass", "verified", "sent", "copied", "counts", "done"}
BAD = {"failed", "fail", "refused", "mismatch", "unknown", "not signed", "no answer", "fired", "rollback", "not tried"}
ODD = {"deferred", "waived", "skipped", "open", "override", "veto", "mute", "hold", "unverified", "pending", "drafted"}


def html(report: Report) -> str:
    """The whole page, ending in one line break."""
    return "\n".join(_page(document(report))) + "\n"


def _page(page: Document) -> Iterator[str]:
    title = text(page.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">'
    yield f'<link rel="icon" href="data:,">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>'
    yield f"<header>\n<h1>{title}</h1>\n<p>{text(page.subtitle)}</p>\n</header>"
    yield '<nav aria-label="Contents">\n<ul>'
    yield from (f'<li><a href="#{section.id}">{text(section.title)}</a></li>' for section in page.sections)
    yield "</ul>\n</nav>\n<main>"
    for section in page.sections:
        yield from _section(section)
    yield "</main>\n</body>\n</html>"


def text(words: str) -> str:
    """Other people's text on one line, shown as it is."""
    return escape(visible(words))


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{section.id}" aria-labelledby="{section.id}-title">'
    yield f'<h2 id="{section.id}-title">{text(section.title)}</h2>'
    for number, block in enumerate(section.blocks):
        yield from _block(block, f"{section.id}-{number}")
    yield "</section>"


def _block(block: Block, name: str) -> Iterator[str]:
    match block:
        case Words(text=words, loud=loud):
            yield f'<p class="loud">{text(words)}</p>' if loud else f"<p>{text(words)}</p>"
        case Facts(pairs=pairs):
            yield "<dl>"
            yield from (f"<dt>{text(key)}</dt><dd>{text(value)}</dd>" for key, value in pairs)
            yield "</dl>"
        case Table():
            yield from _table(block)
        case Items(lines=lines):
            yield f"<ul>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ul>"
        case Code(text=code):
            yield f'<pre tabindex="0"><code>{escape(visible_lines(code))}</code></pre>'
        case Heading(text=words):
            yield f"<h3>{text(words)}</h3>"
        case Chart():
            yield chart(block, name)
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{text(table.caption)}">'
    yield f"<table>\n<caption>{text(table.caption)}</caption>"
    heads = "".join(f'<th scope="col">{text(column)}</th>' for column in table.columns)
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>"
    for first, *rest in table.rows:
        yield f'<tr><th scope="row">{text(first)}</th>{"".join(map(_cell, rest))}</tr>'
    yield "</tbody>\n</table>\n</div>"


def _cell(words: str) -> str:
    """A state's word gets its colour as well; the word alone says the same."""
    kind = "good" if words in GOOD else "bad" if words in BAD else "odd" if words in ODD else ""
    return f'<td class="{kind}">{text(words)}</td>' if kind else f"<td>{text(words)}</td>"
