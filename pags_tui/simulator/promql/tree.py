"""The tree of a query: its nodes, and what they say of the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label op "value"`."""

    label: str
    op: str
    """`=`, `!=`, `=~` or `!~`."""
    value: str

    def matches(self, value: str) -> bool:
        """Whether a value fits; the empty one is a label that is not there. Regular expressions are anchored."""
        if self.op in ("=", "!="):
            return (value == self.value) is (self.op == "=")
        return (re.fullmatch(self.value, value) is not None) is (self.op == "=~")


@dataclass(frozen=True, slots=True)
class Selector:
    """`name{matchers}[range] offset D`."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    window: float | None = None
    """Seconds of a range; None for an instant selector."""
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum by (labels) (of)`."""

    op: str
    of: Expr
    by: tuple[str, ...] = ()
    without: bool = False


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`."""

    op: str
    left: Expr
    right: Expr
    bool_: bool = False


Expr = Number | Text | Selector | Call | Aggregate | Binary


def walk(expr: Expr) -> list[Expr]:
    """The tree's nodes, outermost first."""
    match expr:
        case Call(args=args):
            below: tuple[Expr, ...] = args
        case Aggregate(of=of):
            below = (of,)
        case Binary(left=left, right=right):
            below = (left, right)
        case _:
            below = ()
    return [expr, *(node for one in below for node in walk(one))]


def answer_labels(expr: Expr) -> tuple[tuple[str, ...], dict[str, str]]:
    """The labels of the answer's series: those that vary, and those with one known value."""
    match expr:
        case Selector(matchers=matchers):
            return (), {one.label: one.value for one in matchers if one.op == "=" and one.label != "__name__"}
        case Aggregate(by=by, without=False):
            return by, {}
        case Aggregate():
            return (), {}
        case Call(name="histogram_quantile", args=(_, of)):
            groups, fixed = answer_labels(of)
            return tuple(one for one in groups if one != "le"), {key: fixed[key] for key in fixed if key != "le"}
        case Call(args=args):
            vectors = [one for one in args if not is_scalar(one)]
            return answer_labels(vectors[0]) if vectors else ((), {})
        case Binary(left=left, right=right):
            return answer_labels(right if is_scalar(left) else left)
    return (), {}


def is_scalar(expr: Expr) -> bool:
    """Whether the answer is one number without labels rather than series."""
    match expr:
        case Number() | Text():
            return True
        case Call(name=name):
            return name in ("time", "scalar", "pi")
        case Binary(left=left, right=right):
            return is_scalar(left) and is_scalar(right)
    return False
