"""The page of events."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from pags_tui.core.events import FACTS, clock, flags, judging, life, messages, shapes, work

HEAD = """# Events

Made from the program by `make reference`. `pags-tui events --json` prints one object a line, in the order in which they
happened:

`{"seq": 7, "at": "2026-11-24T22:00:00Z", "user": "ana", "name": "", "kind": "flag-asked", "payload": {…}}`

`kind` is one of the names below, `payload` holds its fields. `user` is the Unix user who asked, `name` what somebody on
a shared account calls himself. Fields are only ever added: see [what is promised](../formats.md).
"""
FAMILIES: tuple[tuple[str, ModuleType], ...] = (
    ("The run", life), ("The clock", clock), ("Steps, checkpoints, people", work), ("Gates and triggers", judging),
    ("Flags and rollback", flags), ("Messages", messages),
)  # fmt: skip
PARTS = ("Evidence", "Move")
"""What stands inside a field."""


def event_page() -> str:
    """Every event with its fields."""
    lines = [HEAD]
    listed = []
    for title, module in FAMILIES:
        lines += [f"## {title}", ""]
        for kind, fact in FACTS.items():
            if fact.__module__ == module.__name__:
                listed.append(kind)
                lines += [f"### {kind}", "", *_described(fact), ""]
    if missing := set(FACTS) - set(listed):
        raise ValueError(f"give these a chapter in tools/reference/events.py: {', '.join(sorted(missing))}")
    lines += ["## Inside a field", ""]
    for name in PARTS:
        lines += [f"### {name}", "", *_described(getattr(shapes, name)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _described(shape: Any) -> Iterator[str]:
    yield " ".join((inspect.getdoc(shape) or "").split())
    rows = list(_fields(shape))
    if rows:
        yield ""
        yield "| field | holds | means |"
        yield "|---|---|---|"
        yield from rows


def _fields(shape: Any) -> Iterator[str]:
    """Each field, with the sentence that stands under it."""
    tree = ast.parse(inspect.cleandoc(inspect.getsource(shape)))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    for here, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(here, ast.AnnAssign) and isinstance(here.target, ast.Name):
            holds = ast.unparse(here.annotation).replace("|", "\\|").replace("'", '"')
            yield f"| `{here.target.id}` | `{holds}` | {_sentence(after)} |"


def _sentence(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split()).replace("|", "\\|")
    return ""
