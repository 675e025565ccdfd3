"""The header: everything that is visible at every size. A fact that is not known says so; nothing is left to guess."""

from __future__ import annotations

import math

from pags_tui.core.plan import messages, progress
from pags_tui.core.plan.rollback import read_age, readiness, reads_back, rollback_flags
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.units import show_clock, show_t
from pags_tui.ui.present.verdicts import (
    arming,
    counts,
    fresh,
    gates_now,
    muted,
    silence,
    trigger_clock,
    trigger_of,
    trigger_status,
)
from pags_tui.ui.present.words import (
    clean,
    flag_text,
    hm,
    hms,
    minutes,
    plural,
    since,
    target,
    who,
    zone_name,
)
from pags_tui.ui.rows import Fact, HeaderRow, Level
from pags_tui.ui.scene import Scene

BEHIND: Seconds = 60.0
"""Later than this the drift is worth a colour."""
SOON: Seconds = 900.0
"""A last safe rollback nearer than this is worth one too."""
VERY_SOON: Seconds = 300.0
"""Nearer than this it is as loud as anything."""
OLD: Seconds = 60.0
"""Data older than this is no data."""
NEXT: Seconds = 120.0
"""A message due sooner than this is worth one."""

WORDS = {
    "COUNTING": Level.OK, "HOLD": Level.WARN, "ROLLING BACK": Level.BAD, "ROLLED BACK": Level.WARN, "DONE": Level.OK,
    "ABANDONED": Level.WARN,
}  # fmt: skip


def header(scene: Scene) -> HeaderRow:
    """Both clocks, the state in words, and what the night turns on."""
    state = scene.state
    t = state.t(scene.now)
    return HeaderRow(
        title=clean(state.runbook.title),
        run=clean(state.runbook.id),
        target=target(scene),
        kinds=kinds(scene),
        clock="T+--:--:--" if t is None else show_t(t),
        state=state_word(scene),
        wall=wall(scene),
        drift=drift(scene),
        finish=finish(scene),
        traffic=traffic(scene),
        traffic_part=traffic_part(scene),
        gates=counts(scene, gates_now(scene)),
        trigger=nearest(scene),
        vetoes=Fact(plural(state.vetoes, "veto", "vetoes"), Level.WARN) if state.vetoes else Fact(),
        mutes=Fact(f"{len(muted(scene))} muted", Level.WARN) if muted(scene) else Fact(),
        overrides=overrides(scene),
        message=next_message(scene),
        lead=lead(scene),
        safe=safe(scene),
        data=data(scene),
        lost=lost(scene),
        guard=guard(scene),
        issues=issues(scene),
        ready=ready(scene),
    )


def lead(scene: Scene) -> Fact:
    """Who leads, and how many are at a screen where that is more than one."""
    if not scene.state.lead.shown:
        return Fact("no lead", Level.WARN)
    name, here = who(scene.state.lead), len(scene.present)
    return Fact(f"lead {name}, {here} here", short=f"lead {name}") if here > 1 else Fact(f"lead {name}")


def kinds(scene: Scene) -> tuple[Fact, ...]:
    """LIVE, REHEARSAL, DEMO, REPLAY, WATCHING: those that are true of this screen."""
    kind = scene.state.run.kind if scene.state.run else None
    found = []
    if scene.seat == "replay":
        found.append(Fact("REPLAY", Level.WARN))
    if kind == "live" and scene.seat != "replay":
        found.append(Fact("LIVE"))
    if kind in ("rehearsal", "demo"):
        found.append(Fact(kind.upper(), Level.WARN))
    if scene.seat == "watch":
        found.append(Fact("WATCHING", Level.WARN))
    return tuple(found)


def state_word(scene: Scene) -> Fact:
    """The state in words; good only while somebody watches."""
    word = progress.word(scene.state, scene.now)
    level = WORDS.get(word, Level.BAD if word.startswith("ROLLBACK") else Level.CALM)
    return Fact(word, Level.CALM if level is Level.OK and scene.gone else level)


def wall(scene: Scene) -> Fact:
    """`22:22:41 UTC`, short `22:22:41Z`."""
    time, name = hms(scene.now, scene.state.runbook), zone_name(scene.now, scene.state.runbook)
    return Fact(f"{time} {name}", short=f"{time}Z" if name == "UTC" else time)


def drift(scene: Scene) -> Fact:
    """`drift +03:10`."""
    behind = progress.drift(scene.state, scene.now)
    if behind is None or scene.state.ended:
        return Fact()
    text = f"{'-' if behind <= -1 else '+'}{show_clock(abs(behind))}"
    return Fact(f"drift {text}", Level.WARN if behind >= BEHIND else Level.CALM, text)


