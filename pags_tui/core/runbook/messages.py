"""Who is told what: contacts, roles, messages that people send, and lines that go out by themselves. Sends nothing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pags_tui.core.runbook.base import Duration, Part, Path, PhaseId, RoleId, Text, WebhookId

CommsEvent = Literal["rollback", "major-issue"]
"""What makes a message draft itself."""

PageEvent = Literal["countdown", "rollback", "blind", "guard-replaced"]
"""What pages someone at once."""


class Contact(Part):
    """`[contacts]`: an address that texts and people refer to."""

    id: str
    """Its name."""
    title: Text
    """Its name on the screen; left out: the id."""
    value: str = ""
    """The address; empty: asked for at the start of a run."""
    note: str | None = None
    """What it is for."""


class Role(Part):
    """`[roles.<id>]`: someone who does or signs something."""

    id: RoleId
    """Its name."""
    title: Text
    """Its name on the screen; left out: the id."""
    name: str = ""
    """The person; empty: asked for at the start of a run."""
    users: tuple[Text, ...] | None = None
    """Unix users who may sign as this role; None: anyone attached, named."""
    contact: str = ""
    """How to reach the person."""
    path: Path = ()
    """Where it stands in the file."""


class Message(Part):
    """`[comms.<id>]`: a message that the war room drafts and a person sends."""

    id: str
    """Its name."""
    title: Text
    """Its name on the screen; left out: the id."""
    channel: str | None = None
    """Where it is posted, in words."""
    to: tuple[Text, ...] = ()
    """Who gets it."""
    every: Annotated[Duration, Field(gt=0)] | None = None
    """Due again after this many seconds."""
    during: tuple[PhaseId, ...] = ()
    """The phases in which it is due; empty: in all."""
    on: tuple[CommsEvent, ...] = ()
    """What makes it draft itself."""
    fields: tuple[Text, ...] = ()
    """What a person types before it goes out; names in the template."""
    webhook: WebhookId | None = None
    """Where it is sent; None: shown and copied."""
    template: Text
    """Jinja2, as written."""
    path: Path = ()
    """Where it stands in the file."""


class Page(Part):
    """What wakes someone."""

    webhook: WebhookId
    """Where it is sent."""
    on: tuple[PageEvent, ...] = ("countdown", "rollback", "blind", "guard-replaced")
    """Which happenings."""


class Notify(Part):
    """`[notify]`: lines that go out by themselves."""

    events: WebhookId | None = None
    """Gets one line for each: signed, flag moved, hold, fired, rolled back."""
    page: Page | None = None
    """What pages someone."""
    heartbeat: WebhookId | None = None
    """Pinged every minute; its silence pages someone."""


__all__ = ["CommsEvent", "Contact", "Message", "Notify", "Page", "PageEvent", "Role"]
