"""A protocol: every number the rules use, each with unit, source and grade; refused at birth."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from stepwell.engine.errors import Fault, ProtocolError

Urgency = Literal["emergency", "same_day", "routine"]
URGENCIES: tuple[Urgency, ...] = ("emergency", "same_day", "routine")
ITEMS = ("craving", "anxiety", "mood", "irritability", "sleep", "body", "getting_things_done")
CORE_ITEMS = ITEMS[:4]


@dataclass(frozen=True, slots=True)
class Limit:
    """One number with its unit, where it comes from and how good that source is."""

    name: str
    value: int
    unit: str
    source: str
    grade: str

    def __post_init__(self) -> None:
        if type(self.value) is not int:
            raise ProtocolError.at(f"limits.{self.name}.value", "must be a whole number")


@dataclass(frozen=True, slots=True)
class Notice:
    """Words that go with a plan, in the product's voice, and where they come from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Every number by name. Units are in the protocol file and, where it matters, in the name."""

    amount_min_mg: Limit
    amount_max_mg: Limit
    amount_confirm_mg: Limit
    largest_step_percent: Limit
    shortest_level_days: Limit
    step_percent: Limit
    level_days: Limit
    halving_percent: Limit
    halving_level_days: Limit
    jump_off_mg: Limit
    smallest_unit_mg: Limit
    d50_mg: Limit
    usual_holds_percent: Limit
    usual_score: Limit
    window_days: Limit
    answered_items: Limit
    answered_days: Limit
    silent_days: Limit
    pause_days: Limit
    safety_days: Limit
    lapse_free_days: Limit
    step_back_limit: Limit
    routine_flags_in_a_row: Limit
    held_days: Limit
    over_days: Limit
    severe_score: Limit
    severe_days: Limit
    step_back_within_days: Limit
    hold_before_step_back_days: Limit
    step_back_free_days: Limit
    high_score: Limit
    high_rise: Limit
    high_days: Limit
    high_of_days: Limit
    calm_score: Limit
    calm_at_most: Limit
    calm_days: Limit
    sharp_item: Limit
    steadying_days: Limit
    aftercare_days: Limit
    review_within_days: Limit
    retro_days: Limit


@dataclass(frozen=True, slots=True)
class Protocol:
    """A version of the numbers, flags and gates that plans are made and judged under.

    `flags` maps every flag name to its urgency; `sources` gives the source text of what
    has no number (a red flag, a gate).
    """

    name: str
    version: str
    limits: Limits
    flags: Mapping[str, Urgency]
    gates: tuple[str, ...]
    notices: Mapping[str, Notice]
    sources: Mapping[str, str]
    next_review: date

    def __post_init__(self) -> None:
        faults = list(_contradictions(self.limits))
        if faults:
            raise ProtocolError(faults)

    def freezes(self, flag: str) -> bool:
        """True for the flags that stop the plan: emergency and same day."""
        return self.flags[flag] != "routine"


def _contradictions(limits: Limits) -> list[Fault]:
    """Numbers that fit one by one and cannot be true together."""
    ordered = (
        ("amount_min_mg", "amount_confirm_mg"),
        ("amount_confirm_mg", "amount_max_mg"),
        ("step_percent", "largest_step_percent"),
        ("shortest_level_days", "level_days"),
        ("calm_score", "calm_at_most"),
        ("high_score", "severe_score"),
        ("silent_days", "pause_days"),
        ("answered_days", "window_days"),
        ("high_days", "high_of_days"),
    )
    faults = [
        Fault(f"limits.{low}.value", f"must not be above limits.{high}")
        for low, high in ordered
        if getattr(limits, low).value > getattr(limits, high).value
    ]
    if limits.calm_at_most.value >= limits.high_score.value:
        faults.append(Fault("limits.calm_at_most.value", "must be below limits.high_score"))
    return faults


