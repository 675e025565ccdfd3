"""A Grafana that takes annotations and nothing else, and refuses what its documentation does not allow.

https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
"""

from __future__ import annotations

import json
from typing import Any

from tests.live import FlagServer, Request

GRAFANA_TOKEN = "glsa_0123456789_sesame"
FIELDS: dict[str, type] = {
    "dashboardUID": str, "panelId": int, "time": int, "timeEnd": int, "tags": list, "text": str,
}  # fmt: skip
"""What the body of a POST may hold."""
CHANGED = ("text", "tags", "time", "timeEnd")
"""What that of a PATCH may."""


class Grafana:
    """Annotations over HTTP. `manner` is `ok`, `hang` (takes it, answers nothing) or a status code."""

    def __init__(self, dashboards: tuple[str, ...] = ("cutover",)) -> None:
        self.dashboards = dashboards
        self.made: list[dict[str, Any]] = []
        self.targets: list[str] = []
        """Every path asked for."""
        self.asked_with: list[dict[str, str]] = []
        self.manner: str | int = "ok"
        self.patching: str | int = "ok"
        """The same for what was made already: `lost` does it and answers 503."""
        self._server: Any = None
        self._port = 0

    url = FlagServer.url
    up = FlagServer.up
    down = FlagServer.down

    def __enter__(self) -> Grafana:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def _handle(self, request: Request) -> None:
        self.targets.append(f"{request.method} {request.path}")
        self.asked_with.append(request.headers)
        if request.headers.get("authorization") != f"Bearer {GRAFANA_TOKEN}":
            return request.answer(401, {"message": "Invalid API key"})
        if isinstance(self.manner, int):
            return request.answer(self.manner, {"message": "no"})
        if request.method == "GET" and request.path == "/api/annotations":
            return request.answer(200, self.made[-1:])
        if request.method == "GET" and request.path.startswith("/api/dashboards/uid/"):
            known = request.path.rpartition("/")[2] in self.dashboards
            return request.answer(200 if known else 404, {})
        if request.method == "POST" and request.path == "/api/annotations":
            return self._make(request)
        if request.method == "PATCH" and request.path.startswith("/api/annotations/"):
            return self._patch(request, int(request.path.rpartition("/")[2]))
        return request.answer(404, {"message": "Not found"})

    def _make(self, request: Request) -> None:
        body = json.loads(request.body)
        wrong = [key for key, value in body.items() if key not in FIELDS or type(value) is not FIELDS[key]]
        if wrong or not body.get("text") or request.headers.get("content-type") != "application/json":
            return request.answer(400, {"message": f"bad request data {wrong}"})
        if "panelId" in body and "dashboardUID" not in body:
            return request.answer(400, {"message": "a panel of no dashboard"})
        self.made.append(body)
        return request.answer(200, {"message": "Annotation added", "id": len(self.made)})

    def _patch(self, request: Request, number: int) -> None:
        body = json.loads(request.body)
        if isinstance(self.patching, int):
            return request.answer(self.patching, {"message": "no"})
        if not 1 <= number <= len(self.made):
            return request.answer(404, {"message": "Annotation not found"})
        wrong = [key for key, value in body.items() if key not in CHANGED or type(value) is not FIELDS[key]]
        if wrong or request.headers.get("content-type") != "application/json":
            return request.answer(400, {"message": f"bad request data {wrong}"})
        self.made[number - 1].update(body)
        if self.patching == "lost":
            return request.answer(503, {"message": "too late"})
        return request.answer(200, {"message": "Annotation patched"})
