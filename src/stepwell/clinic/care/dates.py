"""The days of a plan, each under a name that stays the same when the day moves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stepwell.clinic.care import queries, reviews
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Episode, PlanVersion
from stepwell.clinic.care.queries import PersonPlan, Stage
from stepwell.clinic.care.reviews import Rung

TALK = "talk"


@dataclass(frozen=True, slots=True)
class PlanDate:
    """One day to come. `stands` is False for a day that was named before and counts no more."""

    key: str
    on: date
    stands: bool


@dataclass(frozen=True, slots=True)
class Dates:
    """Every day to come of one episode's plan; `number` grows whenever one of them may have."""

    episode: Episode
    number: int
    days: tuple[PlanDate, ...]


def of(episode: Episode, at: datetime) -> Dates:
    """The earliest day of each later level, and the day by which the team looks at the plan."""
    page, on = queries.plan_for_person(episode, at), today(episode, at)
    standing = dict(_standing(page))
    agreed = [plan for plan in reviews.record(episode).plans if plan.agreed_at]
    named = {key: day for plan in agreed for key, day in _named(plan, page.level or 0)} | standing
    days = [PlanDate(key, day, key in standing) for key, day in named.items() if day >= on]
    opened = today(episode, episode.opened_at)
    return Dates(episode, episode.last_sequence + (on - opened).days, tuple(sorted(days, key=_on)))


def _on(day: PlanDate) -> tuple[date, str]:
    return day.on, day.key


def _standing(page: PersonPlan) -> Iterator[tuple[str, date]]:
    """What counts today: nothing while the plan is paused, waits to be agreed or has ended."""
    if page.plan is None:
        return
    if page.stage == Stage.STARTS_LATER:
        yield from _named(page.plan.plan, 0)
    elif page.ceiling_mg is not None:
        yield TALK, page.plan.review_by
        yield from ((_key(rung), rung.starts) for rung in page.rungs[1:] if rung.starts)


def _key(rung: Rung) -> str:
    return f"{rung.level}{'-between' if rung.between else ''}"


def _named(plan: PlanVersion, here: int) -> Iterator[tuple[str, date]]:
    """The days that a version named when it was agreed, for the levels after this one."""
    yield TALK, plan.review_by
    begins = [(one["level"], _from(one)) for one in plan.levels]
    first = next((day for _, day in begins if day), None)
    for level, day in begins:
        if level > here and day and first and plan.start:
            yield str(level), plan.start + (day - first)


def _from(level: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(level["from"]) if level["from"] else None
