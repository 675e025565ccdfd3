"""Each dialog, driven by keys: what it takes, what it sends, what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.events import Actor
from pags_tui.ui.app import WarRoom
from pags_tui.ui.dialogs import Dialog, FlagDialog, RecycleDialog
from pags_tui.ui.dialogs.entry import Entry, Lines
from pags_tui.ui.dialogs.rollback import PlanList
from pags_tui.ui.renderables.glyphs import UNICODE
from pags_tui.ui.renderables.line import text_of
from pags_tui.ui.scene import Scene
from pags_tui.ui.screens import DetailScreen
from tests.ui.desks import CALM, NIGHT, T_ZERO, FakeDesk, Night
from tests.ui.nights import begun, canary, counting_down, prepared, queueing


def draft(scene: Scene, comms: str, fields: Mapping[str, str]) -> str:
    """What a template would make of it."""
    return f"{comms}: {fields.get('mood', '')}\nsecond line"


class Seat:
    """An operator before a screen."""

    def __init__(self, night: Night, me: Actor | None = None, size: tuple[int, int] = (80, 24)) -> None:
        self.desk = FakeDesk(night, me or Actor("ana"))
        self.app = WarRoom(self.desk, render=draft, amended=lambda: night.text + "\n# more\n", beat=None)
        self._run = self.app.run_test(size=size)
        self.pilot: Pilot[None]

    async def __aenter__(self) -> Seat:
        self.pilot = await self._run.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._run.__aexit__(*error)  # type: ignore[arg-type]

    async def press(self, *keys: str) -> None:
        """Keys, and whatever follows from them."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Until every answer is in."""
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def answer(self, *texts: str) -> None:
        """Type each text and press enter."""
        for text in texts:
            self.app.screen.query_one(Entry).value = text
            await self.press("enter")

    async def by_name(self, key: str) -> None:
        """A command without a key."""
        self.app.press(key)
        await self.settle()

    @property
    def dialog(self) -> Dialog:
        """The open dialog."""
        assert isinstance(self.app.screen, Dialog)
        return self.app.screen

    @property
    def open(self) -> bool:
        """Some dialog is open."""
        return isinstance(self.app.screen, Dialog)

    def lines(self, which: str = "#told") -> str:
        """What the dialog says there."""
        return "\n".join(text_of(line) for line in self.dialog.query_one(which, Lines).said)

    @property
    def said(self) -> str:
        """The sentence below the question."""
        return self.lines("#answer")


# ---------------------------------------------------------------- flags


async def test_a_flag_takes_its_new_value() -> None:
    """Enter alone and a wrong value do nothing; the new value writes, and the dialog leaves once it is read back."""
    async with Seat(prepared()) as seat:
        await seat.press("2", "a")
        assert seat.desk.asked == [a.ReadFlags()]
        assert isinstance(seat.app.focused, Entry)
        await seat.press("enter")
        assert "Enter alone changes nothing: type 10" in seat.said
        await seat.answer("1")
        assert seat.desk.wanted == []
        await seat.answer("10")
        assert not seat.open
        assert seat.desk.wanted == [a.SetFlags("canary-10/ten", "10", (("canary-percentage", 0),))]
        assert seat.desk.night.flags["canary-percentage"] == 10


async def test_an_open_page_of_an_action_leads_to_it() -> None:
    """`a` on the page of a step does what it does on the step's line."""
    async with Seat(prepared()) as seat:
        await seat.press("2", "enter")
        assert isinstance(seat.app.screen, DetailScreen)
        await seat.press("a")
        assert isinstance(seat.dialog, FlagDialog)
        assert seat.dialog.step == "canary-10/ten"


class LateDesk(FakeDesk):
    """Answers a write only when it is told to, and refuses the first one."""

    def __init__(self, night: Night, me: Actor) -> None:
        super().__init__(night, me)
        self.late, self.refuses = asyncio.Event(), True

    async def ask(self, ask: a.Ask) -> a.Accepted:
        """Flags are read at once."""
        if isinstance(ask, a.ReadFlags):
            return await super().ask(ask)
        await self.late.wait()
        if self.refuses:
            self.refuses = False
            return a.Accepted(said="The gates cannot be read just now: nothing was done. Try again.", refused=True)
        return await super().ask(ask)