def finish(scene: Scene) -> Fact:
    """`finish 01:05`; with earlier rehearsals that differ `finish 01:05-01:22`: half of them, nine tenths of them."""
    end = progress.expected_finish(scene.state, scene.now)
    if end is None or scene.state.ended:
        return Fact()
    text = hm(end, scene.now, scene.state.runbook)
    slow = progress.expected_finish(scene.state, scene.now, progress.SLOW) if scene.state.rehearsed else None
    late = hm(slow, scene.now, scene.state.runbook) if slow else text
    return Fact(f"finish {text}" + (f"-{late}" if late != text else ""), short=f"fin {text}")


# ---------------------------------------------------------------- traffic


def _is_share(runbook: Runbook) -> bool:
    flag = runbook.flags.get(runbook.traffic or "")
    return flag is not None and flag.type == "integer" and flag.range == (0, 100)


def traffic(scene: Scene) -> Fact:
    """`50%`; with a `?` in place of its unit while the flag cannot be read or a write to it is owed."""
    state, key = scene.state, scene.state.runbook.traffic
    if key is None:
        return Fact()
    flag, owed = state.flag(key), any(change.flag == key for change in state.owed)
    if flag.seen is None:
        return Fact("?", Level.UNKNOWN)
    text = share_text(state.runbook, flag.seen)
    if flag.failed or owed:
        return Fact(f"{text.removesuffix('%')}?", Level.UNKNOWN)
    return Fact(text, Level.WARN if flag.drift is not None else Level.CALM)


def share_text(runbook: Runbook, value: FlagValue) -> str:
    """The traffic flag's value: a share in percent where its range is 0 to 100."""
    return flag_text(value) + ("%" if _is_share(runbook) else "")


def traffic_part(scene: Scene) -> float | None:
    """The traffic as 0..1, where it is a share and known."""
    key = scene.state.runbook.traffic
    seen = scene.state.flag(key).seen if key else None
    known = _is_share(scene.state.runbook) and isinstance(seen, int | float) and not isinstance(seen, bool)
    return min(1.0, max(0.0, seen / 100)) if known and isinstance(seen, int | float) else None


# ---------------------------------------------------------------- triggers and messages


def nearest(scene: Scene) -> Fact:
    """The trigger nearest to firing with its clock: `queue-depth 04:12/15:00`."""
    if not scene.state.runbook.triggers:
        return Fact()
    running = []
    for name in scene.state.runbook.triggers:
        word, verdict = trigger_status(scene, name).word, trigger_of(scene, name)
        left = verdict.for_ - verdict.clock if verdict else 0.0
        running.append(({"FIRING": 0, "pending": 1, "unknown": 2}.get(word, 3), left, name, word))
    rank, _, name, word = min(running)
    if rank > 1:
        number = sum(one[0] == rank for one in running)
        level = Level.UNKNOWN if rank == 2 else Level.CALM
        return Fact(f"{plural(number, 'trigger')} {word}", level, f"{number} trg {word}")
    clock = trigger_clock(trigger_of(scene, name))
    said = f"FIRING {clock}" if rank == 0 else clock
    acts = arming(scene, name).text
    level = Level.BAD if rank == 0 and acts == "armed" else Level.WARN
    beside = "" if acts == "armed" else f" {acts}"
    return Fact(f"{clean(name)} {said}{beside}", level, f"{clean(name).split('-')[0]} {said}{beside}")


def overrides(scene: Scene) -> Fact:
    """The override in force that ends first: `OVERRIDE error-rate 12:10`."""
    found = [given for gate in scene.state.overrides if (given := scene.view.override(gate))]
    if not found:
        return Fact()
    first = min(found, key=lambda given: given.until)
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    name = clean(first.gate.partition("/")[2] or first.gate)
    return Fact(f"OVERRIDE {name} {minutes(-since(first.until, scene.now))}{more}", Level.WARN)


def next_message(scene: Scene) -> Fact:
    """`update due 07:19`: the next message that a person has to send; one in doubt, overdue or drafted comes first."""
    state = scene.state
    if doubtful := messages.in_doubt(state):
        return Fact(f"{plural(len(doubtful), 'message')} IN DOUBT", Level.BAD, f"{len(doubtful)} msg ?")
    left, waits = message_left(scene), sum(messages.waiting(state, comms) is not None for comms in state.runbook.comms)
    if left is not None and left <= 0:
        return Fact(f"update OVERDUE {minutes(left)}", Level.WARN, f"upd LATE {minutes(left)}")
    if waits:
        return Fact(f"{plural(waits, 'message')} to send", Level.WARN, f"{waits} msg")
    if left is None:
        return Fact()
    return Fact(f"update due {minutes(left)}", Level.WARN if left <= NEXT else Level.CALM, f"upd {minutes(left)}")


