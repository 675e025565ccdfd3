"""Reads are tried again while that may help and there is time; writes never are."""

from __future__ import annotations

import logging
import socket

import pytest

from pags_tui.core.errors import BadAnswer, Unreachable
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import HttpFlags
from tests.edge.misbehaving import HTML, Asked, Manner, Misbehaving, as_json, cut, status


def flags(url: str) -> HttpFlags:
    return HttpFlags(FlagService(url="${U}"), url, None)


def first(*manners: Manner) -> Manner:
    """Each manner once, then a value."""
    left = list(manners)

    def answer(asked: Asked, connection: socket.socket) -> object:
        return (left.pop(0) if left else as_json({"value": 7}))(asked, connection)

    return answer


@pytest.mark.parametrize("fault", [cut, status(429), status(502), status(503)], ids=["cut", "429", "502", "503"])
def test_a_read_outlives_two_faults(fault: Manner) -> None:
    """What may pass is tried three times; nothing is logged, for stderr is the screen."""
    with Misbehaving(first(fault, fault)) as server:
        assert flags(server.url).read("f", 5.0) == 7
    assert len(server.asked) == 3
    assert logging.getLogger("stamina").handlers == []


@pytest.mark.parametrize("fault", [status(401), status(404), status(500), HTML], ids=["401", "404", "500", "html"])
def test_what_will_not_pass_is_read_once(fault: Manner) -> None:
    """A refusal and a wrong answer are told at once."""
    with Misbehaving(fault) as server, pytest.raises(BadAnswer):
        flags(server.url).read("f", 5.0)
    assert len(server.asked) == 1


def test_a_service_that_wants_to_be_left_alone_is() -> None:
    """Retry-After beyond the deadline: it is not asked again."""
    with Misbehaving(status(429, Retry_After="60")) as server, pytest.raises(Unreachable, match="too often"):
        flags(server.url).read("f", 2.0)
    assert len(server.asked) == 1


@pytest.mark.parametrize("fault", [cut, status(429), status(503)], ids=["cut", "429", "503"])
def test_a_write_is_sent_once(fault: Manner) -> None:
    """Whatever became of it."""
    with Misbehaving(fault) as server:
        assert flags(server.url).write("f", 1, "k", 2.0).accepted is None
    assert len(server.asked) == 1
