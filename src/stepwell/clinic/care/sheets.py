"""What the plan on paper says on one day, and the short code that tells an old paper from a new."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, directory, queries, reviews
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, Episode
from stepwell.clinic.care.queries import PersonPlan, PersonToday, PlanView

DAYS = 28
PRINTED = "sheets.print"
# Digits and letters that are not taken for one another, without vowels: no code is a word.
LETTERS = "23456789CDFGHJKMNPQRTVWX"
LETTERS_LONG = 6


@dataclass(frozen=True, slots=True)
class Sheet:
    """The plan on paper: today's step, its rules and 28 days to tick, the first of them today.

    `plan` is None, and with it every amount, day and code, unless an approved and agreed plan
    whose review date has not passed shows an amount today; `stage` then says why. Amounts are
    whole milligrams. `emergency_number` is None where the service's country has none checked.
    """

    name: str
    service: Service
    days: tuple[date, ...]
    today: PersonToday
    plan: PlanView | None
    code: str | None
    counts_until: date | None
    emergency_number: str | None
    free_days: int
    back_days: int


def of(episode: Episode, at: datetime) -> Sheet:
    """The sheet as it would be printed at this instant. Raises nothing: no plan is a value."""
    today = queries.today_for_person(episode, at)
    page = queries.plan_for_person(episode, at)
    plan, limits = _current(today, page), catalogue.protocols()[DEFAULT_PROTOCOL].limits
    days = tuple(today.today + timedelta(days=n) for n in range(DAYS))
    return Sheet(
        name=episode.person.display_name,
        service=episode.service,
        days=days,
        today=today,
        plan=plan,
        code=code(today, page),
        counts_until=_counts_until(episode, plan, days) if plan else None,
        emergency_number=directory.emergency_number(episode.service),
        free_days=limits.lapse_free_days.value,
        back_days=limits.retro_days.value,
    )


def _current(today: PersonToday, page: PersonPlan) -> PlanView | None:
    """The plan whose amount may go on paper, which cannot be taken back from a pocket."""
    plan = page.plan
    if plan is None or not today.shows_amount or page.ceiling_mg is None:
        return None
    return plan if plan.review_by >= today.today else None


def _counts_until(episode: Episode, plan: PlanView, days: Sequence[date]) -> date:
    """The last day to tick, the review date or the eve of a newer version, whichever is first."""
    starts = [one.start for one in reviews.record(episode).plans if one.start and one.agreed_at]
    eves = [start - timedelta(days=1) for start in starts if start > days[0]]
    return min(days[-1], plan.review_by, *eves)


def code(today: PersonToday, page: PersonPlan) -> str | None:
    """Six letters that change with anything the sheet says of the plan; None without one."""
    plan = _current(today, page)
    if plan is None:
        return None
    said = [str(today.episode.pk), plan.version, plan.supply, today.level, today.ceiling_mg]
    said += [today.times_per_day, today.days_per_week, sorted(plan.person_may)]
    said += [plan.review_by.isoformat(), plan.approved_by.name if plan.approved_by else ""]
    number = int(sha256(json.dumps(said).encode()).hexdigest(), 16)
    letters = [LETTERS[number // len(LETTERS) ** n % len(LETTERS)] for n in range(LETTERS_LONG)]
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"


def log_print(episode: Episode, *, by: User, at: datetime) -> None:
    """Keep that somebody of the team printed this person's sheet. `access.NotFound`."""
    with transaction.atomic():
        found = access.episode_for(by, episode.pk)
        trail.record(PRINTED, by=by, at=at, episode=found)