@pytest.mark.parametrize(("keys", "word"), [(("2", "a"), "10"), (("f9",), "rollback"), (("n",), "seen")])
async def test_after_a_late_refusal_the_line_takes_what_is_typed(keys: tuple[str, ...], word: str) -> None:
    """While the answer is awaited the line is hidden; refused, it is there again with the focus, and the word goes."""
    night = prepared() if keys[-1] == "a" else canary()
    async with Seat(night) as seat:
        desk = seat.app.desk = seat.desk = LateDesk(night, Actor("ana"))
        await desk.attach(seat.app.receive)
        await seat.pilot.press(*keys, *word, "enter")
        await seat.pilot.pause(0.1)
        assert seat.said == "asking …"
        assert seat.dialog.focused is None
        desk.late.set()
        await seat.settle()
        assert "nothing was done. Try again." in seat.said
        assert isinstance(seat.app.focused, Entry)
        await seat.press(*word, "enter")
        assert len(desk.wanted) == 1


async def test_a_desk_that_never_answers_holds_nobody() -> None:
    """Escape leaves while the answer is awaited."""
    night = prepared()
    async with Seat(night) as seat:
        seat.app.desk = LateDesk(night, Actor("ana"))
        await seat.pilot.press("2", "a", "1", "0", "enter")
        await seat.pilot.pause(0.1)
        assert seat.said == "asking …"
        await seat.pilot.press("escape")
        assert not seat.open


async def test_several_flags_take_the_targets_name() -> None:
    """`production` is typed, and both flags are written."""
    night = begun()
    night.ask(a.Resolve("prepare/backups-are-fresh"), a.Resolve("prepare/replica-count-noted", value="3"))
    night.ask(a.Resolve("prepare/freeze-deployments"))
    async with Seat(night) as seat:
        await seat.press("a")
        assert "both brains answer" in seat.lines()
        await seat.answer("true")
        assert seat.open
        await seat.answer("production")
        assert not seat.open
        assert seat.desk.night.flags["use-new-brain"] is True
        assert seat.desk.night.flags["legacy-mode"] is False


async def test_what_is_in_the_way_is_listed() -> None:
    """A change that may not happen has no line to type into; it says what it waits for."""
    async with Seat(begun()) as seat:
        await seat.press("j", "j", "j", "a")
        assert "'Backups are fresh' is open" in seat.lines()
        await seat.press(*"production", "enter")
        assert seat.desk.wanted == []


async def test_a_value_that_moves_meanwhile_is_shown() -> None:
    """The dialog reads on while it is open; the ask carries what it showed."""
    async with Seat(prepared()) as seat:
        await seat.press("a")
        seat.desk.night.flags["canary-percentage"] = 5
        seat.desk.happen(e.FlagSeen("canary-percentage", 5), e.DriftFound("canary-percentage", 0, 5))
        await seat.settle()
        assert "now 5" in seat.lines()
        assert seat.dialog.question is None


async def test_a_write_of_which_nobody_knows_is_said() -> None:
    """The dialog leaves with a sentence; the owed change reads back, is accepted or given up with a reason."""
    night = prepared()
    night.stuck["canary-percentage"] = "unknown"
    async with Seat(night) as seat:
        await seat.press("a")
        await seat.answer("10")
        assert not seat.open
        await seat.by_name("owed")
        await seat.answer("give", "the service was down")
        assert seat.desk.wanted[-1] == a.SettleChange(3, "given-up", "the service was down")


async def test_drift_is_accepted_with_a_reason_or_restored_with_the_value() -> None:
    """Both ways out of somebody else's change."""
    night = canary()
    night.flags["canary-percentage"] = 25
    night.happen(e.FlagSeen("canary-percentage", 25), e.DriftFound("canary-percentage", 10, 25))
    async with Seat(night) as seat:
        await seat.by_name("drift")
        await seat.answer("restore", "not agreed", "25")
        assert "'25' changes nothing: type 10" in seat.said
        await seat.answer("10")
        assert seat.desk.wanted == [a.SetOneFlag("canary-percentage", 10, "10", "not agreed")]


async def test_one_flag_goes_back_to_a_value_that_it_had() -> None:
    """Flag, value, reason, and the value typed once more."""
    async with Seat(canary()) as seat:
        await seat.by_name("flag")
        await seat.answer("canary-percentage", "0", "only this one", "0")
        assert seat.desk.wanted == [a.SetOneFlag("canary-percentage", 0, "0", "only this one")]


