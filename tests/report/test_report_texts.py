"""Other people's texts in a report: they show as they are, and command nothing."""

from __future__ import annotations

import json
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pags_tui.core.visible import UNSEEN, visible
from pags_tui.report import as_json, html, markdown
from pags_tui.report.page import text
from pags_tui.report.wiki import escaped
from tests.runs.make import tape, told
from tests.runs.rough import HOSTILE

WIKI = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


WORDS = st.text(max_size=60) | st.text(alphabet="-+=*_`#[]()<>|~!.1)$ \n\tab:/@&\\;{}^\"'", max_size=30)
"""Any text, and texts made of all that Markdown and HTML obey."""


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def kinds(source: str) -> set[str]:
    """What Markdown makes of a source: the kinds of its tokens."""
    return {token.type for block in WIKI.parse(source) for token in (block, *(block.children or ()))}


@given(WORDS)
def test_markdown_shows_any_text_as_it_is(words: str) -> None:
    """Escaped, a text is one paragraph of plain text, that says what it said."""
    source = escaped(words)
    assert kinds(source) <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    shown = "".join(c.content for b in WIKI.parse(source) for c in b.children or ())
    assert " ".join(shown.split()) == " ".join(visible(words).split())


@given(WORDS)
def test_a_cell_of_a_table_stays_one_cell(words: str) -> None:
    """Escaped, a text neither ends its cell nor its row."""
    rows = f"| a | b |\n| --- | --- |\n| {escaped(words)} | x |\n"
    cells = [token for token in WIKI.parse(rows) if token.type == "td_open"]
    assert len(cells) == 2


@given(WORDS)
def test_html_makes_no_tag_of_any_text(words: str) -> None:
    """Escaped, a text opens no tag, ends no attribute, and hides nothing."""
    assert Tags(f'<p title="{text(words)}">{text(words)}</p>').found == [("p", {"title": visible(words)})] or any(
        unicodedata.category(one) in UNSEEN for one in words
    )
    assert not {unicodedata.category(one) for one in text(words)} & UNSEEN


@pytest.mark.parametrize("render", [html, markdown, as_json], ids=["html", "md", "json"])
def test_no_rendering_holds_what_cannot_be_seen(render: object) -> None:
    """Control characters, direction marks and escape sequences are made visible, or escaped, everywhere."""
    made = render(told(tape("rough")))
    assert {one for one in made if unicodedata.category(one) in UNSEEN} == {"\n"}


def test_the_json_keeps_the_exact_text() -> None:
    """What a program reads is what was written down, to the last character."""
    assert json.loads(as_json(told(tape("rough"))))["notes"][0]["text"] == HOSTILE


def test_the_page_holds_no_tag_of_others() -> None:
    """No script, no link out, no event handler, no image: whatever a note said."""
    tags = Tags(html(told(tape("rough")))).found
    assert {"script", "iframe", "img", "object", "embed", "form", "base"} & {tag for tag, _ in tags} == set()
    links = [attrs.get("href") or "" for tag, attrs in tags if "href" in attrs]
    assert all(link.startswith("#") or link == "data:," for link in links)
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]


def test_the_wiki_page_holds_no_html_and_no_link() -> None:
    """Rendered by a real Markdown parser, the page has headings, tables and lists, and nothing that a note wanted."""
    found = kinds(markdown(told(tape("rough"))))
    assert {"heading_open", "table_open", "bullet_list_open", "fence"} <= found
    assert not {"html_block", "html_inline", "link_open", "image", "code_inline"} & found
