"""Whoever is on duty has every safety signal that nobody took within the service's promise."""

from datetime import datetime

from django.db import transaction

from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, hours, thresholds
from stepwell.clinic.care.models import Duty
from stepwell.clinic.care.thresholds import Rules


def on_duty(service: Service, at: datetime) -> Duty | None:
    """Who took the duty last, while it lasts and they are still there."""
    newest = Duty.objects.filter(service=service, at__lte=at).select_related("who")
    found = newest.order_by("-at", "-id").first()
    return found if found and found.until > at and found.who.is_active else None


def take(service: Service, who: User, *, by: User, at: datetime) -> Duty:
    """Put somebody of the team on duty until the hours end that go on now, or the next ones.

    `access.NotFound` for whoever is no clinical colleague here.
    """
    if not all(_is_clinical(one, service) for one in (who, by)):
        raise access.NotFound
    until = hours.until(thresholds.of(service).hours, service.time_zone, at)
    with transaction.atomic():
        made: Duty = Duty.objects.create(service=service, who=who, by=by, at=at, until=until)
        trail.record("duty.take", by=by, at=at, subject=who.username)
    return made


def _is_clinical(user: User, service: Service) -> bool:
    return user.is_active and user.role in access.CLINICAL and user.service_id == service.pk


def past_the_promise(rules: Rules, service: Service, at: datetime) -> datetime | None:
    """A signal raised then or before has waited too long; None without a promise."""
    if rules.promise_minutes is None:
        return None
    return hours.before(rules.hours, service.time_zone, at, rules.promise_minutes)
