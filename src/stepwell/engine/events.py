"""What was told and what was done: the append-only list that a plan's state is folded from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from stepwell.engine.amounts import AmountRange

CLINICIAN_PREFIX = "clinician:"


class Kind(StrEnum):
    CHECK_IN = "check_in"
    STEP = "step"
    HOLD = "hold"
    STEP_BACK = "step_back"
    TALK = "talk"
    FREEZE = "freeze"
    RESUME = "resume"
    REVIEWED = "reviewed"
    SET_LEVEL = "set_level"
    CLOSE = "close"
    FINDING = "finding"


BY_CLINICIAN_ONLY = frozenset(
    {Kind.FREEZE, Kind.RESUME, Kind.REVIEWED, Kind.SET_LEVEL, Kind.CLOSE, Kind.FINDING}
)


class Safety(StrEnum):
    """The answer to the weekly safety question. `declined` is not `no`."""

    NO = "no"
    THOUGHTS = "thoughts"
    PLAN = "plan"
    DECLINED = "declined"


# The safety answers that are red flags, by the flag they equal (safety.md).
FLAG_OF_ANSWER: Mapping[Safety | None, str] = {
    Safety.PLAN: "suicide_plan",
    Safety.THOUGHTS: "suicidal_thoughts",
}


class Organ(StrEnum):
    BLADDER = "bladder"
    LIVER = "liver"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """In every event: the date it is about, the local date it was told, the instant."""

    id: str
    kind: Kind
    on: date
    recorded_on: date
    recorded: datetime
    by: str

    @property
    def arrival(self) -> tuple[datetime, str]:
        """The order in which events count: the instant recorded, ties by id."""
        return self.recorded, self.id

    @property
    def by_clinician(self) -> bool:
        return self.by.startswith(CLINICIAN_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Event):
    """One day as told. `used` None is not said; `amount` None with `used` is not known."""

    used: bool | None = None
    amount: AmountRange | None = None
    times: int | None = None
    answers: Mapping[str, int]
    flags: frozenset[str] = frozenset()
    safety: Safety | None = None

    @property
    def told_flags(self) -> frozenset[str]:
        """The flags ticked, and the one that the safety answer equals."""
        equal = FLAG_OF_ANSWER.get(self.safety)
        return self.flags | {equal} if equal else self.flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Event):
    """A step, hold, step back or talk; or a clinician's act.

    `days` belongs to a hold (None: until ended; 0: end one's own), `level` to `set_level`,
    `organ` and `worse` to a finding.
    """

    days: int | None = None
    level: int | None = None
    organ: Organ | None = None
    worse: bool = False
