"""Sending what waits in the outbox: each notice held, sent, and marked by whoever sent it."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from stepwell.clinic.care import outbox, reminders
from stepwell.clinic.care.models import Notice, NoticeEnd
from stepwell.clinic.jobs import senders
from stepwell.clinic.jobs.senders import Outgoing, Refused, Sender, Unreachable

AT_ONCE = 20  # so many are held: fewer than can be waited for before they are anybody's again


def deliver(at: datetime, by: Mapping[str, Sender] | None = None) -> int:
    """Send what is due; how many were taken up. `by` gives the sender of each channel."""
    used = by if by is not None else configured()
    taken = outbox.take(at, AT_ONCE)
    for notice in taken:
        _deliver(notice, used, at)
    return len(taken)


def configured() -> dict[str, Sender]:
    """The senders that the host has named."""
    return {channel: senders.sender(told) for channel, told in settings.SENDERS.items()}


def _deliver(notice: Notice, by: Mapping[str, Sender], at: datetime) -> None:
    if why := outbox.moot(notice, at):
        outbox.end(notice, why, at=at)
        return
    try:
        _send(notice, by)
    except Unreachable as error:
        outbox.put_off(notice, str(error), at=at)
    except Refused:
        outbox.end(notice, NoticeEnd.REFUSED, at=at)
    else:
        outbox.end(notice, NoticeEnd.SENT, at=at)


def _send(notice: Notice, by: Mapping[str, Sender]) -> None:
    assert notice.way is not None  # else it would be moot
    channel = str(notice.way.channel)
    language = reminders.of(notice.to).language
    said = outbox.words(notice.kind, language, notice.code)
    by[channel](
        Outgoing(str(notice.pk), channel, notice.way.address, said["subject"], said["text"])
    )
