"""When each job of the worker last went well: if one stands still, pages and checks say so."""

from datetime import datetime, timedelta

from stepwell.clinic.care.models import Beat

SAID_EVERY = timedelta(seconds=20)
ALWAYS = ("alerts", "notices")
LATE = timedelta(minutes=5)  # of those that always run


def is_due(name: str, every: timedelta, at: datetime) -> bool:
    """Whether a job is to run again; also where the clock was set back behind its last time."""
    before = last(name)
    return before is None or at >= before + every or at < before


def beat(name: str, every: timedelta, at: datetime) -> None:
    """It went well. One that always runs says so a few times a minute, to spare the disk."""
    said = Beat.objects.filter(pk=name, at__gt=at - max(every, SAID_EVERY), at__lte=at)
    if not said.exists():
        Beat.objects.update_or_create(name=name, defaults={"at": at})


def last(name: str) -> datetime | None:
    """When a job last went well."""
    return Beat.objects.filter(pk=name).values_list("at", flat=True).first()


def stand_still(at: datetime) -> bool:
    """Whether alerts or notices have not been going out for a while, or never did."""
    alive = Beat.objects.filter(pk__in=ALWAYS, at__gte=at - LATE).count()
    return alive < len(ALWAYS)
