"""A service that came back from a backup is frozen until a named clinician of it says otherwise.

Between the backup and the restore people were given other amounts, plans were stopped and dangers
were told that nothing here knows of. So no amount is shown, no step is offered and nothing is
approved. Telling, Help and messages go on.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from stepwell.clinic.accounts.models import Lift, Restore, Service, User
from stepwell.clinic.audit import trail

LIFTED = "restores.lift"


class NotAllowed(Exception):
    """Only a clinician of this service lifts the freeze, and only with what they checked."""


def held(service_id: UUID) -> Restore | None:
    """The restore that this service is frozen after, or None."""
    return held_among([service_id]).get(service_id)


def held_among(services: Collection[UUID]) -> dict[UUID, Restore]:
    """Of these services those that are frozen, each with its newest restore."""
    found = _open().filter(service__in=services).order_by("restored_at")
    return {restore.service_id: restore for restore in found}


def _open() -> "QuerySet[Restore]":
    return Restore.objects.filter(lift=None)


def lifted(service: Service) -> list[Lift]:
    """Who ended each freeze of a service and with what they had checked, newest first."""
    found = Lift.objects.filter(restore__service=service).select_related("restore", "by")
    return list(found.order_by("-at"))


def restored_at(service: Service) -> datetime | None:
    """The newest restore of a service, lifted or not: what was due before it is only shown."""
    newest = Restore.objects.filter(service=service).order_by("-restored_at").first()
    return newest.restored_at if newest else None


def lift(service: Service, *, reason: str, by: User, at: datetime) -> list[Lift]:
    """End the freeze with what was checked since the backup. Raises NotAllowed."""
    if not (by.is_active and by.is_clinician and by.service_id == service.pk):
        raise NotAllowed("Only a prescriber or a named nurse of this service lifts this.")
    if not reason.strip():
        raise NotAllowed("Write what was checked since the backup, and how.")
    with transaction.atomic():
        Service.objects.select_for_update().get(pk=service.pk)  # two who lift at once
        lifts = [_lift(restore, reason.strip(), by, at) for restore in _open_of(service)]
    if not lifts:
        raise NotAllowed("Nothing is frozen any more: a colleague was first.")
    return lifts


def _open_of(service: Service) -> "QuerySet[Restore]":
    return _open().filter(service=service)


def _lift(restore: Restore, reason: str, by: User, at: datetime) -> Lift:
    made: Lift = Lift.objects.create(restore=restore, reason=reason, by=by, at=at)
    detail = {"restore": str(restore.pk), "reason": reason}
    trail.record(LIFTED, by=by, at=at, subject=restore.service.name, detail=detail)
    return made
