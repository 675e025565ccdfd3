"""Reads a query into its tree, in one pass over its tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn, TypeVar

from pags_tui.simulator.promql.tree import Aggregate, Binary, Call, Expr, Matcher, Number, Selector, Text

T = TypeVar("T")

AGGREGATES = frozenset(
    ("sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values", "bottomk", "topk", "quantile")
)
_PRECEDENCE = {
    "or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "atan2": 5, "^": 7,
}  # fmt: skip
_UNARY = 6
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*
    |(?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![\w.]))
    |(?P<number>0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
    |(?P<name>[A-Za-z_][\w:]*)
    |(?P<op>=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],@:])""",
    re.VERBOSE,
)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}


class PromqlError(Exception):
    """A query that cannot be read. Its text is in Prometheus' own style: `1:5: parse error: …`."""


def parse(text: str) -> Expr:
    """The tree of a query. Raises PromqlError."""
    try:
        reader = _Reader(text)
        found = reader.expression(0)
        if reader.kind:
            reader.fail(f"unexpected {reader.shown()}")
    except (RecursionError, ValueError):
        raise PromqlError("1:1: parse error: nested too deeply, or a number that is none") from None
    return found


def normal(text: str) -> str:
    """A query without its white space and comments, to tell whether two are the same."""
    return "".join(match.group() for match in _TOKEN.finditer(text) if match.lastgroup)


def seconds(text: str) -> float:
    """A duration such as `1h30m`."""
    return sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", text))


