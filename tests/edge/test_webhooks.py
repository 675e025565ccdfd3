"""Messages and heartbeats: what is sent, and that their addresses stay secret."""

from __future__ import annotations

import json

import pytest

from pags_tui.core.errors import BadAnswer, Unreachable
from pags_tui.core.ports import Webhook
from pags_tui.edge.webhooks import Heartbeat, SlackWebhook, escaped
from tests.edge.misbehaving import Misbehaving, hang_up, refusing_url, silent, status

SECRET = "T000/B000/XXXX"


def test_a_message_is_slacks_json() -> None:
    """One POST to the whole address, with the text under `text`."""
    with Misbehaving(status(200, "ok")) as server:
        hook: Webhook = SlackWebhook("war-room", f"{server.url}/services/{SECRET}")
        hook.send("🟢 10% · a < b & c", 2.0)
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", f"/services/{SECRET}")
    assert json.loads(asked.body) == {"text": "🟢 10% · a &lt; b &amp; c"}


def test_a_label_value_cannot_call_the_whole_channel() -> None:
    """Slack's control sequences in other people's text arrive as text."""
    assert escaped("<!channel> <https://x|y>") == "&lt;!channel&gt; &lt;https://x|y&gt;"


def test_a_heartbeat_is_a_plain_get() -> None:
    """What dead man's switches understand; the address is used as it is, query and all."""
    with Misbehaving(status(200, "OK")) as server:
        Heartbeat("heartbeat", f"{server.url}/ping/{SECRET}?rid=1").send("", 2.0)
    assert (server.asked[0].method, server.asked[0].target) == ("GET", f"/ping/{SECRET}?rid=1")


@pytest.mark.parametrize(
    ("manner", "kind", "text"),
    [
        (status(404, "no_service"), BadAnswer, "answered with status 404"),
        (status(429), Unreachable, "answered with status 429"),
        (status(500), Unreachable, "answered with status 500"),
        (status(301, Location="http://127.0.0.1:1"), BadAnswer, "not followed"),
        (hang_up, Unreachable, "the connection was lost"),
        (None, Unreachable, "no answer within 0.3 s"),
    ],
    ids=["404", "429", "500", "301", "hang-up", "silent"],
)
@pytest.mark.parametrize("sender", [SlackWebhook, Heartbeat])
def test_a_failure_names_the_webhook_not_its_address(sender, manner, kind: type[Exception], text: str) -> None:
    """The path of a webhook is its password."""
    with Misbehaving(hang_up) as server:
        server.manner = manner or silent(lambda: server)
        hook = sender("war-room", f"{server.url}/{SECRET}")
        with pytest.raises(kind) as caught:
            hook.send("hello", 0.3)
    assert text in str(caught.value)
    assert SECRET not in str(caught.value) + repr(hook)


def test_nobody_there_is_a_plain_sentence() -> None:
    """The name of the webhook and the host, no more."""
    with pytest.raises(Unreachable, match=r"^the webhook pager at 127\.0\.0\.1 refused the connection$"):
        SlackWebhook("pager", f"{refusing_url()}/{SECRET}").send("x", 1.0)
