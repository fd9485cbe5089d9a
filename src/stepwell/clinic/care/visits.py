"""Appointments: booked and moved by the team, and said off by the person in one tap.

Every change is a row that stays; how an appointment stands is the newest of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, ledger
from stepwell.clinic.care.models import Episode, VisitChange, VisitHow, VisitNote

STANDS = (VisitChange.BOOKED, VisitChange.MOVED)
# After these somebody has to find another time with the person.
NEEDS_ANOTHER = (VisitChange.CANNOT_COME, VisitChange.NOT_ATTENDED)


class NotPossible(Exception):
    """The appointment is over, said off or in the past; the text says which."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment as it stands. `number` rises with each change."""

    visit_id: UUID
    number: int
    change: VisitChange
    starts: datetime
    how: VisitHow
    why: str
    bring: str
    place: str
    by: str

    @property
    def stands(self) -> bool:
        return self.change in STANDS


# --- what there is ------------------------------------------------------------------------------


def of(episode: Episode) -> list[Visit]:
    """Every appointment as it stands, the earliest first."""
    return all_of([episode]).get(episode.pk, [])


def all_of(episodes: Iterable[Episode]) -> Mapping[UUID, list[Visit]]:
    """The same of many people, with one question."""
    notes = VisitNote.objects.filter(episode__in=[episode.pk for episode in episodes])
    newest: dict[UUID, VisitNote] = {}
    for note in notes.select_related("by").order_by("number"):
        newest[note.visit_id] = note
    found: dict[UUID, list[Visit]] = {}
    for note in sorted(newest.values(), key=lambda one: one.starts):
        found.setdefault(note.episode_id, []).append(_visit(note))
    return found


def _visit(note: VisitNote) -> Visit:
    return Visit(
        visit_id=note.visit_id,
        number=note.number,
        change=VisitChange(note.change),
        starts=note.starts,
        how=VisitHow(note.how),
        why=note.why,
        bring=note.bring,
        place=note.place,
        by=note.by.display_name,
    )


def ahead(found: Iterable[Visit], at: datetime) -> list[Visit]:
    """Those that stand and have not begun."""
    return [visit for visit in found if visit.stands and visit.starts > at]


def to_book_again(found: Iterable[Visit], at: datetime) -> Visit | None:
    """The last one that fell through, where nothing stands in its place."""
    known = list(found)
    if ahead(known, at):
        return None
    last = known[-1] if known else None
    return last if last and last.change in NEEDS_ANOTHER else None


# --- what is done -------------------------------------------------------------------------------


def book(episode: Episode, *, by: User, at: datetime, **told: Any) -> Visit:
    """A new appointment: `starts` (aware, ahead), `how`, `why`, `bring`, `place`. NotPossible."""
    with transaction.atomic():
        locked = _entered_by_team(episode, by)
        _ahead(told["starts"], at)
        return _write(locked, uuid4(), 1, VisitChange.BOOKED, by=by, at=at, **told)


def move(episode: Episode, visit_id: UUID, *, starts: datetime, by: User, at: datetime) -> Visit:
    """The same appointment at another time. NotPossible; `access.NotFound`."""
    with transaction.atomic():
        locked = _entered_by_team(episode, by)
        _ahead(starts, at)
        return _change(locked, visit_id, VisitChange.MOVED, by=by, at=at, starts=starts)


def end(episode: Episode, visit_id: UUID, change: VisitChange, *, by: User, at: datetime) -> Visit:
    """Called off, kept or not attended, as the team says. NotPossible; `access.NotFound`."""
    with transaction.atomic():
        return _change(_entered_by_team(episode, by), visit_id, change, by=by, at=at)


def cannot_come(episode: Episode, visit_id: UUID, *, by: User, at: datetime) -> Visit:
    """Said off by the person themselves; the team finds another time. NotPossible."""
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.enter(by, locked)
        return _change(locked, visit_id, VisitChange.CANNOT_COME, by=by, at=at)


def _entered_by_team(episode: Episode, by: User) -> Episode:
    locked = ledger.lock(episode)
    if by.role == Role.PERSON:
        raise access.NotFound
    access.enter(by, locked)
    return locked


def _ahead(starts: datetime, at: datetime) -> None:
    if starts <= at:
        raise NotPossible("That time has passed. Choose one that is ahead.")


def _change(
    episode: Episode, visit_id: UUID, change: VisitChange, *, by: User, at: datetime, **other: Any
) -> Visit:
    known = next((one for one in of(episode) if one.visit_id == visit_id), None)
    if known is None:
        raise access.NotFound
    if not known.stands:
        raise NotPossible("This appointment is over or was called off already.")
    same = {name: getattr(known, name) for name in ("starts", "how", "why", "bring", "place")}
    return _write(episode, visit_id, known.number + 1, change, by=by, at=at, **{**same, **other})


def _write(
    episode: Episode,
    visit_id: UUID,
    number: int,
    change: VisitChange,
    *,
    by: User,
    at: datetime,
    **told: Any,
) -> Visit:
    note = VisitNote.objects.create(
        service_id=episode.service_id,
        episode=episode,
        visit_id=visit_id,
        number=number,
        change=change,
        by=by,
        at=at,
        **told,
    )
    trail.record(f"visits.{change}", by=by, at=at, episode=episode)
    return _visit(note)
