"""The lines between a guard and a screen: one JSON object a line, both ways. Pure: no socket, no clock.

To the guard:  {"hello": {"wire": 1, "name": "", "since": 0, "seat": "desk"}}
               {"hello": {…, "picture": {"tick": "t", …}}}: only the first picture is wanted, with this keymap
               {"ask": {"id": 1, "kind": "sign", "payload": {…}}}
To the screen: {"began": {"events": […], "ticks": […], "now": "…"}}   {"events": […]}   {"tick": {…}}
               {"answer": {"id": 1, "seqs": […], "said": "", "refused": false}}   {"gone": "…", "final": true}
               {"present": [["user", "name", "host", "desk"], …]}
               {"picture": {…}}, rows of the main screen, and the end
               {"beat": 1}, every second: the guard lives
To a rollback that no guard performs: {"order": {"run": "…", "name": "", "kind": "roll-back", "payload": {…}}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pags_tui.core.decide.asks import Accepted, Ask, RollBack, decode_ask, encode_ask
from pags_tui.core.errors import Refused
from pags_tui.core.events import Actor, Event, Seated, adapter, decode, encode
from pags_tui.core.judge import Judged
from pags_tui.desk.lines import line, parse
from pags_tui.desk.port import Began, Gone, Happened, Present, Ticked, Update


@dataclass(frozen=True, slots=True)
class Ordered:
    """A rollback that was confirmed on a screen whose guard does not answer."""

    run: str
    name: str
    """Self-declared, on a shared account."""
    ask: RollBack
    text: str = ""
    """The runbook's, for a journal that cannot be read; empty: not known."""

    def by(self, user: str) -> Actor:
        """Who confirmed it."""
        return Actor(user, self.name)


def ask_line(number: int, ask: Ask) -> bytes:
    """One ask."""
    kind, payload = encode_ask(ask)
    return line({"ask": {"id": number, "kind": kind, "payload": json.loads(payload)}})


def order_line(ordered: Ordered) -> bytes:
    """What is handed to a process that performs a rollback."""
    kind, payload = encode_ask(ordered.ask)
    order = {"run": ordered.run, "name": ordered.name, "kind": kind, "payload": json.loads(payload)}
    return line({"order": {**order, "text": ordered.text}})


def read_order(raw: bytes) -> Ordered:
    """The order of that line. Raises Refused for anything else."""
    order = parse(raw).get("order")
    if isinstance(order, dict):
        ask = decode_ask(str(order.get("kind")), json.dumps(order.get("payload")))
        if isinstance(ask, RollBack):
            return Ordered(str(order.get("run")), str(order.get("name", "")), ask, str(order.get("text", "")))
    raise Refused("this is no order for a rollback")


BEAT = line({"beat": 1})
"""A sign of life."""


def answer_line(number: int, answer: Accepted) -> bytes:
    """The answer to an ask."""
    return line({"answer": answer_content(number, answer)})


def answer_content(number: int, answer: Accepted) -> dict[str, Any]:
    """The answer as plain JSON."""
    return {"id": number, "seqs": list(answer.seqs), "said": answer.said, "refused": answer.refused}


def answer_of(content: dict[str, Any]) -> Accepted:
    """The answer that `answer_content` wrote; of what somebody else wrote, as much as can be understood."""
    seqs = content.get("seqs")
    numbers = tuple(int(number) for number in seqs) if isinstance(seqs, list) else ()
    return Accepted(numbers, str(content.get("said", "")), bool(content.get("refused")))


def update_line(update: Update) -> bytes:
    """One update, guard to screen."""
    match update:
        case Began():
            ticks = [_tick(judged) for judged in update.ticks]
            return line({"began": {"events": _events(update.events), "ticks": ticks, "now": update.now.isoformat()}})
        case Happened():
            return line({"events": _events(update.events)})
        case Ticked():
            return line({"tick": _tick(update.judged)})
        case Present():
            people = [[one.who.user, one.who.name, one.host, one.seat] for one in update.people]
            return line({"present": people})
        case Gone():
            return line({"gone": update.reason, "final": update.final})


def update_of(content: dict[str, Any]) -> Update | None:
    """The update that a line holds; None for an answer."""
    if "began" in content:
        began = content["began"]
        ticks = tuple(map(_judged, began["ticks"]))
        return Began(tuple(map(_event, began["events"])), ticks, datetime.fromisoformat(began["now"]))
    if "events" in content:
        return Happened(tuple(map(_event, content["events"])))
    if "tick" in content:
        return Ticked(_judged(content["tick"]))
    if "present" in content:
        return Present(tuple(Seated(Actor(user, name), host, seat) for user, name, host, seat in content["present"]))
    if "gone" in content:
        return Gone(content["gone"], bool(content.get("final")))
    return None


def _events(events: Iterable[Event]) -> list[list[Any]]:
    return [[e.seq, e.at.isoformat(), e.by.user, e.by.name, *encode(e.fact)] for e in events]


def _event(row: list[Any]) -> Event:
    seq, at, user, name, kind, payload = row
    return Event(int(seq), datetime.fromisoformat(at), Actor(user, name), decode(kind, payload))


def _tick(judged: Judged) -> Any:
    return adapter(Judged).dump_python(judged, mode="json")


def _judged(content: Any) -> Judged:
    judged: Judged = adapter(Judged).validate_python(content)
    return judged
