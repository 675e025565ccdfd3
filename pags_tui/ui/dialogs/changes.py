"""Decisions about single flags: a change that is not verified, a flag that somebody else moved, one flag set back."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.core.decide.asks import AcceptDrift, Ask, ReadBack, ReadFlags, SetOneFlag, SettleChange
from pags_tui.core.decide.flags import show
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.dialogs.questions import Option, Question, first, reason, word
from pags_tui.ui.present import drift_view, one_flag_view, owed_view
from pags_tui.ui.present.views import DriftView, OwedView
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene


class OwedDialog(Dialog):
    """A change of which nobody knows whether it took effect."""

    def __init__(self, scene: Scene, change: int = 0) -> None:
        super().__init__(scene)
        self.change = change

    @property
    def view(self) -> OwedView:
        """The change as things stand. Raises KeyError once nothing is owed."""
        view = owed_view(self.scene, self.change)
        if view is None:
            raise KeyError(self.change)
        self.change = view.change
        return view

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view = self.view
        by_hand = [(("by hand  ", "muted"), (view.curl, "strong"))] if view.curl else []
        more = plain(f"{view.others} more are owed." if view.others else "", "warn")
        return [line for line in (*pairs(view.facts), *by_hand, more) if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        options = (
            Option("read back", "ask the service once more"),
            Option("accept", view.accept, "" if view.can_accept else view.accept),
            Option("give up", view.give_up),
        )
        how = Question("how", "What now:", options=options)
        return (how,) if self.answers.get("how") == "read back" else (how, reason())

    def make(self) -> Ask:
        how = self.answers["how"]
        if how == "read back":
            return ReadBack(self.change)
        return SettleChange(self.change, "accepted" if how == "accept" else "given-up", self.answers["reason"])


class DriftDialog(Dialog):
    """A flag that somebody else changed: take it as it is, or set it back."""

    DANGER = True

    def __init__(self, scene: Scene, flag: str = "") -> None:
        super().__init__(scene)
        self.flag = flag

    @property
    def view(self) -> DriftView:
        """The flag as things stand. Raises KeyError once it drifts no more."""
        view = drift_view(self.scene, self.flag)
        if view is None:
            raise KeyError(self.flag)
        self.flag = view.flag
        return view

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view = self.view
        return [line for line in (*pairs(view.facts), plain(view.refused, "bad")) if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        expected = self.scene.state.flag(view.flag).expected
        options = (
            Option("accept", "take it as it is", view.refused),
            Option(
                "restore", f"write {show(expected)} again", "" if expected is not None else "no earlier value is known"
            ),
        )
        asked = [Question("how", "What now:", options=options), reason()]
        if self.answers.get("how") == "restore":
            asked.append(word("Type the value to write:", show(expected)))
        return asked

    def make(self) -> Ask | None:
        view, why = self.view, first(self.answers, "reason")
        expected = self.scene.state.flag(view.flag).expected
        if self.answers["how"] == "restore" and expected is not None:
            return SetOneFlag(view.flag, expected, self.answers["word"], why)
        return AcceptDrift(view.flag, view.value, why)


class OneFlagDialog(Dialog):
    """By name: one flag back to a value that it had in this run or before it. No gate stands before it."""

    DANGER = True

    def begin(self) -> None:
        """What is shown is read anew meanwhile."""
        self.run_worker(self.room.ask(ReadFlags()), exit_on_error=False)

    def heading(self) -> str:
        flag = self.answers.get("flag")
        return one_flag_view(self.scene, flag).title if flag else "One flag back to an earlier value"

    def facts(self) -> Sequence[Line]:
        flag = self.answers.get("flag")
        return pairs([("now", one_flag_view(self.scene, flag).now)]) if flag else ()

    def questions(self) -> Sequence[Question]:
        flag, value = self.answers.get("flag"), self.answers.get("value")
        known = tuple(Option(key, show(flag.seen)) for key, flag in self.scene.state.flags.items())
        asked = [Question("flag", "Flag:", options=known, secret=True)]
        if flag:
            options = tuple(Option(one.text, one.note) for one in one_flag_view(self.scene, flag).choices)
            asked.append(Question("value", "Back to:", options=options))
        if value:
            asked += [reason(), word("Type the value to write it:", value)]
        return asked

    def make(self) -> Ask | None:
        view, typed = one_flag_view(self.scene, self.answers["flag"]), self.answers["word"]
        chosen = next((one for one in view.choices if one.text == typed), None)
        return SetOneFlag(view.flag, chosen.value, typed, self.answers["reason"]) if chosen else None


__all__ = ["DriftDialog", "OneFlagDialog", "OwedDialog"]
