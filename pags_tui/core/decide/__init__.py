"""What may happen: asks in, facts out, or a refusal with the next move. Reads, writes and waits for nothing."""

from __future__ import annotations

from pags_tui.core.decide import asks as asks
from pags_tui.core.decide.asks import Ask, ClockAsk, FlagAsk, JudgingAsk, LifeAsk, WorkAsk
from pags_tui.core.decide.clock import decide_clock
from pags_tui.core.decide.flags import decide_flags
from pags_tui.core.decide.messages import decide_messages
from pags_tui.core.decide.rest import decide_judging, decide_life
from pags_tui.core.decide.view import View as View
from pags_tui.core.decide.work import decide_work
from pags_tui.core.events import Fact


def decide(ask: Ask, view: View) -> tuple[Fact, ...]:
    """The facts that an ask leads to, in the order in which they are journaled; none when it is so already.

    Raises Refused when it may not happen now; the text names what it waits for and the next move.
    """
    if isinstance(ask, FlagAsk):
        return decide_flags(ask, view)
    if isinstance(ask, WorkAsk):
        return decide_work(ask, view)
    if isinstance(ask, ClockAsk):
        return decide_clock(ask, view)
    if isinstance(ask, LifeAsk):
        return decide_life(ask, view)
    if isinstance(ask, JudgingAsk):
        return decide_judging(ask, view)
    return decide_messages(ask, view)
