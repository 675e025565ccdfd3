"""The facts about judging, folded: gates, triggers, bands, countdowns, sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.state.draft import Draft, put, without
from pags_tui.core.state.parts import Countdown


def fold_judging(draft: Draft, event: e.Event, fact: e.JudgingFact) -> None:
    """What was judged, and what came of it."""
    match fact:
        case e.GateChanged():
            draft.gate_states = put(draft.gate_states, fact.gate, fact.state)
            given = draft.overrides.get(fact.gate) if fact.state == "pass" else None
            passed = put(draft.overrides, fact.gate, replace(given, passed=True)) if given else draft.overrides
            draft.overrides = passed
        case e.TriggerChanged():
            draft.trigger_states = put(draft.trigger_states, fact.trigger, fact.state)
        case e.TriggerFired():
            acts = fact.mode in ("ask", "countdown") and not (fact.muted or fact.observing)
            more = {"acted": event.at} if acts else {}
            draft.trigger(fact.trigger, fired=event.at, mode=fact.mode, last=event.at, **more)
        case e.TriggerCleared():
            draft.trigger(fact.trigger, fired=None, mode=None, cleared=event.seq)
        case e.BandRaised():
            draft.band = _joined(draft.band, fact.triggers)
        case e.CountdownBegan():
            draft.countdown = Countdown(fact.triggers, event.at, fact.ends)
        case e.CountdownJoined():
            draft.countdown = draft.countdown and replace(
                draft.countdown, triggers=_joined(draft.countdown.triggers, (fact.trigger,))
            )
        case e.CountdownEnded():
            counting = draft.countdown.triggers if draft.countdown else ()
            draft.band = draft.band if fact.how == "rollback" else _joined(draft.band, counting)
            draft.countdown = None
        case e.Vetoed():
            _vetoed(draft, event, fact)
        case e.TriggerMuted():
            draft.trigger(fact.trigger, muted_until=fact.until, muted_why=fact.reason)
        case e.SeriesRetired():
            gone = draft.retired.get(fact.metric, frozenset()) | {fact.labels}
            draft.retired = put(draft.retired, fact.metric, gone)
        case e.SourceLost():
            draft.lost = put(draft.lost, fact.source, fact.reason)
        case e.SourceBack():
            draft.lost = without(draft.lost, fact.source)
        case e.TicksLost():
            return
        case _:
            assert_never(fact)


def _joined(names: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in order."""
    return tuple(dict.fromkeys((*names, *more)))


def _vetoed(draft: Draft, event: e.Event, fact: e.Vetoed) -> None:
    for trigger in fact.triggers:
        draft.trigger(trigger, fired=None, mode=None, vetoed_until=fact.until, cleared=event.seq)
    draft.band = tuple(name for name in draft.band if name not in fact.triggers)
    draft.countdown = None
    draft.vetoes += 1
