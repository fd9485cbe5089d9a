"""A course of care: opened, described, its safety questions answered and cleared, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import (
    Baseline,
    Contact,
    Episode,
    GateAnswer,
    GateClearance,
    Snooze,
)


class NotAllowed(Exception):
    """This cannot be done now or by this user; the text says why in plain words."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One safety question as data: what it asks, what it stops, and who may clear it."""

    name: str
    question: str
    effect: str
    clearing_role: str | None
    group: str
    source: str


@dataclass(frozen=True, slots=True)
class GateState:
    """Where one gate stands for one episode. `is_open` stops approval; unanswered is open.

    `clearing_role` is `prescriber`, `clinician` (a prescriber or a named nurse), or None where
    nobody can clear it. `cleared_by` and `reason` are of the clearance after the last answer.
    """

    name: str
    question: str
    effect: str
    group: str
    source: str
    clearing_role: str | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    cleared_by: str | None
    cleared_at: datetime | None
    reason: str | None
    is_open: bool


def catalogue_of_gates() -> tuple[Gate, ...]:
    """Every gate of data/gates.json, in the order in which they are asked."""
    raise NotImplementedError


def open(  # noqa: A001
    *,
    person: User,
    keyworker: User | None,
    supply: str,
    goal: str,
    by: User,
    at: datetime,
    time_zone: str | None = None,
    rollover_hour: int = 5,
    word: str = "",
    what_matters: Sequence[str] = (),
) -> Episode:
    """Begin a course of care. The zone is the service's unless another is given. NotAllowed."""
    raise NotImplementedError


def describe(
    episode: Episode,
    *,
    by: User,
    at: datetime,
    word: str | None = None,
    what_matters: Sequence[str] | None = None,
    goal: str | None = None,
) -> Episode:
    """Keep the person's own words: what they call it, what matters to them, their goal."""
    raise NotImplementedError


def record_baseline(
    episode: Episode,
    *,
    amount_low_mg: int,
    amount_high_mg: int,
    times_per_day: int,
    days_per_week: int,
    smallest_unit_mg: int,
    by: User,
    at: datetime,
    routes: Sequence[str] = (),
    unit_words: str = "",
) -> Baseline:
    """Keep the agreed picture of use before day 1, in whole milligrams. ValueError by field."""
    raise NotImplementedError


def answer_gate(episode: Episode, gate: str, answer: str, *, by: User, at: datetime) -> GateAnswer:
    """Keep an answer to one safety question; one that opens a gate freezes a plan in force."""
    raise NotImplementedError


def clear_gate(
    episode: Episode, gate: str, *, reason: str, by: User, at: datetime
) -> GateClearance:
    """The named role writes why an answered gate does not stand in the way. NotAllowed."""
    raise NotImplementedError


def gates(episode: Episode) -> list[GateState]:
    """Every gate and where it stands, in the order in which they are asked."""
    raise NotImplementedError


def today(episode: Episode, at: datetime) -> date:
    """The person's day at this instant: local, in the episode's own zone, from sleep to sleep."""
    raise NotImplementedError


def close(episode: Episode, *, outcome: str, by: User, at: datetime) -> Episode:
    """End the course of care with what became of it. NotAllowed while a safety signal is open."""
    raise NotImplementedError


def log_contact(episode: Episode, *, how: str, note: str, by: User, at: datetime) -> Contact:
    """Keep that somebody reached out."""
    raise NotImplementedError


def log_look(episode: Episode, *, by: User, at: datetime) -> None:
    """Keep that somebody of the team read this person's page: the person sees who looked."""
    raise NotImplementedError


def snooze(
    episode: Episode, *, lane: str, until: date, reason: str, by: User, at: datetime
) -> Snooze:
    """Put a card off with a reason. The safety lane cannot be put off. NotAllowed."""
    raise NotImplementedError
