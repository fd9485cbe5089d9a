"""The JSON contract as schemas, and the small checker that holds a document against one.

The same dictionaries are published by `stepwell schema`, so that there is one statement of
what fits. Only the JSON Schema words used below are understood.
"""

import re
import reprlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from stepwell.engine.errors import Fault
from stepwell.engine.events import Kind, Organ, Safety
from stepwell.engine.plan import DAYS_IN_A_WEEK, Supply
from stepwell.engine.planner import Shape
from stepwell.engine.protocol import ITEMS

Schema = Mapping[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Patterns end in "nothing follows", because `$` lets a line break through.
_DAY_PATTERN = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
_TIME_PATTERN = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-5][0-9])"
_END = r"(?![\s\S])"
_TEXT = {
    "type": "string",
    "maxLength": 2000,
    "pattern": r"\S",
    "description": "that is not empty",
}
_DATE = {
    "type": "string",
    "format": "date",
    "pattern": f"^{_DAY_PATTERN}{_END}",
    "description": "that is a date such as 2026-12-01",
}
_INSTANT = {
    "type": "string",
    "format": "date-time",
    "pattern": f"^{_DAY_PATTERN}T{_TIME_PATTERN}{_END}",
    "description": "that is an instant with its zone, such as 2026-12-01T22:10:00Z",
}
_MG = {
    "type": "integer",
    "minimum": 0,
    "maximum": 1_000_000,
    "description": "in milligrams, so 2.65 g is 2650",
}
_TIMES = {"type": "integer", "minimum": 0, "maximum": 200}
_DAYS_A_WEEK = {"type": "integer", "minimum": 0, "maximum": DAYS_IN_A_WEEK}
_DAYS = {"type": "integer", "minimum": 0, "maximum": 366}
_TEN = {"type": "integer", "minimum": 0, "maximum": 10}
_SUPPLY = {"type": "string", "enum": [one.value for one in Supply]}
_BY = {
    "type": "string",
    "pattern": rf"^(person|clinician:.*\S.*){_END}",
    "maxLength": 300,
    "description": 'that is "person" or "clinician:NAME"',
}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(required: list[str], **properties: Schema) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


_SIGNED = _object(["by", "reason"], by=_TEXT, reason=_TEXT)

PLAN: Schema = {
    "$schema": _DIALECT,
    "title": "What `stepwell plan` takes",
    **_object(
        ["baseline", "start"],
        protocol=_TEXT,
        supply=_SUPPLY,
        start=_DATE,
        baseline=_object(
            ["amount_mg"],
            amount_mg=_MG,
            times_per_day={**_TIMES, "minimum": 1},
            days_per_week={**_DAYS_A_WEEK, "minimum": 1},
        ),
        goal_mg=_MG,
        goal_times_per_day={**_TIMES, "minimum": 1},
        goal_days_per_week={**_DAYS_A_WEEK, "minimum": 1},
        shape={"type": "string", "enum": [one.value for one in Shape]},
        percent={"type": "integer", "minimum": 1, "maximum": 99},
        steps={"type": "integer", "minimum": 1, "maximum": 400},
        days_per_level={**_DAYS, "minimum": 1},
        end_by=_DATE,
        smallest_unit_mg={**_MG, "minimum": 1},
        jump_off_mg={**_MG, "minimum": 1},
        d50_mg={**_MG, "minimum": 1},
        levels_mg={"type": "array", "items": _MG, "minItems": 1, "maxItems": 400},
        authorised=_SIGNED,
        confirmed=_SIGNED,
    ),
}

_LEVEL = _object(
    ["ceiling_mg"],
    level={"type": "integer", "minimum": 0},
    ceiling_mg=_MG,
    times_per_day=_or_null(_TIMES),
    days_per_week=_or_null(_DAYS_A_WEEK),
    days=_or_null(_DAYS),
    **{"from": _or_null(_DATE)},
)

