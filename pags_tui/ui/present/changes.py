"""Views for dialogs that change flags, or decide about a change. Facts first: what is now, since when, by whom."""

from __future__ import annotations

from pags_tui.core.decide.blockers import forward_blockers
from pags_tui.core.decide.flags import RESTORE_WORD, ROLLBACK_WORD, earlier_values, typed_for
from pags_tui.core.events import Move
from pags_tui.core.plan import progress
from pags_tui.core.plan.rollback import READY_AGE, RollbackPlan, choices, read_age, same
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import FlagValue
from pags_tui.core.state import Change
from pags_tui.core.units import show_t
from pags_tui.ui.present.head import flag_age, ready
from pags_tui.ui.present.verdicts import counts, set_aside
from pags_tui.ui.present.views import (
    DriftView,
    FlagLine,
    FlagView,
    OneFlagChoice,
    OneFlagView,
    OwedView,
    Pairs,
    RollbackLine,
    RollbackView,
    WayBack,
    WhyRow,
)
from pags_tui.ui.present.waits import why_rows
from pags_tui.ui.present.words import (
    ago,
    at_text,
    clean,
    flag_name,
    flag_text,
    hms,
    plural,
    since,
    step_text,
    tail,
    target,
    who,
)
from pags_tui.ui.present.writes import RESULTS, change_status, change_word, verified
from pags_tui.ui.rows import NO_STATUS, Level, Mark, Status
from pags_tui.ui.scene import Scene

ALREADY = Status(Mark.PASS, "already so", Level.OK)
TO_WRITE = Status(Mark.FUTURE, "to write", Level.CALM)
NOT_READ = Status(Mark.UNKNOWN, "not read", Level.UNKNOWN)


# ---------------------------------------------------------------- a forward change


def flag_view(scene: Scene, step: str) -> FlagView:
    """A forward change of that step. KeyError for an unknown one."""
    known = scene.state.runbook.step(step)
    many = len(known.set) > 1
    typed = typed_for(scene.state, known) if known.set else ""
    begun = [key for key in known.set if progress.latest_change(scene.state, known, key)]
    held = len(known.set) - len(progress.missing_flags(scene.state, known))
    kind = scene.state.run.kind if scene.state.run else ""
    return FlagView(
        known.id,
        f"{_kind_before(kind)}Change {f'{len(known.set)} flags' if many else 'a flag'} in {target(scene).upper()}",
        step_text(scene, known),
        tuple(_flag_line(scene, known, key, value) for key, value in known.set.items()),
        clean(known.means or ""),
        counts(scene, _gates_before(scene, known)),
        _last_signed(scene, known),
        drift_lines(scene),
        f"{held}/{len(known.set)} verified" if begun else "",
        f"Type  {typed}  to confirm:" if many else "Type the new value to confirm:",
        typed,
        tuple((key, scene.state.flag(key).seen) for key in known.set),
        forward_rows(scene, known),
        RESTORE_WORD if begun else "",
        UNREAL.get(kind, ""),
    )


UNREAL = {
    "rehearsal": "REHEARSAL: stays in memory, nothing is sent.",
    "demo": "DEMO: only the simulator's flag changes, nothing is sent anywhere else.",
}
"""What a change of a flag really does, by kind of run."""


def _kind_before(kind: str) -> str:
    return f"{kind.upper()}: " if kind in UNREAL else ""


def forward_rows(scene: Scene, step: Step) -> tuple[WhyRow, ...]:
    """Everything before a forward change of that step, the seat included."""
    rows: list[WhyRow] = []
    if scene.state.ended:
        rows.append(WhyRow(f"the run was closed as {scene.state.ended}", "", "start another with --new"))
    if not scene.view.is_lead:
        lead = who(scene.state.lead)
        rows.append(WhyRow(f"only the lead ({lead}) may change flags", "lead", "take the lead, or ask for it"))
    if not step.written:
        rows.append(WhyRow("no service is configured for its flags", "tick", "do it by hand, then tick it"))
    elif not progress.missing_flags(scene.state, step):
        rows.append(WhyRow("every flag of it is verified already"))
    return (*rows, *why_rows(forward_blockers(scene.view, step)))


def _flag_line(scene: Scene, step: Step, key: str, value: FlagValue) -> FlagLine:
    flag, change = scene.state.flag(key), progress.latest_change(scene.state, step, key)
    return FlagLine(
        key,
        flag_name(scene.state.runbook, key),
        flag_text(flag.seen),
        flag_text(value),
        read_text(scene, key),
        origin(scene, key),
        RESULTS[change_word(change)].word if change else "",
        change_status(change) if change else NO_STATUS,
        flag.seen,
    )


