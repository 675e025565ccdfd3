"""What became of flag writes, in the words of the checklist and the band. A status code is never success here."""

from __future__ import annotations

from collections.abc import Iterable

from pags_tui.core.plan.confirmed import last_write
from pags_tui.core.plan.progress import latest_change
from pags_tui.core.plan.rollback import same
from pags_tui.core.runbook import Step
from pags_tui.core.state import Change, Rollback
from pags_tui.ui.present.words import clean, flag_text, step_text
from pags_tui.ui.rows import Fact, Level, Mark, Status
from pags_tui.ui.scene import Scene

RESULTS = {
    "verified": Status(Mark.PASS, "verified", Level.OK),
    "accepted": Status(Mark.PASS, "accepted", Level.WARN),
    "unverified": Status(Mark.UNKNOWN, "unverified", Level.UNKNOWN),
    "refused": Status(Mark.FAIL, "refused", Level.BAD),
    "mismatch": Status(Mark.FAIL, "mismatch", Level.BAD),
    "unknown": Status(Mark.UNKNOWN, "unknown", Level.UNKNOWN),
    "given-up": Status(Mark.FAIL, "given up", Level.WARN),
    "writing": Status(Mark.SETTLING, "writing", Level.WARN),
    "superseded": Status(Mark.UNKNOWN, "overtaken", Level.WARN),
}
NOT_WRITTEN = Status(Mark.FUTURE, "not written", Level.MUTED)


def change_word(change: Change) -> str:
    """What became of a write: its result, or what a person decided; `writing` while nobody knows yet."""
    if change.result == "verified":
        return "verified"
    return change.settled or change.result or "writing"


def change_status(change: Change | None) -> Status:
    """The same with its mark."""
    return RESULTS[change_word(change)] if change else NOT_WRITTEN


def step_change(scene: Scene, step: Step) -> Fact:
    """`10→50 verified`, `→50`, `3/4 verified`; empty for a step without flags."""
    if not step.set:
        return Fact()
    changes = {key: _change(scene, step, key) for key in step.set}
    if len(changes) > 1:
        return _several(step, [change for change in changes.values() if change])
    key, value = next(iter(step.set.items()))
    return _single(scene, key, flag_text(value), changes[key])


def _change(scene: Scene, step: Step, key: str) -> Change | None:
    if step.section == "rollback":
        rollback = scene.state.rollback
        moved = rollback is not None and any(move.step == step.id for move in rollback.moves)
        return last_write(scene.state, rollback, key) if rollback and moved else None
    return latest_change(scene.state, step, key)


def _single(scene: Scene, key: str, wanted: str, change: Change | None) -> Fact:
    if change is None:
        now = scene.state.flag(key).seen
        return Fact(f"{'?' if now is None else flag_text(now)}→{wanted}", Level.MUTED)
    before = "?" if change.before is None else flag_text(change.before)
    status = RESULTS[change_word(change)]
    return Fact(f"{before}→{wanted} {status.word}", status.level)


def _several(step: Step, changes: list[Change]) -> Fact:
    if not changes:
        return Fact(f"{len(step.set)} flags", Level.MUTED)
    held = sum(change.holds for change in changes)
    bad = [change_word(change) for change in changes if not change.holds]
    level = Level.OK if held == len(step.set) else RESULTS[bad[0]].level if bad else Level.WARN
    return Fact(f"{held}/{len(step.set)} verified" + (f", {RESULTS[bad[0]].word}" if bad else ""), level)


# ---------------------------------------------------------------- a running rollback


def verified(scene: Scene, rollback: Rollback) -> int:
    """How many of its moves the service was read to have."""
    writes = (last_write(scene.state, rollback, move.flag) for move in rollback.moves)
    return sum(change is not None and change.holds for change in writes)


def rollback_lines(scene: Scene, rollback: Rollback) -> tuple[str, ...]:
    """A line for each step of a confirmed rollback, and what to do by hand for each flag that failed."""
    lines: list[str] = []
    for step in dict.fromkeys(move.step for move in rollback.moves):
        flags = [move.flag for move in rollback.moves if move.step == step]
        changes = {flag: last_write(scene.state, rollback, flag) for flag in flags}
        lines.append(_step_line(scene, step, flags, [change for change in changes.values() if change]))
        lines += [line for change in changes.values() if change for line in failed_lines(change)]
    return tuple(lines)


def _step_line(scene: Scene, step: str, flags: list[str], changes: list[Change]) -> str:
    held = sum(change.holds for change in changes)
    sign = "✓" if held == len(flags) else "✗" if any(failed(change) for change in changes) else "…" if changes else "○"
    title = step_text(scene, scene.state.runbook.step(step)) if step in known_steps(scene) else "Flags"
    return f"{sign} {held}/{len(flags)} {title}: {', '.join(clean(flag) for flag in flags)}"


def known_steps(scene: Scene) -> frozenset[str]:
    """The ids of all steps (an amended runbook may have lost one)."""
    return frozenset(step.id for step in scene.state.runbook.steps)


def failed(change: Change) -> bool:
    """It did not take effect, as far as anybody knows."""
    return not change.holds and change.result is not None


def failed_lines(change: Change) -> Iterable[str]:
    """What to do by hand for a write that is not verified."""
    if not failed(change):
        return ()
    told = f"✗ {clean(change.flag)}→{flag_text(change.value)} {RESULTS[change_word(change)].word}"
    other = change.found is not None and not same(change.found, change.value)
    found = f", it is {flag_text(change.found)}" if other else ""
    detail = f": {clean(change.detail)}" if change.detail else ""
    return (told + found + detail, *([f"by hand: {clean(change.curl)}"] if change.curl else []))
