"""Restricted notes: what a clinician writes where somebody may come to serious harm.

The author and the safeguarding lead read a note. Another clinician who may see the person learns
that there is one, and may break the glass with a reason: the notes open to that clinician alone,
for a short time, and the lead sees it at once. A note is never changed; what comes later is added.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from stepwell import catalogue
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, ledger
from stepwell.clinic.care.models import (
    Episode,
    GlassBroken,
    GlassLookedAt,
    PersonTold,
    SafeguardingAddition,
    SafeguardingNote,
)

READ = "safeguarding.read"


class Incomplete(ValueError):
    """Something that every such note or act must have is missing; the text says what."""


@dataclass(frozen=True, slots=True)
class Written:
    """One note as it is read: its concerns in words, and what was added since."""

    note: SafeguardingNote
    concerns: tuple[str, ...]
    additions: tuple[SafeguardingAddition, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What one reader may see of one person's notes, newest first.

    `sealed` says that there are others; `until` is set while a glass that they broke is open.
    """

    notes: tuple[Written, ...]
    sealed: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Broken:
    """One breaking of the glass, with the lead's look at it, if there was one."""

    glass: GlassBroken
    look: GlassLookedAt | None


@dataclass(frozen=True, slots=True)
class Noted:
    """One person of the lead's page: a name, a keyworker, and what waits to be looked at."""

    episode: Episode
    notes: int
    newest: datetime
    waiting: tuple[GlassBroken, ...]


# --- what the data says -------------------------------------------------------------------------


@cache
def rules() -> Mapping[str, Any]:
    told: Mapping[str, Any] = catalogue.document("safeguarding.json")
    return told


def concerns() -> dict[str, str]:
    """The kinds of concern, by name, in words."""
    return {name: one["label"] for name, one in rules()["concerns"].items()}


def checklist() -> list[str]:
    return [one["text"] for one in rules()["checklist"].values()]


def script() -> list[str]:
    """What to say before it is passed on, in the order to say it."""
    return [one["text"] for one in rules()["script"].values()]


# --- reading ------------------------------------------------------------------------------------


def exist(episode: Episode) -> bool:
    """Whether there is any restricted note about this person; nothing more."""
    return _about(episode).exists()


def has_lead(user: User) -> bool:
    """Whether somebody of this service reads the notes."""
    return people.named_for(user.service).filter(role=Role.SAFEGUARDING_LEAD).exists()


def read(episode: Episode, *, by: User, at: datetime) -> Standing:
    """The notes that this reader may see now; that any was read is kept. `access.NotFound`."""
    with transaction.atomic():
        locked = _entered(episode, by)
        found = _standing(locked, by, at)
        if found.notes:
            trail.record(READ, by=by, at=at, episode=locked)
    return found


def one(episode: Episode, note_id: UUID, *, by: User) -> SafeguardingNote:
    """One note to which this reader may add: their own, or any for the lead. `access.NotFound`."""
    found = _may_add(_door(episode, by), by).filter(pk=note_id).first()
    if found is None:
        raise access.NotFound
    return found


def _may_add(episode: Episode, by: User) -> "QuerySet[SafeguardingNote]":
    notes = _about(episode)
    return notes if by.role == Role.SAFEGUARDING_LEAD else notes.filter(by=by)


def _about(episode: Episode) -> "QuerySet[SafeguardingNote]":
    """All of the person, also from an earlier course of care in this service."""
    person, service = episode.person_id, episode.service_id
    found = SafeguardingNote.objects.filter(episode__person=person, service=service)
    return found.order_by("-at").select_related("by", "episode")


def _glass(episode: Episode) -> "QuerySet[GlassBroken]":
    person, service = episode.person_id, episode.service_id
    return GlassBroken.objects.filter(episode__person=person, service=service).order_by("-at")


def _standing(episode: Episode, by: User, at: datetime) -> Standing:
    notes = _about(episode)
    if by.role == Role.SAFEGUARDING_LEAD:
        return Standing(_written(notes), sealed=False, until=None)
    glass = _glass(episode).filter(by=by, until__gt=at).first()
    shown = notes if glass else notes.filter(by=by)
    sealed = not glass and notes.filter(~Q(by=by)).exists()
    return Standing(_written(shown), sealed, glass.until if glass else None)


def _written(notes: Iterable[SafeguardingNote]) -> tuple[Written, ...]:
    known = concerns()
    return tuple(
        Written(
            note=note,
            concerns=tuple(known.get(name, name) for name in note.concerns),
            additions=tuple(note.additions.select_related("by").order_by("at")),
        )
        for note in notes
    )


def _entered(episode: Episode, by: User) -> Episode:
    return _door(ledger.lock(episode), by)


def _door(episode: Episode, by: User) -> Episode:
    """Lets in the lead, and a clinician who may see the person. `access.NotFound`."""
    if by.role == Role.SAFEGUARDING_LEAD:
        return access.restricted_for(by, episode.pk)
    return access.episode_for(by, episode.pk)


# --- writing ------------------------------------------------------------------------------------


