"""A Prometheus of a few lines, for benchmarks: `python -m benchmarks._prometheus [--still]`; it prints its address.

Every metric `m0`, `m1`, … has one series whose value changes at each reading, or, `--still`, never does. A process of
its own, so that nothing that it costs counts as the guard's.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STILL = "--still" in sys.argv


def value_of(metric: int, at: float) -> float:
    """What the series of a metric says at a moment: near 40, and never the same twice."""
    return 40.0 if STILL else 40 + metric + 7 * math.sin(at / 11 + metric) + 3 * math.sin(at * 1.7 + metric)


def answer(query: str, at: float) -> dict[str, object]:
    """The data of an instant query."""
    if query.strip() == "time()":
        return {"resultType": "scalar", "result": [at, str(at)]}
    found = re.search(r"m(\d+)", query)
    value = 1.0 if "timestamp(" in query else value_of(int(found[1]) if found else 0, at)
    series = {"metric": {"instance": "10.0.0.1:9100"}, "value": [at, repr(value)]}
    return {"resultType": "vector", "result": [series]}


def course(query: str, start: float, end: float, step: float) -> dict[str, object]:
    """The data of a range query."""
    found = re.search(r"m(\d+)", query)
    times = [start + step * n for n in range(int((end - start) / step) + 1)]
    values = [[at, repr(value_of(int(found[1]) if found else 0, at))] for at in times]
    return {"resultType": "matrix", "result": [{"metric": {"instance": "10.0.0.1:9100"}, "values": values}]}


class Handler(BaseHTTPRequestHandler):
    """Answers queries."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """A query in the address."""
        self.reply(urllib.parse.urlsplit(self.path).query)

    def do_POST(self) -> None:
        """A query in the body."""
        self.reply(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def reply(self, asked: str) -> None:
        """The answer, as Prometheus words it."""
        said = {name: values[0] for name, values in urllib.parse.parse_qs(asked).items()}
        query, now = said.get("query", ""), time.time()
        if "query_range" in self.path:
            data = course(query, float(said["start"]), float(said["end"]), float(said["step"].rstrip("s")))
        else:
            data = answer(query, float(said.get("time") or now))
        body = json.dumps({"status": "success", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """A client that was killed closes its connection in its own way."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def main() -> None:
    """Serves until it is ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
