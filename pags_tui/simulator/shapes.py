"""Turns a query and the value it should answer into conditions on the raw series that it reads. Solves nothing.

Recognised: sums of rates, increases and gauges, with `by`; their ratios, shares (`1 - a / b`), differences and
multiples; `or 0 * …` and `or vector(0)`; `min`, `max`, `avg` of gauges, of gauge ratios and of ages (`time() - x`);
`histogram_quantile` over rates of buckets; a past value inside `clamp_min`, which a young Prometheus has none of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pags_tui.core.series import Labels, Seconds
from pags_tui.simulator.book import number_of
from pags_tui.simulator.promql import Aggregate, Binary, Call, Expr, Matcher, Number, Selector, is_scalar, parse

CAPACITY = 100.0
"""The lower half of a gauge ratio (connections in use of so many): any number would do."""

BUSY = 2.0
"""Least events a second under a ratio, so that it is never 0/0."""

PLENTY = 1.5
"""How far above what a runbook calls enough the traffic is."""

RATES = ("rate", "irate")
SAME = ("abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "scalar", "last_over_time",
        "min_over_time", "max_over_time", "avg_over_time")  # fmt: skip
"""Functions through which a steady healthy value passes unchanged."""


PLACE = "in this place"


class NotRecognised(Exception):
    """A shape that cannot be turned around. The text says which."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Some of the raw series of one name."""

    name: str
    matchers: tuple[Matcher, ...]
    counter: bool
    """Read as a rate, rather than as it stands."""

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Whether a raw series with these labels is one of them."""
        return all(one.matches(labels.get(one.label, "")) for one in self.matchers)


@dataclass(frozen=True, slots=True)
class Sums:
    """`sum of factor * (sum over raw series) + rest`."""

    parts: Mapping[Raw, float] = field(default_factory=dict)
    rest: float = 0.0

    def times(self, factor: float) -> Sums:
        return Sums({raw: value * factor for raw, value in self.parts.items()}, self.rest * factor)

    def plus(self, other: Sums) -> Sums:
        parts = dict(self.parts)
        for raw, value in other.parts.items():
            parts[raw] = parts.get(raw, 0.0) + value
        return Sums({raw: value for raw, value in parts.items() if value}, self.rest + other.rest)


@dataclass(frozen=True, slots=True)
class Total:
    """The sums make exactly this number, or at least."""

    sums: Sums
    total: float
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """Every one of the raw series is this number."""

    raw: Raw
    value: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """The histogram's quantile is this number."""

    raw: Raw
    q: float
    value: float


Condition = Total | Each | Quantile


def conditions(query: Expr, labels: Labels, value: float, at: Seconds) -> list[Condition]:
    """What must hold of the raw series for a query to answer `value` in the series `labels`. Raises NotRecognised."""
    shape = _Shape(dict(labels), at)
    try:
        return shape.each(query, value, dict(labels))
    except NotRecognised as first:
        try:
            over, under = shape.fraction(query)
        except NotRecognised as second:
            raise (second if str(first).endswith(PLACE) else first) from None
    if under is None:
        return [Total(over, value)]
    return [Total(over.plus(under.times(-value)), 0.0), Total(under, BUSY, at_least=True)]


def enough_traffic(query: str, at: Seconds) -> list[Condition]:
    """What must hold for an `enough` such as `sum(increase(x[1m])) >= 100`. Raises NotRecognised."""
    expr = parse(query)
    if not isinstance(expr, Binary) or expr.op not in (">", ">=") or not is_scalar(expr.right):
        raise NotRecognised("`enough` is no `… >= number`")
    sums = _Shape({}, at).sums(expr.left)
    return [Total(sums, number_of(expr.right, at) * PLENTY, at_least=True)]


