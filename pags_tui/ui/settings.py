"""A person's own settings, read from `config.toml`: keys, theme, refresh, mouse, and how a person is called.

Text in, settings out, or one error with every fault and its place. It opens no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from pags_tui.core.errors import RunbookError
from pags_tui.core.runbook.base import Duration, Part
from pags_tui.core.runbook.draft import Draft, instead
from pags_tui.core.runbook.loading import toml_values
from pags_tui.ui import keys
from pags_tui.ui.usual import USUAL, Awaited, How, ThemeName

if TYPE_CHECKING:
    from pags_tui.desk.port import Seat

LAST = "or leave the file out for once: PAGS_TUI_CONFIG= pags-tui …"


class Calls(Part):
    """`[calls]`: how a person is called to the screen."""

    on: tuple[Awaited, ...] = USUAL.calls.on
    """What calls: a countdown to a rollback, a band that asks for one, a trigger that fires, a message that is due."""
    how: tuple[How, ...] = USUAL.calls.how
    """The terminal's bell, or a notification of the desktop that the terminal shows: `osc9` (iTerm2, kitty, WezTerm,
    Ghostty) or `osc777` (foot, urxvt, Ghostty, WezTerm). Within tmux they are wrapped for it; tmux
    lets them through with `set -g allow-passthrough on`."""


class Settings(Part):
    """`config.toml`: every key may be left out."""

    theme: ThemeName | None = USUAL.theme
    """The colours, where the terminal has many: with sixteen, or with NO_COLOR, it has its own. Left out: dark."""
    refresh: Annotated[Duration, Field(gt=0, le=60)] = USUAL.refresh
    """How often the clocks on the screen move; what happens is shown at once all the same."""
    mouse: bool = USUAL.mouse
    """Begin with the mouse on. Off, the terminal selects and copies by itself; `ctrl+o` switches."""
    ascii: bool = USUAL.ascii
    """No characters beyond ASCII, as PAGS_TUI_ASCII does."""
    calls: Calls = Calls()
    """When and how a person is called."""
    keys: dict[str, str] = Field(default_factory=dict)
    """Keys by id, several with commas between: `tick = "space,t"`."""


def load_settings(text: str, file: str = "config.toml") -> Settings:
    """The settings that `text` holds; `file` is its name in messages.

    Raises RunbookError with every fault, each as FILE:LINE:COLUMN.
    """
    draft = Draft(file, text)
    data = draft.table(toml_values(text, file), (), tuple(Settings.model_fields))
    calls = data.pop("calls", None)
    mapped = data.pop("keys", None)
    found = draft.build(Settings, data, ())
    made: dict[str, Any] = {}
    if calls is not None:
        made["calls"] = _calls(draft, calls)
    if mapped is not None:
        made["keys"] = _keys(draft, mapped)
    draft.refuse_if_faulty()
    if found is None:  # cannot be: what keeps settings from being made is noted
        raise RunbookError(())
    return found.model_copy(update=made)


def _calls(draft: Draft, value: object) -> Calls | None:
    data = draft.table(value, ("calls",), tuple(Calls.model_fields))
    many = {key: [item] if isinstance(item, str) else item for key, item in data.items()}
    return draft.build(Calls, many, ("calls",))


# ---------------------------------------------------------------- keys

NAMED = frozenset(
    {"space", "enter", "tab", "shift+tab", "backspace", "delete", "insert", "up", "down", "left", "right", "home"}
    | {"end", "pageup", "pagedown", *keys.PRINTED} - {"escape"}
)
"""Keys by name; `escape` always leaves a dialog and stays with that."""
CHARACTERS = {shown: name for name, shown in keys.PRINTED.items() if len(shown) == 1 and shown.isascii()}
"""What people type, and what Textual calls it."""
LOST = {
    "h": "arrives as backspace", "i": "arrives as tab", "j": "arrives as enter", "m": "arrives as enter",
    "a": "belongs to screen", "b": "belongs to tmux", "q": "belongs to the terminal", "s": "belongs to the terminal",
    "z": "belongs to the terminal", "c": "belongs to leaving",
}  # fmt: skip
"""ctrl with these does not arrive, or not as itself."""


def _keys(draft: Draft, value: object) -> dict[str, str]:
    """`[keys]`: by id. A key that would mean two things in one seat is a fault."""
    table = draft.table(value, ("keys",))
    mapped: dict[str, str] = {}
    for key_id, written in table.items():
        path = ("keys", key_id)
        if key_id not in keys.BY_ID:
            draft.fault(path, f"there is no key '{key_id}'; {instead(key_id, keys.BY_ID)}", "unknown-key", at_key=True)
        elif not isinstance(written, str) or not written.strip():
            draft.fault(path, 'a key is text, such as "t", or several with commas between: "space,t"', "wrong-type")
        else:
            names = [CHARACTERS.get(part.strip(), part.strip()) for part in written.split(",") if part.strip()]
            for why in filter(None, (_refused(keys.BY_ID[key_id], name) for name in names)):
                draft.fault(path, why, "invalid-key")
            mapped[key_id] = ",".join(names)
    for key_id, why in _clashes(mapped):
        draft.fault(("keys", key_id), why, "key-twice")
    return mapped


def _refused(key: keys.Key, name: str) -> str | None:
    """Why that key cannot be given a name; None when it can."""
    if name in keys.BY_ID[keys.ROLLBACK].keys and key.id != keys.ROLLBACK:
        return f"'{name}' is the rollback's and stays with it; choose another key"
    control = re.fullmatch(r"ctrl\+(.)", name)
    if control and (why := LOST.get(control[1])) and name not in key.keys:
        return f"'{name}' {why}; choose another key"
    known = name in NAMED or re.fullmatch(r"[^\W_]|f([1-9]|1[0-2])|ctrl\+[a-z]", name)
    if not known:
        return f"'{name}' is no key that arrives; write a letter, F-key (f5), ctrl+x or a name such as space, pagedown"
    if key.priority and not re.match(r"f\d|ctrl\+", name):
        return f"'{key.id}' works while you type, so '{name}' could not be typed any more; take an F-key or ctrl+x"
    return None


def _clashes(mapped: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys that would mean two things."""
    whole = {**{key.id: ",".join(key.keys) for key in keys.KEYS}, **keys.keymap(mapped)}
    seats: tuple[Seat, ...] = ("desk", "replay")
    told = set()
    for seat in seats:
        taken: dict[str, str] = {}
        for key in keys.keys_for(seat):
            for name in filter(None, whole[key.id].split(",")):
                other = taken.setdefault(name, key.id)
                mine = key.id if key.id in mapped else other
                if other != key.id and mine in mapped and (mine, name) not in told:
                    told.add((mine, name))
                    both = other if mine == key.id else key.id
                    yield mine, f"'{name}' would be '{both}' as well; give that another key too"


__all__ = ["Calls", "Settings", "ThemeName", "load_settings"]
