"""A rollback's writes: tried until verified, in order, bounded in time, and read again at the end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import FlagAnswered, FlagAsked, Move, RollbackConfirmed, RollbackFinished
from pags_tui.core.plan.confirmed import missing_moves
from pags_tui.driver import Driver, rests, rolling, writing
from tests.live import LEAD, SIX, TOKEN, FlagServer, Night, book_text, env_of, running, until

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds follow one another at once."""
    monkeypatch.setattr(rests, "AGAIN", (0.05, 0.1))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs on purpose is given up sooner."""
    monkeypatch.setattr(rolling, "ROLLBACK_STEP", 0.8)
    monkeypatch.setattr(writing, "LEFT_TO_READ", 0.2)
    monkeypatch.setattr(writing, "READ_AT_LEAST", 0.2)
    monkeypatch.setattr(rolling, "READ_BEFORE", 0.5)


async def roll_back(night: Night, moves: tuple[Move, ...] = MOVES) -> Driver:
    """Rolls back and waits for the end."""
    driver = night.driver()

    async def work() -> None:
        assert not (await driver.ask(LEAD, a.RollBack("rollback", moves))).refused
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    return driver


async def test_all_six_are_written_in_order_and_verified(night: Night, flags: FlagServer) -> None:
    """Six POSTs in written order, six verified, T held, the end journaled as 6 of 6."""
    flags.values.update(MOVED)
    await roll_back(night)
    assert flags.posts == list(SIX.items())
    assert flags.values == SIX
    finished = night.facts(RollbackFinished)
    assert [(one.verified, one.of) for one in finished] == [(6, 6)]
    assert night.state.hold is not None


async def test_what_fails_is_tried_again_after_the_others(night: Night, flags: FlagServer) -> None:
    """A flag that answers 500 twice holds up nobody: the others go first, then it is tried until verified."""
    flags.values.update(MOVED)
    flags.on_post = lambda key, value, n: 500 if key == "brain" and flags.posts.count((key, value)) < 3 else "ok"
    await roll_back(night)
    assert [key for key, _ in flags.posts] == [*SIX, "brain", "brain"]
    assert flags.values == SIX
    assert night.facts(RollbackFinished)[0].verified == 6


async def test_a_write_whose_answer_got_lost_is_read_before_it_is_tried_again(night: Night, flags: FlagServer) -> None:
    """It took effect late: the next round reads the value and writes nothing."""
    flags.values.update(MOVED)
    flags.on_post = lambda key, value, n: "late" if key == "mail" else "ok"
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        await until(flags.caught.is_set, "the last write is under way")
        flags.release.set()
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.posts == list(SIX.items())
    assert night.facts(RollbackFinished)[0].verified == 6


async def test_it_gives_up_only_on_what_is_refused_and_keeps_the_command_by_hand(
    night: Night, flags: FlagServer
) -> None:
    """403 each time: finished with 5 of 6, and the journal keeps a `curl` with the variable, not the token."""
    flags.values.update(MOVED)
    flags.on_post = lambda key, value, n: 403 if key == "gate" else "ok"
    await roll_back(night)
    assert [(one.verified, one.of) for one in night.facts(RollbackFinished)] == [(5, 6)]
    curls = {one.curl for one in night.facts(FlagAnswered) if one.curl}
    assert len(curls) == 1
    curl = curls.pop()
    assert curl.startswith("curl -fsS --max-time 10 -X POST")
    assert "${API_KEY}" in curl
    assert TOKEN not in night.db.read_bytes().decode("latin-1")


async def test_a_service_that_is_down_is_tried_until_it_is_back(night: Night, flags: FlagServer) -> None:
    """Unreachable is no reason to give up: once the service answers, everything is written and verified."""
    flags.values.update(MOVED)
    flags.down()
    driver = night.driver()

    async def work() -> None:
        assert not (await driver.ask(LEAD, a.RollBack("rollback", MOVES))).refused
        await until(lambda: len(driver.record.state.changes) > 12, "two rounds have failed")
        flags.up()
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.values == SIX
    assert night.facts(RollbackFinished)[0].verified == 6


@pytest.mark.usefixtures("hurried")
async def test_a_hanging_flag_holds_up_the_next_for_its_own_time_only(night: Night, flags: FlagServer) -> None:
    """The first flag's POST hangs: the second is written while it still does."""
    flags.values.update(MOVED)
    flags.on_post = lambda key, value, n: "hold" if n == 1 else "ok"
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        await until(lambda: len(flags.posts) >= 6, "the other five are written")
        assert not flags.release.is_set()
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.values == SIX


