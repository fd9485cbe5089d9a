"""Writing to the trail and reading from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from stepwell.clinic.audit import chain
from stepwell.clinic.audit.models import Entry

# Acts on restricted notes: kept like all others, and read through no page about a person.
RESTRICTED = "safeguarding."


class OutsideTransaction(Exception):
    """An act was about to be recorded apart from what it did: one could then exist alone."""


class Actor(Protocol):
    """Whoever acts: a signed-in user. `None` in its place is the program itself."""

    id: Any
    display_name: Any
    role: Any
    service_id: Any


class Subject(Protocol):
    """An episode, as far as the trail needs to know it."""

    id: Any
    service_id: Any


def record(
    action: str,
    *,
    by: Actor | None,
    at: datetime,
    episode: Subject | None = None,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Add one line, inside the transaction of the act it tells about, or raise."""
    if not in_transaction():
        raise OutsideTransaction(action)
    line = Entry(
        action=action,
        at=at,
        episode_id=episode.id if episode else None,
        subject=subject,
        detail=dict(detail or {}),
        **_actor(by, episode),
    )
    return chain.add(line)


def in_transaction() -> bool:
    """Whether what is written now is kept or lost as one."""
    return bool(connection.in_atomic_block)


def _actor(by: Actor | None, episode: Subject | None) -> dict[str, Any]:
    if by is None:
        service_id = episode.service_id if episode else None
        return {"service_id": service_id, "actor_name": "Stepwell", "actor_role": "program"}
    return {
        "service_id": by.service_id,
        "actor_id": by.id,
        "actor_name": by.display_name,
        "actor_role": by.role,
    }


def of_episode(service_id: UUID, episode_id: UUID) -> QuerySet[Entry]:
    """Everything recorded about one episode but acts on restricted notes, newest first."""
    found = Entry.objects.filter(service_id=service_id, episode_id=episode_id)
    return open_only(found).order_by("-id")


def open_only(found: QuerySet[Entry]) -> QuerySet[Entry]:
    """The same without acts on restricted notes: even that there were any is theirs alone."""
    return found.exclude(action__startswith=RESTRICTED)


def newest() -> datetime | None:
    """When the last line of all was written."""
    last = Entry.objects.order_by("-id").first()
    return last.at if last else None
