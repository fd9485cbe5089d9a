"""How somebody wants to be reached, and the ladder that is climbed when nothing is heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import check_ins, lanes, reviews, thresholds
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Contact, Episode, ReachNote

FIELDS = ("first", "second", "times", "say", "never")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Two ways, when, what to say, and what never to do; `is_old` asks to confirm it again."""

    note: ReachNote | None
    is_old: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """Whole days of silence, the rung that stands, and the next with its day; None above it."""

    silent_days: int
    now: str | None
    next: str | None
    next_on: date | None


def of(episode: Episode, at: datetime) -> Reach:
    """What was said last, in whichever course of care."""
    found = ReachNote.objects.filter(episode__person=episode.person_id).select_related("by")
    newest = found.order_by("-at").first()
    lasts = _DAY * thresholds.settings()["reach_check_days"]
    return Reach(newest, newest is not None and at >= newest.at + lasts)


def write(episode: Episode, told: Mapping[str, str], *, by: User, at: datetime) -> ReachNote:
    """Keep it, as the person typed it or said it to their team.

    `access.NotFound`, `check_ins.NoConsent`.
    """
    with transaction.atomic():
        locked = check_ins.let_in(episode, by)
        note: ReachNote = ReachNote.objects.create(
            service_id=locked.service_id,
            episode=locked,
            **{name: told[name].strip() for name in FIELDS},
            by=by,
            at=at,
        )
        trail.record("reach.write", by=by, at=at, episode=locked)
    return note


def ladder(episode: Episode, at: datetime) -> Ladder:
    """Where the silence stands, by the service's own rules."""
    on = today(episode, at)
    silent = lanes.silent_days(reviews.record(episode), on)
    rungs = thresholds.of(episode.service).ladder
    reached = [rung for days, rung in rungs if silent >= days]
    coming = next(((days, rung) for days, rung in rungs if days > silent), None)
    return Ladder(
        silent_days=silent,
        now=reached[-1] if reached else None,
        next=coming[1] if coming else None,
        next_on=on + _DAY * (coming[0] - silent) if coming else None,
    )


def attempts(episode: Episode) -> list[Contact]:
    """Every attempt since somebody last spoke with them, the newest first, and that one."""
    tried: list[Contact] = []
    for contact in Contact.objects.filter(episode=episode).select_related("by").order_by("-at"):
        tried.append(contact)
        if contact.reached:
            break
    return tried