def message_left(scene: Scene) -> Seconds | None:
    """Seconds until the first periodic message is due, negative when it is late; None: none is."""
    planned = scene.state.runbook.comms.values()
    due = [found.at for one in planned if (found := messages.next_due(scene.state, one))]
    return -since(min(due), scene.now) if due else None


# ---------------------------------------------------------------- how far all this can be trusted


def safe(scene: Scene) -> Fact:
    """`last safe rollback in 97:12`, louder as it comes nearer."""
    left = progress.last_safe_rollback(scene.state, scene.now)
    if left is None or scene.state.ended:
        return Fact()
    if left < 0:
        return Fact(f"last safe rollback PASSED {minutes(left)} ago", Level.BAD, f"safe rb PASSED {minutes(left)}")
    level = Level.BAD if left < VERY_SOON else Level.WARN if left < SOON else Level.CALM
    loud = "!" if left < VERY_SOON else ""
    return Fact(f"last safe rollback in {minutes(left)}{loud}", level, f"safe rb {minutes(left)}{loud}")


def data_age(scene: Scene) -> Seconds | None:
    """Seconds since a tick last brought any data; None: none did so far."""
    for judged in reversed(scene.ticks or ((scene.last,) if scene.last else ())):
        readings = judged.tick.readings.values()
        if judged.tick.failed is None and (not readings or any(one.failed is None for one in readings)):
            return max(0.0, since(judged.at, scene.now))
    return None


def data(scene: Scene) -> Fact:
    """`data 2s`."""
    prometheus = scene.state.runbook.services.prometheus
    if prometheus is None:
        return Fact("no metrics", Level.MUTED)
    age = data_age(scene)
    if age is None:
        return Fact("no data", Level.MUTED if scene.state.ended else Level.UNKNOWN)
    text = f"data {int(age)}s" if age < 600 else f"data {int(age // 60)}m"
    if scene.state.ended:
        return Fact(text, Level.MUTED)
    return Fact(text, Level.BAD if age > OLD else Level.WARN if age > 3 * prometheus.every else Level.CALM)


def lost(scene: Scene) -> Fact:
    """`2 sources lost`."""
    count = len(scene.state.lost)
    return Fact(f"{plural(count, 'source')} lost", Level.BAD, f"{count} lost") if count else Fact()


def guard(scene: Scene) -> Fact:
    """`guard ok`, `guard GONE`, `guard stopped`; of a closed run that it is closed."""
    if scene.state.ended:
        return Fact("run closed", Level.MUTED)
    if scene.state.run and scene.state.run.kind == "demo" and not scene.gone:
        return Fact()
    if scene.gone:
        return Fact("guard GONE", Level.BAD)
    known, quiet = scene.state.guard, silence(scene)
    if known is None:
        return Fact("no guard", Level.WARN)
    if known.stopped:
        return Fact("guard stopped", Level.BAD)
    if quiet is not None and not fresh(scene):
        return Fact(f"guard quiet {int(quiet)}s", Level.BAD)
    return Fact("guard ok", Level.OK if quiet is not None else Level.CALM)


def issues(scene: Scene) -> Fact:
    """`2 issues`."""
    found = scene.state.open_issues
    if not found:
        return Fact()
    level = Level.BAD if any(issue.severity == "major" for issue in found) else Level.WARN
    return Fact(plural(len(found), "issue"), level, f"{len(found)} iss")


def readable(scene: Scene) -> tuple[bool, str]:
    """Whether a rollback could be written now, and in words: how old the read is, or why not."""
    tick, taken = (scene.last.tick, scene.last.at) if scene.last else (None, None)
    ok, why = readiness(scene.state, scene.now, tick, taken)
    if not ok or why:
        return ok, clean(why)
    keys = (key for key in rollback_flags(scene.state) if reads_back(scene.state, key))
    return True, f"{int(max(read_age(scene.state, key, scene.now, tick, taken) for key in keys))}s"


def flag_age(scene: Scene, key: str) -> Seconds | None:
    """Seconds since that flag was last read; None: never."""
    tick, taken = (scene.last.tick, scene.last.at) if scene.last else (None, None)
    age = read_age(scene.state, key, scene.now, tick, taken)
    return None if math.isinf(age) else age


def ready(scene: Scene) -> Fact:
    """`rollback ready 12s`, or loudly `rollback NOT READY`; nothing once the run is closed."""
    if scene.state.ended:
        return Fact()
    if scene.state.runbook.rollback is None:
        return Fact("no rollback", Level.MUTED)
    ok, said = readable(scene)
    if not ok:
        return Fact("rollback NOT READY", Level.BAD, "rb NOT READY")
    if said == "by hand":
        return Fact("rollback by hand", Level.CALM, "rb by hand")
    return Fact(f"rollback ready {said}", Level.OK if not scene.gone else Level.WARN, f"rb ready {said}")
