"""Sends a text to a chat, and tells a dead man's switch that we live. Never retries, never reads what comes back.

The address of a webhook is its secret: no error holds more of it than the host.
"""

from __future__ import annotations

import json

from pags_tui.core.errors import BadAnswer, Unreachable
from pags_tui.core.series import Seconds
from pags_tui.edge import Caller, Reply


class SlackWebhook:
    """An incoming webhook as Slack's, and what speaks its JSON (Mattermost, Rocket.Chat, Zulip, Discord's `/slack`)."""

    def __init__(self, name: str, url: str) -> None:
        """`name` is the runbook's. Raises BadAnswer when the address is no http(s) URL."""
        self._caller = Caller(url, f"the webhook {name}", "services.webhooks")

    def __repr__(self) -> str:
        return f"<SlackWebhook: {self._caller.server}>"

    def send(self, text: str, deadline: Seconds) -> None:
        """One message. Raises Unreachable and BadAnswer."""
        body = json.dumps({"text": escaped(text)}).encode()
        _accept(self._caller, self._caller.call("POST", "", deadline, body, {"Content-Type": "application/json"}))

    def close(self) -> None:
        """Let idle connections go."""
        self._caller.close()


class Heartbeat:
    """A dead man's switch (Healthchecks, Cronitor, Dead Man's Snitch): a GET a minute; its silence pages someone."""

    def __init__(self, name: str, url: str) -> None:
        """`name` is the runbook's. Raises BadAnswer when the address is no http(s) URL."""
        self._caller = Caller(url, f"the heartbeat {name}", "services.webhooks")

    def __repr__(self) -> str:
        return f"<Heartbeat: {self._caller.server}>"

    def send(self, text: str, deadline: Seconds) -> None:
        """One ping; the text is not sent. Raises Unreachable and BadAnswer."""
        _accept(self._caller, self._caller.call("GET", "", deadline))

    def close(self) -> None:
        """Let idle connections go."""
        self._caller.close()


def escaped(text: str) -> str:
    """Slack's own escapes: a label value such as `<!channel>` must not become a command.

    Source: https://api.slack.com/reference/surfaces/formatting#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _accept(caller: Caller, reply: Reply) -> None:
    if 200 <= reply.status < 300:
        return
    if 300 <= reply.status < 400:
        raise BadAnswer(f"{caller.server} answered with a redirect ({reply.status}), which is not followed")
    kind = Unreachable if reply.status in (408, 429) or reply.status >= 500 else BadAnswer
    raise kind(f"{caller.server} answered with status {reply.status}")
