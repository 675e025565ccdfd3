"""How a run stands, in the shape that scripts rely on. Reads the journal, asks no guard."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pags_tui.cli.common import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from pags_tui.core.judge import Judged
    from pags_tui.core.ports import Archive, RunRow
    from pags_tui.core.state import RunState


def newest(reader: Archive, run: str) -> tuple[Judged | None, str]:
    """The last tick that can be read, None for none; and a sentence where later ones are damaged."""
    from pags_tui.core.errors import JournalError
    from pags_tui.core.tape import REACH, Decoder

    ticks = reader.ticks(run, limit=REACH + 1)
    decoder = Decoder({one.tick: one.payload for one in ticks}.get)
    for one in reversed(ticks):
        try:
            found = decoder.decode(one.payload)
            _ = len(found.gates)  # they are read when they are looked at
        except JournalError:
            continue
        if one is ticks[-1]:
            return found, ""
        return found, f"Tick {ticks[-1].tick} is damaged: gates and triggers are told as of tick {one.tick}."
    return None, "The last ticks are damaged: what gates and triggers said is not known." if ticks else ""


def standing(reader: Archive, row: RunRow, last: Judged | None) -> dict[str, Any]:
    """The run, its clock, its flags, gates, triggers and steps, its rollback and its guard. `last`: see `newest`."""
    from pags_tui.core.plan.progress import clock_name, current_phase
    from pags_tui.core.state import fold
    from pags_tui.wiring.runs import run_now

    state = fold(reader.events(row.id))
    now = run_now(reader.lease(row.id)) if row.ended is None else row.ended
    phase = current_phase(state)
    clock = clock_name(state, now)
    begun = {"id": row.id, "runbook": row.runbook, "kind": row.kind, "state": clock, "started": stamp(row.started)}
    return {
        "run": {**begun, "t0": stamp(row.t0), "ended": stamp(row.ended)},
        "t": state.t(now),
        "clock": clock,
        "phase": phase.id if phase else None,
        "lead": state.lead.shown,
        "flags": _flags(state),
        "gates": _gates(last),
        "triggers": _triggers(state, last, now),
        "steps": _steps(state),
        "rollback": _rollback(state, now, last),
        "guard": _guard(reader, row.id),
    }


def _flags(state: RunState) -> dict[str, Any]:
    results = {change.flag: change.result or "unknown" for change in state.changes.values()}
    return {key: {"value": state.flag(key).seen, "result": results.get(key)} for key in state.runbook.flags}


def _number(value: float | None) -> float | str | None:
    """JSON knows no NaN and no infinity: they are written as Prometheus writes them."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def _gates(last: Judged | None) -> list[dict[str, Any]]:
    verdicts = last.gates.values() if last else ()
    return [
        {"id": v.id, "state": str(v.state), "value": _number(v.value), "bound": v.bound, "reason": v.reason}
        for v in verdicts
    ]


def _triggers(state: RunState, last: Judged | None, now: datetime) -> list[dict[str, Any]]:
    from pags_tui.core.plan.arming import armed_mode

    verdicts = last.triggers.values() if last else ()
    return [
        {
            "id": v.id,
            "state": str(v.state),
            "clock": v.clock,
            "for": v.for_,
            "armed": armed_mode(state, state.runbook.triggers[v.id], now) is not None,
        }
        for v in verdicts
    ]


def _steps(state: RunState) -> dict[str, int]:
    from pags_tui.core.plan.progress import outcome_counts

    return outcome_counts(state, state.runbook.phase_steps)


def _rollback(state: RunState, now: datetime, last: Judged | None) -> dict[str, Any]:
    from pags_tui.core.plan.confirmed import missing_moves
    from pags_tui.core.plan.rollback import readiness

    ready, _ = readiness(state, now, *((last.tick, last.at) if last else ()))
    rollback = state.rollback
    if rollback is None:
        return {"ready": ready, "state": "none", "verified": 0, "of": 0}
    of = len(rollback.moves)
    verified = of - len(missing_moves(state, rollback))
    stage = "running" if rollback.finished is None else "finished" if verified == of else "incomplete"
    return {"ready": ready, "state": stage, "verified": verified, "of": of}


