"""Reads words, signs and numbers off one line of text. Knows nothing of what they mean."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NoReturn

from pags_tui.core.conditions.sentences import Op
from pags_tui.core.errors import PagsError

OPS: tuple[Op, ...] = ("<=", ">=", "==", "!=", "<", ">")
WORD = re.compile(r"[^\s<>=!\"']+")
SECOND = re.compile(r"[^\s<>=!\"']*\s*([^\s<>=!\"']*)")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3}(?![0-9]))?")
SUFFIX = re.compile(r"\s*(%|/s\b|[A-Za-z]+)")
MOST_DIGITS = 300
"""A number written longer than this is no number that anybody meant."""


class ConditionError(PagsError):
    """A condition that cannot be used: what was found, what was expected, and the nearest known name."""

    def __init__(self, message: str, column: int, code: str = "bad-condition") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        """Counted from 1, within the condition's own text."""
        self.code = code
        """A stable short name for scripts: `bad-condition`, `unknown-metric`, `unknown-flag`, `unknown-place`, ..."""


class Scanner:
    """A place in one text. `self.at` is the index of what is read next, never on a space."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.skip()

    def skip(self) -> None:
        """To the next character that is no space."""
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def move(self, at: int) -> None:
        """To `at`, and past the spaces there."""
        self.at = at
        self.skip()

    def peek(self) -> str:
        """The next word or sign, not taken; "" at the end."""
        match = WORD.match(self.text, self.at)
        return match[0] if match else self.text[self.at : self.at + 1]

    def word_after(self) -> str:
        """The word after the next one; "" when something else stands there."""
        return SECOND.match(self.text, self.at)[1]  # type: ignore[index]  # it matches anything, nothing too

    def words(self, *expected: str) -> bool:
        """Takes these words if they come next; otherwise nothing."""
        start = self.at
        for word in expected:
            if self.peek() != word:
                self.at = start
                return False
            self.move(self.at + len(word))
        return True

    def take(self, expected: str = "a word") -> str:
        """The next word."""
        match = WORD.match(self.text, self.at)
        if match is None:
            self.fail(f"found {self.found()}, expected {expected}")
        self.move(match.end())
        return match[0]

    def op(self) -> Op | None:
        """The comparison that comes next, not taken."""
        return next((op for op in OPS if self.text.startswith(op, self.at)), None)

    def end(self) -> None:
        """Nothing may be left."""
        if self.at < len(self.text):
            self.fail(f"found {self.found()}, expected the end of the condition{self.order()}")

    def order(self) -> str:
        """A word on the order of `for` and `since`, where that is the slip."""
        late = self.peek() == "for" and "since" in self.text[: self.at].split()
        return ": `for` comes before `since`" if late else ""

    def found(self) -> str:
        """What stands here, for an error."""
        return f"`{self.peek()}`" if self.at < len(self.text) else "the end"

    def fail(self, message: str, at: int | None = None, code: str = "bad-condition") -> NoReturn:
        """Raises ConditionError at an index of the text (default: here)."""
        raise ConditionError(message, (self.at if at is None else at) + 1, code)

    def number(self) -> tuple[Decimal, str]:
        """A number and its text, without a unit."""
        match = NUMBER.match(self.text, self.at)
        if match is None:
            self.fail(f"found {self.found()}, expected a number such as 500, 0.5% or 300ms")
        if len(match[0]) > MOST_DIGITS:
            self.fail("a number of that many digits is no bound that can be compared with")
        self.at = match.end()
        return Decimal(match[0]), match[0]

    def suffix(self) -> tuple[str, int]:
        """The unit behind a number ("" for none) and where it stands. `for` and `since` are none."""
        match = SUFFIX.match(self.text, self.at)
        at = match.start(1) if match else self.at
        suffix = ""
        if match and match[1] not in ("for", "since"):
            suffix, self.at = match[1], match.end()
        self.skip()
        return suffix, at
