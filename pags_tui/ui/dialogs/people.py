"""Who is who: the lead's seat, names behind roles, contacts, and the go/no-go poll."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.core.decide.asks import (
    Accepted,
    AnswerPoll,
    Ask,
    ClosePoll,
    NameRole,
    NoteContact,
    OpenPoll,
    TakeLead,
)
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import facts, pairs, plain
from pags_tui.ui.dialogs.questions import Option, Question, word
from pags_tui.ui.painting import glyphs_of
from pags_tui.ui.present import lead_view, poll_view
from pags_tui.ui.present.views import LeadView, PollView
from pags_tui.ui.renderables.line import Line, status
from pags_tui.ui.scene import Scene

POLL_WORD = "poll"


class LeadDialog(Dialog):
    """By name: take the lead, or give it to somebody."""

    @property
    def view(self) -> LeadView:
        """The seat as things stand."""
        return lead_view(self.scene)

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view = self.view
        return [*pairs(view.facts), *pairs(view.people)]

    def questions(self) -> Sequence[Question]:
        view = self.view
        if view.mine:
            return Question("name", "Give it to (name):"), Question("user", "Their Unix user:")
        return (word(view.prompt, view.typed),)

    def make(self) -> Ask:
        return TakeLead(self.answers["name"], self.answers["user"]) if "name" in self.answers else TakeLead()


class PeopleDialog(Dialog):
    """By name, and at the start: names for roles, values for contacts. Stays until it is left."""

    def heading(self) -> str:
        return "People and contacts"

    def facts(self) -> Sequence[Line]:
        return [plain("Type a number, then the name or address. Enter alone: the next that is not known yet.", "muted")]

    def _known(self) -> dict[str, str]:
        """Title to value, roles first; those without a value before the others."""
        book, state = self.scene.state.runbook, self.scene.state
        rows = {role.title: state.roles.get(role.id) or role.name for role in book.roles.values()}
        rows |= {contact.title: state.contacts.get(contact.id) or contact.value for contact in book.contacts.values()}
        return rows

    def questions(self) -> Sequence[Question]:
        options = tuple(Option(title, value or "not known yet") for title, value in self._known().items())
        if not options:
            return ()
        return Question("who", "Which:", options=options, empty=self._next() != "", secret=True), Question(
            "value", f"{self._chosen()}:"
        )

    def _next(self) -> str:
        """The first one that nobody knows yet; empty: all are known."""
        return next((title for title, value in self._known().items() if not value), "")

    def _chosen(self) -> str:
        return self.answers.get("who") or self._next()

    def make(self) -> Ask | None:
        book, who, value = self.scene.state.runbook, self._chosen(), self.answers["value"]
        role = next((role.id for role in book.roles.values() if role.title == who), None)
        if role is not None:
            return NameRole(role, value)
        contact = next((contact.id for contact in book.contacts.values() if contact.title == who), None)
        return NoteContact(contact, value) if contact is not None else None

    def done(self, accepted: Accepted) -> None:
        """On to the next one."""
        self.answers.clear()
        self.say(accepted.said or "noted", "ok")
        self.show_scene(self.room.scene)

    def hint(self) -> str:
        return "esc when done"


def unnamed(scene: Scene) -> bool:
    """Some role has no name yet, or some contact no value."""
    book, state = scene.state.runbook, scene.state
    roles = any(not (state.roles.get(role.id) or role.name) for role in book.roles.values())
    return roles or any(not (state.contacts.get(one.id) or one.value) for one in book.contacts.values())


class PollDialog(Dialog):
    """`p`: open a poll, answer it, close it."""

    @property
    def view(self) -> PollView:
        """The last poll."""
        return poll_view(self.scene)

    def heading(self) -> str:
        return "Go/no-go poll"

    def facts(self) -> Sequence[Line]:
        view, glyphs = self.view, glyphs_of(self)
        if not view.poll:
            return [plain("No poll was opened yet.", "muted")]
        head: Line = ((view.question, "strong"), ("" if view.open else "  closed", "muted"))
        rows = [
            (
                (f"{row.title:<24} ", "calm"),
                (f"{row.name:<14} ", "muted"),
                *status(row.status, glyphs),
                (f"  {row.note}", "muted"),
            )
            for row in view.rows
        ]
        return [head, facts(view.counts), *rows]

    def questions(self) -> Sequence[Question]:
        view = self.view
        if not view.open:
            asked = f"Type {POLL_WORD} for 'Go or no-go?', or another question:"
            return (Question("question", asked),)
        roles = tuple(Option(row.role, row.answer or row.name) for row in view.rows)
        who = Question("role", "Answer for:", options=(*roles, Option("close", "end the poll")))
        if self.answers.get("role") == "close":
            return (who,)
        answers = Question("answer", "go or no-go:", options=(Option("go"), Option("no-go")))
        return who, answers, Question("note", "In words (may be empty):", empty=True)

    def make(self) -> Ask:
        said = self.answers
        if "question" in said:
            return OpenPoll() if said["question"] == POLL_WORD else OpenPoll(said["question"])
        if said["role"] == "close":
            return ClosePoll(self.view.poll)
        answer = AnswerPoll(self.view.poll, said["role"], "go" if said["answer"] == "go" else "no-go", said["note"])
        return AnswerPoll(answer.poll, answer.role, answer.answer, answer.note, voiced=self._voiced(answer.role))

    def _voiced(self, role: str) -> bool:
        """Said aloud by somebody else, and recorded by the lead."""
        known = self.scene.state.runbook.roles.get(role)
        name = self.scene.state.roles.get(role) or (known.name if known else "")
        return self.scene.view.is_lead and name not in ("", self.scene.me.name, self.scene.me.user)

    def done(self, accepted: Accepted) -> None:
        """The poll stays on the screen until it is closed."""
        closed = self.answers.get("role") == "close"
        self.answers.clear()
        if closed:
            super().done(accepted)
            return
        self.say(accepted.said)
        self.show_scene(self.room.scene)


__all__ = ["LeadDialog", "PeopleDialog", "PollDialog", "unnamed"]