def read_text(scene: Scene, key: str) -> str:
    """`read 2 s ago`, or why it cannot be read."""
    flag, age = scene.state.flag(key), flag_age(scene, key)
    if flag.failed:
        return f"cannot be read{tail(flag.failed)}"
    return "never read" if age is None else f"read {ago(age)}"


def origin(scene: Scene, key: str) -> str:
    """`set by us at T+00:01`, `not set by us`, `set by somebody else`."""
    flag = scene.state.flag(key)
    if flag.drift is not None:
        return f"set by somebody else, we left it at {flag_text(flag.expected)}"
    mine = [change for change in scene.state.changes.values() if change.flag == key and change.holds]
    if not mine:
        return "not set by us"
    return f"set by us {_when(scene, mine[-1])}"


def _when(scene: Scene, change: Change) -> str:
    return f"at {show_t(change.t)[:-3]}" if change.t is not None else f"at {hms(change.at, scene.state.runbook)}"


def _phases_before(scene: Scene, step: Step) -> tuple[Phase, ...]:
    own = scene.state.runbook.phase_of(step.id)
    return scene.state.runbook.phases[: scene.state.runbook.phase_index(own.id)] if own else ()


def _gates_before(scene: Scene, step: Step) -> tuple[Step, ...]:
    """The gates that stand before it: of the last checkpoint, and of the earlier steps of its own phase."""
    own = scene.state.runbook.phase_of(step.id)
    last = next((p.checkpoint for p in reversed(_phases_before(scene, step)) if p.checkpoint), None)
    steps = own.all_steps if own else ()
    earlier = steps[: [one.id for one in steps].index(step.id)] if step in steps else ()
    found = (*(last.steps if last else ()), *earlier)
    return tuple(s for s in found if s.judged and progress.applies(scene.state, s) and not set_aside(scene, s))


def _last_signed(scene: Scene, step: Step) -> str:
    """The checkpoint that stands before it: `checkpoint T+15 signed by ana 22:15:20`."""
    before = next((phase for phase in reversed(_phases_before(scene, step)) if phase.checkpoint), None)
    if before is None or before.checkpoint is None:
        return ""
    at = before.checkpoint.at
    name = f"checkpoint {at_text(at) if at is not None else clean(before.title)}"
    if not progress.is_signed(scene.state, before):
        return f"{name} is not signed by {clean(', '.join(progress.missing_signatures(scene.state, before)))}"
    book = scene.state.runbook
    marks = [f"{clean(one.name)} {hms(one.at, book)}" for one in scene.state.signatures.get(before.id, ())]
    return f"{name} signed by {', '.join(marks)}"


def drift_lines(scene: Scene) -> tuple[str, ...]:
    """Flags that somebody else changed."""
    flags = scene.state.flags.items()
    return tuple(
        f"{clean(key)} is {flag_text(flag.drift)}, not {flag_text(flag.expected)}"
        for key, flag in flags
        if flag.drift is not None
    )


# ---------------------------------------------------------------- back


def rollback_view(scene: Scene) -> RollbackView:
    """Every way back as things stand."""
    state, running = scene.state, scene.state.rollback if scene.state.rolling_back else None
    written = state.runbook.rollback
    count = f"{verified(scene, running)}/{len(running.moves)} verified" if running else ""
    return RollbackView(
        f"ROLL BACK {target(scene)}",
        tuple(_way(scene, plan) for plan in choices(state)),
        f"Type  {ROLLBACK_WORD}  to run it:",
        ROLLBACK_WORD,
        ready(scene),
        tuple(clean(text) for text in written.considerations) if written else (),
        f"a rollback is running: {count}" if running else "",
        _warning(scene),
    )


def _warning(scene: Scene) -> str:
    """What is said beside the plan. `pags-tui rollback` writes for real, always: only a live run is sent to it."""
    kind = scene.state.run.kind if scene.state.run else ""
    real = kind not in ("rehearsal", "demo")
    if scene.seat == "watch":
        return "this screen only watches: it rolls nothing back." + (" In a shell: pags-tui rollback" if real else "")
    if scene.state.ended:
        return f"the run was closed as {clean(scene.state.ended)}: nobody watches it any more"
    if scene.gone and real:
        return f"the guard is gone ({clean(scene.gone)}): 'pags-tui rollback' works without it"
    if scene.seat == "replay":
        return "this is a replay: nothing can be rolled back here"
    words = {"rehearsal": "a rehearsal: nothing outside is written", "demo": "a demo: only the simulator is written"}
    return words.get(kind, "")