# ---------------------------------------------------------------- the way back


async def test_rollback_runs_on_its_word_only() -> None:
    """The plan is there at once; the word runs it, and each step shows how it went."""
    async with Seat(canary()) as seat:
        await seat.press("f9")
        await seat.press("enter")
        await seat.answer("rolback")
        assert seat.desk.wanted == []
        await seat.answer("rollback")
        assert "finished: 2/2 verified" in seat.lines()
        assert seat.dialog.hint() == "esc leaves"
    assert seat.desk.night.flags == {"canary-percentage": 0, "use-new-brain": True, "legacy-mode": True}


async def test_a_line_can_be_left_out_and_one_added() -> None:
    """After tab, space toggles; what is not in the plan is counted beside the word."""
    async with Seat(canary()) as seat:
        await seat.press("f9", "space", "tab", "space", "j", "j", "space")
        assert seat.lines("#beside").strip() == "1 left out, 1 added"
        await seat.press("tab")
        await seat.answer("rollback")
    (ask,) = seat.desk.wanted
    assert isinstance(ask, a.RollBack)
    assert [(move.flag, move.value) for move in ask.moves] == [("legacy-mode", True), ("use-new-brain", False)]


async def test_another_way_back_is_chosen_with_the_arrows() -> None:
    """Named options, as before the night, as at a signed checkpoint."""
    async with Seat(canary()) as seat:
        await seat.press("f9", "tab", "right")
        assert "Half way back" in seat.lines()
        assert "the last ten minutes of drafts" in seat.lines()
        await seat.press("right")
        assert "As before the night" in seat.lines()
        await seat.press("right")
        assert "signed checkpoint" in seat.lines()


async def test_what_fails_says_what_to_do_by_hand() -> None:
    """5/6, and the exact curl."""
    night = canary()
    night.stuck["canary-percentage"] = "unknown"
    async with Seat(night) as seat:
        await seat.press("f9")
        await seat.answer("rollback")
        assert "running: 1/2 verified" in seat.lines()
        assert seat.dialog.hint() == "y copies · esc leaves, the rollback goes on"
        plan = seat.dialog.query_one(PlanList)
        lines = [text_of(plan.draw(row, 70, UNICODE, False)[0]) for row in plan.rows]
        assert [line.count("✓") for line in lines] == [int(" verified" in line) for line in lines]
        assert "curl -X POST http://localhost:8080/flags/canary-percentage" in seat.lines()


async def test_anyone_may_roll_back() -> None:
    """It waits for no lead."""
    async with Seat(canary(), Actor("bob")) as seat:
        await seat.press("ctrl+r")
        await seat.answer("rollback")
    assert seat.desk.night.state.rollback is not None


# ---------------------------------------------------------------- signing, gates, steps


async def test_a_checkpoint_takes_its_phases_id() -> None:
    """Enter alone signs nothing."""
    async with Seat(prepared(signed=False)) as seat:
        await seat.press("s", "enter")
        assert seat.desk.wanted == []
        await seat.answer("prepare")
        assert seat.desk.wanted == [a.Sign("prepare", "cutover-lead")]
        assert not seat.open


async def test_an_override_takes_a_reason_and_names_what_was_seen() -> None:
    """State and value of the moment travel with it."""
    night = canary().tick({**CALM, "error-rate": 0.007})
    async with Seat(night) as seat:
        await seat.press("o", "enter")
        assert "Type a few words" in seat.said
        await seat.answer("one bad client")
        assert seat.desk.wanted == [a.GiveOverride("canary-10/errors", "fail", 0.007, "one bad client")]
        assert not seat.open


async def test_a_gate_under_a_trigger_takes_no_override() -> None:
    """While a trigger on the same metric is pending there is no line to type into."""
    async with Seat(queueing()) as seat:
        await seat.press("j", "o")
        assert seat.dialog.question is None


async def test_another_outcome_takes_a_reason() -> None:
    """By number or by name."""
    async with Seat(begun()) as seat:
        await seat.press("x")
        await seat.answer("skip", "not this time")
        assert seat.desk.wanted == [a.Resolve("prepare/backups-are-fresh", "skipped", "not this time")]


