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
    return (*_desk(scene), *_services(scene), *why_rows(all_blockers(scene.view)))


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


SOURCES: Mapping[str, tuple[str, str]] = {
    "prometheus": ("the metrics service does not answer", "no gate can pass until it answers"),
    "journal": ("the journal cannot be written", "nothing goes forward until it can; a rollback does"),
}
"""What is lost, and what that stops, by the source's name."""


def _services(scene: Scene) -> tuple[WhyRow, ...]:
    """Services that are dead: what waits for them waits for somebody to mend them."""
    state = scene.state
    if state.ended:
        return ()
    found = []
    for source, reason in state.lost.items():
        what, stops = SOURCES.get(source, (clean(source), "it is tried again by itself"))
        found.append(WhyRow(f"{what}: {clean(reason)}", "", stops))
    unread: dict[str, list[str]] = {}
    for name, flag in state.flags.items():
        if flag.failed:
            unread.setdefault(flag.failed, []).append(name)
    for reason, names in unread.items():
        which = clean(names[0]) if len(names) == 1 else f"{len(names)} flags"
        found.append(
            WhyRow(f"{which} cannot be read: {clean(reason)}", "", "no flag changes until the service answers")
        )
    return tuple(found)
