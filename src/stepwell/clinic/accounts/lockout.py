"""Guessing a password takes too long to try: after a few wrong ones, whoever tries has to wait.

Counted in the database, so that all workers know, for a name from one address, for a name from
everywhere, and for an address. An unknown name is counted like a known one. What is counted is
kept under a keyed hash, and forgotten after a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from stepwell.clinic.accounts.models import Failures, User
from stepwell.clinic.audit import trail

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong passwords within a time; then none is looked at until that time is over."""

    of: str
    most: int
    within: timedelta


# A name from one address: somebody's own mistakes. A name from everywhere: wide enough that nobody
# can be kept out for long by others. An address: a whole clinic may share one.
LIMITS = (
    Limit("name and address", 5, timedelta(minutes=15)),
    Limit("name", 30, timedelta(minutes=30)),
    Limit("address", 100, timedelta(minutes=15)),
)


def waits_until(name: str, address: str, at: datetime) -> datetime | None:
    """Until when no password is looked at; None where one may be tried."""
    ends = [
        row.began + limit.within
        for limit, row in _counted(name, address)
        if row.count >= limit.most and row.began <= at < row.began + limit.within
    ]
    return max(ends, default=None)


def _counted(name: str, address: str) -> Iterator[tuple[Limit, Failures]]:
    keys = {_key(limit, name, address): limit for limit in LIMITS}
    for key, row in Failures.objects.in_bulk(list(keys)).items():
        yield keys[key], row


def _key(limit: Limit, name: str, address: str) -> str:
    told = {"name": name.casefold(), "address": address, "name and address": f"{name} {address}"}
    text = f"{limit.of} {told[limit.of].casefold()}"
    return salted_hmac("stepwell.accounts.lockout", text, algorithm="sha256").hexdigest()


def failed(name: str, address: str, at: datetime) -> None:
    """A wrong password, or a wrong name: nobody can tell which."""
    with transaction.atomic():
        reached = [limit for limit in LIMITS if _count(limit, name, address, at) == limit.most]
        if reached and (user := User.objects.filter(username=name).first()):
            detail = {"limit": reached[0].of}
            trail.record("lockout.began", by=None, at=at, subject=str(user.pk), detail=detail)


def _count(limit: Limit, name: str, address: str, at: datetime) -> int:
    key = _key(limit, name, address)
    row, _ = Failures.objects.select_for_update().get_or_create(key=key, defaults={"began": at})
    if not row.began <= at < row.began + limit.within:
        row.began, row.count = at, 0
    row.count += 1
    row.save()
    return int(row.count)


def succeeded(name: str, address: str) -> None:
    """Their own mistakes are forgotten; what came from elsewhere is not."""
    Failures.objects.filter(pk=_key(LIMITS[0], name, address)).delete()


def clear_away(at: datetime) -> int:
    """Forget what is a day old."""
    gone, _ = Failures.objects.filter(began__lt=at - KEPT).delete()
    return gone
