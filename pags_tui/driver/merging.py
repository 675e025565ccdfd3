"""How what was written beside the journal is fitted into it: numbers that are free, and no old order carried out anew.

An order that was left unfinished beside the journal stands, unless somebody has decided something newer meanwhile: then
it comes into the journal with its end, as given up, and nothing is written because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pags_tui.core.errors import said
from pags_tui.core.events import Event, Fact, FlagAnswered, FlagAsked, HoldBegan, RollbackConfirmed, RollbackFinished
from pags_tui.core.state import RunState


def decided(events: Iterable[Event], since: datetime) -> Iterator[FlagAsked | RollbackConfirmed]:
    """What was decided after that moment: changes of flags by hand, and rollbacks."""
    for event in events:
        fact = event.fact
        if event.at > since and (
            isinstance(fact, RollbackConfirmed) or (isinstance(fact, FlagAsked) and fact.purpose != "rollback")
        ):
            yield fact


@dataclass(frozen=True, slots=True)
class Order:
    """A rollback that was confirmed beside the journal."""

    fact: RollbackConfirmed
    at: datetime
    end: RollbackFinished | None
    """None: it is still to be carried out."""
    outdone: bool
    """It is not whole, and a newer rollback has all its flags: only a note tells of it."""
    overruled: bool
    """Something newer was decided."""
    since: frozenset[str]
    """Flags of which something newer was decided: what this order wrote to them says nothing of them any more."""

    @property
    def given_up(self) -> bool:
        """It was overruled before it was whole."""
        return self.overruled and (self.end is None or self.end.verified < self.end.of)


def orders_in(missing: Sequence[Event], journaled: Sequence[Event]) -> dict[int, Order]:
    """The orders among those events, by their number there. `journaled`: what was decided elsewhere is among them."""
    found: dict[int, Order] = {}
    ends = {event.fact.rollback: event.fact for event in missing if isinstance(event.fact, RollbackFinished)}
    for event in missing:
        if isinstance(event.fact, RollbackConfirmed):
            newer = tuple(decided(journaled, event.at))
            flags, end = _flags(event.fact), ends.get(event.fact.rollback)
            if end is None and newer:
                end = RollbackFinished(event.fact.rollback, len(_verified(missing, event.fact)), len(event.fact.moves))
            whole = end is not None and end.verified == end.of
            wider = any(isinstance(one, RollbackConfirmed) and flags <= _flags(one) for one in newer)
            outdone = wider and not whole
            since = frozenset(flag for one in newer for flag in _flags(one))
            found[event.fact.rollback] = Order(event.fact, event.at, end, outdone, bool(newer), since)
    return found


def _flags(decision: FlagAsked | RollbackConfirmed) -> set[str]:
    return {decision.flag} if isinstance(decision, FlagAsked) else {move.flag for move in decision.moves}


def _verified(missing: Iterable[Event], order: RollbackConfirmed) -> set[str]:
    """The flags that the order's own writes have verified, as far as those events tell."""
    asked = {e.fact.change: e.fact for e in missing if isinstance(e.fact, FlagAsked)}
    done = {e.fact.change for e in missing if isinstance(e.fact, FlagAnswered) and e.fact.result == "verified"}
    return {one.flag for number, one in asked.items() if number in done and one.rollback == order.rollback}


def overruled(orders: Iterable[Order]) -> str:
    """What a note says of orders that are not carried out any more; empty when there is none."""
    titles = [f"'{said(order.fact.title)}' at {order.at:%H:%M:%S} UTC" for order in orders if order.given_up]
    if not titles:
        return ""
    told = f" Of the rollback {', '.join(titles)} nothing more is written: something newer was decided since."
    return f"{told} What it wrote to flags changed since stands in that file alone."


class Numbers:
    """Numbers of changes and rollbacks made beside the journal, moved on where the journal has given them meanwhile."""

    def __init__(self, state: RunState, orders: dict[int, Order]) -> None:
        self._changes, self._rollbacks = len(state.changes), len(state.rollbacks)
        self._orders = orders
        self._change: dict[int, int] = {}
        self._rollback: dict[int, int] = {}
        self._left: set[int] = set()
        """Changes that are left out."""
        self._silent = bool(orders) and all(order.outdone for order in orders.values())

    def fit(self, fact: Fact) -> tuple[Fact, ...]:
        """The fact with numbers that are free, or that belong to what was merged before it; an order with its end.

        Nothing of an order that is left out, nor of its writes to flags of which something newer was decided.
        """
        match fact:
            case FlagAsked(change=change, rollback=rollback):
                if self._is_left(rollback, fact.flag):
                    self._left.add(change)
                    return ()
                new = self._change[change] = self._changes = self._changes + 1
                return (replace(fact, change=new, rollback=self._rollback.get(rollback, rollback)),)
            case FlagAnswered(change=change):
                return () if change in self._left else (replace(fact, change=self._change.get(change, change)),)
            case RollbackConfirmed(rollback=rollback):
                return self._order(rollback)
            case RollbackFinished():
                return self._end(fact)
            case HoldBegan() if self._silent:
                return ()
            case _:
                return (fact,)

    def _order(self, rollback: int) -> tuple[Fact, ...]:
        order = self._orders[rollback]
        if order.outdone:
            return ()
        number = self._rollback[rollback] = self._rollbacks = self._rollbacks + 1
        # Of an overruled one the end comes at once: nobody may find it open, should this merging be cut off.
        end = (replace(order.end, rollback=number),) if order.end and order.overruled else ()
        return (replace(order.fact, rollback=number), *end)

    def _end(self, fact: RollbackFinished) -> tuple[Fact, ...]:
        order = self._orders.get(fact.rollback)
        if order is not None and (order.outdone or order.overruled):
            return ()
        return (replace(fact, rollback=self._rollback.get(fact.rollback, fact.rollback)),)

    def _is_left(self, rollback: int, flag: str) -> bool:
        order = self._orders.get(rollback)
        return order is not None and (order.outdone or flag in order.since)