_CASE_PLAN = _object(
    ["levels"],
    version={"type": "integer", "minimum": 1},
    start=_or_null(_DATE),
    levels={"type": "array", "items": _LEVEL, "minItems": 2, "maxItems": 500},
    supply=_SUPPLY,
    usual_score=_TEN,
    review_by=_or_null(_DATE),
    days_per_level={**_DAYS, "minimum": 1},
    smallest_unit_mg={**_MG, "minimum": 1},
    goal_mg=_MG,
    protocol=_TEXT,
    approved=_or_null(
        _object(
            ["by", "on"],
            by=_TEXT,
            on=_DATE,
            usual_items={"type": "array", "items": {"type": "string", "enum": list(ITEMS)}},
        )
    ),
    person_may={
        "type": "array",
        "items": {"type": "string", "enum": ["hold", "step", "step_back"]},
    },
    gates={"type": "array", "items": _TEXT, "maxItems": 100},
)

_EVENT_BASE: dict[str, Schema] = {
    "id": {**_TEXT, "maxLength": 200},
    "on": _DATE,
    "recorded_on": _DATE,
    "recorded": _INSTANT,
    "by": _BY,
}
_EVENT_REQUIRED = ["id", "kind", "on", "recorded", "by"]

_ABOUT_THE_DAY: dict[str, Schema] = {
    "used": _or_null({"type": "boolean"}),
    "amount_mg": {
        "anyOf": [
            _MG,
            {"type": "array", "items": _MG, "minItems": 2, "maxItems": 2},
            {"type": "null"},
        ]
    },
    "times": _or_null(_TIMES),
    "answers": {
        "type": "object",
        "properties": {item: _or_null(_TEN) for item in ITEMS},
        "additionalProperties": False,
    },
    "flags": {"type": "array", "items": _TEXT, "maxItems": 100},
    "safety": _or_null({"type": "string", "enum": [one.value for one in Safety]}),
}

_EXTRA: dict[str, tuple[list[str], dict[str, Schema]]] = {
    Kind.CHECK_IN: ([], _ABOUT_THE_DAY),
    Kind.HOLD: ([], {"days": _DAYS}),
    Kind.SET_LEVEL: (["level"], {"level": {"type": "integer", "minimum": 0, "maximum": 500}}),
    Kind.FINDING: (
        ["organ", "worse"],
        {
            "organ": {"type": "string", "enum": [one.value for one in Organ]},
            "worse": {"type": "boolean"},
        },
    ),
}


def _event_schema(kind: Kind) -> Schema:
    required, extra = _EXTRA.get(kind, ([], {}))
    named = {"kind": {"type": "string", "enum": [kind.value]}}
    return _object([*_EVENT_REQUIRED, *required], **named, **_EVENT_BASE, **extra)


_EVENTS: Mapping[str, Schema] = {kind.value: _event_schema(kind) for kind in Kind}
_ANY_EVENT = {"anyOf": list(_EVENTS.values())}

DECIDE: Schema = {
    "$schema": _DIALECT,
    "title": "What `stepwell decide` and `stepwell replay` take: a case",
    **_object(
        ["plan", "events", "today"],
        plan=_CASE_PLAN,
        events={"type": "array", "items": _ANY_EVENT, "maxItems": 100_000},
        today=_DATE,
    ),
}


def faults(value: Any, schema: Schema) -> list[Fault]:
    """Every place where a value does not fit its schema."""
    found: list[Fault] = []
    _check(value, schema, "", found)
    return found


def _check(value: Any, schema: Schema, path: str, found: list[Fault]) -> None:
    if schema is _ANY_EVENT:
        _check_event(value, path, found)
    elif "anyOf" in schema:
        _check_any(value, schema["anyOf"], path, found)
    elif not _TYPES[schema["type"]](value):
        found.append(Fault(path, f"must be {_wanted(schema)}, not {_shown(value)}"))
    else:
        _CHECKS[schema["type"]](value, schema, path, found)