async def test_a_captured_value_is_typed() -> None:
    """Space on such a step asks for it."""
    async with Seat(begun()) as seat:
        await seat.press("j", "space")
        await seat.answer("3")
        assert seat.desk.wanted == [a.Resolve("prepare/replica-count-noted", "passed", "", "3")]


# ---------------------------------------------------------------- T


async def test_resuming_takes_the_word() -> None:
    """And a reason before it while a gate does not pass."""
    async with Seat(queueing()) as seat:
        await seat.press("h", "h")
        await seat.answer("queue is known", "resume")
        assert seat.desk.wanted == [a.HoldClock(), a.Resume("queue is known")]
    async with Seat(begun()) as seat:
        await seat.press("h", "h")
        await seat.answer("resume")
        assert seat.desk.wanted == [a.HoldClock(), a.Resume()]


async def test_recycling_names_the_place() -> None:
    """Place, reason, word."""
    async with Seat(canary()) as seat:
        await seat.by_name("recycle")
        await seat.answer("2", "once more", "recycle")
        assert seat.desk.wanted == [a.Recycle(-1800.0, "once more")]


async def test_t_zero_is_shown_before_it_is_set() -> None:
    """What a time means stands there before the word is typed."""
    async with Seat(begun()) as seat:
        await seat.by_name("t-zero")
        await seat.answer("23:00")
        assert "2026-11-24 23:00:00 UTC" in seat.lines()
        await seat.answer("the vendor is late", "set")
        assert seat.desk.wanted == [a.SetTZero(T_ZERO + timedelta(hours=1), "the vendor is late")]


# ---------------------------------------------------------------- words, people, messages


async def test_a_note_stands_beside_its_step() -> None:
    """The step under the cursor."""
    async with Seat(begun()) as seat:
        await seat.press("n")
        await seat.answer("from last night")
        assert seat.desk.wanted == [a.AddNote("from last night", "prepare/backups-are-fresh")]


async def test_an_issue_is_opened_and_closed() -> None:
    """With its severity; closing needs no words."""
    async with Seat(begun()) as seat:
        await seat.press("i")
        await seat.answer("major", "mail is down")
        await seat.press("i")
        await seat.answer("close 1", "")
        assert seat.desk.wanted == [a.OpenIssue("major", "mail is down"), a.CloseIssue(1)]


async def test_a_message_is_completed_edited_and_copied() -> None:
    """Fields first, then the text; what goes out is the edited text."""
    async with Seat(canary()) as seat:
        await seat.press("m")
        await seat.answer("calm")
        await seat.press("tab", "!", "tab")
        await seat.answer("copied")
        assert seat.desk.wanted == [a.SendMessage("internal", "!internal: calm\nsecond line", 0, copied=True)]


async def test_a_message_can_wait_once() -> None:
    """`later` puts it off."""
    async with Seat(canary()) as seat:
        await seat.press("m")
        await seat.answer("calm", "later")
        assert seat.desk.wanted == [a.SnoozeMessage("internal", 900.0)]


async def test_what_is_due_at_no_time_cannot_be_put_off() -> None:
    """A message without a period takes no `later`."""
    text = NIGHT.read_text().replace('every = "30m"\nfields', "fields")
    async with Seat(Night(text).read_flags({"canary-percentage": 0})) as seat:
        await seat.press("m")
        await seat.answer("calm", "later")
        assert seat.desk.wanted == []
        assert "type copied" in seat.said


async def test_a_message_in_doubt_is_settled_by_whoever_looked() -> None:
    """It is not sent again: the dialog asks whether it arrived, and shows the text that may have gone out."""
    night = canary()
    night.happen(e.MessageAsked(1, "internal", "all is well"), e.MessageSent(1, "unknown", "no answer within 10 s"))
    async with Seat(night) as seat:
        await seat.press("m")
        assert "arrived, or lost" in seat.lines("#prompt")
        await seat.answer("send", "lost")
        assert seat.desk.wanted == [a.SettleMessage(1, arrived=False)]


async def test_a_poll_is_opened_answered_and_closed() -> None:
    """The lead records what dora said aloud: it is marked as voiced."""
    async with Seat(begun()) as seat:
        await seat.press("p", "enter")
        assert seat.desk.wanted == []
        await seat.answer("poll", "cutover-lead", "go", "", "database-lead", "no-go", "not yet", "close")
        assert seat.desk.wanted == [
            a.OpenPoll(),
            a.AnswerPoll(1, "cutover-lead", "go"),
            a.AnswerPoll(1, "database-lead", "no-go", "not yet", voiced=True),
            a.ClosePoll(1),
        ]


