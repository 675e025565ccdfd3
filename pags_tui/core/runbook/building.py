"""Turns the outline into models: values, conditions and references of every line, phase, group and way back.

What is faulty is noted and left out; whoever loads refuses the whole afterwards.
"""

from __future__ import annotations

from typing import Any

from pags_tui.core.conditions import Use
from pags_tui.core.runbook.base import MODES, Mode, Path
from pags_tui.core.runbook.draft import instead
from pags_tui.core.runbook.endings import ArmedRange, FollowUps, Rollback, RollbackOption, SuccessGroup
from pags_tui.core.runbook.messages import Message
from pags_tui.core.runbook.outline import Line
from pags_tui.core.runbook.scope import Scope
from pags_tui.core.runbook.sheets import Sheet
from pags_tui.core.runbook.signals import Trigger
from pags_tui.core.runbook.steps import Checkpoint, Monitor, Mutes, Phase, Step

NO_WRITES = "flags are changed among a phase's steps or a rollback's; move this `set` there"


def picked(keys: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of the keys that are written."""
    return {name: keys[name] for name in names if name in keys}


def step(scope: Scope, line: Line) -> Step | None:
    """One step with its values read."""
    keys: dict[str, Any] = dict(line.keys)
    if "gate" in keys:
        keys["gate"] = scope.conditions(keys["gate"], (*line.path, "gate"), line.place, Use.GATE)
    for key in ("set", "stage"):
        if key in keys:
            keys[key] = scope.values(keys[key], (*line.path, key), key)
    if "mutes" in keys:
        keys["mutes"] = _mutes(scope, keys["mutes"], (*line.path, "mutes"))
    scope.role(keys.get("role"), (*line.path, "role"))
    _belongs(scope, line, keys)
    keys |= {"id": line.id, "name": line.name, "place": line.place, "section": line.section, "kind": line.kind}
    keys |= {"text": line.text, "path": line.path}
    keys |= {"judged": scope.judged(keys.get("gate", ())), "written": scope.written(keys.get("set", ()))}
    return scope.draft.build(Step, keys, line.path, {"text": line.kind})


def _belongs(scope: Scope, line: Line, keys: dict[str, Any]) -> None:
    """A key that means nothing where it stands is a slip."""
    fault, path = scope.draft.fault, line.path
    if "set" in keys and line.kind == "check":
        fault((*path, "set"), "a check changes nothing; write `action` instead of `check`", "misplaced", at_key=True)
    elif "set" in keys and (line.section not in ("steps", "rollback") or line.place.endswith(".checkpoint")):
        fault((*path, "set"), NO_WRITES, "misplaced", at_key=True)
    if "hard" in keys and "gate" not in keys:
        fault((*path, "hard"), "`hard` is said of a gate; add `gate`, or leave it out", "misplaced", at_key=True)
    if "parallel" in keys and "set" not in keys:
        fault((*path, "parallel"), "`parallel` is said of a `set`; add one, or leave it out", "misplaced", at_key=True)


def steps(scope: Scope, lines: list[Line] | None) -> tuple[Step, ...]:
    """Steps in file order."""
    built = (step(scope, line) for line in lines or ())
    return tuple(one for one in built if one)


def _mutes(scope: Scope, value: object, path: Path) -> Mutes | None:
    keys = scope.draft.table(value, path, ("triggers", "for"))
    triggers = keys.get("triggers")
    for index, name in enumerate(triggers if isinstance(triggers, list) else ()):
        scope.draft.name(name, (*path, "triggers", index), "trigger", scope.triggers)
    return scope.draft.build(Mutes, keys, path)


def phases(scope: Scope) -> tuple[Phase, ...]:
    """All phases, with the planned time of those that follow the one before."""
    built: list[Phase] = []
    for sheet in scope.outline.phases:
        phase = _phase(scope, sheet, built[-1].ends if built else 0.0)
        if phase:
            built.append(phase)
    return tuple(built)


def _phase(scope: Scope, sheet: Sheet, after: float) -> Phase | None:
    keys = {"title": sheet.id, **picked(sheet.keys, "title", "at", "hold")}
    parts: dict[str, object] = {}
    if "monitor" in sheet.parts:
        parts["monitor"] = _monitor(scope, sheet)
    if "checkpoint" in sheet.parts:
        parts["checkpoint"] = checkpoint(scope, sheet)
    keys |= {"id": sheet.id, "path": sheet.path, "steps": steps(scope, sheet.lines.get("steps")), **parts}
    if "at" in keys:
        return scope.draft.build(Phase, keys, sheet.path)
    # The time of a phase that follows is worked out here, so it is no text of the file.
    made = scope.draft.build(Phase, {**keys, "at": "T+0"}, sheet.path)
    return made.model_copy(update={"at": after, "follows": True}) if made else None


def _monitor(scope: Scope, sheet: Sheet) -> Monitor | None:
    path, keys = (*sheet.path, "monitor"), sheet.parts["monitor"]
    scope.role(keys.get("role"), (*path, "role"))
    return scope.draft.build(Monitor, {**keys, "steps": steps(scope, sheet.lines.get("monitor"))}, path)


def checkpoint(scope: Scope, sheet: Sheet) -> Checkpoint | None:
    """The checkpoint of a phase or of a way back."""
    path, keys = (*sheet.path, "checkpoint"), dict(sheet.parts["checkpoint"])
    if "sign_off" in keys:
        keys["sign_off"] = scope.roles_of(keys["sign_off"], (*path, "sign_off"))
    return scope.draft.build(Checkpoint, {**keys, "steps": steps(scope, sheet.lines.get("checkpoint"))}, path)


def triggers(scope: Scope, written: dict[str, dict[str, Any]]) -> dict[str, Trigger]:
    """`[triggers.<id>]`."""
    built = {}
    for name, item in written.items():
        path: Path = ("triggers", name)
        keys = {"title": name, **item, "id": name, "path": path}
        if "when" in item:
            keys["when"] = scope.conditions(item["when"], (*path, "when"), None, Use.TRIGGER)
        made = scope.draft.build(Trigger, keys, path)
        if made:
            built[name] = made
    return built


def rollback(scope: Scope, data: dict[str, Any]) -> Rollback | None:
    """`[rollback]` with its named options; None when there is none."""
    if not scope.outline.rollback:
        return None
    default, *named = scope.outline.rollback
    keys = picked(default.keys, "title", "auto", "countdown", "considerations")
    built = scope.draft.build(Rollback, keys, ("rollback",)) or Rollback()
    first = _option(scope, default, built.title)
    options = tuple(option for sheet in named if (option := _option(scope, sheet, sheet.id)))
    if "checkpoint" in default.parts and not default.lines["rollback"]:
        message = (
            "this checkpoint belongs to the default rollback, which has no `steps`; add some, or move it to an option"
        )
        scope.draft.fault(("rollback", "checkpoint"), message, "misplaced")
    changed = {"armed": _armed(scope, default.keys, built.auto), "options": options}
    return built.model_copy(update={**changed, "default": first if default.lines["rollback"] else None})


def _option(scope: Scope, sheet: Sheet, title: str) -> RollbackOption | None:
    keys = {"title": title, **picked(sheet.keys, "title", "loses", "duration")}
    if "valid" in sheet.keys:
        keys["valid"] = scope.phases(sheet.keys["valid"], (*sheet.path, "valid"))
    if "checkpoint" in sheet.parts:
        keys["checkpoint"] = checkpoint(scope, sheet)
    keys |= {"id": sheet.id, "path": sheet.path, "steps": steps(scope, sheet.lines["rollback"])}
    return scope.draft.build(RollbackOption, keys, sheet.path)


def _armed(scope: Scope, keys: dict[str, Any], auto: Mode) -> tuple[ArmedRange, ...]:
    """The armed ranges; left out: from the first phase that sets a flag (none does: the first) to the last."""
    if "armed" not in keys:
        changing = [
            i for i, sheet in enumerate(scope.outline.phases) if any("set" in x.keys for x in sheet.lines["steps"])
        ]
        ids = scope.phase_ids[changing[0] if changing else 0 :]
        return (ArmedRange(phases=ids, mode=auto),) if ids else ()
    path: Path = ("rollback", "armed")
    found = []
    for text, mode in scope.draft.table(keys["armed"], path).items():
        ids = scope.phases(text, (*path, text), at_key=True)
        if mode not in MODES:
            scope.draft.fault((*path, text), f"'{mode}' is not allowed here; {instead(mode, MODES)}", "unknown-value")
        elif ids:
            found.append(ArmedRange(phases=ids, mode=mode))
    return tuple(found)


def success(scope: Scope) -> tuple[SuccessGroup, ...]:
    """`[[success]]`."""
    found = []
    for sheet in scope.outline.success:
        keys = {
            "id": sheet.id,
            "title": sheet.keys.get("title", sheet.id),
            "criteria": steps(scope, sheet.lines["success"]),
        }
        found.append(scope.draft.build(SuccessGroup, keys, sheet.path))
    return tuple(group for group in found if group)


def follow_ups(scope: Scope) -> tuple[FollowUps, ...]:
    """`[[follow_ups]]`."""
    found = []
    for sheet in scope.outline.follow_ups:
        keys = {"title": sheet.id, **picked(sheet.keys, "title", "within", "from")}
        keys |= {"id": sheet.id, "items": steps(scope, sheet.lines["follow-ups"])}
        found.append(scope.draft.build(FollowUps, keys, sheet.path))
    return tuple(group for group in found if group)


def messages(scope: Scope, written: dict[str, dict[str, Any]]) -> dict[str, Message]:
    """`[comms.<id>]`."""
    built = {}
    for name, item in written.items():
        path: Path = ("comms", name)
        keys = {"title": name, **item, "id": name, "path": path}
        if "during" in item:
            keys["during"] = scope.phases(item["during"], (*path, "during"))
        if "webhook" in item:
            scope.draft.name(item["webhook"], (*path, "webhook"), "webhook", scope.services.webhooks)
        made = scope.draft.build(Message, keys, path)
        if made:
            built[name] = made
    return built
