"""The only door to a stored person. What is missing and what is forbidden look the same."""

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care.models import (
    Episode,
    Escalation,
    PlanVersion,
    Review,
    SafeguardingNote,
    Supply,
)

M = TypeVar("M", bound=Model)
CLINICAL = (Role.KEYWORKER, Role.PRESCRIBER)


class NotFound(Exception):
    """There is no such thing, or it is not for you: nobody can tell which."""


def own_episode(user: User) -> Episode:
    """The person's own open episode, or the last one that was closed."""
    if not (user.is_active and user.role == Role.PERSON):
        raise NotFound
    own = Episode.objects.filter(person=user).select_related("service", "person", "keyworker")
    episode = own.order_by(F("closed_at").desc(nulls_first=True)).first()
    if episode is None:
        raise NotFound
    return episode


def seen_by(user: User) -> "QuerySet[Episode]":
    """Every episode, open or closed, whose person shares it with this clinician's role."""
    if not (user.is_active and user.role in CLINICAL):
        return Episode.objects.none()
    found = Episode.objects.filter(consents.shares_with(user.role, "person"))
    return found.filter(service=user.service_id).select_related("service", "person", "keyworker")


def caseload_for(user: User) -> "QuerySet[Episode]":
    """The open episodes this clinician may see: own service, with the person's consent."""
    return seen_by(user).filter(closed_at__isnull=True)


def episode_for(user: User, episode_id: UUID | str) -> Episode:
    """One episode of the caseload, open or closed."""
    return _the_one(seen_by(user), episode_id)


def about_those_seen_by(user: User, rows: "QuerySet[M]") -> "QuerySet[M]":
    """Of rows about an episode, those whose person shares it with this clinician's role."""
    if not (user.is_active and user.role in CLINICAL):
        return rows.none()
    shared = consents.shares_with(user.role, "episode__person")
    return rows.filter(shared, service=user.service_id)


def restricted_to(user: User) -> "QuerySet[Episode]":
    """For the safeguarding lead: the own service's people who have a restricted note.

    Consent to share plays no part in it, and it opens nothing but those notes: no other door asks.
    """
    if not (user.is_active and user.role == Role.SAFEGUARDING_LEAD):
        return Episode.objects.none()
    noted = SafeguardingNote.objects.filter(service=user.service_id).values("episode__person")
    found = Episode.objects.filter(service=user.service_id, person__in=noted)
    return found.select_related("service", "person", "keyworker")


def restricted_for(user: User, episode_id: UUID | str) -> Episode:
    """One of them."""
    return _the_one(restricted_to(user), episode_id)


def readers(episode: Episode) -> list[User]:
    """Everybody of the team who could open this person's page now: each is asked at the door."""
    staff = User.objects.filter(service=episode.service_id).exclude(role=Role.PERSON)
    by_name = staff.order_by("role", "display_name")
    return [one for one in by_name if seen_by(one).filter(pk=episode.pk).exists()]


def review_for(user: User, review_id: UUID | str) -> Review:
    """A review of an episode this clinician may see."""
    found = about_those_seen_by(user, Review.objects.all())
    return _the_one(found.select_related("episode", "plan_version"), review_id)


def plan_for(user: User, plan_id: UUID | str) -> PlanVersion:
    """A plan version this clinician may see, or the person's own approved one."""
    own = Q(episode__person=user, approved_at__isnull=False)
    visible = own if user.role == Role.PERSON else Q(episode__in=seen_by(user))
    found = PlanVersion.objects.filter(visible) if user.is_active else PlanVersion.objects.none()
    return _the_one(found.select_related("episode"), plan_id)


def escalation_for(user: User, escalation_id: UUID | str) -> Escalation:
    """An escalation of an episode this clinician may see."""
    found = about_those_seen_by(user, Escalation.objects.all())
    return _the_one(found.select_related("episode"), escalation_id)


def _the_one(found: "QuerySet[M]", pk: UUID | str) -> M:
    try:
        one = found.filter(pk=pk).first()
    except ValidationError:  # not even the shape of an id
        one = None
    if one is None:
        raise NotFound
    return one


def may(user: User, action: str, episode: Episode) -> bool:
    """Whether this user may `draft`, `approve`, `decide` or `clear_gate` on this episode."""
    if not seen_by(user).filter(pk=episode.pk).exists():
        return False
    return may_by_role(user, action, episode)


def may_by_role(user: User, action: str, episode: Episode) -> bool:
    """The same, for an episode that the door has already let this user in to."""
    if episode.supply == Supply.PRESCRIBED:
        return user.role == Role.PRESCRIBER
    return action == "draft" or user.is_clinician


def enter(user: User, episode: Episode) -> None:
    """Let in the person themselves and the team that they share with; raise NotFound for others."""
    if user.role == Role.PERSON and user.is_active and episode.person_id == user.pk:
        return
    episode_for(user, episode.pk)
