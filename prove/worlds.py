"""The small worlds that the explorer walks to the end: a plan of three to five levels, a protocol
whose spans are shortened so that each limit is met within days, and what may happen on a day.

A world that holds everything at once has no end that a machine reaches. Each of these holds
what belongs together, and every kind of day and act is in at least one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from stepwell import catalogue
from stepwell.engine.amounts import AmountRange
from stepwell.engine.events import Act, CheckIn, Event, Kind, Organ, Safety
from stepwell.engine.plan import Approval, Level, Plan
from stepwell.engine.protocol import CORE_ITEMS, ITEMS, Protocol

START = date(2026, 12, 1)
PERSON, PRESCRIBER = "person", "clinician:Dr Osei"
LATE = ", late"  # told on the day after
NIGHT = "night"  # no check-in more on this day: the next one begins

# Spans of days, shortened; what is a score or a share stays as it ships.
SHORT = {
    "window_days": 3,
    "answered_days": 2,
    "silent_days": 2,
    "pause_days": 4,
    "safety_days": 3,
    "lapse_free_days": 2,
    "step_back_limit": 2,
    "routine_flags_in_a_row": 2,
    "held_days": 4,
    "over_days": 2,
    "severe_days": 2,
    "step_back_within_days": 4,
    "hold_before_step_back_days": 1,
    "step_back_free_days": 2,
    "high_days": 2,
    "high_of_days": 2,
    "calm_days": 2,
    "steadying_days": 1,
    "aftercare_days": 3,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of day as told, and what anybody can see in it without asking the engine."""

    used: bool | None = True
    amount: tuple[int, int] | None = (400, 400)
    answers: Mapping[str, int] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    safety: Safety | None = Safety.NO
    times: int | None = None

    @property
    def red(self) -> bool:
        """A flag or an answer that stops the plan, from the protocol's own list."""
        named = {Safety.PLAN: "suicide_plan", Safety.THOUGHTS: "suicidal_thoughts"}
        told = self.flags | ({named[self.safety]} if self.safety in named else set())
        return any(_known().flags[flag] != "routine" for flag in told)

    @property
    def complete(self) -> bool:
        """Every core item, four items in all, use told, and an amount wherever some was used."""
        items = set(CORE_ITEMS) <= set(self.answers)
        return items and self.used is not None and (not self.used or self.amount is not None)


def _all(score: int) -> Mapping[str, int]:
    return dict.fromkeys(ITEMS, score)


CALM = Told(answers=_all(2))
DAYS: Mapping[str, Told] = {
    "calm": CALM,
    "best": replace(CALM, answers=_all(0), amount=(0, 0)),
    "hard": replace(CALM, answers=_all(5)),
    "high": replace(CALM, answers=_all(7)),
    "too hard": replace(CALM, answers=_all(9)),
    "sharp": replace(CALM, answers={**_all(2), "craving": 8}),
    "over": replace(CALM, amount=(9000, 9000)),
    "unsure": replace(CALM, amount=(0, 9000)),
    "none": replace(CALM, used=False, amount=None),
    "too hard, none": replace(CALM, used=False, amount=None, answers=_all(9)),
    "use not said": replace(CALM, used=None, amount=None),
    "an item left out": replace(CALM, answers=dict(list(_all(2).items())[1:])),
    "few answers": replace(CALM, answers=dict(list(_all(2).items())[:3])),
    "not asked": replace(CALM, safety=None),
    "declined": replace(CALM, safety=Safety.DECLINED),
    "thoughts": replace(CALM, safety=Safety.THOUGHTS),
    "emergency": replace(CALM, flags=frozenset({"seizure"})),
    "same day": replace(CALM, flags=frozenset({"blood_in_urine"})),
    "routine": replace(CALM, flags=frozenset({"cramps"})),
}
ACTS: Mapping[str, Mapping[str, Any]] = {
    "step": {"kind": Kind.STEP},
    "step back": {"kind": Kind.STEP_BACK},
    "hold": {"kind": Kind.HOLD},
    "hold two days": {"kind": Kind.HOLD, "days": 2},
    "end hold": {"kind": Kind.HOLD, "days": 0},
    "talk": {"kind": Kind.TALK},
    "resume by the person": {"kind": Kind.RESUME},
    "step by a clinician": {"kind": Kind.STEP, "by": PRESCRIBER},
    "step back by a clinician": {"kind": Kind.STEP_BACK, "by": PRESCRIBER},
    "hold by a clinician": {"kind": Kind.HOLD, "days": 1, "by": PRESCRIBER},
    "freeze": {"kind": Kind.FREEZE, "by": PRESCRIBER},
    "resume": {"kind": Kind.RESUME, "by": PRESCRIBER},
    "reviewed": {"kind": Kind.REVIEWED, "by": PRESCRIBER},
    "level one": {"kind": Kind.SET_LEVEL, "level": 1, "by": PRESCRIBER},
    "close": {"kind": Kind.CLOSE, "by": PRESCRIBER},
    "worse": {"kind": Kind.FINDING, "organ": Organ.BLADDER, "worse": True, "by": PRESCRIBER},
}
STEPS = frozenset(name for name, act in ACTS.items() if act["kind"] is Kind.STEP)
STEPS_BACK = frozenset(name for name, act in ACTS.items() if act["kind"] is Kind.STEP_BACK)
BY_A_CLINICIAN = frozenset(name for name, act in ACTS.items() if act.get("by") == PRESCRIBER)


