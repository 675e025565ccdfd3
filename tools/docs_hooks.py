"""What `mkdocs build` does here besides: files of the repository that pages link to are put beside them.

A page links to `../examples/x.toml` or to a screen of the suite as one reads it in the repository. In the site the file
lies under `files/`, screens without their fonts' addresses. Called by mkdocs; see mkdocs.yml.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
"""Pages that lie at the top of the repository."""
LINK = re.compile(r"\]\(((?:\.\./)+)([^)#\s]+)")
FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def on_config(config: Any) -> Any:
    """Leaves out of the list what is not there."""
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")} | set(PAGES.values())
    config["nav"] = _kept(config["nav"], there)
    return config


def _kept(nav: list[Any], there: set[str]) -> list[Any]:
    found: list[Any] = []
    for entry in nav:
        if isinstance(entry, dict):
            ((title, below),) = entry.items()
            found.append({title: _kept(below, there)})
        elif entry in there:
            found.append(entry)
    return found


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages of the top, and whatever a page links to outside of docs/."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    linked = set()
    for file in list(files):
        if file.src_path.endswith(".md"):
            linked |= {unquote(path) for _, path in LINK.findall(file.content_string)}
            if file.src_path in PAGES.values():
                linked |= _of_the_top(file.content_string)
    for path in sorted(linked):
        if (ROOT / path).is_file() and path not in PAGES:
            files.append(_copied(config, path))
    return files


def _of_the_top(text: str) -> set[str]:
    found = {unquote(path) for path in re.findall(r"\]\(([^):#]+)\)", text)}
    return {path for path in found if (ROOT / path).is_file() and not path.startswith("docs/")}


def _copied(config: Any, path: str) -> File:
    if path.endswith(".svg"):
        text = FONT.sub("", (ROOT / path).read_text(encoding="utf-8"))
        return File.generated(config, f"files/{path}", content=text)
    return File.generated(config, f"files/{path}", content=(ROOT / path).read_bytes())


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links out of docs/ lead to the copies."""
    up = "../" * page.file.src_path.count("/")

    def turned(found: re.Match[str]) -> str:
        path = unquote(found[2])
        if found[1].count("../") <= page.file.src_path.count("/"):
            return found[0]
        return f"]({up}{PAGES[path]}" if path in PAGES else f"]({up}files/{quote(path)}"

    if page.file.src_path in PAGES.values():
        return re.sub(r"\]\(docs/", "](", markdown)
    return LINK.sub(turned, markdown)
