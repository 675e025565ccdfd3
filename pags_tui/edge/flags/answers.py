"""What an HTTP answer of a flag service means, and words for a shell. For the kinds that speak HTTP; asks nothing.

A status is taken, refused for good, or nobody's knowledge; its sentence holds neither the body nor the token.
"""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime

from pags_tui.core.errors import BadAnswer, EdgeError, Unreachable, said
from pags_tui.core.ports import WriteAnswer
from pags_tui.core.runbook.services import FlagService
from pags_tui.core.series import Seconds
from pags_tui.edge import NoReply, Reply

LATER = (408, 429)
"""Client errors that say nothing about the request itself: it may be tried again."""
AWAY = (502, 503, 504)
"""Answers of whatever stands in front of a service that is not there."""

SENTENCES = {
    401: "did not accept the token (401)",
    403: "does not allow this token to do that (403)",
    404: "does not know the flag {key} (404)",
    408: "gave up waiting for the request (408)",
    409: "reports a conflict: somebody else is changing {key} (409)",
    412: "found {key} in another state than the request expects (412)",
    429: "is being asked too often (429)",
    502: "is not there behind its proxy (502)",
    503: "is not able to answer now (503)",
    504: "does not answer its proxy (504)",
}


def write_answer(server: str, key: str, reply: Reply) -> WriteAnswer:
    """What a complete answer says of a write: 2xx is taken, 4xx but `LATER` and 3xx refused, the rest unknown."""
    status = str(reply.status)
    if 200 <= reply.status < 300:
        if is_page(reply):
            return WriteAnswer(None, status, f"{server} answered with a web page where JSON was due")
        return WriteAnswer(True, status, f"{server} took it ({status})")
    refused = reply.status < 500 and reply.status not in LATER
    return WriteAnswer(False if refused else None, status, refusal(server, key, reply), retry_after(reply))


def no_answer(failure: EdgeError) -> WriteAnswer:
    """The same where no usable answer came: whether the write took effect is anyone's guess."""
    return WriteAnswer(None, failure.status if isinstance(failure, NoReply) else "unreadable", str(failure))


def succeeded(reply: Reply, server: str, key: str) -> Reply:
    """The answer to a read, when it is 200. Raises Unreachable for what may pass, BadAnswer for what will not."""
    if reply.status == 200:
        return reply
    if reply.status in (*LATER, *AWAY):
        raise Later(refusal(server, key, reply), retry_after(reply))
    raise BadAnswer(refusal(server, key, reply))


class Later(Unreachable):
    """The service wants to be asked again later."""

    def __init__(self, text: str, wait: Seconds | None) -> None:
        super().__init__(text)
        self.wait = wait
        """How long it asked to be left alone (Retry-After); None: it did not say."""


def refusal(server: str, key: str, reply: Reply) -> str:
    """A status that is no success, as a sentence."""
    if 300 <= reply.status < 400:
        return f"{server} answered with a redirect ({reply.status}), which is not followed: the token would go along"
    sentence = SENTENCES.get(reply.status, f"answered with status {reply.status}")
    return f"{server} {sentence.replace('{key}', said(key))}"


def retry_after(reply: Reply) -> Seconds | None:
    """RFC 9110 10.2.3: seconds, or a date, here taken against the answer's own date."""
    text = reply.headers.get("retry-after", "")
    if text.isascii() and text.isdigit():  # `²` is a digit too, and no number
        return float(text[:6])
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


def is_page(reply: Reply) -> bool:
    """It is a web page: a login, or another address than the service's."""
    return reply.body.lstrip()[:1] == b"<" or reply.headers.get("content-type", "").startswith("text/html")


def document(reply: Reply, server: str) -> object:
    """The JSON of an answer. Raises BadAnswer when it is none."""
    if is_page(reply):
        raise BadAnswer(f"{server} answered with a web page where JSON was due (a login page, or another address?)")
    try:
        return json.loads(reply.body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadAnswer(f"{server} answered with something that is not JSON") from None


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


def shell(text: str) -> str:
    """In double quotes for a POSIX shell, with `${NAME}` left for it to fill in and nothing else special."""
    return '"' + re.sub(r'[\\"`]|\$(?!\{[A-Za-z_])', lambda match: "\\" + match.group(), text) + '"'


BY_HAND = ("curl", "-fsS", "--max-time", "10")
"""curl for a person in a hurry: an error is an error (its exit code too), and nothing hangs for ever."""


def certificates(settings: FlagService) -> list[str]:
    """curl's options for the runbook's own authority and client certificate."""
    words = ["--cacert", shell(settings.ca_file)] if settings.ca_file else []
    for option, file in zip(("--cert", "--key"), settings.client_cert or (), strict=False):
        words += [option, shell(file)]
    return words
