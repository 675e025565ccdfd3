"""Facts as the journal and the socket write them: a name and JSON. Both ways, and nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic_core import PydanticSerializationError

from pags_tui.core.errors import JournalError
from pags_tui.core.events.event import Fact
from pags_tui.core.events.flags import FlagFact
from pags_tui.core.series import FlagValue


def kind_of(fact: type) -> str:
    """The fact's name in the journal: `FlagAsked` is `flag-asked`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", fact.__name__).lower()


FACTS: dict[str, Any] = {kind_of(fact): fact for fact in get_args(Fact)}
"""Every fact by its name in the journal."""
NAMES = {fact: kind for kind, fact in FACTS.items()}
FLAG_FACTS = frozenset(get_args(FlagFact))


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """How values of that class are written as JSON and read back (NaN and ±Inf as strings)."""
    return TypeAdapter(with_config(ConfigDict(ser_json_inf_nan="strings"))(kind))


def encode(fact: Fact) -> tuple[str, str]:
    """The fact's name and its JSON, as the journal keeps them.

    Raises JournalError for what JSON cannot hold: a flag value that is no finite number, half a
    character.
    """
    kind: Any = type(fact)
    if kind in FLAG_FACTS and not all(map(_finite, _flag_values(fact))):
        raise JournalError("a flag's value is no finite number: JSON cannot hold it, so it is not journaled")
    try:
        return NAMES[kind], adapter(kind).dump_json(fact).decode()
    except (PydanticSerializationError, UnicodeError):
        raise JournalError(
            "this cannot be recorded, it holds what is no text (half a character: another encoding)"
        ) from None


def _flag_values(fact: Any) -> Iterator[FlagValue | None]:
    """Every flag value in a fact about flags."""
    for name in ("value", "before", "found", "expected"):
        yield getattr(fact, name, None)
    for move in getattr(fact, "moves", ()):
        yield move.value


def _finite(value: FlagValue | None) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def decode(kind: str, payload: str | bytes) -> Fact:
    """The fact that `encode` wrote.

    Raises JournalError for a fact that this version does not know, or a payload of another shape.
    """
    if kind not in FACTS:
        raise JournalError(
            f"the journal holds '{kind}', which this version does not know: use the version that wrote it"
        )
    try:
        return adapter(FACTS[kind]).validate_json(payload)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise JournalError(
            f"a '{kind}' in the journal cannot be read: {error.error_count()} fields are wrong"
        ) from error
