"""What a host asks of the machine around the database: room, a backup, and a clock."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from stepwell.clinic import clock
from stepwell.clinic.accounts import people
from stepwell.clinic.audit import trail
from stepwell.clinic.hosting import backup

ROOM = 1024**3  # bytes that must be free, beside another copy of the database
BACKUP_DAYS = 2
SKEW = timedelta(seconds=30)
Check = Callable[[], str | None]


def checks() -> Iterator[tuple[str, str | None]]:
    """Each check's name, and what is wrong in plain words or None."""
    for name, check in _CHECKS.items():
        try:
            yield name, check()
        except DatabaseError as error:
            yield name, f"the database does not answer: {error}"
            return


def _there_is_room() -> str | None:
    free = shutil.disk_usage(settings.HOME).free
    if free >= (needed := ROOM + _size()):
        return None
    return f"{free // 1024**2} MB are free beside the home, and {needed // 1024**2} are needed"


def _size() -> int:
    place = Path(str(settings.DATABASES["default"]["NAME"]))
    return place.stat().st_size if connection.vendor == "sqlite" and place.exists() else 0


def _backup_is_fresh() -> str | None:
    """A demo needs none."""
    if not people.real_services_exist():
        return None
    if (last := backup.last(settings.HOME)) is None:
        return "no backup was made from this home: `stepwell backup`"
    age = clock.now() - last
    return f"the last backup is {age.days} days old" if age.days >= BACKUP_DAYS else None


def _clocks_agree() -> str | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    apart = abs(theirs - clock.now())
    return f"the database's clock is {apart} away from ours" if apart > SKEW else None


def _clock_went_on() -> str | None:
    """A clock that went back makes check-ins of days that were already told."""
    newest = trail.newest()
    if newest is None or clock.now() >= newest - SKEW:
        return None
    return f"it is before the last line of the trail, {newest:%Y-%m-%d %H:%M} UTC"


_CHECKS: dict[str, Check] = {
    "there is room on the disk": _there_is_room,
    "a backup was made": _backup_is_fresh,
    "the clocks agree": _clocks_agree,
    "the clock went on": _clock_went_on,
}