def read(document: Mapping[str, Any], bounds: Mapping[str, Any]) -> Protocol:
    """Build a protocol from its file. `bounds` maps each limit to its lowest and highest value.

    Raises ProtocolError naming the path of every fault.
    """
    faults: list[Fault] = []
    limits = {f.name: _limit(f.name, document, bounds, faults) for f in fields(Limits)}
    for name in sorted(set(_section(document, "limits", faults)) - set(limits)):
        faults.append(Fault(f"limits.{name}", "is not a limit that any rule reads"))
    parts = _parts(document, faults)
    if faults:
        raise ProtocolError(faults)
    return Protocol(limits=Limits(**{n: v for n, v in limits.items() if v}), **parts)


def _section(document: Mapping[str, Any], name: str, faults: list[Fault]) -> Mapping[str, Any]:
    section = document.get(name)
    if isinstance(section, Mapping):
        return section
    fault = Fault(name, "is missing")
    if fault not in faults:
        faults.append(fault)
    return {}


def _limit(
    name: str, document: Mapping[str, Any], bounds: Mapping[str, Any], faults: list[Fault]
) -> Limit | None:
    path = f"limits.{name}"
    given = _section(document, "limits", faults).get(name)
    if not isinstance(given, Mapping):
        faults.append(Fault(path, "is missing"))
        return None
    if not _within(path, given.get("value"), bounds.get(name), faults):
        return None
    if not all(_is_text(given.get(key)) for key in ("unit", "source", "grade")):
        faults.append(Fault(path, "needs unit, source and grade, each as text"))
        return None
    return Limit(name, given["value"], given["unit"], given["source"], given["grade"])


def _within(path: str, value: Any, bound: Any, faults: list[Fault]) -> bool:
    if bound is None:
        faults.append(Fault(path, "has no bounds, so it cannot be trusted"))
    elif isinstance(value, float) and math.isnan(value):
        faults.append(Fault(f"{path}.value", "is not a number"))
    elif type(value) is not int:
        faults.append(Fault(f"{path}.value", f"must be a whole number, got {value!r}"))
    elif not bound["lowest"] <= value <= bound["highest"]:
        text = f"must be {bound['lowest']} to {bound['highest']}, got {value}"
        faults.append(Fault(f"{path}.value", text))
    else:
        return True
    return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _parts(document: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    for key in ("name", "version"):
        if not _is_text(document.get(key)):
            faults.append(Fault(key, "must be text"))
    return {
        "name": document.get("name"),
        "version": document.get("version"),
        "next_review": _day(document, "next_review", faults),
        "flags": _flags(document, faults),
        "gates": tuple(_section(document, "gates", faults)),
        "notices": _notices(document, faults),
        "sources": {key: str(text) for key, text in _section(document, "sources", faults).items()},
    }


def _day(document: Mapping[str, Any], key: str, faults: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(document[key])
    except (KeyError, TypeError, ValueError):
        faults.append(Fault(key, "must be a date such as 2026-12-01"))
    return None


def _flags(document: Mapping[str, Any], faults: list[Fault]) -> dict[str, Urgency]:
    flags: dict[str, Urgency] = {}
    for name, entry in _section(document, "flags", faults).items():
        urgency = entry.get("urgency") if isinstance(entry, Mapping) else None
        if urgency in URGENCIES and _is_text(entry.get("source")):
            flags[name] = urgency
        else:
            faults.append(Fault(f"flags.{name}", "needs an urgency and a source"))
    return flags


def _notices(document: Mapping[str, Any], faults: list[Fault]) -> dict[str, Notice]:
    notices: dict[str, Notice] = {}
    for name, entry in _section(document, "notices", faults).items():
        if isinstance(entry, Mapping) and _is_text(entry.get("text")):
            notices[name] = Notice(entry["text"], str(entry.get("source", "")))
        else:
            faults.append(Fault(f"notices.{name}", "needs a text and a source"))
    return notices
