"""A plan: levels that only ever fall, and what its approval leaves to the person."""

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stepwell.engine.errors import Fault, InputError
from stepwell.engine.protocol import Protocol

DAYS_IN_A_WEEK = 7


class Supply(StrEnum):
    NON_PRESCRIBED = "non_prescribed"
    PRESCRIBED = "prescribed"


@dataclass(frozen=True, slots=True)
class Level:
    """One rung: the most in milligrams on a using day, times a day, using days a week.

    `days` is the shortest time on it; None leaves that to the plan. The same goes for the
    other two: None is no limit of its own.
    """

    ceiling_mg: int
    times_per_day: int | None = None
    days_per_week: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved this version, on which local date, and which core items are usual here."""

    by: str
    on: date
    usual_items: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of the way down. Level 0 is the baseline, the last level the goal."""

    version: int
    levels: tuple[Level, ...]
    protocol: Protocol
    days_per_level: int
    smallest_unit_mg: int
    usual_score: int
    goal_mg: int
    supply: Supply = Supply.NON_PRESCRIBED
    start: date | None = None
    review_by: date | None = None
    approved: Approval | None = None
    person_may: frozenset[str] = frozenset({"hold", "step"})
    gates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = [Fault("levels", "needs the baseline and at least one level below it")]
        faults = faults if len(self.levels) < 2 else list(_rises(self.levels))
        if self.goal_mg != self.levels[-1].ceiling_mg:
            faults.append(Fault("goal_mg", "must be the last level's ceiling"))
        if faults:
            raise InputError(faults)

    @property
    def first_day(self) -> date | None:
        """The later of start and approval; None while either is missing."""
        if self.start is None or self.approved is None:
            return None
        return max(self.start, self.approved.on)

    @property
    def last_level(self) -> int:
        return len(self.levels) - 1

    @property
    def prescribed(self) -> bool:
        return self.supply is Supply.PRESCRIBED

    def days_on(self, level: int) -> int:
        """The shortest time on a level, in days."""
        return self.levels[level].days or self.days_per_level

    def days_off(self, level: int) -> int:
        """The level's own days without use in a week."""
        using = self.levels[level].days_per_week
        return 0 if using is None else DAYS_IN_A_WEEK - using

    def between_mg(self, above_mg: int, below_mg: int) -> int | None:
        """The measurable amount half-way and strictly between the two; None if there is none.

        Always None for prescribed supply: only the prescriber sets amounts there.
        """
        if self.prescribed:
            return None
        units = (above_mg + below_mg) // (2 * self.smallest_unit_mg)
        down = units * self.smallest_unit_mg
        up = down + self.smallest_unit_mg
        return next((mg for mg in (down, up) if below_mg < mg < above_mg), None)


def _rises(levels: tuple[Level, ...]) -> Iterator[Fault]:
    for number in range(1, len(levels)):
        before, here = _levers(levels[number - 1]), _levers(levels[number])
        path = f"levels[{number}]"
        if any(map(operator.gt, here, before)):
            yield Fault(path, "is above the level before it; a plan never rises in anything")
        elif before == here:
            yield Fault(path, "is the same as the level before it; each level falls in something")


def _levers(level: Level) -> tuple[int, float, float]:
    """Amount, times and days, with "no limit" above every number."""
    no_limit = float("inf")
    times = no_limit if level.times_per_day is None else level.times_per_day
    days = no_limit if level.days_per_week is None else level.days_per_week
    return level.ceiling_mg, times, days
