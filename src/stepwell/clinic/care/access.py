"""The only door to a stored person. What is missing and what is forbidden look the same."""

from uuid import UUID

from django.db.models import QuerySet

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Episode, Escalation, PlanVersion, Review


class NotFound(Exception):
    """There is no such thing, or it is not for you: nobody can tell which."""


def own_episode(user: User) -> Episode:
    """The person's own open episode (or the last one that was closed)."""
    raise NotImplementedError


def caseload_for(user: User) -> "QuerySet[Episode]":
    """The open episodes this clinician may see: own service, with the person's consent."""
    raise NotImplementedError


def episode_for(user: User, episode_id: UUID | str) -> Episode:
    """One episode of the caseload, open or closed."""
    raise NotImplementedError


def review_for(user: User, review_id: UUID | str) -> Review:
    """A review of an episode this clinician may see."""
    raise NotImplementedError


def plan_for(user: User, plan_id: UUID | str) -> PlanVersion:
    """A plan version this clinician may see, or the person's own approved one."""
    raise NotImplementedError


def escalation_for(user: User, escalation_id: UUID | str) -> Escalation:
    """An escalation of an episode this clinician may see."""
    raise NotImplementedError


def may(user: User, action: str, episode: Episode) -> bool:
    """Whether this user may `draft`, `approve`, `decide` or `clear_gate` on this episode."""
    raise NotImplementedError