class _Shape:
    """One answer's series at one time."""

    def __init__(self, labels: Mapping[str, str], at: Seconds) -> None:
        self._labels, self._at = labels, at

    # ---- every raw series alike

    def each(self, expr: Expr, value: float, group: Mapping[str, str]) -> list[Condition]:
        """Conditions series by series, for what no sum is in."""
        match expr:
            case Selector():
                return [Each(self.raw(expr, False, group), value)]
            case Aggregate(op="min" | "max" | "avg", of=of, by=by, without=False):
                return self.each(of, value, {label: self._labels[label] for label in by if label in self._labels})
            case Call(name="rate" | "irate" | "increase" as name, args=(Selector() as of,)):
                return [Each(self.raw(of, True, group), value / self.window(name, of))]
            case Call(name="histogram_quantile", args=(Number(value=q), of)):
                return [Quantile(self.buckets(of), q, value)]
            case Call(name=name, args=args) if name in SAME:
                return self.each(args[0], value, group)
            case Binary(op="or" | "and" | "unless", left=left):
                return self.each(left, value, group)
            case Binary():
                return self.turned(expr, value, group)
        raise NotRecognised(_name(expr))

    def turned(self, expr: Binary, value: float, group: Mapping[str, str]) -> list[Condition]:
        """`10 * x`, `time() - x`, `x / y`: the same, the other way round."""
        left, right = expr.left, expr.right
        if is_scalar(left):
            one = number_of(left, self._at)
            target = {"+": value - one, "-": one - value, "*": value / one if one else None,
                      "/": one / value if value else None}.get(expr.op)  # fmt: skip
            inner = right
        elif is_scalar(right):
            one = number_of(right, self._at)
            target = {"+": value - one, "-": value + one, "*": value / one if one else None, "/": value * one}.get(
                expr.op
            )
            inner = left
        else:
            upper = {"/": value * CAPACITY, "-": value + CAPACITY, "+": value - CAPACITY}.get(expr.op)
            if upper is None:
                raise NotRecognised(f"`{expr.op}` between series")
            return [*self.each(left, upper, group), *self.each(right, CAPACITY, group)]
        if target is None:
            raise NotRecognised(f"`{expr.op}` with a number")
        return self.each(inner, target, group)

    def buckets(self, expr: Expr) -> Raw:
        """`sum by (le, …) (rate(x_bucket[…]))`, or the rate alone."""
        group: dict[str, str] = dict(self._labels)
        if isinstance(expr, Aggregate) and expr.op == "sum" and "le" in expr.by:
            group = {label: self._labels[label] for label in expr.by if label in self._labels}
            expr = expr.of
        if isinstance(expr, Call) and expr.name in (*RATES, "increase") and isinstance(expr.args[0], Selector):
            return self.raw(expr.args[0], True, group)
        raise NotRecognised("histogram_quantile over something other than rates of buckets")

    # ---- sums and their ratios

    def fraction(self, expr: Expr) -> tuple[Sums, Sums | None]:
        """A query as one sum over another; the lower one is None for a plain sum."""
        match expr:
            case Binary(op="/", left=left, right=right):
                over, under = self.fraction(left)
                below = self.sums(right)
                if not below.parts and below.rest:
                    return over.times(1 / below.rest), under
                if under is not None:
                    raise NotRecognised("a ratio of a ratio")
                return over, below
            case Binary(op="*", left=left, right=right) if is_scalar(left):
                over, under = self.fraction(right)
                return over.times(number_of(left, self._at)), under
            case Binary(op="*", left=left, right=right) if is_scalar(right):
                over, under = self.fraction(left)
                return over.times(number_of(right, self._at)), under
            case Binary(op="+" | "-" as op, left=left, right=right):
                return self.joined(op, self.fraction(left), self.fraction(right))
            case Binary(op="or" | "and" | "unless" | ">" | ">=" | "<" | "<=", left=left):
                return self.fraction(left)
            case Call(name=name, args=args) if name in SAME and not _is_past(args[0]):
                return self.fraction(args[0])
        return self.sums(expr), None

    def joined(
        self, op: str, one: tuple[Sums, Sums | None], other: tuple[Sums, Sums | None]
    ) -> tuple[Sums, Sums | None]:
        """`a/b + c`, `1 - a/b`: on one lower sum, when there is only one."""
        (over, under), (over2, under2) = one, other
        over2 = over2.times(-1.0 if op == "-" else 1.0)
        if under is not None and under2 is not None and under != under2:
            raise NotRecognised("ratios over different sums")
        below = under if under is not None else under2
        if below is not None:
            over = over if under is not None else _over(over, below)
            over2 = over2 if under2 is not None else _over(over2, below)
        return over.plus(over2), below

    def sums(self, expr: Expr, group: Mapping[str, str] | None = None) -> Sums:
        """A query as a sum of sums over raw series."""
        group = self._labels if group is None else group
        if is_scalar(expr):
            return Sums({}, number_of(expr, self._at))
        match expr:
            case Aggregate(op="sum", of=of, by=by, without=False):
                return self.sums(of, {label: self._labels[label] for label in by if label in self._labels})
            case Call(name="rate" | "irate" | "increase" as name, args=(Selector() as of,)):
                return Sums({self.raw(of, True, group): self.window(name, of)})
            case Selector():
                return Sums({self.raw(expr, False, group): 1.0})
            case Call(name="clamp_min", args=(past, floor)) if _is_past(past):
                return Sums({}, number_of(floor, self._at))
            case Call(name="vector", args=(of,)):
                return Sums({}, number_of(of, self._at))
            case Call(name=name, args=args) if name in SAME:
                return self.sums(args[0], group)
            case Binary(op="or" | "and" | "unless", left=left):
                return self.sums(left, group)
            case Binary(op="+" | "-" as op, left=left, right=right):
                return self.sums(left, group).plus(self.sums(right, group).times(-1.0 if op == "-" else 1.0))
            case Binary(op="*", left=left, right=right) if is_scalar(left) or is_scalar(right):
                one, other = self.sums(left, group), self.sums(right, group)
                return other.times(one.rest) if is_scalar(left) else one.times(other.rest)
        raise NotRecognised(_name(expr))

    # ---- leaves

    def raw(self, selector: Selector, counter: bool, group: Mapping[str, str]) -> Raw:
        """The raw series of a selector that belong to this answer's series."""
        if selector.offset:
            raise NotRecognised("a value of the past (`offset`)")
        if selector.name == "up":
            raise NotRecognised("`up` is written by the Prometheus that scrapes")
        known = {one.label for one in selector.matchers if one.op == "="}
        more = (Matcher(label, "=", value) for label, value in sorted(group.items()) if label not in known)
        return Raw(selector.name, (*selector.matchers, *more), counter)

    def window(self, name: str, selector: Selector) -> float:
        """What a rate is multiplied with."""
        return (selector.window or 60.0) if name == "increase" else 1.0


def _over(sums: Sums, below: Sums) -> Sums:
    """A plain number as a fraction over `below`."""
    if sums.parts:
        raise NotRecognised("a ratio plus a sum")
    return below.times(sums.rest)


def _is_past(expr: Expr) -> bool:
    from pags_tui.simulator.promql import walk

    return any(isinstance(one, Selector) and one.offset > 0 for one in walk(expr))


def _name(expr: Expr) -> str:
    match expr:
        case Aggregate(op=op):
            return f"`{op}` {PLACE}"
        case Call(name=name):
            return f"`{name}` {PLACE}"
        case Binary(op=op):
            return f"`{op}` {PLACE}"
    return "this shape"
