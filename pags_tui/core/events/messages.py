"""Messages to people: drafted, asked, sent; lines and pages that went out by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class MessageDrafted:
    """A message wants to go out; a person completes and sends it."""

    message: int
    comms: str
    cause: str


@dataclass(frozen=True, slots=True)
class MessageAsked:
    """A message is about to be sent."""

    message: int
    comms: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """What became of it. `copied`: a person took it elsewhere by hand. `unknown`: it may have arrived or not."""

    message: int
    result: Literal["sent", "copied", "failed", "unknown"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MessageSnoozed:
    """The next message of that kind may come later."""

    comms: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Notified:
    """A line or a page that went out by itself, or could not."""

    to: str
    text: str
    failed: str = ""


MessageFact = MessageDrafted | MessageAsked | MessageSent | MessageSnoozed | Notified
