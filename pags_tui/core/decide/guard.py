"""What the guard does by itself: at each tick, and as time passes. Facts out; nothing is written or sent here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pags_tui.core import events as e
from pags_tui.core.decide.blockers import failing_gates
from pags_tui.core.decide.flags import confirm_rollback
from pags_tui.core.decide.overrides import why_over
from pags_tui.core.decide.view import View, enter
from pags_tui.core.events import Fact, Move
from pags_tui.core.judge import Judged
from pags_tui.core.plan.arming import armed_mode
from pags_tui.core.plan.progress import is_signed, to_enter
from pags_tui.core.plan.rollback import option_plan, past_no_return, same
from pags_tui.core.series import FlagReading, Seconds
from pags_tui.core.state import Countdown, RunState


def after_tick(view: View, judged: Judged) -> tuple[Fact, ...]:
    """What one tick changed: gates, triggers, overrides and half-signed checkpoints."""
    if view.state.ended:
        return ()
    return (*_gates(view, judged), *_overrides(view), *_signatures(view), *_triggers(view, judged))


def _gates(view: View, judged: Judged) -> Iterator[Fact]:
    for gate, verdict in judged.gates.items():
        if view.state.gate_states.get(gate) != verdict.state:
            yield e.GateChanged(gate, str(verdict.state), verdict.value, verdict.bound or "", verdict.reason)


def _overrides(view: View) -> Iterator[Fact]:
    """Those that cover no more, and why. From that moment on they do not, journaled or not."""
    for gate, given in view.state.overrides.items():
        verdict = view.gates.get(gate)
        why = why_over(given, verdict, view.state, view.triggers, view.now) if verdict else "the gate is gone"
        if why:
            yield e.OverrideVoided(gate, why)


def _signatures(view: View) -> Iterator[Fact]:
    """A gate that fails, not overridden, between two signatures voids those that are there."""
    for phase in view.state.runbook.phases:
        signed = view.state.signatures.get(phase.id, ())
        if not signed or is_signed(view.state, phase):
            continue
        if failing := [step.text for step in failing_gates(view, phase.all_steps)]:
            for signature in signed:
                yield e.SignatureVoided(phase.id, signature.role, f"'{failing[0]}' failed before the next signature")


# ---------------------------------------------------------------- triggers


def _triggers(view: View, judged: Judged) -> Iterator[Fact]:
    for name, verdict in judged.triggers.items():
        trigger, firing = view.state.runbook.triggers[name], view.state.firing(name)
        if view.state.trigger_states.get(name) != verdict.now:
            yield e.TriggerChanged(name, str(verdict.now), verdict.value, verdict.reason, verdict.clock)
        if verdict.fired or verdict.would_fire:
            mode = armed_mode(view.state, trigger, view.now)
            posture = verdict.posture
            yield e.TriggerFired(name, mode, verdict.value, verdict.reason, posture.muted, posture.observing)
        elif firing.fired and verdict.state != "firing" and not _is_acting(view.state, name):
            yield e.TriggerCleared(name, "good again; it did not act")
    yield from _act(view, judged)


def _is_acting(state: RunState, name: str) -> bool:
    """Its band or its countdown is up: only a person, or the countdown's end, takes it down."""
    return name in state.band or (state.countdown is not None and name in state.countdown.triggers)


def _act(view: View, judged: Judged) -> Iterator[Fact]:
    """Bands and countdowns for what fires on this very tick and may act: one countdown at a time, others join it."""
    if view.state.rolling_back:
        return
    ready = [
        name for name, v in judged.triggers.items() if v.bad and v.posture.acts and not _is_acting(view.state, name)
    ]
    modes = {name: armed_mode(view.state, view.state.runbook.triggers[name], view.now) for name in ready}
    asking = tuple(name for name, mode in modes.items() if mode == "ask")
    counting = tuple(name for name, mode in modes.items() if mode == "countdown")
    if asking:
        yield e.BandRaised(asking)
    if counting and view.state.countdown:
        for name in counting:
            yield e.CountdownJoined(name)
    elif counting and (why := cannot_act(view.state)):
        yield e.BandRaised(counting, why)
    elif counting and view.state.runbook.rollback:
        yield e.CountdownBegan(counting, view.now + timedelta(seconds=view.state.runbook.rollback.countdown))