def write(
    episode: Episode,
    *,
    concerns: list[str],
    seen: str,
    done: str,
    who_told: str,
    person_told: str,
    why_not: str,
    sent_id: str,
    by: User,
    at: datetime,
) -> SafeguardingNote:
    """Keep a note for its author and the lead. Sending it twice keeps one.

    Raises Incomplete, or `access.NotFound` for whoever may not see the person.
    """
    told = {"concerns": concerns, "seen": seen, "done": done, "who_told": who_told}
    _complete(told, PersonTold(person_told), why_not)
    with transaction.atomic():
        locked = access.episode_for(by, ledger.lock(episode).pk)
        note, is_new = SafeguardingNote.objects.get_or_create(
            episode=locked,
            sent_id=sent_id,
            by=by,
            defaults={
                **told,
                "service_id": locked.service_id,
                "person_told": person_told,
                "why_not": why_not.strip(),
                "at": at,
            },
        )
        if is_new:
            trail.record("safeguarding.write", by=by, at=at, episode=locked, subject=str(note.pk))
    return note


def _complete(told: Mapping[str, Any], person_told: PersonTold, why_not: str) -> None:
    known = concerns()
    if not told["concerns"] or not set(told["concerns"]) <= set(known):
        raise Incomplete("Choose at least one concern.")
    if not all(told[name].strip() for name in ("seen", "done", "who_told")):
        raise Incomplete("Write what was seen or said, what was done, and who was told.")
    if person_told != PersonTold.FIRST and not why_not.strip():
        raise Incomplete("Write why they were not told first.")


def add(
    episode: Episode, note_id: UUID, *, text: str, by: User, at: datetime
) -> SafeguardingAddition:
    """A correction, or what was done later, beside the note. Incomplete; `access.NotFound`."""
    if not text.strip():
        raise Incomplete("Write what is added.")
    with transaction.atomic():
        note = one(_entered(episode, by), note_id, by=by)
        added = SafeguardingAddition.objects.create(
            service_id=note.service_id, episode=note.episode, note=note, text=text, by=by, at=at
        )
        subject = str(note.pk)
        trail.record("safeguarding.add", by=by, at=at, episode=note.episode, subject=subject)
    return added


# --- breaking the glass -------------------------------------------------------------------------


def break_glass(episode: Episode, *, reason: str, by: User, at: datetime) -> GlassBroken:
    """Open the notes of this person to this clinician for the minutes of the data, and tell why.

    Raises Incomplete without a reason; `access.NotFound` where nothing is closed to them.
    """
    if not reason.strip():
        raise Incomplete("Write why you need to read this now.")
    with transaction.atomic():
        locked = access.episode_for(by, ledger.lock(episode).pk)
        if not _standing(locked, by, at).sealed:
            raise access.NotFound
        until = at + timedelta(minutes=rules()["glass"]["minutes"])
        told = {"reason": reason.strip(), "until": until}
        glass: GlassBroken = GlassBroken.objects.create(
            service_id=locked.service_id, episode=locked, by=by, at=at, **told
        )
        detail = {"reason": glass.reason, "until": until.isoformat()}
        trail.record("safeguarding.break_glass", by=by, at=at, episode=locked, detail=detail)
    return glass


def look(glass_id: UUID, *, text: str, by: User, at: datetime) -> GlassLookedAt:
    """The lead has looked at one breaking; twice is once. `access.NotFound` for anybody else."""
    with transaction.atomic():
        glass = _for_lead(glass_id, by)
        _entered(glass.episode, by)
        told = {"service_id": glass.service_id, "episode": glass.episode, "by": by, "at": at}
        looked, is_new = GlassLookedAt.objects.get_or_create(
            glass=glass, defaults={**told, "text": text.strip()}
        )
        if is_new:
            subject = str(glass.pk)
            trail.record("safeguarding.look", by=by, at=at, episode=glass.episode, subject=subject)
    return looked


def _for_lead(glass_id: UUID, by: User) -> GlassBroken:
    if by.role != Role.SAFEGUARDING_LEAD:
        raise access.NotFound
    found = GlassBroken.objects.filter(pk=glass_id, service=by.service_id)
    if (glass := found.select_related("episode").first()) is None:
        raise access.NotFound
    return glass


# --- the lead's page ----------------------------------------------------------------------------


def broken(episode: Episode, *, by: User) -> list[Broken]:
    """Every breaking of this person's glass, newest first, for the lead. `access.NotFound`."""
    found = _glass(access.restricted_for(by, episode.pk)).select_related("by", "look__by")
    return [Broken(glass, getattr(glass, "look", None)) for glass in found]


def for_lead(by: User) -> list[Noted]:
    """Everybody with a note: a broken glass that nobody looked at first, then the newest note."""
    by_person: dict[UUID, list[Episode]] = {}
    for episode in access.restricted_to(by):
        by_person.setdefault(episode.person_id, []).append(episode)
    noted = [_noted(max(found, key=lambda e: e.opened_at)) for found in by_person.values()]
    return sorted(noted, key=lambda one: (not one.waiting, -one.newest.timestamp()))


def _noted(episode: Episode) -> Noted:
    times = list(_about(episode).values_list("at", flat=True))
    waiting = _glass(episode).filter(look__isnull=True).select_related("by")
    return Noted(episode, len(times), times[0], tuple(waiting))
