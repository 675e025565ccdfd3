"""Sends what goes out by itself: lines, pages, the heartbeat. Nothing waits for it, and its failures stop nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Literal

from pags_tui.comms import mark_of, notices
from pags_tui.core.errors import EdgeError, Unreachable
from pags_tui.core.events import Event, Notified
from pags_tui.core.ports import Marks, Webhook
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Seconds
from pags_tui.core.state import RunState
from pags_tui.driver.threads import in_thread

SEND: Seconds = 10.0
"""Longest wait for a webhook."""
LAST_WORDS: Seconds = 3.0
"""How long the last lines of a guard that leaves may take."""
HEARTBEAT = "alive"
MARKS = "grafana"
"""Under which name the journal tells of marks."""
TRIES = 3
"""Attempts for a line or a page; a page that is lost is worse than one that comes twice."""

Fate = tuple[Literal["sent", "failed", "unknown"], str]
"""What became of a message, and why."""


class Notifier:
    """Holds the tasks that send. A rehearsal and a demo send nothing outside."""

    def __init__(
        self,
        webhooks: Mapping[str, Webhook],
        sends: bool,
        tell: Callable[[Notified], None] = lambda _: None,
        marks: Marks | None = None,
    ) -> None:
        """`tell` hears what went out, and what could not."""
        self._marks = marks if sends else None
        self.sends = sends
        self.webhooks = webhooks if sends else {}
        self.failed: dict[str, str] = {}
        """Why the last line to a webhook could not be sent, by webhook."""
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()

    def event(self, event: Event, state: RunState) -> None:
        """Sends the lines of an event, in the background."""
        for notice in notices(event, state):
            self._begin(notice.webhook, notice.text)
        mark = mark_of(event, state) if self._marks else None
        if self._marks and mark:
            self._start(self._send(MARKS, mark.text, partial(self._marks.mark, mark), once=True))

    def heartbeat(self, runbook: Runbook) -> None:
        """Pings the heartbeat, in the background."""
        if runbook.notify.heartbeat:
            self._begin(runbook.notify.heartbeat, HEARTBEAT)

    async def message(self, webhook: str | None, text: str) -> Fate:
        """One message by a person: one attempt, and what became of it. A rehearsal only pretends."""
        if webhook is not None and not self.sends:
            return "sent", "not really: nothing goes outside here"
        if webhook is None or webhook not in self.webhooks:
            return "failed", "this message has no webhook here: copy it instead (^y)"
        sender = self.webhooks[webhook]
        try:
            await in_thread(lambda: sender.send(text, SEND))
        except Unreachable as error:
            return "unknown" if error.may_have_arrived else "failed", str(error)
        except EdgeError as error:
            return "failed", str(error)
        return "sent", ""

    def _begin(self, webhook: str, text: str) -> None:
        if webhook in self.webhooks:
            self._start(self._send(webhook, text, partial(self.webhooks[webhook].send, text)))

    def _start(self, sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(sending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, webhook: str, text: str, send: Callable[[Seconds], None], once: bool = False) -> None:
        """Tries it some times. `once`: what may have arrived is not sent again."""
        reason = ""
        for wait in range(1, TRIES + 1):
            try:
                await in_thread(lambda: send(SEND))
            except EdgeError as error:
                reason = str(error)
                if once and not (isinstance(error, Unreachable) and not error.may_have_arrived):
                    break
                await asyncio.sleep(wait if wait < TRIES else 0)
            else:
                self.failed.pop(webhook, None)
                self._tell(Notified(webhook, text))
                return
        again = webhook in self.failed and text == HEARTBEAT
        self.failed[webhook] = reason
        if not again:
            self._tell(Notified(webhook, text, reason))

    async def close(self) -> None:
        """Gives what is under way a moment to go out, then gives it up."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=LAST_WORDS)
        for task in tuple(self._tasks):
            task.cancel()
