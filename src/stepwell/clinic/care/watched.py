"""Numbers for whoever watches the machine: how many signals are open, never whose."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Min

from stepwell.clinic.accounts import freezing
from stepwell.clinic.accounts.models import Service
from stepwell.clinic.care.models import Escalation, Urgency


def open_by_urgency() -> Mapping[str, int]:
    """Signals that nobody has closed, over all services, by urgency."""
    found = Escalation.objects.filter(closed_at=None).order_by().values("urgency")
    many = {row["urgency"]: row["many"] for row in found.annotate(many=Count("pk"))}
    return {urgency.value: many.get(urgency.value, 0) for urgency in Urgency}


def oldest_unacknowledged(at: datetime) -> timedelta:
    """For how long the oldest open signal that nobody has seen has waited; none: no time."""
    waiting = Escalation.objects.filter(closed_at=None, acknowledged_at=None)
    oldest = waiting.aggregate(oldest=Min("raised_at"))["oldest"]
    return at - oldest if oldest else timedelta()


def frozen() -> int:
    """Services that a restore has frozen."""
    return len(freezing.held_among(list(Service.objects.values_list("pk", flat=True))))
