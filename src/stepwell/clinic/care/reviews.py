"""Asking the engine about a stored person, keeping what it said, and proving later why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stepwell.clinic.care.models import Episode, PlanVersion, Review


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that spoke: its name, the facts it used and what it rests on, with words for both.

    The words are drafts until a clinician has signed them off: `awaiting_review` says so.
    """

    rule: str
    offer: str
    seen: Any
    limit: Any
    source: str
    person: str
    team: str
    awaiting_review: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """An escalation the engine raised: `key` and `since` make sure it is raised only once."""

    key: str
    urgency: str
    since: date
    rule: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the engine said. `ceiling_mg` is None whenever no amount may be shown."""

    offer: str
    also: tuple[str, ...]
    level: int
    between: bool
    ceiling_mg: int | None
    next_step_on: date | None
    signals: tuple[Signal, ...]
    findings: tuple[Finding, ...]
    engine: str
    protocol: str

    def opens(self, kind: str) -> bool:
        """True when this act is open today."""
        return kind == self.offer or kind in self.also


@dataclass(frozen=True, slots=True)
class Rung:
    """One level as it stands now; amounts are None while none may be shown."""

    level: int
    between: bool
    ceiling_mg: int | None
    times_per_day: int | None
    days_per_week: int | None
    starts: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands on a day: decided afresh, nothing written."""

    on: date
    recommendation: Recommendation
    outlook: tuple[Rung, ...]
    plan: PlanVersion | None
    review: Review | None

    @property
    def shows_amount(self) -> bool:
        return self.recommendation.ceiling_mg is not None


def case(episode: Episode, on: date, upto: int | None = None) -> dict[str, Any]:
    """The case of engine.md for this day, from what was recorded up to a sequence (all of it)."""
    raise NotImplementedError


def run(episode: Episode, *, on: date, at: datetime) -> Review:
    """Ask the engine, store its answer, raise its escalations. Inside the caller's transaction."""
    raise NotImplementedError


def standing(episode: Episode, at: datetime) -> Standing:
    """Where this person stands now, decided afresh so that silence is noticed without a timer."""
    raise NotImplementedError


def export(review: Review) -> dict[str, Any]:
    """The file `stepwell replay` accepts: schema, case, its sha256, and the recommendation."""
    raise NotImplementedError


def replays(review: Review) -> bool:
    """True when the rebuilt case has the stored hash and gives the stored recommendation."""
    raise NotImplementedError


def recommendation(stored: Mapping[str, Any]) -> Recommendation:
    """A stored or fresh answer of the engine as a value, with the words for each finding."""
    raise NotImplementedError
