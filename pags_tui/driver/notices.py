"""Sends what goes out by itself: lines, pages, the heartbeat. Nothing waits for it, and its failures stop nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeVar

from pags_tui.comms import mark_of, notices
from pags_tui.core.errors import EdgeError, Unreachable
from pags_tui.core.events import Event, Notified
from pags_tui.core.ports import Mark, Marks, Webhook
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

Again = Callable[[EdgeError], bool]

T = TypeVar("T")


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
        self._tasks: set[asyncio.Task[Any]] = set()
        self._open: dict[datetime, asyncio.Task[int | None]] = {}
        """The mark that has no end yet, by when it began, and the number that it gets."""

    def event(self, event: Event, state: RunState) -> None:
        """Sends the lines of an event, in the background."""
        for notice in notices(event, state):
            self._begin(notice.webhook, notice.text)
        mark = mark_of(event, state) if self._marks else None
        if self._marks and mark:
            sending = self._start(self._mark(self._marks, mark, self._open.get(mark.at)))
            if mark.lasts:
                self._open = {} if mark.until else {mark.at: sending}

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

    async def _mark(self, marks: Marks, mark: Mark, begun: asyncio.Task[int | None] | None) -> int | None:
        """Makes a mark. One that was begun is told its end, or, where that surely failed, made once more as a whole."""
        number = await begun if begun else None
        if number is not None:
            _, failure = await self._tried(partial(marks.extend, number, mark), _no_answer)
            if failure is None or (_no_answer(failure) and not _surely_lost(failure)):
                self._went(MARKS, mark.text, str(failure or ""))
                return number
        return await self._send(MARKS, mark.text, partial(marks.mark, mark), _surely_lost)

    def _start(self, sending: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(sending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, webhook: str, text: str, send: Callable[[Seconds], T], again: Again = bool) -> T | None:
        """Tries it, and tells what became of it. `again`: after which failures it is sent again; after all of them."""
        answer, failure = await self._tried(send, again)
        self._went(webhook, text, str(failure or ""))
        return answer

    def _went(self, webhook: str, text: str, reason: str) -> None:
        """Tells what became of it: `reason` says why it failed."""
        again = webhook in self.failed and text == HEARTBEAT
        if not reason:
            self.failed.pop(webhook, None)
        else:
            self.failed[webhook] = reason
        if not (reason and again):
            self._tell(Notified(webhook, text, reason))

    async def _tried(self, send: Callable[[Seconds], T], again: Again) -> tuple[T | None, EdgeError | None]:
        """The answer, or the last failure of some attempts."""
        failure: EdgeError | None = None
        for wait in range(1, TRIES + 1):
            try:
                return await in_thread(lambda: send(SEND)), None
            except EdgeError as error:
                failure = error
                if not again(error):
                    break
                await asyncio.sleep(wait if wait < TRIES else 0)
        return None, failure

    async def close(self) -> None:
        """Gives what is under way a moment to go out, then gives it up."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=LAST_WORDS)
        for task in tuple(self._tasks):
            task.cancel()


def _no_answer(failure: EdgeError) -> bool:
    return isinstance(failure, Unreachable)


def _surely_lost(failure: EdgeError) -> bool:
    return isinstance(failure, Unreachable) and not failure.may_have_arrived