async def test_the_lead_is_taken_by_a_typed_word() -> None:
    """And given by name and Unix user."""
    async with Seat(begun(), Actor("bob")) as seat:
        await seat.by_name("lead")
        await seat.press("enter")
        assert seat.desk.wanted == []
        typed = seat.dialog.question
        assert typed is not None
        await seat.answer(typed.word or "")
        assert seat.desk.night.state.lead.user == "bob"
        await seat.by_name("lead")
        await seat.answer("ana", "ana")
        assert seat.desk.night.state.lead.user == "ana"


async def test_people_are_named_one_after_another() -> None:
    """The dialog stays until it is left."""
    async with Seat(begun()) as seat:
        await seat.by_name("people")
        await seat.answer("Database Lead", "doris", "Emergency Contact", "+49 30 1")
        assert seat.open
        assert seat.desk.wanted == [a.NameRole("database-lead", "doris"), a.NoteContact("emergency", "+49 30 1")]


async def test_enter_alone_goes_to_the_next_that_nobody_knows() -> None:
    """Names and addresses one after another, without a number for each."""
    async with Seat(begun()) as seat:
        await seat.by_name("people")
        unknown = [title for title, value in seat.app.screen._known().items() if not value]  # type: ignore[attr-defined]
        for title in unknown:
            await seat.press("enter")
            assert f"{title}:" in seat.app.screen.query_one("#prompt", Lines).said[0][0][0]
            await seat.answer("somebody")
        assert len(seat.desk.wanted) == len(unknown) > 0


# ---------------------------------------------------------------- judging, the run


async def test_a_trigger_is_muted_for_at_most_half_an_hour() -> None:
    """Which, how long, why."""
    async with Seat(canary()) as seat:
        await seat.by_name("mute")
        await seat.answer("queue", "45")
        assert "from 1 to 30" in seat.said
        await seat.answer("15", "controlled spike")
        assert seat.desk.wanted == [a.Mute("queue-depth", 900.0, "controlled spike")]


async def test_a_vanished_series_is_retired() -> None:
    """Its labels travel as they were seen."""
    night = canary()
    night.tick({"error-rate": 0.002, "p95-latency": 0.2, "queue-depth": {"mail": 120}})
    async with Seat(night) as seat:
        await seat.by_name("retire")
        await seat.answer("queue-depth")
        assert "queue=brain  vanished" in seat.lines()
        await seat.answer("queue=brain", "merged into mail")
        assert seat.desk.wanted == [a.RetireSeries("queue-depth", (("queue", "brain"),), "merged into mail")]


async def test_the_run_is_ended_by_a_word() -> None:
    """As done only when it is."""
    async with Seat(canary()) as seat:
        await seat.by_name("end")
        await seat.answer("done", "", "end")
        assert "is not finished" in seat.said
        await seat.press("escape")
        await seat.by_name("end")
        await seat.answer("abandoned", "given up", "end")
        assert seat.desk.wanted[-1] == a.EndRun("abandoned", "given up")


async def test_an_amendment_shows_the_difference() -> None:
    """What is confirmed is what was shown."""
    async with Seat(begun()) as seat:
        await seat.by_name("amend")
        assert "+# more" in seat.lines()
        await seat.answer("amend")
        (ask,) = seat.desk.wanted
        assert isinstance(ask, a.Amend)
        assert ask.runbook.endswith("# more\n")


async def test_leaving_can_stop_the_guard() -> None:
    """By a typed word; any other word does nothing."""
    async with Seat(canary()) as seat:
        await seat.press("q")
        assert "armed" in seat.lines()
        await seat.answer("stp")
        assert seat.open
        await seat.answer("stop")
    assert [type(ask) for ask in seat.desk.wanted] == [a.StopGuard]
    assert seat.desk.detached


async def test_a_closed_run_is_left_without_a_word_of_coming_back() -> None:
    """Nothing more comes of it: enter leaves."""
    night = canary()
    night.happen(e.RunEnded("done"))
    async with Seat(night) as seat:
        await seat.press("q")
        assert seat.lines() == "The run was closed as done; its guard stops by itself."
        await seat.press("enter")
    assert seat.desk.detached


