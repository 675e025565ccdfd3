"""What every part of a runbook shares: the frozen base, and the kinds of value a file may hold.

Nothing here knows TOML, files or positions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from pags_tui.core.units import UnitError, parse_duration, parse_offset

StepId = str
"""The whole name of a step: `phase/step`, `success.<group>/<step>`, `rollback/<step>`, `rollback.<option>/<step>`,
`rollback.checkpoint/<step>`, `rollback.<option>.checkpoint/<step>` or `follow-ups.<group>/<step>`."""

PhaseId = str
RoleId = str
MetricId = str
FlagKey = str
TriggerId = str
WebhookId = str

Mode = Literal["observe", "ask", "countdown"]
"""What a firing trigger does, from weakest to strongest: journals, raises a band, raises one that counts down."""

MODES: tuple[Mode, ...] = ("observe", "ask", "countdown")
"""From weakest to strongest."""

PathPart = str | int
Path = tuple[PathPart, ...]
"""Where something stands in the file: keys and list indexes, such as `("phases", 4, "steps", 0, "gate")`."""


class Part(BaseModel):
    """A piece of a runbook: frozen, strict about names, a sentence under each field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        populate_by_name=True,
    )

    filled_in: ClassVar[frozenset[str]] = frozenset(("id", "key", "path"))
    """Fields that are no keys of the file: the loader fills them in."""


def identifier(value: str) -> str:
    """A name that people type: letters, digits, `-`, `_` and `.`; refuses the rest."""
    if not re.fullmatch(r"[^\W_][\w.-]*", value):
        raise ValueError(f"'{value}' is no id. Use letters, digits and `-`, beginning with a letter or digit")
    return value


def slug(text: str) -> str:
    """The id made from a text: lower case, every run of anything else one `-`, none at the ends."""
    return "-".join(re.findall(r"[^\W_]+", text.lower()))


def written(parse: Callable[[str], float], example: str) -> BeforeValidator:
    """Reads the text of a file through `parse`; code may give the seconds themselves, a file may not."""

    def read(value: object, info: ValidationInfo) -> object:
        if isinstance(value, str):
            try:
                return parse(value)
            except UnitError as error:
                raise ValueError(str(error)) from error
        if info.context or isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f'write it as text, such as "{example}"')
        return value

    return BeforeValidator(read)


Text = Annotated[str, Field(min_length=1)]
"""A text that may not be empty."""

Duration = Annotated[float, written(parse_duration, "15m"), Field(ge=0)]
"""Seconds; in a file a text such as `90s`, `15m`, `2h`, `3d`."""

Offset = Annotated[float, written(parse_offset, "T+15m")]
"""Seconds from T+0, negative before it; in a file a text such as `T-60m`, `T+0`, `T+1h30m`."""
