"""Every key, declared once: bindings, footer, palette, help and the README are made of these rows.

A key says when it is off, and why. It does nothing by itself: what a key does is looked up by its id in `acting`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pags_tui.ui.rows import FooterKey

if TYPE_CHECKING:
    from textual.binding import Binding

    from pags_tui.desk.port import Seat
    from pags_tui.ui.scene import Scene

Group = Literal["Way back", "Move", "Work", "Look", "Replay", "By name", "Leave"]

WhyNot = Callable[["Scene"], str | None]

EVERYWHERE: frozenset[Seat] = frozenset({"desk", "watch", "replay"})
LIVE: frozenset[Seat] = frozenset({"desk", "watch"})
"""Live keys do not exist in a replay."""
REPLAY: frozenset[Seat] = frozenset({"replay"})


# ---------------------------------------------------------------- why a key is off


def never(scene: Scene) -> str | None:
    """The key always works."""
    return None


def cannot_ask(scene: Scene) -> str | None:
    """Whoever only watches, or sits before a closed run, changes nothing."""
    if scene.seat != "desk":
        return "watching only: this screen asks for nothing"
    if scene.state.run is None:
        return "nothing is known of the run yet"
    if scene.state.ended:
        return f"the run was closed as {scene.state.ended}"
    return None


def lead_only(what: str) -> WhyNot:
    """Off for everybody but the lead."""

    def why_not(scene: Scene) -> str | None:
        if (why := cannot_ask(scene)) is not None:
            return why
        if not scene.view.is_lead:
            return f"only the lead ({scene.state.lead.shown}) may {what}; 'Take the lead' is in ctrl+p"
        return None

    return why_not


def needs(there: Callable[[Scene], object], why: str, base: WhyNot = cannot_ask) -> WhyNot:
    """Off while there is nothing to do it to."""

    def why_not(scene: Scene) -> str | None:
        return base(scene) or (None if there(scene) else why)

    return why_not


def _hold(scene: Scene) -> str | None:
    return lead_only("let T run again")(scene) if scene.state.hold else cannot_ask(scene)


def _unsigned(scene: Scene) -> bool:
    from pags_tui.core.plan.progress import is_signed

    return any(phase.checkpoint and not is_signed(scene.state, phase) for phase in scene.state.runbook.phases)


def _asks_back(scene: Scene) -> bool:
    return bool(scene.state.countdown or scene.state.band)


def _drifts(scene: Scene) -> bool:
    return any(flag.drift is not None for flag in scene.state.flags.values())


# ---------------------------------------------------------------- one key


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that an operator can do, and the keys for it."""

    id: str
    """Stable: a keymap of one's own names it, blockers point to it."""
    keys: tuple[str, ...]
    """As Textual names them; empty: only by name."""
    label: str
    """One or two words for the footer."""
    text: str
    """One sentence for help, palette and README."""
    group: Group
    why_not: WhyNot = never
    show: str = ""
    """As printed; empty: made from `keys`."""
    seats: frozenset[Seat] = EVERYWHERE
    footer: int = 0
    """Place in the footer, 1 first; 0: not there."""
    priority: bool = False
    """From anywhere: over any dialog, inside any input."""
    relabel: Callable[[Scene], str] | None = None
    """The label where it changes with the run."""

    @property
    def shown(self) -> str:
        """The keys as they are printed."""
        return self.show or " ".join(printed(key) for key in self.keys)

    def shown_in(self, scene: Scene) -> str:
        """As printed, with a keymap of one's own."""
        mine = scene.keymap.get(self.id)
        return " ".join(printed(key) for key in mine.split(",")) if mine else self.shown

    def label_in(self, scene: Scene) -> str:
        """The label here and now."""
        return self.relabel(scene) if self.relabel else self.label

    def footer_key(self, scene: Scene) -> FooterKey:
        """The key as the footer shows it."""
        return FooterKey(self.shown_in(scene), self.label_in(scene), self.why_not(scene))


