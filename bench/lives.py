"""What the engine is timed on: days of real histories, years of days, and requests for plans."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.peers import Asked
from prove import cases
from stepwell import catalogue
from stepwell.engine import history, planner, wire
from stepwell.engine.case import Case
from stepwell.engine.errors import InputError
from stepwell.engine.history import Today
from stepwell.engine.plan import Level
from stepwell.engine.protocol import ITEMS

Document = dict[str, Any]

PROTOCOLS = catalogue.protocols()
LARGEST_PERCENT = PROTOCOLS["ketamine"].limits.largest_step_percent.value
_SCENARIOS = Path(__file__).parents[1] / "scenarios"
_LIVES = 60
_START = date(2026, 12, 1)
_YEAR = 365
_EACH = 14  # days on a level

# --- days -------------------------------------------------------------------------------------


def days() -> list[Today]:
    """Every day of every scenario and of sixty random lives, as each was known at its end."""
    told = [*_scenarios(), *_random_lives()]
    return [
        today for case in told for _, today in history.each_day(case.plan, case.events, case.today)
    ]


def _scenarios() -> Iterator[Case]:
    for path in sorted(_SCENARIOS.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        try:
            yield wire.read_case(document.get("case", {}), PROTOCOLS)
        except InputError:
            continue  # a plan, or a case that is meant to be refused


def _random_lives() -> Iterator[Case]:
    chance = Random(1)
    for _ in range(_LIVES):
        yield wire.read_case(cases.drawn(chance, PROTOCOLS["ketamine"]), PROTOCOLS)


# --- years ------------------------------------------------------------------------------------


def calm_year() -> Document:
    """365 check-ins, and a step on every day on which one opens."""
    events = [_check_in(day, day, score=day % 3) for day in range(1, _YEAR + 1)]
    steps = [_act("step", day) for day in range(1 + _EACH, _YEAR + 1, _EACH)]
    return _year([*events, *steps])


def uneven_year() -> Document:
    """The same with hard weeks, silence, late days, holds, flags, and a try to step every week."""
    events: list[Document] = []
    for day in range(1, _YEAR + 1):
        hard = day % 60 < 5
        told = min(day + (2 if day % 15 == 0 else 0), _YEAR)
        flags = ["cramps"] if day % 31 == 0 else []
        if day % 11:
            events.append(_check_in(day, told, score=8 if hard else day % 4, flags=flags))
        if day % 7 == 0:
            events.append(_act("step", day))
        if day % 60 == 5:
            events.append(_act("hold", day, days=3))
        if day % 45 == 0:
            events.append(_act("reviewed", day, by="clinician:Dr Osei"))
    return _year(events)


def _year(events: list[Document]) -> Document:
    asked = {"start": str(_START), "baseline": {"amount_mg": 2650}, "percent": 5}
    levels = wire.plan({**asked, "days_per_level": _EACH}, PROTOCOLS)["levels"]
    approved = {"by": "Dr Osei", "on": str(_on(0))}
    plan = {"start": str(_START), "levels": levels, "approved": approved}
    return {"plan": plan, "events": events, "today": str(_on(_YEAR))}


def _on(day: int) -> date:
    return _START + timedelta(days=day - 1)


def _check_in(about: int, told: int, score: int, **more: Any) -> Document:
    answers = {item: min(score + n % 2, 10) for n, item in enumerate(ITEMS)}
    used = {"used": True, "amount_mg": 200, "times": 2, "answers": answers, "safety": "no"}
    return {**_event("check_in", about, told, "20:00"), "by": "person", **used, **more}


def _act(kind: str, day: int, by: str = "person", **more: Any) -> Document:
    return {**_event(kind, day, day, "21:00"), "by": by, **more}


def _event(kind: str, about: int, told: int, at: str) -> Document:
    return {
        "id": f"{kind} {about}",
        "kind": kind,
        "on": str(_on(about)),
        "recorded_on": str(_on(told)),
        "recorded": f"{_on(told)}T{at}:00Z",
    }


# --- plans ------------------------------------------------------------------------------------

_DAILY: Document = {"amount_mg": 2650, "times_per_day": 6, "days_per_week": 7}
_SIGNED: Document = {"by": "Dr Osei", "reason": "agreed"}
# Each shape as a team would ask for it, the pace given, counted in levels, or solved for a date.
_ASKED: tuple[Document, ...] = (
    {},
    {"percent": 5, "days_per_level": 14},
    {"steps": 12},
    {"baseline": {**_DAILY, "amount_mg": 800}, "smallest_unit_mg": 25, "jump_off_mg": 100},
    {"baseline": {**_DAILY, "amount_mg": 12_000}, "confirmed": _SIGNED},
    {"baseline": {"amount_mg": 3000, "days_per_week": 2}, "percent": 20},
    {"goal_mg": 500, "goal_times_per_day": 2, "goal_days_per_week": 4},
    {"supply": "prescribed", "smallest_unit_mg": 50, "percent": 10, "days_per_level": 28},
    {"shape": "linear"},
    {"shape": "linear", "steps": 15, "goal_mg": 1000},
    {"shape": "equal_occupancy"},
    {"shape": "equal_occupancy", "steps": 15, "d50_mg": 900},
    {"shape": "halving", "authorised": _SIGNED},
    {"shape": "spacing"},
    {"shape": "stop_now"},
    {"shape": "custom", "levels_mg": [2400, 2000, 1600, 1250, 950, 700, 500, 350, 250, 0]},
    {"end_by": "2027-06-01"},
    {"end_by": "2027-01-10"},
    {"shape": "linear", "end_by": "2027-06-01", "authorised": _SIGNED},
    {"shape": "linear", "end_by": "2027-06-01"},
    {"goal_mg": 2650},
    {"shape": "custom", "levels_mg": [2700, 1000, 333, 0]},
)


def asked_plans() -> list[Document]:
    """Requests as documents: every shape, seven with the pace left to be solved or refused."""
    return [{"start": str(_START), "baseline": _DAILY, **asked} for asked in _ASKED]


def requests() -> list[planner.Request]:
    """The same, read."""
    return [wire.read_request(asked, PROTOCOLS) for asked in asked_plans()]


def like(asked: Asked) -> planner.Request:
    """Our request for a plan that another planner can draw too."""
    return planner.Request(
        protocol=PROTOCOLS["ketamine"],
        start=asked.start,
        baseline=Level(asked.from_mg),
        shape=planner.Shape(asked.shape),
        goal_mg=asked.to_mg,
        steps=asked.steps,
        percent=asked.percent,
        days_per_level=asked.days,
        smallest_unit_mg=asked.unit_mg,
    )