def _way(scene: Scene, plan: RollbackPlan) -> WayBack:
    lines = [_line(scene, Move(line.flag, line.after, line.step), line.now) for line in plan.lines]
    left = [_line(scene, Move(flag, first, ""), now) for flag, now, first in plan.left if first is not None]
    said = [plural(len(lines), "flag"), f"about {_length(plan.takes)}"]
    said += [f"{plural(len(plan.manual), 'step')} by hand"] if plan.manual else []
    said += [f"cannot undo: {clean(plan.loses)}"] if plan.loses else []
    return WayBack(
        plan.option,
        clean(plan.title),
        " · ".join(said),
        tuple(lines),
        tuple(left),
        tuple(step_text(scene, step) + tail(step.command or "") for step in plan.manual),
        clean(plan.loses),
    )


def _length(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 120 else f"{round(whole / 60)} min"


def _line(scene: Scene, move: Move, now: FlagValue | None) -> RollbackLine:
    book, known = scene.state.runbook, now is not None and is_read(scene, move.flag)
    already = known and same(now, move.value)
    step = step_text(scene, book.step(move.step)) if move.step else ""
    status = ALREADY if already else TO_WRITE if known else NOT_READ
    return RollbackLine(move, clean(move.flag), flag_text(now), flag_text(move.value), step, already, status)


def is_read(scene: Scene, flag: str) -> bool:
    """The last read of the flag succeeded and is young enough to be believed, and somebody still reads."""
    tick, taken = (scene.last.tick, scene.last.at) if scene.last else (None, None)
    if scene.gone or scene.state.flag(flag).failed:
        return False
    return read_age(scene.state, flag, scene.now, tick, taken) <= READY_AGE


def one_flag_view(scene: Scene, flag: str) -> OneFlagView:
    """The earlier values of a flag, newest first; the present one is left out."""
    state = scene.state
    known = state.flag(flag)
    found = [value for value in earlier_values(state, flag) if not same(value, known.seen)]
    return OneFlagView(
        flag,
        f"One flag back: {flag_name(state.runbook, flag)}",
        f"{flag_text(known.seen)}, {read_text(scene, flag)}, {origin(scene, flag)}",
        tuple(OneFlagChoice(value, flag_text(value), _note(scene, flag, value)) for value in found),
    )


def _note(scene: Scene, flag: str, value: FlagValue) -> str:
    if same(value, scene.state.flag(flag).first):
        return "before the night"
    mine = [c for c in scene.state.changes.values() if c.flag == flag and c.holds and same(c.value, value)]
    return f"set by us {_when(scene, mine[-1])}" if mine else ""


# ---------------------------------------------------------------- what is owed, what drifted


def owed_view(scene: Scene, change: int = 0) -> OwedView | None:
    """A change that is owed (0: the first); None when there is none."""
    owed = scene.state.owed
    found = next((one for one in owed if change in (0, one.number)), None)
    if found is None:
        return None
    word, known = RESULTS[change_word(found)].word, found.result != "mismatch"
    accept = f"go on as if {clean(found.flag)} were {flag_text(found.value)}"
    refused = f"it reads {flag_text(found.found)}: it cannot be taken as {flag_text(found.value)}"
    return OwedView(
        found.number,
        f"{clean(found.flag)}: the write is {word}",
        found.result or "unknown",
        _owed_facts(scene, found),
        clean(found.curl),
        known,
        accept if known else refused,
        "leave the flag as it is; the step stays open",
        len(owed) - 1,
    )


def _owed_facts(scene: Scene, change: Change) -> Pairs:
    book, flag = scene.state.runbook, scene.state.flag(change.flag)
    seen = flag_text(change.found) if change.found is not None else f"{flag_text(flag.seen)}, as last read"
    facts = [
        ("ours", f"{flag_text(change.value)} (it was {flag_text(change.before)} before)"),
        ("theirs", seen),
        ("read", read_text(scene, change.flag)),
        ("asked", f"{hms(change.at, book)} by {who(change.by)}, {ago(since(change.at, scene.now))}"),
        ("said", clean(change.detail)),
    ]
    return tuple(fact for fact in facts if fact[1])


def drift_view(scene: Scene, flag: str = "") -> DriftView | None:
    """A flag that drifted (empty: the first); None when there is none."""
    drifted = [key for key, known in scene.state.flags.items() if known.drift is not None]
    name = flag if flag in drifted else "" if flag else next(iter(drifted), "")
    value = scene.state.flag(name).drift if name else None
    if value is None:
        return None
    facts = (
        ("now", flag_text(value)),
        ("we left it at", flag_text(scene.state.flag(name).expected)),
        ("read", read_text(scene, name)),
    )
    lead = who(scene.state.lead)
    refused = "" if scene.view.is_lead else f"only the lead ({lead}) may accept somebody else's change"
    title = f"{flag_name(scene.state.runbook, name)} was changed by somebody else"
    return DriftView(name, title, facts, value, refused)
