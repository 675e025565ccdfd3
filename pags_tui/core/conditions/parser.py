"""Reads a condition. A plain recursive descent over one line: every error names its column and what would be right."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal

from pags_tui.core.conditions.scanner import MOST_DIGITS, NUMBER, ConditionError, Scanner
from pags_tui.core.conditions.sentences import (
    AllSlos,
    Bound,
    Comparison,
    Condition,
    FlagCondition,
    FlagsReadable,
    MetricCondition,
    MetricNames,
    Names,
    NoTriggers,
    Quantifier,
    Range,
    Test,
    Use,
)
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.units import EXACT, Unit, UnitError, convert, parse_duration, suffixes_of


def parse(text: str, names: Names, use: Use = Use.GATE) -> Condition:
    """The condition that `text` says. Raises ConditionError and nothing else."""
    return _Parser(text, names, use).condition()


def parse_test(text: str, unit: Unit) -> Test:
    """A `test` on its own, as an SLO is (`< 0.5%`, `in 20%..30%`). Raises ConditionError."""
    parser = _Parser(text, Names({_SELF: MetricNames(unit)}), Use.GATE)
    test = parser.comparison_or_range(_SELF)
    parser.end()
    return test


_SELF = ""
"""The name of the metric whose own SLO is being read: it has none to refer to."""
_OF_SLO = re.compile(r"\s*%\s+of\s+slo(?![^\s.])")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_TEST = "a test such as `< 0.5%`, `in 20%..30%` or `within slo`"
_HUNDREDTH = Decimal("0.01")


class _Parser(Scanner):
    """One pass over one condition."""

    def __init__(self, text: str, names: Names, use: Use) -> None:
        super().__init__(text)
        self.names = names
        self.use = use

    # ---- the sentences

    def condition(self) -> Condition:
        """The whole text."""
        start = self.at
        if not self.peek():
            self.fail("an empty condition; write one such as `error-rate < 0.5% for 15m`")
        found: Condition
        if self.words("all", "slos"):
            found = self.all_slos(start)
        elif self.words("no", "triggers"):
            found = self.no_triggers(start)
        elif self.words("flags", "readable"):
            found = FlagsReadable()
        elif self.peek() == "flag" and self.word_after():
            found = self.flag()
        else:
            found = self.metric()
        self.end()
        return found

    def all_slos(self, start: int) -> AllSlos:
        """After `all slos`."""
        if self.use is Use.TRIGGER:
            self.fail(
                "`all slos` says when all is well, and a trigger says what is bad; "
                "write the metric's own bound, such as `error-rate > 1% for 10m`",
                start,
                "slos-in-trigger",
            )
        with_slo = [name for name, metric in self.names.metrics.items() if metric.slo is not None]
        if not with_slo:
            self.fail(
                "`all slos`, but no metric of this runbook has an `slo`; give one to a metric, or name the metric here",
                start,
                "no-slo",
            )
        tests = [(name, self.slo_of(name, start)) for name in with_slo]
        for_, since = self.for_(), self.since()
        slos = tuple(
            MetricCondition(name, test, self.names.metrics[name].unit, None, for_, since, within_slo=True)
            for name, test in tests
        )
        return AllSlos(slos, for_, since)

    def no_triggers(self, start: int) -> NoTriggers:
        """After `no triggers`."""
        if self.use is Use.TRIGGER:
            self.fail(
                "`no triggers` cannot stand in a trigger; write the metric's own bound", start, "triggers-in-trigger"
            )
        if self.peek() == "for":
            self.fail("`no triggers` takes no `for`: one that fired since counts already; leave the `for` out")
        return NoTriggers(self.since())

    def flag(self) -> FlagCondition:
        """From the word `flag` on."""
        self.take()
        start, key = self.at, self.take()
        kind = self.names.flags.get(key)
        if kind is None:
            self.fail(f"unknown flag `{key}`{nearest(key, self.names.flags)}", start, "unknown-flag")
        op = self.op()
        if op != "==" and op != "!=":
            self.fail(f"found {self.found()}, expected `==` or `!=` after the flag `{key}`")
        self.at += 2
        self.skip()
        return FlagCondition(key, op, self.flag_value(key, kind))

    def metric(self) -> MetricCondition:
        """A metric's test, with everything around it."""
        quantifier = self.quantifier()
        start, name = self.at, self.take(f"a metric, then {_TEST}")
        if name not in self.names.metrics:
            self.fail(f"unknown metric `{name}`{nearest(name, self.names.metrics)}", start, "unknown-metric")
        at = self.at
        within_slo = self.words("within", "slo")
        test = self.slo_of(name, at) if within_slo else self.comparison_or_range(name)
        unit = self.names.metrics[name].unit
        return MetricCondition(name, test, unit, quantifier, self.for_(), self.since(), within_slo)

    # ---- their parts

    def quantifier(self) -> Quantifier | None:
        """`every` or `any`, unless that is the metric's own name."""
        word = self.peek()
        if word not in ("every", "any") or self.word_after() in ("", "in", "within"):
            return None
        self.take()
        return Quantifier(word)

    def comparison_or_range(self, metric: str) -> Test:
        """A test other than `within slo`."""
        if self.words("in"):
            return self.range_(metric)
        op = self.op()
        if op is None:
            self.fail(f"found {self.found()}, expected {_TEST}")
        self.at += len(op)
        self.skip()
        return Comparison(op, self.bound(metric)[0])

    def range_(self, metric: str) -> Range:
        """After `in`."""
        start = self.at
        low, suffix = self.bound(metric)
        if not self.text.startswith("..", self.at):
            self.fail(f"found {self.found()}, expected `..` and the high end of the range")
        self.at += 2
        self.skip()
        end = self.at
        high, other = self.bound(metric)
        if suffix != other:
            self.fail(
                f"`{low}..{high}`: both ends of a range need the same unit; "
                f"write {suffix or 'none'} on both, or {other or 'none'} on both",
                end,
                "range-units",
            )
        if not low.value < high.value:
            self.fail(f"`{low}..{high}`: the low end comes before the high one", start, "range-order")
        return Range(low, high)

    def bound(self, metric: str) -> tuple[Bound, str]:
        """A bound, and what stood behind its number."""
        start = self.at
        number, text = self.number()
        share = _OF_SLO.match(self.text, self.at)
        if share:
            self.move(share.end())
            return self.sized(f"{text}% of slo", self.share_of_slo(metric, number, start), start), "% of slo"
        unit = self.names.metrics[metric].unit
        suffix, at = self.suffix()
        try:
            return self.sized(text + suffix, convert(number, suffix, unit), start), suffix
        except UnitError:
            self.fail(
                f"`{suffix}` is no unit for {self.called(metric)}, which is in {unit}: write {suffixes_of(unit)}",
                at,
                "wrong-unit",
            )

    def called(self, metric: str) -> str:
        """The metric as an error names it."""
        return f"`{metric}`" if metric else "this metric"

    def sized(self, text: str, exact: Decimal, start: int) -> Bound:
        """The bound as a float, rounded here and only here."""
        value = float(exact)
        if not math.isfinite(value):
            self.fail(f"`{text}` is too large to compare with", start)
        return Bound(text, value + 0.0)

    def share_of_slo(self, metric: str, percent: Decimal, start: int) -> Decimal:
        """`percent` of the single bound of the metric's SLO, exactly."""
        if self.names.metrics[metric].slo is None:
            self.fail(f"`% of slo`, but {self.called(metric)} has no `slo` to take it of", start, "no-slo")
        test = self.slo_of(metric, start)
        if isinstance(test, Range):
            self.fail(
                f"`% of slo`, but the slo of `{metric}` is the range `{test}`: write the number itself", start, "no-slo"
            )
        exact = _Parser(str(test.bound), self.names, self.use).exact(metric)
        return EXACT.multiply(EXACT.multiply(percent, _HUNDREDTH), exact)

    def exact(self, metric: str) -> Decimal:
        """A bound known to be good, before it is rounded."""
        number, _ = self.number()
        return convert(number, self.suffix()[0], self.names.metrics[metric].unit)

    def slo_of(self, metric: str, start: int) -> Test:
        """The metric's own SLO as a test."""
        of = self.names.metrics[metric]
        if of.slo is None:
            self.fail(f"`{metric}` has no `slo` to be within; give it one, or write the bound here", start, "no-slo")
        try:
            return parse_test(of.slo, of.unit)
        except ConditionError as error:
            raise ConditionError(
                f"the slo of `{metric}`, `{of.slo}`, cannot be used: {error.message}", start + 1, "bad-slo"
            ) from error

    def for_(self) -> Seconds:
        """`for D`, or 0."""
        if not self.words("for"):
            return 0.0
        start, text = self.at, self.take("a duration such as 90s, 15m, 2h or 3d")
        try:
            return parse_duration(text)
        except UnitError as error:
            raise ConditionError(str(error), start + 1) from error

    def since(self) -> str | None:
        """`since ID`, or None."""
        if not self.words("since"):
            return None
        start, place = self.at, self.take("the id of a phase or a step")
        if place not in self.names.places:
            self.fail(f"unknown phase or step `{place}`{nearest(place, self.names.places)}", start, "unknown-place")
        return place

    def flag_value(self, key: str, kind: str) -> FlagValue:
        """A value of the flag's own type, in quotes or not."""
        start, text = self.at, self.flag_text()
        if kind == "string":
            return text
        quoted = self.text[start] in "\"'"
        if kind == "boolean" and text in ("true", "false") and not quoted:
            return text == "true"
        if kind == "integer" and not quoted and len(text) <= MOST_DIGITS and NUMBER.fullmatch(text):
            number = Decimal(text)
            if abs(number) < 10**18 and number == number.to_integral_value():
                return int(number)
        wanted = "true or false" if kind == "boolean" else "a whole number"
        self.fail(
            f"found `{text}`, but the flag `{key}` is {kind}: write {wanted}, without quotes", start, "wrong-type"
        )

    def flag_text(self) -> str:
        """One word, or anything in quotes."""
        quoted = _QUOTED.match(self.text, self.at)
        if quoted is None:
            return self.take("a value")
        start = self.at
        self.move(quoted.end())
        if quoted[0].startswith("'"):
            return quoted[0][1:-1]
        try:
            text: str = json.loads(quoted[0], strict=False)
        except ValueError:
            self.fail("a quoted value with an escape that is none; write it in single quotes", start)
        return text


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for the closest known name; else the names there are, if few; else nothing."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, cutoff=0.5)
    if close:
        return f"; did you mean `{close[0]}`?"
    if names and len(names) <= 8:
        return f"; known are {', '.join(f'`{name}`' for name in names)}"
    return ""
