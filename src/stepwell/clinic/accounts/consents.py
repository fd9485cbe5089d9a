"""The six switches of consent: each dated, revocable, and kept for good."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from stepwell.clinic.accounts.models import Consent, ConsentKind, Role, User
from stepwell.clinic.audit import trail

SHARING = {
    Role.KEYWORKER: ConsentKind.SHARE_KEYWORKER,
    Role.PRESCRIBER: ConsentKind.SHARE_PRESCRIBER,
}


class NotTheirs(Exception):
    """Only the person themselves, or their team on their behalf, sets a switch."""


def set(  # noqa: A001
    person: User, kind: str, given: bool, *, by: User, at: datetime
) -> Consent:
    """Switch one consent on or off; the person's own team may write it down for them."""
    if by.id != person.id and (by.service_id != person.service_id or by.role not in SHARING):
        raise NotTheirs(f"{by.display_name} cannot set this consent.")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        last = history(person).filter(kind=kind).aggregate(last=Max("number"))["last"]
        consent = Consent.objects.create(
            person=person, kind=ConsentKind(kind), given=given, at=at, by=by, number=(last or 0) + 1
        )
        detail = {"kind": kind, "given": given}
        trail.record("consents.set", by=by, at=at, subject=str(person.id), detail=detail)
    return consent


def history(person: User) -> "QuerySet[Consent]":
    """Every answer of this person, newest first."""
    return Consent.objects.filter(person=person).order_by("-at", "-number").select_related("by")


def current(person: User) -> dict[ConsentKind, Consent | None]:
    """The newest answer to each switch; None where none was given yet."""
    newest: dict[ConsentKind, Consent | None] = dict.fromkeys(ConsentKind)
    for consent in history(person).order_by("number"):
        newest[ConsentKind(consent.kind)] = consent
    return newest


def given(person: User, kind: ConsentKind) -> bool:
    """True only where the newest answer is yes."""
    consent = current(person)[kind]
    return consent is not None and consent.given


def shares_with(role: str, person_field: str) -> Exists:
    """A filter: the person in this column shares with this role, by their newest answer."""
    answers = Consent.objects.filter(kind=SHARING[Role(role)])
    later = answers.filter(person=OuterRef("person"), number__gt=OuterRef("number"))
    return Exists(answers.filter(~Exists(later), person=OuterRef(person_field), given=True))


__all__ = ["ConsentKind"]
