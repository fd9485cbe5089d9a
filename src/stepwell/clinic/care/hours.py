"""When a team is there: whole minutes of open time, on the clock where the service is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_FAR = 28  # days back or ahead that are looked at: a team is there at least once in them


@dataclass(frozen=True, slots=True)
class Hours:
    """The same hours on some days of the week (1 Monday … 7 Sunday); `closes` is after `opens`."""

    days: frozenset[int]
    opens: time
    closes: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The instants between which somebody is there that day."""
        if day.isoweekday() not in self.days:
            return None
        begins, ends = (datetime.combine(day, at, zone) for at in (self.opens, self.closes))
        return begins.astimezone(UTC), ends.astimezone(UTC)


def are_open(hours: Hours, zone: str, at: datetime) -> bool:
    """Whether somebody is there at this instant."""
    where = ZoneInfo(zone)
    span = hours.on(at.astimezone(where).date(), where)
    return span is not None and span[0] <= at < span[1]


def before(hours: Hours, zone: str, at: datetime, minutes: int) -> datetime | None:
    """The last instant from which so many minutes of open time have passed by `at`.

    What was raised then or earlier has waited for as long as was promised. None where the team is
    there too seldom for that.
    """
    left = timedelta(minutes=minutes)
    for begins, closes in _spans(hours, ZoneInfo(zone), at, -_DAY):
        ends = min(closes, at)
        if ends - begins >= left:
            return ends - left
        left -= ends - begins
    return None


def after(hours: Hours, zone: str, at: datetime, minutes: int) -> datetime:
    """The first instant by which so many minutes of open time have passed since `at`.

    Where the team is there too seldom for that, as far ahead as is looked.
    """
    left, ends = timedelta(minutes=minutes), at + _FAR * _DAY
    for opens, closes in _spans(hours, ZoneInfo(zone), at, _DAY):
        begins = max(opens, at)
        if closes <= at:
            continue
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    return ends


def until(hours: Hours, zone: str, at: datetime) -> datetime:
    """When the stretch of hours ends that goes on at this instant, or else the next one."""
    ahead = _spans(hours, ZoneInfo(zone), at, _DAY)
    return next((ends for _, ends in ahead if ends > at), at + _DAY)


def next_open(hours: Hours, zone: str, at: datetime) -> datetime | None:
    """When somebody is there again; None while somebody is."""
    if are_open(hours, zone, at):
        return None
    ahead = _spans(hours, ZoneInfo(zone), at, _DAY)
    return next((begins for begins, _ in ahead if begins > at), None)


def _spans(
    hours: Hours, zone: ZoneInfo, at: datetime, step: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    day = at.astimezone(zone).date()
    for n in range(_FAR):
        span = hours.on(day + n * step, zone)
        if span is not None and (step > timedelta() or span[0] < at):
            yield span