def cannot_act(state: RunState) -> str:
    """Why no rollback may run by itself; empty when one may."""
    option = state.runbook.rollback.default if state.runbook.rollback else None
    if option is None or not any(step.set and step.written for step in option.steps):
        return "the rollback has no step that can be written from here"
    past = past_no_return(state)
    return f"past a point of no return: {past[0].text}" if past else ""


# ---------------------------------------------------------------- as time passes


def as_time_passes(view: View, judged: Judged | None, fresh: Seconds) -> tuple[Fact, ...]:
    """What a moment brings without anyone asking: phases entered, a countdown's end.

    `fresh`: how old the last tick may be, in seconds, to count at the end of a countdown.
    """
    if view.state.ended:
        return ()
    entered = tuple(fact for phase in to_enter(view.state, view.now)[:1] for fact in enter(view.state, phase))
    return (*entered, *_countdown_end(view, judged, fresh))


def _countdown_end(view: View, judged: Judged | None, fresh: Seconds) -> tuple[Fact, ...]:
    countdown = view.state.countdown
    if countdown is None or view.now < countdown.ends or view.state.rolling_back:
        return ()
    if why := cannot_act(view.state) or _not_bad_now(view, countdown, judged, fresh):
        return (e.CountdownEnded("ask", why),)
    return _roll_back(view.state, countdown)


def _roll_back(state: RunState, countdown: Countdown) -> tuple[Fact, ...]:
    """The default rollback, confirmed by a countdown that ran out."""
    option = state.runbook.option("")
    cause = ", ".join(state.runbook.triggers[name].title for name in countdown.triggers)
    moves = tuple(Move(line.flag, line.after, line.step) for line in option_plan(state, option).lines)
    confirmed = confirm_rollback(state, moves, option.title, cause)
    ended = e.CountdownEnded("rollback", "ran out")
    return tuple(ended if isinstance(fact, e.CountdownEnded) else fact for fact in confirmed)


def _not_bad_now(view: View, countdown: Countdown, judged: Judged | None, fresh: Seconds) -> str:
    """Why the last look does not bear a rollback; empty when it does."""
    if judged is None or (view.now - judged.at).total_seconds() > fresh:
        return "no fresh reading at its end"
    if judged.tick.failed:
        return f"no reading at its end: {judged.tick.failed}"
    if not any(judged.triggers[name].bad_now for name in countdown.triggers if name in judged.triggers):
        return "the last reading was not bad"
    return ""


def on_start(view: View) -> tuple[Fact, ...]:
    """What a guard that takes over finds: a countdown that ran out while nobody watched asks."""
    countdown = view.state.countdown
    if countdown and view.now >= countdown.ends and not view.state.ended:
        return (e.CountdownEnded("ask", "it ran out while no guard was alive"),)
    return ()


# ---------------------------------------------------------------- reads of the flags


def flags_read(view: View, readings: dict[str, FlagReading]) -> tuple[Fact, ...]:
    """What a read of the flags tells that was not known: new values, failures, and values that nobody here set."""
    facts: list[Fact] = []
    for key, reading in readings.items():
        flag = view.state.flag(key)
        if reading.value is None:
            if flag.failed != (reading.failed or ""):
                facts.append(e.FlagSeen(key, None, reading.failed or "not read"))
            continue
        if flag.failed or not same(flag.seen, reading.value):
            facts.append(e.FlagSeen(key, reading.value))
        facts += _drift(view.state, key, reading)
    return tuple(facts)


def _drift(state: RunState, key: str, reading: FlagReading) -> list[Fact]:
    flag = state.flag(key)
    if state.rolling_back or any(change.flag == key for change in state.owed) or reading.value is None:
        return []
    expected = flag.expected
    if flag.first is None:
        expected = state.runbook.flags[key].before
    if expected is None or same(expected, reading.value) or same(flag.drift, reading.value):
        return []
    return [e.DriftFound(key, expected, reading.value)]
