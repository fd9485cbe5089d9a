"""What follows a restore: its line in the trail, another look at what was open, and its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from stepwell.clinic.accounts import freezing, sessions
from stepwell.clinic.accounts.models import Lift, Restore, Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import days, escalations, filed, ledger
from stepwell.clinic.care.models import Episode, Escalation, Urgency
from stepwell.clinic.care.reviews import RESTORED

TOLD = "restores.restore"


@dataclass(slots=True)
class _Program:
    """The program itself, as the actor in a service's own chain."""

    service_id: UUID
    id: None = None
    display_name: str = "Stepwell"
    role: str = "program"


def finish(at: datetime) -> int:
    """Follow up each restore that has not been; gives how many. Harmless to run again.

    The restore itself wrote only the mark that freezes, so that the two cannot be parted. This
    runs right after it and at every start, whichever comes.
    """
    waiting = list(_not_told())
    for restore in waiting:
        with transaction.atomic():
            _tell(restore, at)
            _raise_again(restore, at)
            filed.mark_all(restore.service)
            sessions.forget_all()
    return len(waiting)


def _not_told() -> Iterator[Restore]:
    for restore in Restore.objects.select_related("service").order_by("restored_at"):
        lines = Entry.objects.filter(service_id=restore.service_id, action=TOLD)
        if not lines.filter(subject=str(restore.pk)).exists():
            yield restore


def _tell(restore: Restore, at: datetime) -> None:
    detail = {
        "restored_at": restore.restored_at.isoformat(),
        "backup_made_at": restore.backup_made_at.isoformat(),
        "backup_sha256": restore.backup_sha256,
    }
    by = _Program(restore.service_id)
    trail.record(TOLD, by=by, at=at, subject=str(restore.pk), detail=detail)


def _raise_again(restore: Restore, at: datetime) -> None:
    """Whoever had an open signal is looked at again: nobody knows what was done since."""
    still = Escalation.objects.filter(service=restore.service, closed_at=None)
    for episode in Episode.objects.filter(pk__in=still.values("episode")).order_by("pk"):
        locked = ledger.lock(episode)
        urgency = _most_urgent(still.filter(episode=episode))
        since = days.today(locked, at)
        escalations.raise_one(
            locked, key=RESTORED, urgency=urgency, since=since, rule=RESTORED, at=at
        )


def _most_urgent(still: Any) -> Urgency:
    found = set(still.values_list("urgency", flat=True))
    return next(urgency for urgency in Urgency if urgency in found)


def lift(service: Service, *, reason: str, by: User, at: datetime) -> list[Lift]:
    """A clinician ends the freeze, and every card is made anew. Raises `freezing.NotAllowed`."""
    with transaction.atomic():
        lifts = freezing.lift(service, reason=reason, by=by, at=at)
        filed.mark_all(service)
    return lifts
