"""Numbers about everybody and nobody, for a manager: no count can be traced to a person.

A count below the service's line is hidden, and every other is rounded to a multiple of it, so that
the rest of a whole cannot be had by taking one shown number from another. A middle or a share is
shown only where at least that many people stand behind it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Q, QuerySet

from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.care import access, history, outcomes, thresholds
from stepwell.clinic.care.models import (
    Episode,
    Escalation,
    Event,
    Letter,
    PlanVersion,
    Review,
    ReviewStatus,
    Urgency,
)

MONTH = timedelta(days=history.STRIP_DAYS)
QUARTER, HALF = timedelta(days=90), timedelta(days=180)
SHARE_STEP = 5  # per cent


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit; `value` is None where too few people stand behind it."""

    name: str
    value: int | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ManagerPage:
    """Figures of a service; counts below `hidden_below` are hidden, the others rounded to it."""

    service: Service
    figures: tuple[Figure, ...]
    hidden_below: int


def page(user: User, at: datetime) -> ManagerPage:
    """The manager's own service. `access.NotFound` for others."""
    if not (user.is_active and user.role == Role.MANAGER):
        raise access.NotFound
    below: int = thresholds.settings()["hidden_below"]
    counts = [Figure(name, hide(n, below)) for name, n in _counts(user.service, at)]
    return ManagerPage(user.service, (*counts, *_middles(user.service, at, below)), below)


def hide(count: int, below: int) -> int | None:
    """None below the line; above it the nearest multiple, so that differences tell nothing."""
    return None if count < below else max(below, below * round(count / below))


def share(part: int, whole: int, below: int) -> int | None:
    """A share in steps of five per cent; None where too few are in it, or too few are not."""
    if whole < 2 * below or min(part, whole - part) < below:
        return None
    return SHARE_STEP * round(100 * part / whole / SHARE_STEP)


def middle(values: Sequence[float], below: int) -> int | None:
    """The median as a whole number; None where fewer than the line stand behind it."""
    return round(median(values)) if len(values) >= below else None


# --- what is counted ----------------------------------------------------------------------------


def _counts(service: Service, at: datetime) -> Iterable[tuple[str, int]]:
    open_ = Episode.objects.filter(service=service, closed_at=None)
    signals = Escalation.objects.filter(service=service)
    urgent = signals.filter(closed_at=None).exclude(urgency=Urgency.ROUTINE)
    month = at - MONTH
    told = Event.objects.filter(service=service, kind=history.CHECK_IN, recorded__gte=month)
    agreed = open_.filter(plan_versions__agreed_at__isnull=False).distinct()
    yield "open_episodes", open_.count()
    yield "on_an_agreed_plan", agreed.count()
    yield "told_in_28_days", told.values("episode").distinct().count()
    yield "urgent_signals_open", urgent.count()
    yield "signals_closed_in_28_days", signals.filter(closed_at__gte=month).count()
    yield "reviews_open", Review.objects.filter(service=service, status=ReviewStatus.OPEN).count()
    closed = Episode.objects.filter(service=service, closed_at__gte=month)
    yield "closed_in_28_days", closed.count()
    late = plans_in_force(open_).filter(review_by__lt=at.date())
    yield "past_their_review_date", late.count()
    sent = Letter.objects.filter(service=service, at__gte=at - QUARTER)
    yield "letters_in_90_days", sent.count()


def plans_in_force(open_: "QuerySet[Episode]") -> "QuerySet[PlanVersion]":
    """The agreed version that counts of each of these."""
    agreed = PlanVersion.objects.filter(episode__in=open_, agreed_at__isnull=False)
    return agreed.filter(superseded_at=None, withdrawn_at=None)


def _middles(service: Service, at: datetime, below: int) -> Iterable[Figure]:
    yield Figure("days_to_a_plan", middle(_waits(service, at), below), "days")
    yield Figure("hours_to_a_look", middle(_looks(service, at), below), "hours")
    yield Figure("days_told_of_28", middle(_told(service, at), below), "days")
    yield from _outcomes(service, at, below)
    began, stayed = _began_and_stayed(service, at)
    yield Figure("still_here_after_90_days", share(stayed, began, below), "%")


def _outcomes(service: Service, at: datetime, below: int) -> Iterable[Figure]:
    """Days of use against the days before the plan; nobody is in it who told less than half."""
    found = list(outcomes.days_of_use(service, at))
    fewer = sum(change.fewer for change in found)
    yield Figure("use_on_fewer_days", share(fewer, len(found), below), "%")
    by = [change.before - change.now for change in found]
    yield Figure("days_of_use_fewer", middle(by, below), "days")


def _waits(service: Service, at: datetime) -> list[float]:
    """Days from the beginning to the first agreed plan, of those agreed in half a year."""
    agreed = PlanVersion.objects.filter(service=service, agreed_at__isnull=False)
    times = agreed.order_by("-agreed_at").values_list("episode", "episode__opened_at", "agreed_at")
    first = {episode: (opened, yes) for episode, opened, yes in times if yes}
    return [_days(yes - opened) for opened, yes in first.values() if yes >= at - HALF]


def _looks(service: Service, at: datetime) -> list[float]:
    """Hours until somebody said "I have seen this", of the urgent signals of a quarter."""
    urgent = Escalation.objects.filter(service=service, raised_at__gte=at - QUARTER)
    seen = urgent.exclude(urgency=Urgency.ROUTINE).filter(acknowledged_at__isnull=False)
    times = seen.values_list("raised_at", "acknowledged_at")
    return [(looked - raised).total_seconds() / 3600 for raised, looked in times if looked]


def _told(service: Service, at: datetime) -> list[float]:
    """How many of the last 28 days each person on a plan has told about; none is zero here."""
    recent = Q(events__kind=history.CHECK_IN, events__recorded__gte=at - MONTH)
    on_plan = Episode.objects.filter(
        service=service, closed_at=None, plan_versions__agreed_at__lte=at - MONTH
    )
    days = Count("events__on", filter=recent, distinct=True)
    return [float(n) for n in on_plan.annotate(told=days).values_list("told", flat=True)]


def _began_and_stayed(service: Service, at: datetime) -> tuple[int, int]:
    """Of those who began 90 to 180 days ago: how many, and how many were here for 90 days."""
    began = Episode.objects.filter(
        service=service, opened_at__gte=at - HALF, opened_at__lt=at - QUARTER
    )
    times = list(began.values_list("opened_at", "closed_at"))
    stayed = [1 for opened, closed in times if closed is None or closed - opened >= QUARTER]
    return len(times), len(stayed)


def _days(lasted: timedelta) -> float:
    return lasted.total_seconds() / 86400
