"""The row of the header. Immutable; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from pags_tui.ui.rows.words import NO_FACT, ROLLBACK_KEY, Fact, FooterKey


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """Everything that is visible at every size. An empty text is simply left out.

    At 80 columns all of it has a place as long as the short texts keep to the lengths of the examples.
    """

    title: str = ""
    """`PAGS Production Cutover`."""
    run: str = ""
    """The runbook's id, shown in place of the title at 80 columns."""
    target: str = ""
    """What is changed: `production`."""
    kinds: tuple[Fact, ...] = ()
    """LIVE, REHEARSAL, DEMO, REPLAY, WATCHING: those that are true."""
    clock: str = ""
    """T: `T+00:22:41`."""
    state: Fact = NO_FACT
    """COUNTING, HOLD, ROLLING BACK, ROLLED BACK, DONE."""
    wall: Fact = NO_FACT
    """`22:22:41 UTC`, short `22:22:41Z`."""
    drift: Fact = NO_FACT
    """`drift +03:10`, short `+03:10`."""
    finish: Fact = NO_FACT
    """`finish 01:05`, short `fin 01:05`."""
    traffic: Fact = NO_FACT
    """`50%`."""
    traffic_part: float | None = None
    """The traffic as 0..1 for its bar; None: no bar."""
    gates: tuple[Fact, ...] = ()
    """Counts by state, best first: `9 pass`, `1 FAIL`, `1 unknown` (short `1 ?`)."""
    trigger: Fact = NO_FACT
    """The trigger nearest to firing: `queue-depth 04:12/15:00`. The word behind the last blank is never cut."""
    vetoes: Fact = NO_FACT
    """`2 vetoes`, short `2v`; empty when none."""
    mutes: Fact = NO_FACT
    """`1 muted`, short `1m`; empty when none."""
    overrides: Fact = NO_FACT
    """The override that is in force: `OVERRIDE error-rate 12:10`, short `OVR 12:10`."""
    message: Fact = NO_FACT
    """Next message: `update due 07:19`, short `upd 07:19`."""
    lead: Fact = NO_FACT
    """`lead ana`."""
    safe: Fact = NO_FACT
    """`last safe rollback in 97:12`, short `safe rb 97:12`; louder as it comes nearer."""
    data: Fact = NO_FACT
    """Age of the data: `data 2s`."""
    lost: Fact = NO_FACT
    """Sources lost: `2 sources lost`, short `2 lost`."""
    guard: Fact = NO_FACT
    """`guard ok`, or what is wrong with it."""
    issues: Fact = NO_FACT
    """`2 issues`, short `2 iss`."""
    ready: Fact = NO_FACT
    """`rollback ready 12s` (short `rb ready 12s`), or `rollback NOT READY` with level BAD."""
    rollback_key: FooterKey = ROLLBACK_KEY
