"""Questions: one line to be typed each, and what counts as an answer. They know no screen and no run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose."""

    name: str
    """What is typed, at least its beginning, or the option's number."""
    note: str = ""
    why_not: str = ""
    """Why it cannot be chosen; empty: it can."""


Judge = Callable[[str], str | None]
"""A typed text to what is wrong with it, and what would be right; None: nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line to be typed."""

    id: str
    prompt: str
    word: str | None = None
    """What must be typed, to the letter; None: anything that `judge` takes."""
    also: tuple[str, ...] = ()
    """Other words that are answers as well."""
    options: tuple[Option, ...] = ()
    empty: bool = False
    """Nothing typed is an answer as well."""
    judge: Judge | None = None
    secret: bool = False
    """The answer is not repeated above the next question."""

    def answer(self, typed: str) -> tuple[str, str]:
        """The answer and "", or "" and what to type instead."""
        if self.word is not None:
            return (typed, "") if typed in (self.word, *self.also) else ("", self._expects(typed))
        text = typed.strip()
        if not text:
            return ("", "") if self.empty else ("", f"Nothing happens yet. {self._hint()}")
        if self.options:
            return self._choose(text)
        wrong = self.judge(text) if self.judge else None
        return ("", wrong) if wrong else (text, "")

    def _expects(self, typed: str) -> str:
        if not typed:
            return f"Enter alone changes nothing: type {self.word}"
        return f"'{typed}' changes nothing: type {self.word}"

    def _hint(self) -> str:
        return "Type a number or a name from the list." if self.options else "Type a few words."

    def _choose(self, text: str) -> tuple[str, str]:
        found = _matching(self.options, text)
        if len(found) != 1:
            wrong = "more than one" if found else "no"
            return "", f"'{text}' is {wrong} choice: type a number from 1 to {len(self.options)}."
        return (found[0].name, "") if not found[0].why_not else ("", f"{found[0].name}: {found[0].why_not}")


def _matching(options: Sequence[Option], text: str) -> list[Option]:
    """The options that a text means: by number, by name, by the beginning of the name."""
    if text.isdigit() and 1 <= int(text) <= len(options) and not any(option.name == text for option in options):
        return [options[int(text) - 1]]
    exact = [option for option in options if option.name.lower() == text.lower()]
    return exact or [option for option in options if option.name.lower().startswith(text.lower())]


def reason(prompt: str = "Reason:", *, empty: bool = False, name: str = "reason") -> Question:
    """A few words of one's own."""
    return Question(name, prompt, empty=empty)


def word(prompt: str, typed: str) -> Question:
    """A word that must be typed to the letter before production changes."""
    return Question("word", prompt, word=typed)


def first(answers: Mapping[str, str], name: str) -> str:
    """An answer, empty until it is given."""
    return answers.get(name, "")
