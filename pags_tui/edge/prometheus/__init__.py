"""Asks a Prometheus-compatible server (Thanos, Mimir, VictoriaMetrics) and hands back readings. Never judges them.

Everything here is synchronous and bounded in time; call it from a thread. No error text holds the address or a header,
since both may be secret: a server is named by its host alone.
"""

from __future__ import annotations

from pags_tui.edge.prometheus.answers import Answer, RangeSeries
from pags_tui.edge.prometheus.polling import Prometheus

__all__ = ["Answer", "Prometheus", "RangeSeries"]
