"""Which day it is for a person: the one place where an instant becomes a local date."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:  # so that the days can be proved without a database
    from stepwell.clinic.care.models import Episode

_DAY = timedelta(days=1)


def today(episode: "Episode", at: datetime) -> date:
    """The person's day at this instant: local, in the episode's own zone, from sleep to sleep.

    A clock change never gives two days or none.
    """
    return in_zone(at, ZoneInfo(episode.time_zone), episode.rollover_hour)


def in_zone(at: datetime, zone: ZoneInfo, rollover_hour: int) -> date:
    """The newest day that has begun at an aware instant, in a zone and from an hour of its clock.

    A day begins when the wall clock first shows its hour; where the clock jumped over the hour,
    when it would have shown it. So an hour that is shown twice begins nothing twice, and a date
    that a zone jumped over (Apia, 30 December 2011) never begins.
    """
    day = at.astimezone(zone).date() + _DAY
    while _begins(day, zone, rollover_hour) > at:
        day -= _DAY
    return day


def begins(episode: "Episode", day: date) -> datetime:
    """The instant at which this day begins for the person."""
    return _begins(day, ZoneInfo(episode.time_zone), episode.rollover_hour)


def _begins(day: date, zone: ZoneInfo, rollover_hour: int) -> datetime:
    return datetime.combine(day, time(rollover_hour), zone).astimezone(UTC)