async def test_flags_of_a_parallel_step_go_together(tmp_path: Path, flags: FlagServer) -> None:
    """With `parallel = true` all six are under way at once: each waits for the last one to arrive."""
    text = book_text(flags).replace('action = "All off"', 'action = "All off", parallel = true')
    night = Night(tmp_path / "j", text, env_of(flags))
    flags.values.update(MOVED)

    def post(key: str, value: object, n: int) -> str:
        ends = time.monotonic() + 20
        while len(flags.posts) < 6 and time.monotonic() < ends:
            time.sleep(0.005)
        return "ok"

    flags.on_post = post
    await roll_back(night)
    assert sorted(flags.posts) == sorted(SIX.items())
    assert night.facts(RollbackFinished)[0].verified == 6
    night.close()


async def test_a_forward_write_that_lands_after_the_rollback_is_set_back(night: Night, flags: FlagServer) -> None:
    """A forward POST hangs, the rollback runs past it, the POST lands late: the second read undoes it."""
    flags.on_post = lambda key, value, n: "late" if value == 10 else "ok"
    night.hurry(2.0)
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        await until(flags.caught.is_set, "the forward write is under way")
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        await until(lambda: len(flags.posts) == 7, "the rollback has written all")
        flags.release.set()
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.values == SIX
    assert flags.posts.count(("canary", 0)) == 2
    assert night.facts(RollbackFinished)[0].verified == 6
    assert not driver.record.state.lost, "the same round does it, not one that is begun anew"


@pytest.mark.usefixtures("hurried")
async def test_a_flag_that_a_late_write_may_have_moved_is_read_or_the_rollback_is_not_over(
    night: Night, flags: FlagServer
) -> None:
    """The forward POST lands late, and the second read answers 500: not over before it could be read."""
    flags.on_post = lambda key, value, n: "late" if value == 10 else "ok"
    night.hurry(3.0)
    driver = night.driver()

    def told() -> bool:
        return any("cannot be read again" in one.detail for one in night.facts(FlagAnswered))

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        await until(flags.caught.is_set, "the forward write is under way")
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        await until(lambda: len(night.facts(FlagAnswered)) == 6, "the rollback has verified all")
        flags.on_read = lambda key: 500 if key == "canary" else "ok"
        flags.release.set()
        await until(lambda: told() or not driver.record.state.rolling_back, "the second read was made")
        flags.on_read = lambda key: "ok"
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.values == SIX
    assert night.facts(RollbackFinished)[0].verified == 6


@pytest.mark.usefixtures("hurried")
async def test_it_waits_for_no_read_and_no_gate(night: Night, flags: FlagServer) -> None:
    """Nothing can be read at first: the flags are written all the same, and verified once reads answer."""
    flags.values.update(MOVED)
    flags.on_read = lambda key: 503 if len(flags.posts) < 6 else "ok"
    await roll_back(night)
    assert [key for key, _ in flags.posts][:6] == list(SIX)
    asked = night.facts(FlagAsked)
    assert asked[0].before is None
    assert night.facts(RollbackFinished)[0].verified == 6


async def test_a_second_confirmation_keeps_what_the_first_still_owes(night: Night, flags: FlagServer) -> None:
    """Repeated while it runs it changes nothing; another choice is joined to it."""
    flags.values.update(MOVED)
    flags.on_post = lambda key, value, n: 500 if n <= 12 else "ok"
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        assert (await driver.ask(LEAD, a.RollBack("rollback", MOVES))).seqs == ()
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert len(night.facts(RollbackConfirmed)) == 1
    assert flags.values == SIX


async def test_a_second_confirmation_writes_only_what_does_not_stand(night: Night, flags: FlagServer) -> None:
    """It takes over at once, also while the first one waits for late writes. What the first has verified and still
    reads so is not written again; what moved meanwhile is."""
    flags.values.update(MOVED)
    night.hurry(30.0)
    driver = night.driver()
    driver.roller.blind = True

    async def work() -> None:
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        await until(lambda: not missing(driver), "all are verified, and it waits")
        flags.values["mail"] = True
        driver.roller.blind = False
        assert not (await driver.ask(LEAD, a.RollBack("rollback", (Move("canary", 50, ""),), "Half"))).refused
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.posts == [*SIX.items(), ("canary", 50), ("mail", False)]
    assert flags.values == {**SIX, "canary": 50}
    assert [(one.rollback, one.verified, one.of) for one in night.facts(RollbackFinished)] == [(2, 6, 6)]


