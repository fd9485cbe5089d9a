"""What became of those on a plan, from check-ins alone: days of use now and before the plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from stepwell.clinic.accounts.models import Service
from stepwell.clinic.care import history
from stepwell.clinic.care.history import Coverage
from stepwell.clinic.care.models import Baseline, Episode, Event

DAYS = history.STRIP_DAYS
_WEEKS = DAYS / history.WEEK_DAYS


@dataclass(frozen=True, slots=True)
class Change:
    """Days of use of 28: before the plan as it was told at the start, and now.

    `now` is the share of use among the days told, for 28; days that nobody told are never zero.
    """

    before: float
    now: float

    @property
    def fewer(self) -> bool:
        return self.now < self.before


def days_of_use(service: Service, at: datetime) -> Iterator[Change]:
    """One for each person on a plan for 28 days who told at least half of the last 28 days."""
    told = _told(service, at)
    for episode, days_per_week in _on_a_plan(service, at):
        used, known = told.get(episode, (0, 0))
        if days_per_week and not Coverage(known, DAYS).low:
            yield Change(before=days_per_week * _WEEKS, now=DAYS * used / known)


def _on_a_plan(service: Service, at: datetime) -> Iterator[tuple[object, int | None]]:
    newest = Baseline.objects.filter(episode=OuterRef("pk")).order_by("-sequence")
    since = at - timedelta(days=DAYS)
    found = Episode.objects.filter(service=service, closed_at=None)
    begun = found.filter(plan_versions__agreed_at__lte=since).distinct()
    days = Subquery(newest.values("days_per_week")[:1])
    yield from begun.annotate(before=days).values_list("pk", "before")


def _told(service: Service, at: datetime) -> dict[object, tuple[int, int]]:
    """By episode: days of use, and days on which it was said whether there was use."""
    days = Event.objects.filter(service=service, kind=history.CHECK_IN, set_aside=False)
    later = days.filter(episode=OuterRef("episode"), on=OuterRef("on"))
    last = days.filter(~Exists(later.filter(sequence__gt=OuterRef("sequence"))))
    recent = last.filter(on__gt=at.date() - timedelta(days=DAYS), on__lte=at.date())
    used, free = Q(body__used=True), Q(body__used=False)
    counted = recent.values("episode").annotate(
        used=Count("pk", filter=used), free=Count("pk", filter=free)
    )
    rows = counted.annotate(known=F("used") + F("free")).values_list("episode", "used", "known")
    return {episode: (n, known) for episode, n, known in rows}
