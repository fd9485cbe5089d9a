"""What a person asked to be sent: a note each day until they have checked in, or of a message."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, outbox
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Episode, Event, Message, Reminder

HELPS_FOR = timedelta(hours=3)  # a note that comes later would come at a time nobody chose
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """The time of a daily note, on the clock where they are (None: no note), and of messages."""

    daily_at: time | None = None
    messages: bool = False
    language: str = "en"


def of(person: User) -> Wish:
    """What they asked for; nothing until they do."""
    found = Reminder.objects.filter(person=person).first()
    return Wish(found.daily_at, found.messages, found.language) if found else Wish()


def wish(episode: Episode, wanted: Wish, *, by: User, at: datetime) -> None:
    """Keep what the person wants to be sent: theirs alone to say. `access.NotFound`."""
    if by.pk != episode.person_id:
        raise access.NotFound
    next_at = None if wanted.daily_at is None else _next(episode, wanted.daily_at, at)
    told = {"messages": wanted.messages, "language": wanted.language}
    with transaction.atomic():
        Reminder.objects.update_or_create(
            person=by, defaults={**told, "daily_at": wanted.daily_at, "next_at": next_at}
        )
        detail = {**told, "daily": wanted.daily_at is not None}
        trail.record("reminders.wish", by=by, at=at, episode=episode, detail=detail)


def _next(episode: Episode, daily_at: time, at: datetime) -> datetime:
    """The next time that their clock shows it."""
    zone = ZoneInfo(episode.time_zone)
    day = at.astimezone(zone).date()
    while (coming := datetime.combine(day, daily_at, zone).astimezone(UTC)) <= at:
        day += _DAY
    return coming


# --- timers -------------------------------------------------------------------------------------


def remind(at: datetime, most: int = 500) -> int:
    """Write the notes that are due, each day once; whoever has checked in gets none."""
    ready = Reminder.objects.filter(next_at__lte=at, person__is_active=True).order_by("next_at")
    return sum(_remind(one.pk, at) for one in list(ready[:most]))


def _remind(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        held = Reminder.objects.select_for_update(of=("self",)).select_related("person")
        one = held.filter(pk=pk, next_at__lte=at).first()
        if one is None or one.next_at is None or one.daily_at is None:
            return False
        due, episode = one.next_at, access.own_episode(one.person)
        if episode.closed_at is None and not _told(episode, at):
            key = f"reminder:{one.person_id}:{due.isoformat()}"
            until = due + HELPS_FOR
            outbox.post("reminder", one.person, key=key, at=at, episode=episode, until=until)
        one.next_at = _next(episode, one.daily_at, at)
        one.save(update_fields=["next_at"])
    return True


def _told(episode: Episode, at: datetime) -> bool:
    on = today(episode, at)
    return Event.objects.filter(episode=episode, kind="check_in", on=on).exists()


def of_message(message: Message, *, at: datetime) -> None:
    """Tell a person who wants to know that their team has written; inside the act itself."""
    person = message.episode.person
    if message.by_id != person.pk and of(person).messages:
        key = f"note:{message.pk}"
        outbox.post("note", person, key=key, at=at, episode=message.episode)
