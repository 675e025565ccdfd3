"""Marks on Grafana's graphs, through its annotations API. One attempt a mark; the token goes into its header only.

Source: https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pags_tui.core.errors import BadAnswer, Unreachable
from pags_tui.core.ports import Mark
from pags_tui.core.runbook.services import Grafana
from pags_tui.core.series import Seconds
from pags_tui.edge import Caller, Reply

ANNOTATIONS = "/api/annotations"
RIGHTS = {"POST": "annotations:create", "PATCH": "annotations:write", "GET": "annotations:read"}


class GrafanaMarks:
    """One Grafana."""

    def __init__(self, settings: Grafana, url: str, headers: Mapping[str, str], ca_file: str | None = None,
                 client_cert: tuple[str, ...] | None = None) -> None:  # fmt: skip
        """`url` and `headers` with their variables filled in, the token among them. Raises BadAnswer."""
        self._settings = settings
        self._caller = Caller(
            url.rstrip("/"),
            "Grafana",
            "services.grafana",
            headers=headers,
            ca_file=ca_file,
            client_cert=client_cert,
            allow_plain_http=settings.allow_plain_http,
        )

    def __repr__(self) -> str:
        return f"<GrafanaMarks: {self._caller.server}>"

    def describe(self) -> str:
        """Kind and host, free of secrets."""
        return self._caller.server

    def mark(self, mark: Mark, deadline: Seconds) -> int | None:
        """One annotation; with an end, a region. Its id, where it is told. Raises Unreachable and BadAnswer."""
        reply = self._written("POST", ANNOTATIONS, self._body(mark), deadline)
        try:
            number = json.loads(reply.body)["id"]
        except (ValueError, LookupError, TypeError):
            return None  # it is made: only its end cannot be told later
        return number if type(number) is int else None

    def extend(self, number: int, mark: Mark, deadline: Seconds) -> None:
        """An annotation that was made becomes a region, with other words. Raises Unreachable and BadAnswer."""
        whole = self._body(mark)
        changed = {"text": whole["text"], "timeEnd": whole.get("timeEnd", whole["time"])}
        self._written("PATCH", f"{ANNOTATIONS}/{number}", changed, deadline)

    def _written(self, method: str, path: str, body: Mapping[str, Any], deadline: Seconds) -> Reply:
        reply = self._caller.call(
            method, path, deadline, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        self._accept(method, reply)
        return reply

    def _body(self, mark: Mark) -> dict[str, Any]:
        # Grafana shows the text as HTML: other people's words are escaped, a label must not become an element.
        found: dict[str, Any] = {
            "time": _milliseconds(mark.at),
            "tags": [*mark.tags, *self._settings.tags],
            "text": html.escape(mark.text, quote=False),
        }
        if mark.until is not None:
            found["timeEnd"] = _milliseconds(mark.until)
        if self._settings.dashboard is not None:
            found["dashboardUID"] = self._settings.dashboard
        if self._settings.panel is not None:
            found["panelId"] = self._settings.panel
        return found

    def check(self, deadline: Seconds) -> None:
        """That it answers, takes our token and knows the dashboard; nothing is written. Raises as `mark` does."""
        self._accept("GET", self._caller.call("GET", f"{ANNOTATIONS}?limit=1", deadline))
        if uid := self._settings.dashboard:
            reply = self._caller.call("GET", f"/api/dashboards/uid/{uid}", deadline)
            if reply.status == 404:
                raise BadAnswer(f"{self._caller.server} has no dashboard '{uid}'; its uid stands in its address")
            self._accept("GET", reply)

    def close(self) -> None:
        """Let idle connections go."""
        self._caller.close()

    def _accept(self, method: str, reply: Reply) -> None:
        server, status = self._caller.server, reply.status
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            raise BadAnswer(f"{server} answered with a redirect ({status}), which is not followed")
        if status in (401, 403):
            raise BadAnswer(f"{server} refused the token ({status}); it needs the right {RIGHTS[method]}")
        if status in (408, 429) or status >= 500:
            raise Unreachable(f"{server} answered with status {status}")
        raise BadAnswer(f"{server} answered with status {status}")


def _milliseconds(at: datetime) -> int:
    """Since 1970, as Grafana counts."""
    return round(at.timestamp() * 1000)
