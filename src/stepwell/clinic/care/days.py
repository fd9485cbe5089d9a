"""Which day it is for a person: the one place where an instant becomes a local date."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stepwell.clinic.care.models import Episode

_DAY = timedelta(days=1)


def today(episode: Episode, at: datetime) -> date:
    """The person's day at this instant: local, in the episode's own zone, from sleep to sleep.

    The hours are counted on the wall clock, so that a clock change never gives two days or none.
    """
    return in_zone(at, ZoneInfo(episode.time_zone), episode.rollover_hour)


def in_zone(at: datetime, zone: ZoneInfo, rollover_hour: int) -> date:
    """The day of an aware instant in a zone where days begin at this hour of the wall clock."""
    wall = at.astimezone(zone).replace(tzinfo=None)
    day = (wall - timedelta(hours=rollover_hour)).date()
    # A zone that jumps over a whole date (Apia, 30 December 2011) has a night that still belongs
    # to the day before it.
    while not _exists(day, zone):
        day -= _DAY
    return day


def _exists(day: date, zone: ZoneInfo) -> bool:
    noon = datetime.combine(day, time(12), zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day
