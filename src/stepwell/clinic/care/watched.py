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


def longest_unacknowledged(at: datetime) -> Mapping[str, timedelta]:
    """For how long the oldest open signal that nobody has seen has waited, by urgency."""
    waiting = Escalation.objects.filter(closed_at=None, acknowledged_at=None)
    found = waiting.order_by().values("urgency").annotate(oldest=Min("raised_at"))
    since = {row["urgency"]: row["oldest"] for row in found}
    return {urgency.value: at - since.get(urgency.value, at) for urgency in Urgency}


def frozen() -> int:
    """Services that a restore has frozen."""
    return len(freezing.held_among(list(Service.objects.values_list("pk", flat=True))))
