"""Decisions about judging: mute a trigger for a while, retire a series that is not expected any more."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.core.decide.asks import Ask, Mute, RetireSeries
from pags_tui.core.decide.view import LONGEST_MUTE
from pags_tui.core.series import Labels
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import plain
from pags_tui.ui.dialogs.questions import Option, Question, reason
from pags_tui.ui.renderables.line import Line

MINUTES = round(LONGEST_MUTE.total_seconds() / 60)


class MuteDialog(Dialog):
    """By name: a trigger only observes for a while."""

    DANGER = True

    def heading(self) -> str:
        return "Mute a trigger"

    def facts(self) -> Sequence[Line]:
        return [plain("Muted, it only observes. It shows in the header, and ends by itself.")]

    def questions(self) -> Sequence[Question]:
        found = self.scene.state.runbook.triggers.values()
        verdicts = self.scene.view.triggers
        options = tuple(
            Option(one.id, f"{verdicts[one.id].state if one.id in verdicts else ''}  {one.title}") for one in found
        )
        minutes = Question("minutes", f"Minutes (at most {MINUTES}):", judge=_wrong_minutes)
        return Question("trigger", "Which:", options=options), minutes, reason()

    def make(self) -> Ask:
        said = self.answers
        return Mute(said["trigger"], float(said["minutes"]) * 60, said["reason"])


def _wrong_minutes(text: str) -> str | None:
    if text.isdigit() and 0 < int(text) <= MINUTES:
        return None
    return f"Type a number of minutes from 1 to {MINUTES}."


class RetireDialog(Dialog):
    """By name: a series that vanished is expected no longer."""

    def heading(self) -> str:
        return "Retire a series"

    def facts(self) -> Sequence[Line]:
        return [plain("A retired series is missed no more. Everything else of its metric is judged as before.")]

    def questions(self) -> Sequence[Question]:
        metric = self.answers.get("metric")
        metrics = tuple(Option(one.id, one.title) for one in self.scene.state.runbook.metrics.values())
        asked = [Question("metric", "Metric:", options=metrics)]
        if metric:
            gone = tuple(Option(name, "vanished" if missing else "there now") for name, missing in self._series(metric))
            asked.append(
                Question("series", "Series:" if gone else "It never had a series; escape leaves", options=gone)
            )
        return (*asked, reason())

    def _series(self, metric: str) -> list[tuple[str, bool]]:
        """Each series seen in the kept ticks, and whether it is missing now."""
        last = self._labels(metric, -1)
        seen = {labels: None for number in range(len(self.scene.ticks)) for labels in self._labels(metric, number)}
        retired = self.scene.state.retired.get(metric, frozenset())
        return [(series_text(labels), labels not in last) for labels in seen if labels not in retired]

    def _labels(self, metric: str, number: int) -> list[Labels]:
        if not self.scene.ticks:
            return []
        reading = self.scene.ticks[number].tick.readings.get(metric)
        return [point.labels for point in reading.points] if reading else []

    def make(self) -> Ask | None:
        metric = self.answers["metric"]
        found = {
            series_text(labels): labels
            for tick in range(len(self.scene.ticks))
            for labels in self._labels(metric, tick)
        }
        labels = found.get(self.answers["series"])
        return None if labels is None else RetireSeries(metric, labels, self.answers["reason"])


def series_text(labels: Labels) -> str:
    """`queue=mail, zone=a`."""
    return ", ".join(f"{name}={value}" for name, value in labels) or "the only one"


__all__ = ["MuteDialog", "RetireDialog"]
