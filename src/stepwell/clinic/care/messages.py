"""What a person and their team write to each other: kept for good, read by name, never urgent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, check_ins, ledger, reminders, thresholds
from stepwell.clinic.care.models import Episode, Message, MessagesRead

ON_A_PAGE = 200
_READERS = (ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER)


class NobodyReads(Exception):
    """The person shares with none of the team; the text says so in plain words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message, and who of the other side read it first, and when."""

    text: str
    by: str
    at: datetime
    from_person: bool
    read_by: str | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first message of the person's that nobody has answered, and the day to answer it by."""

    since: datetime
    reply_by: date
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A person whose message waits for an answer."""

    episode_id: UUID
    person: str
    owner: str | None
    waiting: Waiting
    is_late: bool


# --- writing ------------------------------------------------------------------------------------


def send(episode: Episode, text: str, *, message_id: str, by: User, at: datetime) -> Message:
    """Keep a message; the same id twice is one message.

    Raises `access.NotFound` for whoever is neither the person nor their team,
    `check_ins.NoConsent` where the person has not agreed that anything is kept, and NobodyReads.
    """
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.enter(by, locked)
        if not consents.given(locked.person, ConsentKind.STORE):
            raise check_ins.NoConsent("Nothing was sent: it may not be kept.")
        if not any(consents.given(locked.person, kind) for kind in _READERS):
            raise NobodyReads("Nothing was sent: you share with nobody, so nobody would read it.")
        thread = Message.objects.filter(episode=locked)
        if known := thread.filter(by=by, message_id=message_id).first():
            return known
        sent: Message = Message.objects.create(
            service_id=locked.service_id,
            episode=locked,
            number=thread.count() + 1,
            message_id=message_id,
            text=text.strip(),
            by=by,
            at=at,
        )
        trail.record("messages.send", by=by, at=at, episode=locked)
        reminders.of_message(sent, at=at)
    return sent


def read(episode: Episode, *, by: User, at: datetime) -> None:
    """Note that what the other side wrote has been before this reader, if there is any."""
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.enter(by, locked)
        if _unread(locked, by):
            MessagesRead.objects.create(service_id=locked.service_id, episode=locked, by=by, at=at)
            trail.record("messages.read", by=by, at=at, episode=locked)


def unread(episode: Episode, by: User) -> int:
    """How many messages of the other side no one of this reader's side has read."""
    access.enter(by, episode)
    return _unread(episode, by)


def _unread(episode: Episode, by: User) -> int:
    theirs = by.role != Role.PERSON
    return sum(one.from_person is theirs and one.read_at is None for one in _lines(episode))


# --- reading ------------------------------------------------------------------------------------


def thread(episode: Episode, *, by: User) -> list[Line]:
    """Every message, oldest first. `access.NotFound`."""
    access.enter(by, episode)
    return _lines(episode)


def _lines(episode: Episode) -> list[Line]:
    found = Message.objects.filter(episode=episode).select_related("by").order_by("number")
    looks = MessagesRead.objects.filter(episode=episode).select_related("by").order_by("at")
    seen = list(looks)
    return [_line(one, seen) for one in found]


def _line(one: Message, looks: Sequence[MessagesRead]) -> Line:
    from_person = one.by.role == Role.PERSON
    seen = [look for look in looks if look.at >= one.at]
    first = next((n for n in seen if (n.by.role == Role.PERSON) is not from_person), None)
    return Line(
        text=one.text,
        by=one.by.display_name,
        at=one.at,
        from_person=from_person,
        read_by=first.by.display_name if first else None,
        read_at=first.at if first else None,
    )


# --- what waits ---------------------------------------------------------------------------------


def waiting(episodes: Iterable[Episode]) -> Mapping[UUID, Waiting]:
    """By episode, what waits for an answer of the team; the same question for one or for sixty."""
    known = {episode.pk: episode for episode in episodes}
    sent = _unanswered().filter(episode__in=list(known)).order_by("-number")
    days = _Days()
    return {one.episode_id: days.waiting(one, known[one.episode_id]) for one in sent}


def _unanswered() -> "QuerySet[Message]":
    """What a person wrote after which nobody of the team wrote."""
    later = Message.objects.filter(episode=OuterRef("episode"), number__gt=OuterRef("number"))
    open_ones = Message.objects.filter(~Exists(later.exclude(by__role=Role.PERSON)))
    return open_ones.filter(by__role=Role.PERSON)


class _Days:
    """The days on which each service is there, asked for once."""

    def __init__(self) -> None:
        self.of: dict[Service, Collection[int]] = {}

    def waiting(self, one: Message, episode: Episode) -> Waiting:
        service = episode.service
        if service not in self.of:
            self.of[service] = thresholds.of(service).days
        return Waiting(one.at, reply_by(one.at, episode.time_zone, self.of[service]), one.text)


def reply_by(at: datetime, time_zone: str, days: Collection[int]) -> date:
    """The next day after this instant on which the team is there (1 Monday … 7 Sunday)."""
    day = at.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=1)
    while days and day.isoweekday() not in days:
        day += timedelta(days=1)
    return day


def is_late(found: Waiting, on: date) -> bool:
    """Whether the day to answer by has passed."""
    return on > found.reply_by


def inbox(user: User, at: datetime) -> list[Thread]:
    """Whose messages wait for this team, the longest waiting first: as many as fit on a page."""
    seen = access.about_those_seen_by(user, _unanswered())
    whose = seen.select_related("episode__person", "episode__keyworker", "episode__service")
    first: dict[Episode, Message] = {}
    for one in whose.order_by("at", "number")[:ON_A_PAGE]:
        first.setdefault(one.episode, one)
    days = _Days()
    return [_thread(of, days.waiting(one, of), at) for of, one in first.items()]


def _thread(episode: Episode, found: Waiting, at: datetime) -> Thread:
    on = at.astimezone(ZoneInfo(episode.time_zone)).date()
    return Thread(
        episode_id=episode.pk,
        person=episode.person.display_name,
        owner=episode.keyworker.display_name if episode.keyworker else None,
        waiting=found,
        is_late=is_late(found, on),
    )