PRINTED = {
    "space": "space", "enter": "↵", "escape": "esc", "question_mark": "?", "slash": "/", "pagedown": "pgdn",
    "pageup": "pgup", "left_square_bracket": "[", "right_square_bracket": "]", "comma": ",", "full_stop": ".",
    "minus": "-", "plus": "+", "left": "←", "right": "→", "up": "↑", "down": "↓",
}  # fmt: skip
"""Names of Textual that nobody would type."""


def printed(key: str) -> str:
    """A key as it stands on a keyboard: `ctrl+p` is `^p`, `f9` is `F9`."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return PRINTED.get(key, key)


def _pane(number: int, name: str, text: str) -> Key:
    return Key(f"pane-{name}", (str(number),), name, text, "Move")


def _jumps(letter: str, kind: str, text: str, place: int) -> tuple[Key, Key]:
    """To the next one of a kind, and with shift to the one before."""
    before = Key(f"previous-{kind}", (letter.upper(),), kind, f"Back to the {text} before.", "Replay", seats=REPLAY)
    return Key(f"next-{kind}", (letter,), kind, f"To the next {text}.", "Replay", seats=REPLAY, footer=place), before


ROLLBACK = "rollback"
"""The key that no keymap can take away."""

KEYS: tuple[Key, ...] = (
    Key(
        ROLLBACK, ("f9", "ctrl+r"), "ROLL BACK", "Roll back: open the plan at once, from anywhere.", "Way back",
        lambda scene: "a replay changes nothing" if scene.seat == "replay" else None, "F9/^R", priority=True,
    ),
    # ------------------------------------------------------------ move
    Key("down", ("j", "down"), "down", "To the next line.", "Move"),
    Key("up", ("k", "up"), "up", "To the line before.", "Move"),
    Key("first", ("g", "home"), "first", "To the first line.", "Move"),
    Key("last", ("G", "end"), "last", "To the last line.", "Move"),
    Key("page-down", ("pagedown",), "page down", "A page down.", "Move"),
    Key("page-up", ("pageup",), "page up", "A page up.", "Move"),
    Key("next-pane", ("tab",), "next pane", "To the next pane.", "Move"),
    Key("previous-pane", ("shift+tab",), "previous pane", "To the pane before.", "Move"),
    _pane(1, "timeline", "Timeline: phases and checkpoints; enter shows that phase's checklist."),
    _pane(2, "checklist", "Checklist of the phase."),
    _pane(3, "metrics", "Metrics with their recent course."),
    _pane(4, "gates", "Gates and triggers."),
    _pane(5, "log", "Log: what happened."),
    # ------------------------------------------------------------ work
    Key(
        "tick", ("space",), "tick", "Tick the step; again: take the tick back.", "Work", cannot_ask, seats=LIVE,
        footer=1,
    ),
    Key("open", ("enter",), "open", "Open what is under the cursor: step, gate, metric, trigger.", "Work", footer=2),
    Key(
        "act", ("a",), "act", "Perform the action under the cursor (a dialog).", "Work",
        lead_only("move traffic or any other flag"), seats=LIVE, footer=3,
    ),
    Key(
        "sign", ("s",), "sign", "Sign the checkpoint (a dialog).", "Work",
        needs(_unsigned, "every checkpoint is signed"), seats=LIVE, footer=4,
    ),
    Key(
        "hold", ("h",), "hold", "Hold T now; while held: the resume dialog.", "Work", _hold, seats=LIVE, footer=5,
        relabel=lambda scene: "resume" if scene.state.hold else "hold",
    ),
    Key(
        "override", ("o",), "override", "Go against a gate, with a reason (a dialog).", "Work",
        lead_only("override a gate"), seats=LIVE, footer=9,
    ),
    Key(
        "outcome", ("x",), "outcome", "Another outcome: failed, skipped, n/a, waived, deferred.", "Work", cannot_ask,
        seats=LIVE, footer=10,
    ),
    Key("note", ("n",), "note", "Write a note.", "Work", cannot_ask, seats=LIVE, footer=11),
    Key(
        "issue", ("i",), "issue", "Open an issue, minor or major; or close one.", "Work", cannot_ask, seats=LIVE,
        footer=13,
    ),
    Key(
        "message", ("m",), "message", "Draft, edit and send a message.", "Work",
        needs(lambda scene: scene.state.runbook.comms, "this runbook has no messages"), seats=LIVE, footer=12,
    ),
    Key("poll", ("p",), "poll", "Go/no-go poll of all roles.", "Work", cannot_ask, seats=LIVE, footer=14),
    Key("why", ("w",), "why not?", "Why can't I go on? Every blocker, and the key that clears it.", "Work", footer=6),
    Key(
        "veto", ("v",), "veto", "Veto a countdown: then 1 to 5, or words.", "Work",
        needs(_asks_back, "nothing counts down and nothing asks"), seats=LIVE,
    ),
    # ------------------------------------------------------------ look
    Key("help", ("question_mark",), "help", "Help for where I am.", "Look", footer=8),
    Key("palette", ("ctrl+p",), "all", "Every command by name.", "Look", footer=16),
    Key("find", ("slash",), "find", "Find in this pane; an empty word finds the next one.", "Look", footer=15),
    Key("zoom", ("z",), "zoom", "This pane over the whole screen; again: back.", "Look"),
    Key("copy", ("y",), "copy", "Copy the command, or the line, under the cursor.", "Look"),
    Key("redraw", ("ctrl+l",), "redraw", "Draw the screen again.", "Look", priority=True),
    Key("mouse", ("ctrl+o",), "mouse", "Mouse on or off; off, the terminal copies by itself.", "Look", priority=True),
    # ------------------------------------------------------------ replay
    Key("play", ("space",), "play", "Play, or stand.", "Replay", seats=REPLAY, footer=1),
    Key("back", ("left",), "-10 s", "Ten seconds back.", "Replay", seats=REPLAY, footer=30),
    Key("forward", ("right",), "10 s", "Ten seconds on.", "Replay", seats=REPLAY, footer=31),
    Key("previous-event", ("left_square_bracket",), "event", "To the event before.", "Replay", seats=REPLAY, footer=20),
    Key("next-event", ("right_square_bracket",), "event", "To the next event.", "Replay", seats=REPLAY, footer=3),
    Key("previous-tick", ("comma",), "tick", "One tick back.", "Replay", seats=REPLAY, footer=32),
    Key("next-tick", ("full_stop",), "tick", "One tick on.", "Replay", seats=REPLAY, footer=33),
    *_jumps("f", "flag", "change of a flag", 22),
    *_jumps("s", "sign-off", "sign-off", 23),
    *_jumps("r", "trigger", "trigger, countdown, veto or rollback", 24),
    *_jumps("h", "hold", "hold, resume or recycle", 25),
    Key(
        "what-if", ("i",), "what if", "What if: suppose another bound or duration; see when it would have answered "
        "otherwise.", "Replay", seats=REPLAY, footer=5,
    ),
    *_jumps("d", "difference", "moment at which what is supposed (i) answers otherwise", 26),
    Key("go-to", ("t",), "go to T", "Go to a T, or to a time, that is typed.", "Replay", seats=REPLAY, footer=4),
    Key("slower", ("minus",), "slower", "Half the speed.", "Replay", seats=REPLAY, footer=34),
    Key("faster", ("plus", "equals_sign"), "faster", "Twice the speed.", "Replay", show="+", seats=REPLAY, footer=35),
    # ------------------------------------------------------------ by name
    Key(
        "recycle", (), "recycle", "Recycle: set T back to an earlier phase.", "By name",
        needs(lambda scene: scene.state.clock, "T+0 is not set", lead_only("recycle")), seats=LIVE,
    ),
    Key(
        "hold-reason", (), "why held", "Say why T is held.", "By name",
        needs(lambda scene: scene.state.hold, "T is not held: h holds it"), seats=LIVE,
    ),
    Key("t-zero", (), "set T+0", "Set or move T+0.", "By name", lead_only("set T+0"), seats=LIVE),
    Key(
        "mute", (), "mute", "Mute a trigger for a while.", "By name",
        needs(lambda scene: scene.state.runbook.triggers, "this runbook has no triggers", lead_only("mute a trigger")),
        seats=LIVE,
    ),
    Key(
        "retire", (), "retire a series", "Retire a series that is not expected any more.", "By name",
        needs(lambda scene: scene.state.runbook.metrics, "this runbook has no metrics", lead_only("retire a series")),
        seats=LIVE,
    ),
    Key(
        "drift", (), "drift", "Accept or restore a flag that somebody else changed.", "By name",
        needs(_drifts, "every flag is as this run left it"), seats=LIVE,
    ),
    Key(
        "owed", (), "owed change", "Decide about a change that is not verified.", "By name",
        needs(lambda scene: scene.state.owed, "no change is owed"), seats=LIVE,
    ),
    Key("lead", (), "lead", "Take the lead, or give it to somebody.", "By name", cannot_ask, seats=LIVE),
    Key("people", (), "people", "Name people for roles, fill in contacts.", "By name", cannot_ask, seats=LIVE),
    Key(
        "present", (), "who is here", "Who is at a screen of this run, and on which host.", "By name",
        lambda scene: None if scene.present else "the guard does not tell who is here",
    ),
    Key(
        "amend", (), "amend", "Amend: read the corrected runbook again.", "By name", lead_only("amend the runbook"),
        seats=LIVE,
    ),
    Key("end", (), "end the run", "End the run: done or abandoned.", "By name", lead_only("end the run"), seats=LIVE),
    Key(
        "flag", (), "one flag", "One flag back to a value that it had.", "By name",
        needs(lambda scene: scene.state.flags, "no flag was read yet"), seats=LIVE,
    ),
    # ------------------------------------------------------------ leave
    Key("quit", ("q",), "leave", "Leave: the guard goes on, or stops.", "Leave", footer=17),
    Key("quit-now", ("ctrl+q", "ctrl+c"), "leave", "The same, from anywhere.", "Leave", priority=True),
)  # fmt: skip
"""All of them, in the order of the help."""

BY_ID: Mapping[str, Key] = {key.id: key for key in KEYS}


def keys_for(seat: Seat) -> tuple[Key, ...]:
    """The keys that exist in that seat."""
    return tuple(key for key in KEYS if seat in key.seats)


STEERING = frozenset({"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab"})
"""Keys that a focused list would take for its own scrolling. In an input they are the input's all the same."""


