"""The key table: one row a key, everything else made of it."""

from __future__ import annotations

import pytest

from pags_tui.core.decide.blockers import Blocker
from pags_tui.core.events import Actor
from pags_tui.ui import keys
from pags_tui.ui.cockpit import acting
from pags_tui.ui.scene import Scene
from pags_tui.ui.screens.palette import commands, matching
from tests.ui.desks import ANA, FakeDesk
from tests.ui.nights import begun, canary


def scene(seat: str = "desk", me: Actor = ANA) -> Scene:
    """The canary, seen from some seat."""
    night = canary()
    return Scene(night.state, night.now, me, seat, night.ticks[-1])  # type: ignore[arg-type]


def test_every_key_does_something() -> None:
    """Each row of the key table has an act, and no act is without its row."""
    assert set(acting.ACTS) == {key.id for key in keys.KEYS}


def test_ids_are_unique() -> None:
    """A keymap of one's own names keys by id."""
    assert len({key.id for key in keys.KEYS}) == len(keys.KEYS)


@pytest.mark.parametrize("seat", ["desk", "replay"])
def test_no_key_means_two_things(seat: str) -> None:
    """Within one seat a key leads to one act."""
    names = [name for key in keys.keys_for(seat) for name in key.keys]  # type: ignore[arg-type]
    assert len(names) == len(set(names))


def test_live_keys_do_not_exist_in_a_replay() -> None:
    """A recording cannot be ticked, signed or held."""
    ids = {key.id for key in keys.keys_for("replay")}
    assert not ids & {"tick", "sign", "hold", "act", "override", "veto", "end"}
    assert {"play", "next-event", "go-to"} <= ids


def test_rollback_is_bound_from_anywhere() -> None:
    """F9 and ctrl+r are priority bindings of the App: over dialogs, inside inputs."""
    bound = {binding.key: binding for binding in keys.bindings("desk", priority=True)}
    assert bound["f9"].priority
    assert bound["ctrl+r"].priority


def test_rollback_cannot_be_unbound() -> None:
    """A keymap may add a key to the rollback, take neither of its own, and give them to nothing else."""
    assert keys.keymap({"rollback": "f8"}) == {"rollback": "f9,ctrl+r,f8"}
    assert keys.keymap({"rollback": ""}) == {}
    assert keys.keymap({"tick": "f9,t"}) == {"tick": "t"}


def test_footer_ends_with_the_rollback() -> None:
    """The rollback key is there at every width."""
    assert keys.footer(scene())[-1].loud
    assert keys.footer(scene())[-1].key == "F9/^R"


def test_keys_of_the_lead_say_so() -> None:
    """For somebody else the key is off and names the lead."""
    why = keys.BY_ID["act"].why_not(scene(me=Actor("bob")))
    assert why == "only the lead (ana) may move traffic or any other flag; 'Take the lead' is in ctrl+p"
    assert keys.BY_ID["act"].why_not(scene()) is None
    assert keys.BY_ID["hold"].why_not(scene(me=Actor("bob"))) is None


def test_watching_turns_asking_off() -> None:
    """Whoever watches is told so by every key that would ask."""
    watching = scene("watch")
    off = {key.id for key in keys.keys_for("watch") if key.why_not(watching)}
    assert {"tick", "act", "sign", "hold", "note", "message", "poll", "lead", "end"} <= off
    assert not off & {"rollback", "find", "zoom", "why", "help", "quit"}


def test_blockers_point_to_keys() -> None:
    """Every key that a blocker names is in the table."""
    view = FakeDesk(begun()).night.view()
    from pags_tui.core.decide.blockers import all_blockers

    found: tuple[Blocker, ...] = all_blockers(view)
    assert found
    assert {blocker.key for blocker in found} - {""} <= set(keys.BY_ID)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("end the run", "end"), ("end", "end"), ("why held", "hold-reason"), ("recycle", "recycle"), ("people", "people"),
     ("amend", "amend"), ("one flag", "flag"), ("lead", "lead"), ("mute", "mute"), ("t-zero", "t-zero")],
)  # fmt: skip
def test_a_command_is_found_by_its_words(typed: str, found: str) -> None:
    """What begins a word comes before what merely stands inside one: `end the run` is not `amend the runbook`."""
    assert matching(commands(scene()), typed.split())[0].id == found