def _guard(reader: Archive, run: str) -> dict[str, Any]:
    from pags_tui.wiring.alive import is_alive

    lease = reader.lease(run)
    if lease is None:
        return {"alive": False, "pid": None, "host": None, "heartbeat": None}
    alive = is_alive(lease)
    return {"alive": alive, "pid": lease.pid, "host": lease.host, "heartbeat": stamp(lease.heartbeat)}


def alarm(found: dict[str, Any]) -> str:
    """A rollback that is not whole and that nobody finishes; empty when there is none, and for a demo.

    `pags-tui rollback` writes for real, always: it is named for a live run alone.
    """
    rollback, alive, kind = found["rollback"], found["guard"]["alive"], found["run"]["kind"]
    if kind == "demo":
        return ""
    how_far = f"{rollback['verified']} of {rollback['of']} verified"
    if found["clock"] == "rolling-back" and not alive:
        if kind == "rehearsal":
            return f"ROLLBACK UNFINISHED in a rehearsal: {how_far}, and nobody works on it. Finish it: pags-tui guard"
        return (
            f"ROLLBACK UNFINISHED: {how_far}, and nobody works on it. "
            "Finish it: pags-tui rollback (or pags-tui guard, or pags-tui run)"
        )
    if found["clock"] == "rolled-back" and rollback["state"] == "incomplete":
        if kind == "rehearsal":
            return f"ROLLBACK NOT WHOLE in a rehearsal: {how_far}. Try again: pags-tui run --rehearsal, F9"
        return f"ROLLBACK NOT WHOLE: {how_far}. Try again: pags-tui rollback; by hand: pags-tui rollback --plan --curl"
    return ""


def _stage(found: dict[str, Any]) -> str:
    """How far the rollback is; what is not whole is never called finished."""
    rollback = found["rollback"]
    if rollback["state"] == "none":
        return "none"
    so_far = f"{rollback['verified']} of {rollback['of']} verified"
    if rollback["state"] == "running":
        return f"running: {so_far}" if found["guard"]["alive"] else f"UNFINISHED: {so_far}, nobody works on it"
    return f"finished: {so_far}" if rollback["state"] == "finished" else f"NOT WHOLE: {so_far}, given up"


def shown(value: Any) -> str:
    """A flag's value as runbooks and services write it: `false`, not `False`."""
    return value if isinstance(value, str) else "?" if value is None else json.dumps(value)


def lines(found: dict[str, Any], outcome: str = "") -> Iterator[str]:
    """The same for a person. `outcome`: as what the run was closed."""
    from pags_tui.core.units import show_t

    run, guard = found["run"], found["guard"]
    t = "T not set" if found["t"] is None else show_t(found["t"])
    clock = found["clock"] + (f" as {outcome}" if outcome else "")
    yield f"{run['id']}  {run['kind']}  {clock}  {t}  lead {found['lead']}"
    yield f"phase     {found['phase'] or 'none left'}"
    yield "steps     " + ", ".join(f"{count} {name}" for name, count in found["steps"].items() if count)
    yield "flags     " + ", ".join(f"{key}={shown(one['value'])}" for key, one in found["flags"].items())
    for gate in found["gates"]:
        if gate["state"] in ("fail", "unknown", "stale"):
            yield f"gate      {gate['state']:<8} {gate['id']}: {gate['reason']}"
    for trigger in found["triggers"]:
        if trigger["state"] != "inactive":
            yield f"trigger   {trigger['state']:<8} {trigger['id']} {trigger['clock']:.0f} of {trigger['for']:.0f} s"
    rollback = found["rollback"]
    yield f"rollback  {'ready' if rollback['ready'] else 'NOT READY'}, {_stage(found)}"
    yield "guard     " + (f"alive, process {guard['pid']} on {guard['host']}" if guard["alive"] else "none")
