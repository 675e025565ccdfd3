"""Reads the JSON of Prometheus' query API into values. Never talks to a server.

The shapes are those of https://prometheus.io/docs/prometheus/latest/querying/api/ (expression query result formats).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pags_tui.core.errors import BadAnswer, said
from pags_tui.core.series import Labels, Point, labels_of

MAX_SERIES = 2_000
"""More series than this for one metric is a query gone wrong: nobody can judge them, and every tick is kept."""

RangeSeries = tuple[Labels, list[tuple[float, float]]]
"""One series of a range query: its labels and its (seconds since the epoch, value) pairs in order."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an instant query answered."""

    points: tuple[Point, ...]
    """A scalar is one point without labels."""
    warnings: tuple[str, ...] = ()
    """The server says that the answer may be partial."""
    infos: tuple[str, ...] = ()
    """Remarks on the query's style (`metric might not be a counter`): the answer is whole."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The parsed body of a 200."""

    kind: str
    """`vector`, `scalar`, `matrix` or `string`."""
    result: list[object]
    warnings: tuple[str, ...]
    infos: tuple[str, ...]


def payload_of(body: bytes, server: str) -> Payload:
    """The `data` of a query answer with its annotations. Raises BadAnswer for anything else."""
    document = _json_object(body, server)
    if document.get("status") != "success":
        raise BadAnswer(f"{server} reports an error: {said(str(document.get('error', 'no reason given')))}")
    data = document.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("result"), list):
        raise BadAnswer(f"{server} answered JSON, but not in the shape of a query result")
    return Payload(str(data.get("resultType")), data["result"], _texts(document, "warnings"), _texts(document, "infos"))


def answer_of(payload: Payload, server: str) -> Answer:
    """An instant query's points. Raises BadAnswer for a range, a string, native histograms and too many series."""
    if payload.kind == "scalar":
        points: tuple[Point, ...] = (Point((), _value(payload.result, server)),)
    elif payload.kind == "vector":
        _refuse_too_many(payload)
        points = tuple(_point(one, server) for one in payload.result)
    else:
        raise BadAnswer(f"{server} answered a {said(payload.kind)}, where one number per series was due")
    return Answer(points, payload.warnings, payload.infos)


def ranges_of(payload: Payload, server: str) -> tuple[RangeSeries, ...]:
    """A range query's series. Raises BadAnswer for another shape and too many series."""
    if payload.kind != "matrix":
        raise BadAnswer(f"{server} answered a {said(payload.kind)}, where a range was due")
    _refuse_too_many(payload)
    return tuple(_range(one, server) for one in payload.result)


def error_text(body: bytes) -> str:
    """The `error` of a refusal in JSON, made safe to show; empty when there is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return said(str(document["error"])) if isinstance(document, dict) and document.get("error") else ""


def _json_object(body: bytes, server: str) -> dict[str, object]:
    if body.lstrip()[:1] == b"<":
        raise BadAnswer(f"{server} answered with a web page where JSON was due (a login page, or another address?)")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswer(f"{server} answered with something that is not JSON") from None
    if not isinstance(document, dict):
        raise BadAnswer(f"{server} answered JSON, but not in the shape of a query result")
    return document


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    texts = document.get(name)
    return tuple(said(str(text)) for text in texts[:10]) if isinstance(texts, list) else ()


def _refuse_too_many(payload: Payload) -> None:
    if len(payload.result) > MAX_SERIES:
        raise BadAnswer(f"{len(payload.result)} series where at most {MAX_SERIES} are expected")


def _labels(one: Mapping[str, object], server: str) -> Labels:
    metric = one.get("metric")
    if not isinstance(metric, dict) or not all(isinstance(value, str) for value in metric.values()):
        raise BadAnswer(f"{server} answered a series without labels")
    return labels_of(metric)


def _point(one: object, server: str) -> Point:
    if not isinstance(one, dict):
        raise BadAnswer(f"{server} answered JSON, but not in the shape of a query result")
    if "value" not in one and "histogram" in one:
        raise BadAnswer(f"{server} answered a native histogram, where a number was due (histogram_quantile?)")
    return Point(_labels(one, server), _value(one.get("value"), server))


def _range(one: object, server: str) -> RangeSeries:
    if not isinstance(one, dict) or not isinstance(one.get("values"), list):
        raise BadAnswer(f"{server} answered a range in a shape that is not a list of values")
    return _labels(one, server), [(_moment(pair, server), _value(pair, server)) for pair in one["values"]]


def _value(pair: object, server: str) -> float:
    """`[seconds, "value"]` → value. NaN and ±Inf come through as they are."""
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str):
        try:
            return float(pair[1])
        except ValueError:
            pass
    raise BadAnswer(f"{server} answered a value that is not a number")


def _moment(pair: object, server: str) -> float:
    if isinstance(pair, list) and pair and isinstance(pair[0], int | float):
        return float(pair[0])
    raise BadAnswer(f"{server} answered a value without its time")