@dataclass(frozen=True, slots=True)
class World:
    """A plan, and all that may happen. With `late`, yesterday may be told today, and told anew."""

    name: str
    plan: Plan
    days: tuple[str, ...]
    acts: tuple[str, ...]
    late: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything that can follow, in one order: a night, days told, days told late, acts."""
        return (NIGHT, *self.days, *self.late_days, *self.acts)

    @property
    def start(self) -> date:
        first_day = self.plan.first_day
        assert first_day is not None  # a world begins on day 1
        return first_day

    @property
    def late_days(self) -> tuple[str, ...]:
        return tuple(f"{name}{LATE}" for name in self.days) if self.late else ()


@cache
def event(label: str, day: date, number: int) -> Event:
    """The event of a label on a day, recorded as the day's so-manieth."""
    at = datetime.combine(day, time(12), UTC) + timedelta(minutes=number)
    known: dict[str, Any] = {"id": f"{day} {number} {label}", "recorded_on": day, "recorded": at}
    if label in ACTS:
        return Act(**{**known, "on": day, "by": PERSON, **ACTS[label]})
    about = day - timedelta(days=1) if label.endswith(LATE) else day
    return _check_in(DAYS[label.removesuffix(LATE)], {**known, "on": about, "by": PERSON})


def told(label: str) -> Told | None:
    """What a label tells of a day; None for an act or a night."""
    return DAYS.get(label.removesuffix(LATE))


def _check_in(day: Told, known: dict[str, Any]) -> CheckIn:
    amount = None if day.amount is None else AmountRange(*day.amount)
    parts = {name: getattr(day, name) for name in ("used", "answers", "flags", "safety", "times")}
    return CheckIn(**known, kind=Kind.CHECK_IN, amount=amount, **parts)


# --- plans ------------------------------------------------------------------------------------


@cache
def _known() -> Protocol:
    return catalogue.protocols()["ketamine"]


def protocol(**spans: int) -> Protocol:
    """The protocol that ships with some of its numbers changed, outside their bounds if need be."""
    limits = _known().limits
    changed = {name: replace(getattr(limits, name), value=n) for name, n in spans.items()}
    return replace(_known(), limits=replace(limits, **changed))


def plan(*levels_mg: int, spans: Mapping[str, int] | None = None, **changes: Any) -> Plan:
    levels = tuple(Level(mg) for mg in levels_mg or (2000, 1000, 500, 0))
    known: dict[str, Any] = {
        "version": 1,
        "levels": levels,
        "protocol": protocol(**(SHORT if spans is None else spans)),
        "days_per_level": 2,
        "smallest_unit_mg": 50,
        "usual_score": 2,
        "goal_mg": changes.get("levels", levels)[-1].ceiling_mg,
        "start": START,
        "approved": Approval("Dr Osei", START),
        "person_may": frozenset({"hold", "step", "step_back"}),
    }
    return Plan(**{**known, **changes})
