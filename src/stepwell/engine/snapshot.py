"""All that the rules may know on one day: values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from stepwell.engine.events import Organ
from stepwell.engine.protocol import Protocol, Urgency


@dataclass(frozen=True, slots=True)
class Flag:
    """An open flag: its urgency, and the local date it was told."""

    name: str
    urgency: Urgency
    since: date


@dataclass(frozen=True, slots=True)
class RecentDay:
    """One of the last days told: whether it counts toward a step, and its score (0 to 10)."""

    counted: bool
    score: Fraction | None
    core: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold somebody took; `until` is the first day after it, None while it is open-ended."""

    by: str
    until: date | None


@dataclass(slots=True)
class Snapshot:
    """One day. Spans are in days, amounts in milligrams, scores 0–10.

    `standing` names the rules that spoke earlier and that only a clinician's act ends. Not
    frozen, because setting each field of a frozen one costs a fifth of the fold; nothing sets a
    field afterwards.
    """

    protocol: Protocol
    today: date

    # the plan and its approval
    approved: bool
    review_by: date | None
    first_day: date | None
    open_gates: tuple[str, ...]
    goal_is_none: bool
    usual_score: int
    usual_items: frozenset[str]

    # where it stands
    closed: bool
    level: int
    is_last_level: bool
    level_mg: int
    between: bool
    days_off: int
    days_needed: int
    served: int
    held: int
    held_running: int
    step_backs: int
    step_backs_reviewed: int
    days_since_step: int | None
    standing: frozenset[str]

    # what people did
    frozen_since: date | None
    hold: Hold | None
    steadying_until: date | None
    asked_to_talk: date | None
    ignored: tuple[str, ...]

    # what was told
    flags: tuple[Flag, ...]
    repeated_flags: tuple[str, ...]
    worse: tuple[Organ, ...]
    free_days: int
    free_days_since_act: int
    silent_days: int
    silent_days_since_act: int
    days_in_window: int
    answered_days: int
    safety_known: bool
    safety_declined: date | None
    days_in_plan: int
    over_days: int
    unsure_days: int
    sure_days: int
    last_scores: tuple[Fraction, ...]
    scores_running: tuple[Fraction, ...]
    recent: tuple[RecentDay, ...]

    @property
    def started(self) -> bool:
        return self.first_day is not None and self.first_day <= self.today

    @property
    def red_flags(self) -> tuple[Flag, ...]:
        return tuple([flag for flag in self.flags if self.protocol.freezes(flag.name)])
