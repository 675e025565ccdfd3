"""JSON Schema of a runbook file, for editors: keys, types and the sentence of each. The loader stays the judge.

Made from the models; where the file holds a text and the model a number or a condition, the file counts.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
import types
import typing
from functools import cache
from typing import Any, Literal, cast, get_args, get_origin

from pags_tui.core.runbook.base import MODES, Part
from pags_tui.core.runbook.endings import FollowUps, Rollback, RollbackOption, SuccessGroup
from pags_tui.core.runbook.messages import Contact, Message, Notify, Page, Role
from pags_tui.core.runbook.model import Runbook
from pags_tui.core.runbook.services import FlagService, Grafana, Prometheus
from pags_tui.core.runbook.sheets import (
    CHECKPOINT_KEYS,
    FOLLOW_UP_KEYS,
    MONITOR_KEYS,
    OPTION_KEYS,
    PHASE_KEYS,
    ROLLBACK_KEYS,
    SUCCESS_KEYS,
)
from pags_tui.core.runbook.signals import Flag, Metric, Trigger
from pags_tui.core.runbook.steps import Checkpoint, Monitor, Mutes, Phase, Step
from pags_tui.core.units import Unit

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
ONE_OR_MANY: Schema = {"anyOf": [TEXT, TEXTS]}
DURATION: Schema = {"type": "string", "pattern": r"^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$", "examples": ["90s", "15m"]}
OFFSET: Schema = {"type": "string", "pattern": r"^T[+-](0|(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?)$", "examples": ["T+15m"]}
STEPS: Schema = {"type": "array", "items": {"$ref": "#/$defs/step"}}
VALUES: Schema = {"type": "object", "additionalProperties": {"type": ["boolean", "integer", "string"]}}
PHASES: Schema = {"anyOf": [{"type": "string", "examples": ["first..last"]}, TEXTS]}

LENGTHS = {
    "for",
    "duration",
    "every",
    "within",
    "max_age",
    "stale_after",
    "timeout",
    "verify_within",
    "countdown",
}
WRITTEN: dict[str, Schema] = {
    "at": OFFSET,
    "gate": ONE_OR_MANY,
    "when": ONE_OR_MANY,
    "set": VALUES,
    "stage": VALUES,
    "steps": STEPS,
    "criteria": STEPS,
    "items": STEPS,
    "sign_off": ONE_OR_MANY,
    "during": PHASES,
    "valid": PHASES,
    "ceiling": {"type": ["string", "number"]},
    "unit": {"enum": [str(unit) for unit in Unit]},
    "armed": {"type": "object", "additionalProperties": {"enum": list(MODES)}},
    "foreach": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": ["string", "integer"]}}},
    "expect": {"type": "object", "additionalProperties": TEXTS},
    "token_command": ONE_OR_MANY,
    "client_cert": ONE_OR_MANY,
    "window": {"type": "string", "examples": ["T-60m..T+240m"]},
    "parts": {"type": "object", "additionalProperties": PHASES},
    "range": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    "monitor": {"$ref": "#/$defs/monitor"},
    "checkpoint": {"$ref": "#/$defs/checkpoint"},
    "mutes": {"$ref": "#/$defs/mutes"},
    "page": {"anyOf": [TEXT, {"$ref": "#/$defs/page"}]},
}
"""Keys that stand in the file in another shape than in the model."""

SAID: dict[str, str] = {
    "check": "Something to confirm.",
    "action": "Something to do.",
    "foreach": "Repeats the steps for each value; `{{ name }}` in any text.",
    "steps": "In file order; a text alone is a check that a person ticks.",
    "parts": "Headings over phases: a title and `first..last`.",
    "armed": "Ranges of phases, and what a firing trigger does there.",
}
"""Sentences of keys that no model has."""


def schema() -> Schema:
    """The whole schema, draft 2020-12."""
    step = _object(
        Step,
        (
            "check",
            "action",
            *_keys(
                Step,
                "id",
                "gate",
                "set",
                "stage",
                "means",
                "command",
                "duration",
                "role",
                "capture",
                "when",
                "optional",
                "at",
                "point_of_no_return",
                "hard",
                "mutes",
                "parallel",
            ),
        ),
    )
    step["properties"]["when"] = {"enum": ["live", "rehearsal"], "description": _sentence(Step, "when")}
    step["oneOf"] = [{"required": ["check"]}, {"required": ["action"]}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pags-tui runbook",
        "type": "object",
        "required": ["runbook", "phases"],
        "additionalProperties": False,
        "properties": _sections(),
        "$defs": {
            "step": {"anyOf": [TEXT, step]},
            "monitor": _object(Monitor, MONITOR_KEYS),
            "checkpoint": _object(Checkpoint, CHECKPOINT_KEYS),
            "mutes": _object(Mutes, ("triggers", "for")),
            "page": _object(Page, ("webhook", "on")),
            "flag-service": _object(FlagService, _keys(FlagService)),
        },
    }


def _sections() -> Schema:
    head = ("id", "title", "timezone", "traffic", "window", "lead", "parts")
    services = {
        "type": "object",
        "properties": {
            "prometheus": _object(Prometheus, _keys(Prometheus)),
            "grafana": _object(Grafana, _keys(Grafana)),
            "webhooks": {"type": "object", "additionalProperties": TEXT},
        },
        "additionalProperties": {"$ref": "#/$defs/flag-service"},
    }
    rollback = _object(Rollback, ROLLBACK_KEYS, RollbackOption)
    rollback["additionalProperties"] = _object(RollbackOption, OPTION_KEYS)
    contact = {"anyOf": [TEXT, _object(Contact, _keys(Contact))]}
    return {
        "runbook": {**_object(Runbook, head), "required": ["id"]},
        "contacts": _by_name(contact),
        "services": services,
        "roles": _by_name(_object(Role, _keys(Role))),
        "metrics": _by_name({**_object(Metric, _keys(Metric)), "required": ["query"]}),
        "flags": _by_name({**_object(Flag, _keys(Flag)), "required": ["type"]}),
        "phases": _list(_object(Phase, PHASE_KEYS)),
        "triggers": _by_name({**_object(Trigger, _keys(Trigger)), "required": ["when"]}),
        "rollback": rollback,
        "comms": _by_name({**_object(Message, _keys(Message)), "required": ["template"]}),
        "notify": _object(Notify, _keys(Notify)),
        "success": _list(_object(SuccessGroup, SUCCESS_KEYS)),
        "follow_ups": _list(_object(FollowUps, FOLLOW_UP_KEYS)),
    }


def _by_name(one: Schema) -> Schema:
    return {"type": "object", "additionalProperties": one}


def _list(one: Schema) -> Schema:
    return {"type": "array", "items": one}


def _keys(model: type[Part], *chosen: str) -> tuple[str, ...]:
    """The keys a model has in the file, or those chosen of them."""
    named = tuple(info.alias or name for name, info in model.model_fields.items() if name not in model.filled_in)
    return chosen or named


def _object(model: type[Part], keys: tuple[str, ...], other: type[Part] | None = None) -> Schema:
    """A table with those keys and no others; what `model` does not have comes from `other`."""
    properties = {}
    for key in keys:
        home = model if other is None or _field(model, key) is not None else other
        shape = dict(WRITTEN.get(key) or (DURATION if key in LENGTHS else _shape(home, key)))
        sentence = _sentence(home, key)
        properties[key] = {**shape, "description": sentence} if sentence else shape
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _field(model: type[Part], key: str) -> Any:
    found = model.model_fields.get(key)
    return found or next((info for info in model.model_fields.values() if info.alias == key), None)


@cache
def sentences(model: type[Part]) -> dict[str, str]:
    """The sentence under each field of a model, by the field's name, from its source.

    Pydantic can read them too (`use_attribute_docstrings`), but then parses every model's source at every start.
    """
    found: dict[str, str] = {}
    for home in reversed(model.__mro__):
        if not issubclass(home, Part):
            continue
        body = cast(ast.ClassDef, ast.parse(textwrap.dedent(inspect.getsource(home))).body[0]).body
        for field, below in itertools.pairwise(body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    found[name] = " ".join(said.split())
    return found


def _sentence(model: type[Part], key: str) -> str:
    named = {info.alias or name: name for name, info in model.model_fields.items()}
    return SAID.get(key) or sentences(model).get(named.get(key, key), "")


def _shape(model: type[Part], key: str) -> Schema:
    info = _field(model, key)
    return {} if info is None else _type(info.annotation)


def _type(hint: Any) -> Schema:
    """The JSON type of an annotation: texts, numbers, literals, lists, tables."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        return _type(args[0])
    if origin is Literal:
        return {"enum": list(args)}
    if origin in (typing.Union, types.UnionType):
        shapes = [_type(one) for one in args if one is not type(None)]
        return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    if origin in (tuple, list):
        return {"type": "array", "items": _type(args[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(args[1])}
    return {"type": NAMES[hint]}


NAMES = {str: "string", bool: "boolean", int: "integer", float: "number"}
