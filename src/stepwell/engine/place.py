"""Where a plan stands at one moment, and how each act moves it. No rule is judged here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType

from stepwell.engine.events import Act, Organ
from stepwell.engine.plan import Level, Plan
from stepwell.engine.snapshot import Flag, Hold

_NONE: Mapping[str, date] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rung:
    """A level of the plan, or an amount put between it and the next one."""

    level: int
    between_mg: int | None = None

    def on(self, plan: Plan) -> Level:
        level = plan.levels[self.level]
        return level if self.between_mg is None else replace(level, ceiling_mg=self.between_mg)


@dataclass(frozen=True, slots=True)
class Told:
    """What the days told leave behind: the ketamine-free run, the last scores and flags."""

    last_day: date | None = None
    free_since: date | None = None
    free_until: date | None = None
    scores: tuple[Fraction, ...] = ()
    flag_tail: tuple[frozenset[str], ...] = ()


@dataclass(slots=True)
class Place:
    """State carried from day to day. Counts are in days; half a step stops short of `halve_to`.

    Not frozen, for the same reason as a snapshot: every move makes a new one, and none is changed.
    """

    rung: Rung = Rung(0)
    since: date | None = None
    served: int = 0
    held: int = 0
    held_running: int = 0
    stepped_on: date | None = None
    left: Rung | None = None
    halve_to: int | None = None
    step_backs: int = 0
    step_backs_reviewed: int = 0
    steadying_until: date | None = None
    holds: tuple[Hold, ...] = ()
    frozen_since: date | None = None
    closed: bool = False
    reopened_on: date | None = None  # the day a clinician last ended a lapse or a pause
    asked_to_talk: date | None = None
    ignored: tuple[str, ...] = ()
    stopped: frozenset[str] = frozenset()  # lapse and pause rules, until any act of a clinician
    reviews: frozenset[str] = frozenset()  # review rules, until a clinician has reviewed
    flags: tuple[Flag, ...] = ()
    worse: tuple[Organ, ...] = ()
    told: Told = Told()
    spells: Mapping[str, date] = field(default_factory=lambda: _NONE)

    def hold_on(self, day: date) -> Hold | None:
        """The hold that stands on a day: the open-ended one, or the one that ends last."""
        stands = [h for h in self.holds if h.until is None or day < h.until]
        return max(stands, key=lambda h: h.until or date.max, default=None)


def next_rung(place: Place, plan: Plan) -> Rung:
    """Where a step leads: half-way when the last one was too much, else the next level."""
    half = half_mg(place, plan)
    return Rung(place.rung.level, half) if half is not None else Rung(place.rung.level + 1)


def half_mg(place: Place, plan: Plan) -> int | None:
    """The amount of a step half as large; None when none is asked for or none lies between."""
    if place.halve_to is None:
        return None
    return plan.between_mg(place.rung.on(plan).ceiling_mg, place.halve_to)


def days_needed(place: Place, plan: Plan) -> int:
    """Days to serve on this rung; doubled where a half step is due and no amount lies between."""
    days = plan.days_on(place.rung.level)
    doubled = place.halve_to is not None and half_mg(place, plan) is None
    return days * 2 if doubled else days


def halve_next_step(place: Place, plan: Plan) -> Place:
    """Mark the next step to be half as large: once a step, and never a half step again."""
    at_end = place.rung.level >= plan.last_level
    if place.halve_to is not None or place.rung.between_mg is not None or at_end:
        return place
    return replace(place, halve_to=plan.levels[place.rung.level + 1].ceiling_mg)


def start(place: Place, day: date) -> Place:
    """Day 1: the step from the baseline to the first level."""
    return replace(_moved(place, Rung(1), day), stepped_on=day, left=Rung(0))


def step(place: Place, plan: Plan, day: date) -> Place:
    moved = _moved(place, next_rung(place, plan), day)
    return replace(moved, stepped_on=day, left=place.rung)


def step_back(place: Place, plan: Plan, day: date) -> Place:
    """To the level just left, a few days' hold, and half a step from there."""
    assert place.left is not None  # a step back is only ever open after a step
    steadying = timedelta(days=plan.protocol.limits.steadying_days.value)
    return replace(
        _moved(place, place.left, day),
        halve_to=place.rung.on(plan).ceiling_mg,
        step_backs=place.step_backs + 1,
        steadying_until=day + steadying,
    )


def set_level(place: Place, plan: Plan, level: int, day: date) -> Place:
    return reviewed(_moved(place, Rung(level), day), plan, day)


def _moved(place: Place, rung: Rung, day: date) -> Place:
    return replace(
        place,
        rung=rung,
        since=day,
        served=0,
        held=0,
        held_running=0,
        stepped_on=None,
        left=None,
        halve_to=None,
        steadying_until=None,
        ignored=(),
    )


def hold(place: Place, act: Act, day: date) -> Place:
    """Take, change or (with 0 days) end one's own hold; nobody ends another's."""
    others = tuple(h for h in place.holds if _whose(h.by) != _whose(act.by))
    if act.days == 0:
        return replace(place, holds=others)
    until = None if act.days is None else day + timedelta(days=act.days)
    return replace(place, holds=(*others, Hold(act.by, until)))


def _whose(by: str) -> str:
    """The care team takes and ends holds as one; a colleague may be away."""
    return by.partition(":")[0]


def resume(place: Place, day: date) -> Place:
    """A clinician lets it go on: flags, freeze, lapse and pause end; a review stands."""
    return replace(
        place,
        flags=(),
        frozen_since=None,
        stopped=frozenset(),
        reopened_on=_reopened_on(place, day),
        asked_to_talk=None,
    )


def reviewed(place: Place, plan: Plan, day: date) -> Place:
    """A clinician has looked: reviews, lapse and pause end; red flags and freezes do not."""
    return replace(
        place,
        flags=tuple(flag for flag in place.flags if plan.protocol.freezes(flag.name)),
        stopped=frozenset(),
        reviews=frozenset(),
        held=0,
        step_backs_reviewed=place.step_backs,
        worse=(),
        told=replace(place.told, flag_tail=()),
        reopened_on=_reopened_on(place, day),
        asked_to_talk=None,
    )


def _reopened_on(place: Place, day: date) -> date | None:
    """A clinician's act before a lapse or a pause puts neither of them off."""
    return day if place.stopped else place.reopened_on
