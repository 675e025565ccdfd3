"""The sentences of gates and triggers (`p95-latency > 200% of slo for 15m`): text to a frozen value and back.

It never judges: it only knows what a sentence means. Units and SLOs are resolved here, so that a judge compares floats.

    condition  = [ quantifier ] metric test [ "for" duration ] [ "since" id ]
               | "all slos" [ "for" duration ] [ "since" id ]
               | "no triggers" [ "since" id ]
               | "flag" key ( "==" | "!=" ) value
               | "flags readable"
    test       = op bound | "in" bound ".." bound | "within slo"      # a range includes both ends
    op         = "<" | "<=" | ">" | ">=" | "==" | "!="
    bound      = number [ unit ] | number "% of slo"
    quantifier = "every" | "any"
"""

from pags_tui.core.conditions.hints import Hint, hints
from pags_tui.core.conditions.parser import nearest, parse, parse_test
from pags_tui.core.conditions.scanner import ConditionError
from pags_tui.core.conditions.sentences import (
    AllSlos,
    Bound,
    Comparison,
    Condition,
    FlagCondition,
    FlagsReadable,
    FlagType,
    MetricCondition,
    MetricNames,
    Names,
    NoTriggers,
    Quantifier,
    Range,
    Test,
    Use,
    all_true,
    excess,
    same_value,
    show_flag_value,
    true_of,
)

__all__ = [
    "AllSlos",
    "Bound",
    "Comparison",
    "Condition",
    "ConditionError",
    "FlagCondition",
    "FlagType",
    "FlagsReadable",
    "Hint",
    "MetricCondition",
    "MetricNames",
    "Names",
    "NoTriggers",
    "Quantifier",
    "Range",
    "Test",
    "Use",
    "all_true",
    "excess",
    "hints",
    "nearest",
    "parse",
    "parse_test",
    "same_value",
    "show_flag_value",
    "true_of",
]
