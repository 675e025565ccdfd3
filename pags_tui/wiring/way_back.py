"""The flag services as a rollback sees them: whatever opens is used, and what does not says why. Waits for nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pags_tui.core.errors import BadAnswer, PagsError
from pags_tui.core.ports import FlagService, WriteAnswer
from pags_tui.core.runbook import FlagService as Settings
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.edge.flags import Access, open_flags
from pags_tui.edge.secrets import token_of
from pags_tui.wiring.services import held

ASK_DISK: Seconds = 3.0
"""How long the journal may take to open: a network file system may hang for ever."""


@dataclass
class Closed:
    """A flag service that cannot be opened: it answers everything with the reason, and nothing else waits for it."""

    reason: str
    """A plain sentence, free of secrets."""
    by_hand: FlagService | None
    """Knows how a write would look by hand, nothing more."""
    reads_back = True

    def read(self, key: str, deadline: Seconds) -> FlagValue:
        """Raises BadAnswer with the reason."""
        raise BadAnswer(self.reason)

    def write(self, key: str, value: FlagValue, idempotency_key: str, deadline: Seconds) -> WriteAnswer:
        """Writes nothing. No service refused it: another process may be able to, so the order stands."""
        return WriteAnswer(None, "closed", "not sent")

    def describe(self) -> str:
        """Says that it is closed."""
        return f"cannot be used: {self.reason}"

    def curl(self, key: str, value: FlagValue) -> str:
        """How a write would look by hand."""
        return self.by_hand.curl(key, value) if self.by_hand else f"# {key} = {json.dumps(value)}: {self.reason}"


def open_what_opens(runbook: Runbook, env: Mapping[str, str]) -> dict[str, FlagService]:
    """The flag services for a rollback: one that cannot be opened stands in nobody's way. Raises nothing."""
    found: dict[str, FlagService] = {}
    for name, settings in runbook.services.flag_services.items():
        try:
            found[name] = open_flags(settings, Access(env, token_of(settings, env, name), name, held(runbook, name)))
        except PagsError as error:
            found[name] = Closed(str(error), _by_hand(runbook, settings, name))
    return found


NOWHERE = "https://nowhere.invalid"


class _Anything(dict[str, str]):
    """An environment in which every variable leads nowhere."""

    def get(self, key: object, default: object = None) -> str:
        return NOWHERE

    def __missing__(self, key: str) -> str:
        return NOWHERE


def _by_hand(runbook: Runbook, settings: Settings, name: str) -> FlagService | None:
    """The service with an address that leads nowhere: only its `curl` is of use, which keeps every `${NAME}`."""
    try:
        return open_flags(settings, Access(_Anything(), "-" if settings.token else None, name, held(runbook, name)))
    except PagsError:
        return None