class _Reader:
    """One pass over the tokens; `kind` and `word` are the next one, both empty at the end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.kind = self.word = ""
        self._start = 0
        self.take()

    def take(self) -> str:
        """The next token, which is then behind us."""
        word = self.word
        self.kind = self.word = ""
        while self._at < len(self._text):
            match = _TOKEN.match(self._text, self._at)
            if match is None:
                self._start = self._at
                self.fail(f"unexpected character: {self._text[self._at]!r}")
            self._start, self._at = self._at, match.end()
            if match.lastgroup:
                self.kind, self.word = match.lastgroup, match.group()
                break
        return word

    def fail(self, message: str) -> NoReturn:
        """Raises, with line and column of the next token."""
        place = self._start if self.kind or self._at < len(self._text) else len(self._text)
        before = self._text[:place].split("\n")
        raise PromqlError(f"{len(before)}:{len(before[-1]) + 1}: parse error: {message}")

    def shown(self) -> str:
        return f"<{self.kind}:{self.word}>" if self.kind else "end of input"

    def expect(self, word: str) -> None:
        if self.word != word or self.kind == "string":
            self.fail(f"unexpected {self.shown()}, expected {word!r}")
        self.take()

    def accept(self, word: str) -> bool:
        if self.kind in ("op", "name") and self.word.lower() == word:
            self.take()
            return True
        return False

    def expression(self, floor: int) -> Expr:
        left = self.unary()
        while self.kind in ("op", "name"):
            op = self.word.lower()
            rank = _PRECEDENCE.get(op)
            if rank is None or rank <= floor:
                break
            self.take()
            bool_ = self.accept("bool")
            self.matching()
            right = self.expression(rank - 1 if op == "^" else rank)
            left = Binary(op, left, right, bool_)
        return left

    def matching(self) -> None:
        """`on (…)`, `ignoring (…)`, `group_left (…)`: which series pair up does not change the shape."""
        for words in (("on", "ignoring"), ("group_left", "group_right")):
            if any(self.accept(word) for word in words) and self.word == "(":
                self.names()

    def unary(self) -> Expr:
        if self.kind == "op" and self.word in "+-":
            sign = self.take()
            of = self.expression(_UNARY)
            return Binary("*", Number(-1.0), of) if sign == "-" else of
        return self.postfix(self.primary())

    def primary(self) -> Expr:
        if self.kind == "number":
            word = self.take()
            return Number(float(int(word, 16)) if word.startswith("0x") else float(word))
        if self.kind == "duration":
            return Number(seconds(self.take()))
        if self.kind == "string":
            return Text(self.string())
        if self.accept("("):
            of = self.expression(0)
            self.expect(")")
            return of
        if self.word == "{":
            return self.selector("")
        if self.kind == "name":
            return self.named(self.take())
        self.fail(f"unexpected {self.shown()}")

    def named(self, name: str) -> Expr:
        lower = name.lower()
        if lower in ("inf", "nan"):
            return Number(float(lower))
        if lower in AGGREGATES and (self.word == "(" or self.word.lower() in ("by", "without")):
            return self.aggregate(lower)
        if self.word == "(":
            return Call(name, self.arguments())
        return self.selector(name)

    def aggregate(self, op: str) -> Expr:
        by, without = self.grouping()
        args = self.arguments()
        if not by and not without:
            by, without = self.grouping()
        if not args:
            self.fail(f"no arguments for aggregate expression {op}")
        return Aggregate(op, args[-1], by, without)

    def grouping(self) -> tuple[tuple[str, ...], bool]:
        if self.accept("by"):
            return self.names(), False
        if self.accept("without"):
            return self.names(), True
        return (), False

    def names(self) -> tuple[str, ...]:
        return tuple(self.listed("(", ")", lambda: self.take() if self.kind in ("name", "string") else self.unnamed()))

    def unnamed(self) -> str:
        self.fail(f"unexpected {self.shown()} in grouping opts, expected label")

    def arguments(self) -> tuple[Expr, ...]:
        return tuple(self.listed("(", ")", lambda: self.expression(0)))

    def listed(self, begin: str, end: str, one: Callable[[], T]) -> list[T]:
        found: list[T] = []
        self.expect(begin)
        while self.word != end or self.kind == "string":
            found.append(one())
            if not self.accept(","):
                break
        self.expect(end)
        return found

    def selector(self, name: str) -> Expr:
        matchers = tuple(self.listed("{", "}", self.matcher)) if self.word == "{" else ()
        named = next((one.value for one in matchers if one.label == "__name__" and one.op == "="), name)
        if not named and not matchers:
            self.fail(f"unexpected {self.shown()}")
        return Selector(named, tuple(one for one in matchers if one.label != "__name__"))

    def matcher(self) -> Matcher:
        label = self.string() if self.kind == "string" else self.take()
        if self.word in (",", "}"):
            return Matcher("__name__", "=", label)
        if self.word not in ("=", "!=", "=~", "!~"):
            self.fail(f"unexpected {self.shown()} in label matching, expected one of '=', '!=', '=~', '!~'")
        op = self.take()
        if self.kind != "string":
            self.fail(f"unexpected {self.shown()} in label matching, expected string")
        matcher = Matcher(label, op, self.string())
        try:
            matcher.matches("")
        except re.error as error:
            self.fail(f"error parsing regexp: {error}")
        return matcher

    def string(self) -> str:
        word = self.take()
        return word[1:-1] if word[0] == "`" else re.sub(r"\\(.)", r"\1", word[1:-1])

    def postfix(self, expr: Expr) -> Expr:
        while True:
            if self.word == "[" and self.kind == "op":
                expr = self.ranged(expr)
            elif self.accept("offset"):
                sign = -1.0 if self.accept("-") else 1.0
                expr = self.moved(expr, sign * self.duration())
            elif self.word == "@":
                self.take()
                if self.kind == "name":
                    self.take()
                    self.arguments()
                else:
                    self.take()
            else:
                return expr

    def ranged(self, expr: Expr) -> Expr:
        self.expect("[")
        window = self.duration()
        if self.accept(":") and self.word != "]":
            self.duration()
        self.expect("]")
        return replace(expr, window=window) if isinstance(expr, Selector) else expr

    def duration(self) -> float:
        if self.kind not in ("duration", "number"):
            self.fail(f"unexpected {self.shown()}, expected duration")
        word = self.take()
        return seconds(word) or float(word.rstrip("smhdwy") or 0)

    def moved(self, expr: Expr, offset: float) -> Expr:
        return replace(expr, offset=offset) if isinstance(expr, Selector) else expr
