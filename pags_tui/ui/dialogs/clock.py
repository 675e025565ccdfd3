"""Asks about T: let it run again, set it back, set or move T+0. Each takes a typed word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pags_tui.core.decide.asks import Ask, HoldClock, Recycle, Resume, SetTZero
from pags_tui.core.errors import PagsError, Refused
from pags_tui.core.series import Seconds
from pags_tui.core.units import parse_duration
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import judged, pairs, plain
from pags_tui.ui.dialogs.questions import Option, Question, first, reason, word
from pags_tui.ui.dialogs.sign import evidence
from pags_tui.ui.painting import glyphs_of
from pags_tui.ui.present import recycle_view, resume_view
from pags_tui.ui.present.views import RecycleView, ResumeView
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene

RESUME_WORD, RECYCLE_WORD, SET_WORD = "resume", "recycle", "set"


class ResumeDialog(Dialog):
    """`h` while T is held."""

    @property
    def view(self) -> ResumeView:
        """The hold as things stand."""
        return resume_view(self.scene)

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view = self.view
        lines = [*pairs(view.facts), *evidence(view.waiting, glyphs_of(self)), plain(view.refused, "bad")]
        return [line for line in lines if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        if view.refused or self.scene.state.hold is None:
            return ()
        why = [reason("Reason for going on:")] if view.needs_reason else []
        return (*why, word(f"Type {RESUME_WORD} to let T run:", RESUME_WORD))

    def make(self) -> Ask:
        return Resume(first(self.answers, "reason"))


class HoldReasonDialog(Dialog):
    """By name, while T is held: why. T stands meanwhile, as it did before anybody said so."""

    def heading(self) -> str:
        return "Why T is held"

    def facts(self) -> Sequence[Line]:
        return pairs([fact for fact in resume_view(self.scene).facts if fact[0] != "triggers"])

    def questions(self) -> Sequence[Question]:
        return () if self.scene.state.hold is None else (reason("Why:"),)

    def make(self) -> Ask:
        return HoldClock(self.answers["reason"])


class RecycleDialog(Dialog):
    """By name: T back to an earlier phase."""

    DANGER = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._places: dict[str, Seconds] = {}

    @property
    def view(self) -> RecycleView:
        """What a recycle to the chosen T would mean. A place that was offered stays one, though T has gone back."""
        now = recycle_view(self.scene)
        self._places |= {text: t for t, text in now.choices}
        chosen = self.answers.get("place")
        return now if chosen is None else recycle_view(self.scene, self._places[chosen])

    def heading(self) -> str:
        return self.view.title if "place" in self.answers else "Recycle: set T back"

    def facts(self) -> Sequence[Line]:
        view, glyphs = self.view, glyphs_of(self)
        if "place" not in self.answers:
            return [
                line
                for line in (plain("Flags are not set back; each that differs is listed."), plain(view.refused, "bad"))
                if line
            ]
        flags = [
            judged(line.status, f"{line.flag}  then {line.then} {glyphs.to} now {line.now}", glyphs, wide=10)
            for line in view.lines
        ]
        return [line for line in (plain(view.reopened), *flags, plain(view.refused, "bad")) if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        if view.refused and "place" in self.answers:
            return ()
        options = tuple(Option(text) for _, text in view.choices)
        place = Question("place", "Back to:", options=options)
        return (place, reason(), word(f"Type {RECYCLE_WORD} to set T back:", RECYCLE_WORD)) if options else ()

    def make(self) -> Ask:
        return Recycle(self.view.t, self.answers["reason"])


class TZeroDialog(Dialog):
    """By name: set or move T+0."""

    DANGER = True

    def heading(self) -> str:
        return "Move T+0" if self.scene.state.t0 else "Set T+0"

    def facts(self) -> Sequence[Line]:
        state = self.scene.state
        told = [("now", f"{self.scene.now.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}")]
        if state.t0:
            told.append(("T+0 is", f"{state.t0.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}"))
        if "when" in self.answers:
            moment = self._moment(self.answers["when"])
            away = round((moment - self.scene.now).total_seconds())
            far = f"in {timedelta(seconds=away)}" if away >= 0 else f"{timedelta(seconds=-away)} ago"
            told.append(("T+0 will be", f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}, {far}"))
        return pairs(told)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.scene.state.runbook.timezone)

    def questions(self) -> Sequence[Question]:
        when = Question("when", "T+0 (22:00, +60m, 2026-11-24T22:00Z):", judge=self._wrong, secret=True)
        why = [reason("Reason for moving it:")] if self.scene.state.t0 else []
        return (when, *why, word(f"Type {SET_WORD} to confirm:", SET_WORD))

    def _wrong(self, text: str) -> str | None:
        try:
            self._moment(text)
        except PagsError as error:
            return str(error)
        return None

    def _moment(self, text: str) -> datetime:
        return parse_moment(text, self.scene.now, self._zone)

    def make(self) -> Ask:
        return SetTZero(self._moment(self.answers["when"]), first(self.answers, "reason"))


def parse_moment(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """`22:00` (the next one in that zone), `+60m`, or RFC 3339. Raises Refused with what would be right."""
    wanted = "Type a time such as 22:00, +60m or 2026-11-24T22:00Z."
    try:
        if text.startswith("+"):
            return now + timedelta(seconds=parse_duration(text[1:]))
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            hour, minute, *second = (int(part) for part in text.split(":"))
            local = now.astimezone(zone)
            moment = local.replace(hour=hour, minute=minute, second=second[0] if second else 0, microsecond=0)
            return (moment if moment > local else moment + timedelta(days=1)).astimezone(UTC)
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, PagsError) as error:
        raise Refused(f"'{text}' is no time. {wanted}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


__all__ = ["HoldReasonDialog", "RecycleDialog", "ResumeDialog", "TZeroDialog", "parse_moment"]
