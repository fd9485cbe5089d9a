"""Before real use: a named clinical safety officer accepts exactly this file of a protocol."""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts.models import ProtocolAcceptance, Service, User
from stepwell.clinic.audit import trail


class NotAllowed(Exception):
    """Only the safety officer of this service accepts a protocol, in words of their own."""


def sha256(name: str) -> str:
    """The hash of everything a protocol says, whatever the spacing of its file."""
    document = catalogue.document("protocols", f"{name}.json")
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def accept(
    service: Service, protocol: str, *, statement: str, by: User, at: datetime
) -> ProtocolAcceptance:
    """Record that this officer accepts the protocol as it ships now."""
    if not (by.is_active and by.is_safety_officer and by.service_id == service.id):
        raise NotAllowed(f"{by.display_name} is not the clinical safety officer of {service.name}.")
    if not statement.strip():
        raise NotAllowed("Write what was checked and why it is accepted.")
    version = catalogue.protocols()[protocol].version
    with transaction.atomic():
        acceptance = ProtocolAcceptance.objects.create(
            service=service,
            name=protocol,
            version=version,
            sha256=sha256(protocol),
            accepted_by=by,
            statement=statement,
            at=at,
        )
        trail.record("acceptance.accept", by=by, at=at, subject=f"{protocol} {version}")
    return acceptance


def accepted(service: Service, protocol: str) -> ProtocolAcceptance | None:
    """The newest acceptance of the protocol exactly as it ships now, or None."""
    found = ProtocolAcceptance.objects.filter(
        service=service,
        name=protocol,
        version=catalogue.protocols()[protocol].version,
        sha256=sha256(protocol),
    )
    return found.order_by("-at").select_related("accepted_by").first()


def approved_for_clinical_use(service: Service) -> bool:
    """True where every protocol this program ships has been accepted; never in a demo."""
    if service.is_demo:
        return False
    return all(accepted(service, name) for name in catalogue.protocols())
