"""Ticks that are seldom so: what cannot lean on the one before is written whole, and all of it comes back."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pags_tui.core.errors import JournalError
from pags_tui.core.gates import GateVerdict
from pags_tui.core.judge import Judge, Judged, encode_judged, rules_of
from pags_tui.core.series import FlagReading, Point, Reading, Tick
from pags_tui.core.tape import REACH, Decoder, Encoder, decode_rows, told_values
from pags_tui.core.tape.small import USUAL
from pags_tui.core.triggers import Restart
from tests.core.stories import LOW, NIGHT, Story, prepared
from tests.core.test_tape import ROWS, assert_back, long_night, stored, texts

GATE, TRIGGER = "canary-10/errors", "queue-depth"
AGAIN = Restart("queue-depth", (("queue", "mail"),), 300.0)


def after(judged: Judged, seconds: float = 5, **changes: Any) -> Judged:
    """The tick after that one, with those changes."""
    at = judged.at + timedelta(seconds=seconds)
    changes = {"tick": replace(judged.tick, time=judged.tick.time + seconds), **changes}
    return replace(judged, number=judged.number + 1, at=at, **changes)


def says(gate: GateVerdict, **changes: Any) -> GateVerdict:
    """The gate with its one part changed, and itself as its part is."""
    (part,) = gate.parts
    return replace(gate, parts=(replace(part, **changes),), **changes)


def gates(judged: Judged, **changes: Any) -> dict[str, GateVerdict]:
    """All gates of the tick, one of them changed."""
    return {**judged.gates, GATE: says(judged.gates[GATE], **changes)}


def whole(rows: list[Any]) -> list[bool]:
    """Which of the stored ticks stand alone."""
    return [not row.payload.startswith(b"\x01") for row in rows]


BASE = long_night(1).ticks[-1]


@pytest.mark.parametrize(
    "odd",
    [
        after(BASE, gates={"x" if key == GATE else key: gate for key, gate in BASE.gates.items()}),
        after(BASE, gates={GATE: BASE.gates[GATE]}),
        after(BASE, triggers={**BASE.triggers, TRIGGER: replace(BASE.triggers[TRIGGER], restarted=(AGAIN,))}),
        after(BASE, gates={**BASE.gates, GATE: replace(BASE.gates[GATE], reason="as nobody would say it")}),
    ],
    ids=["another-name", "fewer-gates", "clocks-restarted", "a-gate-of-its-own-words"],
)
def test_what_cannot_be_told_by_rows_is_written_whole(odd: Judged) -> None:
    """A verdict that is not made of its parts, or more or fewer of them: no small tick, and nothing of it is lost."""
    ticks = [BASE, odd]
    assert whole(stored(ticks)) == [True, True]
    assert_back(ticks, stored(ticks))


def test_rows_of_other_kinds_in_the_same_number() -> None:
    """Two parts here and one there, then the other way round: as many rows, and no small tick."""
    one, two = "canary-10/errors", "canary-10/queue"

    def split(judged: Judged, twice: str) -> dict[str, GateVerdict]:
        return {
            key: replace(gate, parts=gate.parts * 2) if key == twice else gate for key, gate in judged.gates.items()
        }

    ticks = [replace(BASE, gates=split(BASE, one)), after(BASE, gates=split(BASE, two))]
    assert whole(stored(ticks)) == [True, True]
    assert_back(ticks, stored(ticks))


def test_a_reason_with_the_marks_of_the_format_in_it() -> None:
    """It is kept as it is: its characters are no places of a series or of a value."""
    ticks = [BASE, after(BASE, gates=gates(BASE, reason="\x01 and \x025")), after(after(BASE))]
    assert whole(stored(ticks)) == [True, False, False]
    assert_back(ticks, stored(ticks))


def test_ages_of_every_series_and_of_what_is_judged() -> None:
    """Each its own: told by the series of the points, and the judged one by the oldest of its metric."""
    labels = [point.labels for point in BASE.tick.readings["queue-depth"].points]
    ticks = [BASE]
    for number in range(4):
        last = ticks[-1]
        old = last.tick.readings["queue-depth"]
        ages = tuple(Point(one, 3.0 + number + place) for place, one in enumerate(labels))
        asked = Reading(old.points, old.failed, old.warnings, old.enough, ages)
        made = after(last)
        tick = replace(made.tick, readings={**last.tick.readings, "queue-depth": asked})
        aged = {**last.gates, "canary-10/queue": says(last.gates["canary-10/queue"], data_age=4.0 + number)}
        ticks.append(replace(made, tick=tick, gates=aged))
    rows = stored(ticks)
    assert whole(rows)[2:] == [False, False, False]
    assert_back(ticks, rows)


def test_what_is_said_of_no_series_and_no_number() -> None:
    """A metric that never answered, under a gate and under a trigger."""
    nothing = {"value": None, "series": None}
    ticks = [BASE]
    for number in range(2):
        last = after(ticks[-1])
        trigger = last.triggers[TRIGGER]
        (clock,) = trigger.parts
        blind = replace(trigger, parts=(replace(clock, **nothing),), **nothing)
        changed = {"gates": gates(last, **nothing), "triggers": {**last.triggers, TRIGGER: blind}} if number else {}
        ticks.append(replace(last, **changed))
    rows = stored(ticks)
    assert whole(rows) == [True, False, False]
    assert_back(ticks, rows)


def test_a_clock_that_says_a_millisecond_more() -> None:
    """Clocks are rounded: two that began at one moment may differ by one, and come back as they were."""
    pair = [replace(BASE, gates=gates(BASE, clock=30.0)), after(BASE, gates=gates(BASE, clock=35.001))]
    rows = stored(pair)
    assert whole(rows) == [True, False]
    assert_back(pair, rows)


def test_half_a_character_is_not_stored() -> None:
    """From a service that answers with one: a sentence, whether the tick would stand alone or not."""
    odd = after(BASE)
    odd = replace(odd, tick=replace(odd.tick, failed="half \ud83d"))
    for before in ((), (BASE,)):
        encoder = Encoder()
        for one in before:
            encoder.encode(one)
        with pytest.raises(JournalError, match="half a character, which is no text"):
            encoder.encode(odd)


def test_nothing_leans_farther_back_than_the_reach() -> None:
    """After a gap in the numbers the next tick stands alone."""
    encoder = Encoder()
    payloads = [encoder.encode(one) for one in (BASE, replace(after(BASE), number=BASE.number + REACH + 1))]
    assert [payload[:1] for payload in payloads] == [b"x", b"x"]


def test_what_was_said_shows_itself_as_a_mapping_does() -> None:
    """Worked out late, it is written like what it stands for."""
    judged = Decoder({row.tick: row.payload for row in ROWS}.get).decode(ROWS[6].payload)
    assert repr(judged.gates) == repr(dict(judged.gates))


def test_a_whole_tick_is_cut_where_its_verdicts_begin() -> None:
    """Whatever metrics, flags and answers are called: nothing but the end of the tick looks like it."""
    end = '"failed":null},"gates":{'
    point = (Point((("le", end),), 1.0),)
    tick = Tick(
        7.0,
        {"gates": Reading(point), "failed": Reading(failed=end), end: Reading(point, warnings=(end,))},
        {"gates": FlagReading(end, None, 7.0), "failed": FlagReading(None, end, 7.0)},
        end,
    )
    for whole in (Judged(1, BASE.at, tick, {}, {}), replace(BASE, tick=tick)):
        found = Decoder(lambda _: None).decode(encode_judged(whole))
        assert texts(found) == texts(whole)
        assert dict(found.gates) == dict(whole.gates)


def test_a_base_that_is_none_is_a_sentence() -> None:
    """A small tick stored in the place of the whole one that others lean on."""
    small = ROWS[6].payload
    with pytest.raises(JournalError, match="damaged, or from another version"):
        Decoder(lambda _: small).decode(small)


def otherwise(payload: bytes, place: int, what: Any) -> bytes:
    """The small tick with something else in one place of its head."""
    text, mark, planes = zlib.decompressobj(-15, zdict=USUAL).decompress(payload[1:]).partition(b"\n")
    head = json.loads(text)
    head[place] = what
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=USUAL)
    return b"\x01" + packer.compress(json.dumps(head).encode() + mark + planes) + packer.flush()


def test_a_cell_that_nothing_has_is_a_sentence() -> None:
    """The tick itself can be read; what was judged of it says so when it is looked at."""
    payload = otherwise(ROWS[6].payload, 7, [999, 0, 0])
    judged = Decoder({row.tick: row.payload for row in ROWS}.get).decode(payload)
    assert judged.number == ROWS[6].tick
    with pytest.raises(JournalError, match="damaged, or from another version"):
        dict(judged.gates)


@pytest.mark.parametrize("shapes", [[0], [0, 0, 3], [0, -1, 0], [0, "x", 0], [0, [None], 0]], ids=str)
def test_readings_that_are_laid_out_as_nothing_is_are_a_sentence(shapes: list[Any]) -> None:
    """Of fewer metrics than the whole tick has, or of a kind that nobody writes."""
    payload = otherwise(ROWS[6].payload, 5, [None, shapes])
    with pytest.raises(JournalError, match="damaged, or from another version"):
        Decoder({row.tick: row.payload for row in ROWS}.get).decode(payload)


def test_of_rows_with_a_damaged_one_only_what_follows_is_taken() -> None:
    """The whole tick is damaged: what leans on it goes with it, and the next whole one begins anew."""
    night = long_night(4).ticks
    first, second = stored(list(night[:3])), stored(list(night[3:]))
    rows = [replace(first[0], payload=b"x no tick"), *first[1:], *second]
    assert [texts(one) for one in decode_rows(rows)] == [texts(one) for one in night[3:]]


# ---------------------------------------------------------------- the judging of a part of a runbook


def test_the_rules_of_some_gates_and_triggers_alone() -> None:
    """Only what is named is judged, and only its metrics are looked at."""
    runbook = Story(NIGHT).state.runbook
    rules = rules_of(runbook, 5).of(frozenset({"ten/errors-low", "errors"}))
    assert [list(part) for part in (rules.gates, rules.triggers, rules.metrics)] == [
        ["ten/errors-low"], ["errors"], ["errors"],
    ]  # fmt: skip
    assert list(Judge(runbook, 5, frozenset({"queue"})).metrics) == ["queue"]


def test_a_gate_that_the_last_tick_did_not_judge_does_not_stand() -> None:
    """As after an amendment that brought it: it is not there until it is judged."""
    story = prepared()
    assert story.last is not None
    one = {LOW: story.last.gates[LOW]}
    assert list(story.judge.standing(replace(story.last, gates=one), story.state)) == [LOW]


def asked_of(reading: Reading, ages: list[float]) -> Reading:
    """The reading with an age of each of its series."""
    aged = tuple(Point(point.labels, age) for point, age in zip(reading.points, ages, strict=True))
    return replace(reading, ages=aged)


def test_what_a_metric_said_is_told_alike_by_a_tick_that_was_read_back() -> None:
    """Its values, and none where the tick or its query failed, traffic was little, or nobody asked; with ages or not,
    and beside a reading that is told anew."""
    (queues, errors), made = (BASE.tick.readings[name] for name in ("queue-depth", "error-rate")), [BASE]
    partial = replace(errors, warnings=("some blocks are missing",))
    for readings in (
        {},
        {"queue-depth": asked_of(queues, [3.0, 4.0])},
        {"queue-depth": asked_of(queues, [3.0, 4.0]), "error-rate": partial},
        {"queue-depth": asked_of(queues, [3.0, 3.0]), "error-rate": partial},
        {"queue-depth": replace(queues, enough=False)},
        {"error-rate": Reading(failed="time-out")},
    ):
        last = after(made[-1])
        made.append(replace(last, tick=replace(last.tick, readings={**BASE.tick.readings, **readings})))
    made.append(replace(after(made[-1]), tick=replace(made[1].tick, failed="no server time")))
    rows = stored(made)
    decoder = Decoder({row.tick: row.payload for row in rows}.get)
    back = [decoder.decode(row.payload).tick for row in rows]
    assert repr(back) == repr([judged.tick for judged in made])
    sizes = [(len(tick.readings), len(tick.flags)) for tick in back]
    assert sizes == [(len(judged.tick.readings), len(judged.tick.flags)) for judged in made]
    told = []
    for name in ("queue-depth", "error-rate", "no-such-metric"):
        said = told_values([*(judged.tick for judged in made), None], name)
        assert [list(values) for values in told_values([*back, None], name)] == [list(values) for values in said]
        told.append([len(values) for values in said])
    assert told == [[2, 2, 2, 2, 2, 0, 2, 0, 0], [1, 1, 1, 1, 1, 1, 0, 0, 0], [0] * 9]