def missing(driver: Driver) -> bool:
    """Something of the confirmed rollback is not verified yet."""
    state = driver.record.state
    return state.rollback is None or bool(missing_moves(state, state.rollback))


async def test_without_a_journal_any_flag_may_move_late(night: Night, flags: FlagServer) -> None:
    """Nothing tells of the last moments: the longest write is waited for, and a flag that moved meanwhile is set
    again. The operator is told what it waits for."""
    flags.values.update(MOVED)
    night.hurry(1.5)
    driver = night.driver()
    told: list[str] = []
    driver.roller.blind, driver.roller.waits = True, told.append

    async def work() -> None:
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        await until(lambda: told, "it waits")
        flags.values["canary"] = 10
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.posts == [*SIX.items(), ("canary", 0)]
    assert told[0].startswith("A write that no journal tells of may still land: ")


async def test_one_flag_back_by_hand_is_read_back_as_well(night: Night, flags: FlagServer) -> None:
    """`SetOneFlag` to an earlier value needs a reason and no gate; its answer is the read."""
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        await driver.settle()
        assert (await driver.ask(LEAD, a.SetOneFlag("canary", 0, "0", ""))).refused
        assert not (await driver.ask(LEAD, a.SetOneFlag("canary", 0, "0", "too many errors"))).refused
        await driver.settle()

    await running(driver, work)
    assert flags.posts == [("canary", 10), ("canary", 0)]
    assert night.facts(FlagAnswered)[-1].result == "verified"


async def test_a_service_that_asks_to_be_left_alone_is(night: Night, flags: FlagServer) -> None:
    """429 with Retry-After for one flag: the others go on, and that one is not tried again before its time."""
    flags.values.update(MOVED)
    times: list[float] = []

    def post(key: str, value: object, n: int) -> str | int:
        if key != "brain":
            return "ok"
        times.append(time.monotonic())
        return 429 if len(times) == 1 else "ok"

    flags.on_post, flags.headers = post, {"Retry-After": "1"}
    await roll_back(night)
    assert [key for key, _ in flags.posts] == [*SIX, "brain"]
    assert times[1] - times[0] >= 1.0
    assert night.facts(RollbackFinished)[0].verified == 6


async def test_the_only_flag_of_a_rollback_may_be_resting(night: Night, flags: FlagServer) -> None:
    """Its forward write was answered with 429 and Retry-After: the rollback waits for that, and is no fault."""
    flags.on_post, flags.headers = lambda key, value, n: 429 if n == 1 else "ok", {"Retry-After": "1"}
    night.hurry(0.5)
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        await until(lambda: driver.record.state.owed and driver.record.state.owed[0].result, "it is answered")
        await driver.ask(LEAD, a.RollBack("rollback", MOVES[:1]))
        await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")

    await running(driver, work)
    assert flags.posts == [("canary", 10), ("canary", 0)]
    assert not driver.record.state.lost


async def test_a_process_that_stood_still_sends_nothing_late(night: Night, flags: FlagServer) -> None:
    """Stopped between the intent and the write, and woken after its time: unknown, and nothing is sent."""
    driver = night.driver()

    async def work() -> None:
        driver.record.check_owner = lambda: time.sleep(0.6)  # type: ignore[method-assign]
        await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        await driver.settle()

    night.hurry(0.5)
    driver.pace = night.pace
    await running(driver, work)
    assert not flags.posts
    assert [(one.result, one.found) for one in night.facts(FlagAnswered)] == [("unknown", 0)]
    assert "not sent" in night.facts(FlagAnswered)[0].detail


async def test_a_guard_that_is_fenced_off_between_intent_and_write_sends_nothing(
    night: Night, flags: FlagServer
) -> None:
    """Another process takes the run over right after the intent was journaled: no write reaches the service."""
    driver = night.driver()
    check = driver.record.check_owner

    def taken() -> None:
        night.journal.take_lease(night.run, 1, "there", "boot", driver.record.clock.now(), 0.0)
        check()

    async def work() -> None:
        driver.record.check_owner = taken  # type: ignore[method-assign]
        await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        await driver.settle()

    await running(driver, work)
    assert not flags.posts
    assert driver._fenced
    assert [one.flag for one in night.facts(FlagAsked)] == ["canary"]
