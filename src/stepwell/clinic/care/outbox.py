"""Notices that wait to be sent: written with the act they are about, and sent after it.

A worker holds a notice for a short while; if it is killed, another takes it up when that has
passed. What was sent is marked by whoever still holds it, so that in this record a notice ends
once. A provider that is asked twice tells by the notice's own id that it is the same.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation

from stepwell import catalogue
from stepwell.clinic.accounts import ways
from stepwell.clinic.accounts.models import Channel, User, Way
from stepwell.clinic.care import hours, thresholds
from stepwell.clinic.care.models import Episode, Escalation, Notice, NoticeEnd

HELD_FOR = timedelta(minutes=2)  # longer than any provider is waited for
PAUSES = tuple(timedelta(minutes=n) for n in (1, 2, 5, 10, 20, 30))  # then the last, for ever
KEPT = timedelta(days=90)  # how long what has ended can still be looked up

Texts = dict[str, str]


# --- writing ------------------------------------------------------------------------------------


def post(
    kind: str,
    to: User,
    *,
    key: str,
    at: datetime,
    episode: Episode | None = None,
    escalation: Escalation | None = None,
    until: datetime | None = None,
    by: Iterable[Way] | None = None,
) -> int:
    """Write a notice for each confirmed way of somebody, inside the caller's transaction.

    The same key is written once, however often it is asked for. How many ways there were.
    """
    used = list(ways.confirmed(to)) if by is None else list(by)
    Notice.objects.bulk_create(
        [
            Notice(
                service_id=to.service_id,
                episode=episode,
                escalation=escalation,
                to=to,
                way=way,
                kind=kind,
                key=f"{key}:{way.pk}",
                made_at=at,
                due_at=_due(to, way, at),
                until=until,
            )
            for way in used
        ],
        ignore_conflicts=True,
    )
    return len(used)


def _due(to: User, way: Way, at: datetime) -> datetime:
    """Now; or when the team is there again, for a colleague who does not want to be woken."""
    if way.at_any_hour or to.role == "person":
        return at
    open_ = thresholds.of(to.service).hours
    return hours.next_open(open_, to.service.time_zone, at) or at


def use(
    user: User, channel: Channel, address: str, *, at_any_hour: bool = False, at: datetime
) -> Way:
    """Keep somebody's own address, and send a code there unless it is known already.

    `ways.NotAnAddress`.
    """
    with transaction.atomic():
        way, code = ways.set(user, channel, address, at_any_hour=at_any_hour, at=at)
        if code is not None:
            post_code(way, code, at=at)
    return way


def post_test(user: User, *, at: datetime) -> int:
    """Send the words of a test to each confirmed way of somebody; how many there are."""
    with transaction.atomic():
        return post("test", user, key=f"test:{uuid4()}", at=at, until=at + ways.CODE_LASTS)


def post_code(way: Way, code: str, *, at: datetime) -> Notice:
    """Send a code to an address that is not confirmed yet; one that waits still is void."""
    old = Notice.objects.filter(way=way, kind="code", ended_at=None)
    old.update(ended_at=at, ended=NoticeEnd.MOOT, code="")
    made: Notice = Notice.objects.create(
        service_id=way.user.service_id,
        to=way.user,
        way=way,
        kind="code",
        code=code,
        key=f"code:{uuid4()}",
        made_at=at,
        due_at=at,
        until=at + ways.CODE_LASTS,
    )
    return made


def words(kind: str, language: str = "en", code: str = "") -> Texts:
    """Subject and text, in this language or else in English. Neither says what it is about."""
    with translation.override(language):
        said = {name: translation.gettext(text) for name, text in kinds()[kind].items()}
    return {name: text.replace("{code}", code) for name, text in said.items()}


@cache
def kinds() -> Mapping[str, Texts]:
    """The words of every kind of notice, in English."""
    found: Mapping[str, Texts] = catalogue.document("alerts.json")["kinds"]
    return found


# --- sending ------------------------------------------------------------------------------------


def take(at: datetime, most: int) -> list[Notice]:
    """Hold the notices that are due longest, for as long as `HELD_FOR`; nobody else gets them."""
    me = uuid4()
    first = list(_waiting(at).order_by("due_at").values_list("pk", flat=True)[:most])
    _waiting(at).filter(pk__in=first).update(held_by=me, held_until=at + HELD_FOR)
    mine = Notice.objects.filter(held_by=me, ended_at=None).order_by("due_at")
    return list(mine.select_related("to", "way", "escalation"))


def _waiting(at: datetime) -> "QuerySet[Notice]":
    free = Q(held_until=None) | Q(held_until__lte=at)
    return Notice.objects.filter(free, ended_at=None, due_at__lte=at)


def moot(notice: Notice, at: datetime) -> NoticeEnd | None:
    """Why it need not go out any more; None where it must."""
    if notice.until is not None and at > notice.until:
        return NoticeEnd.TOO_LATE
    if notice.way is None or not notice.to.is_active:
        return NoticeEnd.MOOT
    signal = notice.escalation
    if signal is None:
        return None
    settled = signal.closed_at or (notice.kind == "signal" and signal.acknowledged_at)
    return NoticeEnd.MOOT if settled else None


def end(notice: Notice, how: NoticeEnd, *, at: datetime) -> bool:
    """Mark it, if it is still held by whoever sent it; False where another has taken it up."""
    held = Notice.objects.filter(pk=notice.pk, held_by=notice.held_by, ended_at=None)
    tried = F("tries") + int(how in (NoticeEnd.SENT, NoticeEnd.REFUSED))
    return bool(held.update(ended_at=at, ended=how, held_until=None, tries=tried, code=""))


def put_off(notice: Notice, error: str, *, at: datetime) -> bool:
    """It did not go out: try again, after a longer pause each time."""
    pause = PAUSES[min(notice.tries, len(PAUSES) - 1)]
    held = Notice.objects.filter(pk=notice.pk, held_by=notice.held_by, ended_at=None)
    again: dict[str, Any] = {"due_at": at + pause, "tries": F("tries") + 1, "error": error[:80]}
    return bool(held.update(**again, held_by=None, held_until=None))


# --- looking ------------------------------------------------------------------------------------


def waiting(at: datetime) -> "QuerySet[Notice]":
    """What should have gone out by now and has not."""
    return Notice.objects.filter(ended_at=None, due_at__lte=at)


def of_signals(ids: Iterable[UUID]) -> "QuerySet[Notice]":
    """Every notice about these signals, in the order in which they were written."""
    found = Notice.objects.filter(escalation__in=list(ids)).select_related("to", "way")
    return found.order_by("made_at", "key")


def clear_away(at: datetime) -> int:
    """Forget what ended long ago: whom it went to is nobody's to keep for ever."""
    gone, _ = Notice.objects.filter(ended_at__lt=at - KEPT).delete()
    return gone
