"""The page of keys."""

from __future__ import annotations

from collections.abc import Iterator

from pags_tui.ui.keys import KEYS, Key

HEAD = """# Keys

Made from the program by `make reference`. `pags-tui keys` shows which of them reach your terminal, `?` tells those that
work where you are, and `ctrl+p` finds each by name. `^r` is ctrl with r. The id is what a
[key map of your own](../habits.md#keys) names.
"""
WHERE = {
    "Way back": "From anywhere: over any dialog, inside any input.",
    "Replay": "Only in a replay; the keys that change something do not exist there.",
    "By name": "These have no key: `ctrl+p`, then a part of the name.",
}


def key_page() -> str:
    """Every key, group by group."""
    groups = dict.fromkeys(key.group for key in KEYS)
    return HEAD + "".join("\n" + "\n".join(_group(group)) + "\n" for group in groups)


def _group(group: str) -> Iterator[str]:
    yield f"## {group}"
    if group in WHERE:
        yield ""
        yield WHERE[group]
    yield ""
    yield "| key | does | id |"
    yield "|---|---|---|"
    yield from (_row(key) for key in KEYS if key.group == group)


def _row(key: Key) -> str:
    shown = f"`{key.shown}`" if key.keys else "by name"
    return f"| {shown} | {key.text} | `{key.id}` |"