def _check_event(value: Any, path: str, found: list[Fault]) -> None:
    """Choose by kind first, so that a fault names the field and not "none of ten shapes"."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in _EVENTS:
        _check(value, _EVENTS[kind], path, found)
    elif isinstance(value, dict):
        text = f"must be one of {', '.join(_EVENTS)}, not {_shown(kind)}"
        found.append(Fault(_join(path, "kind"), text))
    else:
        found.append(Fault(path, f"must be an object, not {_shown(value)}"))


def _check_any(value: Any, options: list[Schema], path: str, found: list[Fault]) -> None:
    for option in options:
        if _TYPES[option["type"]](value):
            _check(value, option, path, found)
            return
    names = " or ".join(_wanted(option) for option in options)
    found.append(Fault(path, f"must be {names}, not {_shown(value)}"))


def _wanted(schema: Schema) -> str:
    hint = schema.get("description")
    return f"{_NAMES[schema['type']]} {hint}" if hint else _NAMES[schema["type"]]


def _check_object(value: Any, schema: Schema, path: str, found: list[Fault]) -> None:
    properties = schema["properties"]
    for name in schema.get("required", ()):
        if name not in value:
            found.append(Fault(_join(path, name), "is missing"))
    for name, inner in value.items():
        if name in properties:
            _check(inner, properties[name], _join(path, name), found)
        else:
            found.append(Fault(_join(path, str(name)), "is not known here"))


def _check_array(value: Any, schema: Schema, path: str, found: list[Fault]) -> None:
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    if len(value) < low or (high is not None and len(value) > high):
        found.append(Fault(path, f"must have {low} to {high} entries, not {len(value)}"))
        return
    for number, inner in enumerate(value):
        _check(inner, schema["items"], f"{path}[{number}]", found)


def _check_integer(value: Any, schema: Schema, path: str, found: list[Fault]) -> None:
    low, high = schema["minimum"], schema.get("maximum")
    if value < low or (high is not None and value > high):
        top = " or more" if high is None else f" to {high}"
        found.append(Fault(path, f"must be {low}{top}, not {_shown(value)}"))


def _check_text(value: Any, schema: Schema, path: str, found: list[Fault]) -> None:
    if "enum" in schema:
        if value not in schema["enum"]:
            text = f"must be one of {', '.join(schema['enum'])}, not {_shown(value)}"
            found.append(Fault(path, text))
    elif len(value) > schema.get("maxLength", len(value)):
        found.append(Fault(path, f"must not be longer than {schema['maxLength']} characters"))
    elif _UNWRITABLE.search(value):
        found.append(Fault(path, "has a character that cannot be written"))
    elif not _matches(value, schema):
        found.append(Fault(path, f"must be {_wanted(schema)}, not {_shown(value)}"))


def _nothing_more(value: Any, schema: Schema, path: str, found: list[Fault]) -> None:
    """True, false and null have no more to check than their type."""


def _matches(value: str, schema: Schema) -> bool:
    real = _FORMATS[schema.get("format")]
    return re.search(schema["pattern"], value) is not None and _reads(real, value)


# Half of a surrogate pair, which no file and no database can hold.
_UNWRITABLE = re.compile("[\ud800-\udfff]")


def _reads(read: Callable[[str], Any], value: str) -> bool:
    try:
        return bool(read(value))
    except ValueError:
        return False


def _is_integer(value: Any) -> bool:
    return type(value) is int


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": _is_integer,
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}
_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_FORMATS: dict[str | None, Callable[[str], Any]] = {
    None: bool,
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
}
_CHECKS: dict[str, Callable[[Any, Schema, str, list[Fault]], None]] = {
    "object": _check_object,
    "array": _check_array,
    "string": _check_text,
    "integer": _check_integer,
    "boolean": _nothing_more,
    "null": _nothing_more,
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    text = _BRIEFLY.repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


class _Brief(reprlib.Repr):
    """Never follows a value all the way down, nor writes thousands of digits."""

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 - the library's own signature
        return "a number that is far too long" if x.bit_length() > _LONGEST_BITS else repr(x)


_LONGEST_BITS = 128
_BRIEFLY = _Brief()
_BRIEFLY.maxstring = _BRIEFLY.maxother = 200