async def test_why_leads_to_what_clears_it() -> None:
    """Enter on a blocker goes to its step, and ticks nothing; space, the key that is named there, does."""
    async with Seat(begun()) as seat:
        await seat.press("w", "enter")
        assert len(seat.app.screen_stack) == 1
        assert seat.app.cockpit.step == "prepare/backups-are-fresh"
        assert not seat.desk.wanted
        await seat.press("space")
        assert seat.desk.wanted == [a.Resolve("prepare/backups-are-fresh")]


async def test_why_opens_the_dialog_that_clears_it() -> None:
    """A blocker whose key opens a dialog: enter opens it, and nothing is asked yet."""
    async with Seat(queueing()) as seat:
        await seat.press("w")
        rows = [row for row in seat.app.screen._rows() if row.key not in ("tick", "")]  # type: ignore[attr-defined]
        assert rows, seat.app.screen._rows()  # type: ignore[attr-defined]
        for _ in range([row.key for row in seat.app.screen._rows()].index(rows[0].key)):  # type: ignore[attr-defined]
            await seat.press("j")
        await seat.press("enter")
        assert len(seat.app.screen_stack) == 2
        assert not seat.desk.wanted


# ---------------------------------------------------------------- what holds for all


async def test_what_ends_under_another_dialog_is_gone_with_it() -> None:
    """A change that is verified while the rollback's plan lies over it does not wait there for another enter."""
    async with Seat(prepared()) as seat:
        await seat.press("a")
        asked, answer = seat.desk.ask, []

        async def later(ask: a.Ask) -> a.Accepted:
            seat.app.press("rollback")
            answer.append(ask)
            return await asked(ask)

        seat.desk.ask = later  # type: ignore[method-assign]
        await seat.answer("10")
        assert len(seat.app.screen_stack) == 3
        await seat.press("escape")
        await seat.settle()
        assert len(seat.app.screen_stack) == 1


async def test_a_countdown_is_seen_under_a_dialog() -> None:
    """It says how to veto; it takes no focus."""
    async with Seat(counting_down()) as seat:
        await seat.press("n")
        assert "ROLLBACK IN 42 s" in seat.lines("#alarm")
        assert isinstance(seat.app.focused, Entry)


@pytest.mark.parametrize("key", ["rollback", "sign", "note", "issue", "message", "poll", "recycle", "end", "lead"])
async def test_escape_always_leaves(key: str) -> None:
    """And nothing was asked for, after an empty enter and a slip."""
    async with Seat(canary()) as seat:
        await seat.by_name(key)
        await seat.press("enter", "q", "escape")
        assert not seat.open
        assert seat.desk.wanted == []


async def test_a_dialog_outlives_what_it_is_about() -> None:
    """T goes back under an open recycle dialog, behind the place that was chosen in it: it stays, and says so."""
    night = canary()
    desk = FakeDesk(night)
    app = WarRoom(desk, beat=None)
    async with app.run_test(size=(120, 40)) as pilot:
        app.press("recycle")
        await pilot.pause()
        await pilot.press("1", "enter")
        await app.ask(a.Recycle(0.0, "somebody was faster"))
        await app.ask(a.Recycle(-1800.0, "and again"))
        app.refresh_scene()
        await pilot.pause()
        assert isinstance(app.screen, RecycleDialog)


@pytest.mark.parametrize(
    ("typed", "text", "minutes"),
    [
        ("22:05 consumer restarted", "consumer restarted", 5),
        ("-5m consumer restarted", "consumer restarted", 5.75),
        ("T+4m consumer restarted", "consumer restarted", 4),
        ("23:30 is when we meet", "is when we meet", -22.5 * 60),
        ("-1 is not a time", "-1 is not a time", None),
        ("T+99h is ahead", "T+99h is ahead", None),
        ("25:99 is none", "25:99 is none", None),
    ],
)
async def test_a_note_may_have_happened_earlier(typed: str, text: str, minutes: float | None) -> None:
    """It begins with when: a time of day, so long ago, or a T; what is no past time is part of the words."""
    async with Seat(queueing()) as seat:
        await seat.press("n")
        await seat.answer(typed)
        (asked,) = seat.desk.wanted
    assert isinstance(asked, a.AddNote)
    happened = None if minutes is None else T_ZERO + timedelta(minutes=minutes)
    assert (asked.text, asked.happened) == (text, happened)
