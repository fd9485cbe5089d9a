"""Asking for one's own record to be deleted: kept with its date, and told to the team."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, escalations, ledger
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Episode, ErasureRequest, Urgency

ASKED = "asked_to_delete_the_record"


def ask(episode: Episode, *, by: User, at: datetime) -> ErasureRequest:
    """Keep the person's own request; asked again, it is the first one. `access.NotFound`."""
    with transaction.atomic():
        locked = ledger.lock(episode)
        if by.role != Role.PERSON:
            raise access.NotFound
        access.enter(by, locked)
        return asked(locked) or _ask(locked, by, at)


def _ask(locked: Episode, by: User, at: datetime) -> ErasureRequest:
    request: ErasureRequest = ErasureRequest.objects.create(
        service_id=locked.service_id,
        episode=locked,
        by=by,
        at=at,
        keeps=catalogue.document("mine", "en.json")["lines"]["keeps"]["text"],
    )
    trail.record("erasure.ask", by=by, at=at, episode=locked, subject=receipt(request))
    escalations.raise_one(
        locked, key=ASKED, urgency=Urgency.ROUTINE, since=today(locked, at), rule=ASKED, at=at
    )
    return request


def asked(episode: Episode) -> ErasureRequest | None:
    """The request that stands, if there is one."""
    found = ErasureRequest.objects.filter(episode=episode).select_related(
        "by", "service", "episode"
    )
    return found.order_by("at").first()


def receipt(request: ErasureRequest) -> str:
    """The number under which both sides find it again: its day and four figures."""
    return f"{request.at:%Y%m%d}-{int(sha256(request.pk.bytes).hexdigest(), 16) % 10_000:04}"
