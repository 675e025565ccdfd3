"""Why can't I go on? Every blocker in words, with the id of the key that clears it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pags_tui.core.decide.blockers import Blocker, all_blockers
from pags_tui.ui.present.views import WhyRow
from pags_tui.ui.present.words import clean
from pags_tui.ui.scene import Scene

DOES: Mapping[str, str] = {
    "rollback": "see the plan and what is left of it",
    "hold": "resume",
    "veto": "veto it, or roll back",
    "owed": "read it back, or decide",
    "drift": "accept it, or put it back",
    "outcome": "give it another outcome",
    "act": "perform it",
    "tick": "tick it",
    "sign": "sign it",
    "override": "wait for it, or override it with a reason",
    "": "wait",
}
"""What to do, by the id of the key."""


def why(scene: Scene) -> tuple[WhyRow, ...]:
    """Everything in the way, in the order in which to clear it; empty when nothing is."""
    return (*_desk(scene), *why_rows(all_blockers(scene.view)))


def why_rows(blockers: Iterable[Blocker]) -> tuple[WhyRow, ...]:
    """Blockers with what clears each."""
    return tuple(WhyRow(clean(one.text), one.key, DOES.get(one.key, ""), one.step) for one in blockers)


def _desk(scene: Scene) -> tuple[WhyRow, ...]:
    """What stands in the way of this screen before anything else."""
    found = []
    if scene.state.ended:
        found.append(WhyRow(f"the run was closed as {scene.state.ended}", "", "start another with --new"))
    if scene.gone:
        found.append(WhyRow(f"the guard is gone: {clean(scene.gone)}", "", "this screen goes on trying"))
    if scene.seat != "desk":
        word = "watches" if scene.seat == "watch" else "replays"
        found.append(WhyRow(f"this screen only {word}: it cannot ask", "", "use a desk: pags-tui run"))
    if scene.state.clock is None and scene.state.run and not scene.state.ended:
        found.append(WhyRow("T+0 is not set", "t-zero", "set T+0"))
    return tuple(found)
