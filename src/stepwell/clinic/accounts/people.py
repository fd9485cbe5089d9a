"""Making services and the people who sign in. Demo and real accounts never share a service."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import QuerySet

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.audit import trail

MAKES = {
    Role.ADMINISTRATOR: (
        Role.KEYWORKER,
        Role.PRESCRIBER,
        Role.SAFEGUARDING_LEAD,
        Role.MANAGER,
        Role.ADMINISTRATOR,
    ),
    Role.KEYWORKER: (Role.PERSON,),
    Role.PRESCRIBER: (Role.PERSON,),
}


class WrongKind(ValueError):
    """Something real in the demo, or something made up beside real people."""


class NotAllowed(Exception):
    """This account may not be changed so, or not by this user; the text says why."""


def open_service(
    *,
    name: str,
    country: str,
    time_zone: str,
    at: datetime,
    by: User | None = None,
    is_demo: bool = False,
    phone: str = "",
    hours: str = "",
    promise_minutes: int | None = None,
) -> Service:
    """Begin a service. ValueError for a country or zone that does not exist.

    WrongKind where the database holds the other kind: a demo refuses everything real.
    """
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise ValueError(f"country: {country!r} is not a two-letter code such as GB")
    if time_zone not in clock.time_zones():
        raise ValueError(f"time_zone: {time_zone!r} is not a zone such as Europe/London")
    if settings.PRACTICE and not is_demo:
        raise WrongKind("A practice service refuses everything real.")
    with transaction.atomic():
        if Service.objects.exclude(is_demo=is_demo).exists():
            raise WrongKind("A demo and a real service never share a database.")
        service = Service.objects.create(
            name=name,
            country=country,
            time_zone=time_zone,
            is_demo=is_demo,
            phone=phone,
            hours=hours,
            promise_minutes=promise_minutes,
        )
        trail.record("people.open_service", by=by, at=at, subject=name)
    return service


def create(
    *,
    service: Service,
    username: str,
    display_name: str,
    role: str,
    at: datetime,
    by: User | None = None,
    password: str | None = None,
    demo: bool = False,
    is_safety_officer: bool = False,
    is_named_clinician: bool = False,
) -> User:
    """Make an account. Without `by` it is the host's own act, at the terminal.

    WrongKind where demo and service differ; NotAllowed; ValidationError for a weak password.
    """
    if demo != service.is_demo:
        raise WrongKind(_wrong_kind(service))
    if by is not None and (by.service_id != service.pk or role not in MAKES.get(Role(by.role), ())):
        raise NotAllowed(f"{by.display_name} cannot make an account of this kind here.")
    if by is not None and role == Role.PERSON and display_name not in _allowed(display_name):
        raise NotAllowed("Only made-up people are here: choose one of the names.")
    user = User(
        username=username,
        display_name=display_name,
        role=Role(role),
        service=service,
        is_demo=demo,
        is_safety_officer=is_safety_officer,
        is_named_clinician=is_named_clinician,
    )
    _set_password(user, password)
    with transaction.atomic():
        user.save(force_insert=True)
        trail.record("people.create", by=by, at=at, subject=username, detail={"role": user.role})
    return user


def set_role(user: User, role: str, *, by: User, at: datetime) -> User:
    """Give a colleague another role. NotAllowed for somebody else's service, or for a person."""
    if by.role != Role.ADMINISTRATOR or by.service_id != user.service_id:
        raise NotAllowed("Only an administrator of this service changes a role.")
    if Role.PERSON in (user.role, role):
        raise NotAllowed("A person who is easing off and a colleague never share an account.")
    if user.pk == by.pk:
        raise NotAllowed("Nobody changes their own role.")
    before, user.role = user.role, Role(role)
    # Being named as a clinician belongs to the role it was given in.
    user.is_named_clinician = False
    with transaction.atomic():
        user.save(update_fields=["role", "is_named_clinician"])
        detail = {"from": before, "to": user.role}
        trail.record("people.set_role", by=by, at=at, subject=user.username, detail=detail)
    return user


def end_other_sessions(user: User, *, at: datetime) -> User:
    """Sign this account out wherever it is signed in; the caller keeps its own session alive."""
    with transaction.atomic():
        found = User.objects.select_for_update().get(pk=user.pk)
        found.sessions_ended += 1
        found.save(update_fields=["sessions_ended"])
        trail.record("people.end_other_sessions", by=found, at=at, subject=str(found.pk))
    return found


def names_to_practise_with() -> list[str]:
    """The names a made-up person may be given in a practice service."""
    return list(catalogue.document("practice.json")["names"])


def _allowed(display_name: str) -> list[str]:
    """Any name in real use; where one practises, those of the list alone."""
    return names_to_practise_with() if settings.PRACTICE else [display_name]


def _wrong_kind(service: Service) -> str:
    if service.is_demo:
        return f"{service.name} is a demo service: it refuses real accounts."
    return f"{service.name} is a real service: it refuses demo accounts."


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    validate_password(password, user)
    user.set_password(password)


def named_for(service: Service) -> "QuerySet[User]":
    """Everybody of a service who can sign in, by name."""
    return User.objects.filter(service=service, is_active=True).order_by("display_name")


def active(pk: UUID) -> User | None:
    """This account, if it can sign in."""
    return User.objects.filter(pk=pk, is_active=True).select_related("service").first()


def keyworkers_of(service: Service) -> "QuerySet[User]":
    """The keyworkers of a service, by name."""
    return named_for(service).filter(role=Role.KEYWORKER)


def real_services_exist() -> bool:
    """True where anything but made-up people may be kept."""
    return Service.objects.filter(is_demo=False).exists()


def only_service() -> Service | None:
    """The one service kept here, for pages that nobody has signed in to; None if several."""
    found = list(Service.objects.all()[:2])
    return found[0] if len(found) == 1 else None


def workers_of(service: Service) -> "QuerySet[User]":
    """The team of a service, by name: everybody who can sign in and is not easing off."""
    return named_for(service).exclude(role=Role.PERSON)