def bindings(seat: Seat, *, priority: bool) -> list[Binding]:
    """Textual's bindings for the keys of that seat: those from anywhere (for the App), or the others (for a Screen)."""
    from textual.binding import Binding

    return [
        Binding(name, f"app.press({key.id!r})", key.label, show=False, priority=priority or name in STEERING, id=key.id)
        for key in keys_for(seat)
        for name in key.keys
        if key.priority == priority
    ]


def keymap(wanted: Mapping[str, str]) -> dict[str, str]:
    """A keymap of one's own by key id, as `App.set_keymap` takes it. F9 and ctrl+r stay with the rollback."""
    fixed = BY_ID[ROLLBACK].keys
    mapped = {}
    for key_id, keys in wanted.items():
        free = [key for key in keys.split(",") if key.strip() and key.strip() not in fixed]
        if key_id in BY_ID and key_id != ROLLBACK and free:
            mapped[key_id] = ",".join(free)
        elif key_id == ROLLBACK and free:
            mapped[key_id] = ",".join((*fixed, *free))
    return mapped


def footer(scene: Scene) -> tuple[FooterKey, ...]:
    """The footer's keys: a veto, where there is something to veto, before all others, the rollback key at the end.

    Where nothing can be asked for any more, or ever, it offers nothing of the kind.
    """
    first = ("veto",) if _asks_back(scene) else ()
    first = (*first, "play", "help") if scene.seat == "replay" else first
    idle = scene.seat == "watch" or bool(scene.state.ended)
    listed = [key for key in keys_for(scene.seat) if key.footer or key.id in first]
    listed = [key for key in listed if not (idle and key.group == "Work" and key.why_not(scene))]
    ordered = sorted(listed, key=lambda key: (key.id not in first, key.footer))
    shown = [key.footer_key(scene) for key in ordered]
    panes = FooterKey("1-5", "panes")
    if scene.seat == "replay":
        return (*shown, panes)
    shown.insert(min(6, len(shown)), panes)
    return (*shown, replace(BY_ID[ROLLBACK].footer_key(scene), loud=True))
