"""The days of a plan for a phone's own calendar, under titles that say nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.utils.translation import gettext
from icalendar import Calendar, Event

from stepwell.clinic.care import dates
from stepwell.clinic.care.dates import Dates, PlanDate
from stepwell.clinic.care.visits import Visit

AN_HOUR = timedelta(hours=1)


def ics(found: Dates, *, visits: Sequence[Visit] = (), at: datetime) -> bytes:
    """An iCalendar file: a plan's whole days, and appointments.

    Taken in again, it moves or cancels the same events (RFC 5545).
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Steps//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for day in found.days:
        calendar.add_component(_event(found, day, at))
    for visit in visits:
        calendar.add_component(_appointment(visit, at))
    return bytes(calendar.to_ical())


def _event(found: Dates, day: PlanDate, at: datetime) -> Event:
    event = Event()
    event.add("uid", _uid(found, day))
    event.add("sequence", found.number)
    event.add("dtstamp", at)
    event.add("dtstart", day.on)
    event.add("summary", _title(day))
    event.add("status", "CONFIRMED" if day.stands else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _appointment(visit: Visit, at: datetime) -> Event:
    event = Event()
    event.add("uid", sha256(str(visit.visit_id).encode()).hexdigest()[:32])
    event.add("sequence", visit.number)
    event.add("dtstamp", at)
    event.add("dtstart", visit.starts)
    event.add("dtend", visit.starts + AN_HOUR)
    event.add("summary", gettext("Appointment"))
    event.add("status", "CONFIRMED" if visit.stands else "CANCELLED")
    event.add("class", "PRIVATE")
    return event


def _uid(found: Dates, day: PlanDate) -> str:
    """The same for the same day of a plan, however often it moves; it tells nothing of either."""
    return sha256(f"{found.episode.pk} {day.key}".encode()).hexdigest()[:32]


def _title(day: PlanDate) -> str:
    return gettext("Talk") if day.key == dates.TALK else gettext("Steps")
